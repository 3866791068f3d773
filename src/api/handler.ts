/** What a handler is: the parsed input and who calls go in; the answer or a refusal comes out. It never sees HTTP. */
import type { RouteId, Routes } from "../contract/routes.ts";
import type { Received, Reply } from "../contract/types.ts";
import type { PeerCertificate } from "../identity/authenticator.ts";
import type { Authenticated, Principal } from "../identity/model.ts";
import type { Denial } from "../kernel/result.ts";
import type { Browser } from "./browser.ts";
import type { GatePermission } from "../policy/permissions.ts";

/** Who calls, as the token established it. */
export interface Caller {
  readonly authenticated: Authenticated;
  readonly principal: Principal;
  /** What roles AND the token's scopes hold. */
  readonly permissions: ReadonlySet<GatePermission>;
  /** What the login would have to show for a permission that its owner holds. */
  readonly lacking: (permission: GatePermission) => Denial | undefined;
}

/** A denial, with the places of what is not valid where that is the reason. */
export interface Refusal extends Denial {
  readonly errors?: { readonly at: string; readonly message: string }[];
}

export type Call<Id extends RouteId> = Received<Id> & {
  readonly caller: Routes[Id]["permission"] extends "public" ? Caller | undefined : Caller;
  /** `ip:port` of the peer. */
  readonly remote: string;
  /** Aborts when the client goes away or must not listen any longer. */
  readonly signal: AbortSignal;
  /** Of a stream: the client has seen everything up to here. */
  readonly lastEventId: string | undefined;
  readonly browser: Browser;
  /** What the peer has shown in TLS. */
  readonly certificate: () => PeerCertificate | undefined;
  /** Whether the caller may still have what this route gives; for what outlasts the answer. */
  readonly recheck: () => Promise<Denial | undefined>;
};

export type Handler<Id extends RouteId> = (call: Call<Id>) => Promise<Reply<Id> | Refusal> | Reply<Id> | Refusal;

/** A handler for each of these routes; one that is missing does not compile. */
export type Handlers<Id extends RouteId = RouteId> = { readonly [One in Id]: Handler<One> };

export function isRefusal(value: unknown): value is Denial {
  return typeof value === "object" && value !== null && "allowed" in value && value.allowed === false;
}
