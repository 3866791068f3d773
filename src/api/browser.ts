/**
 * Browsers at the API: the console's login is a token in a cookie, and a cookie comes with whatever page made the call.
 *
 * Invariants: no script reads the token (HttpOnly), no other site's page makes a call with it (SameSite=Strict, and on top of
 * that a header that only the gate's own pages can send, or the browser's word that the page is the gate's own), and no
 * neighbour under the same domain plants one (`__Host-`, where there is TLS; where there is none, of two of one name neither counts).
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import { deny, type Denial } from "../kernel/result.ts";
import type { Secret } from "../kernel/secret.ts";

/** What the console sends with each call. A page of another site would have to ask the gate first (CORS), which never allows it. */
export const CONSOLE_HEADER = "sallyport-console";

/** What a handler may do with the browser that calls. */
export interface Browser {
  /** From here on the browser is logged in: a token that an earlier visitor left there is replaced. `expiresAt`: epoch milliseconds. */
  begin(token: Secret, expiresAt: number): void;
  end(): void;
  /** Of a login under way: what only this browser knows. Comes back also when somebody navigates here from another site. */
  readonly flow: string | undefined;
  keepFlow(value: Secret, expiresAt: number): void;
  dropFlow(): void;
}

export interface BrowserSettings {
  /** How browsers reach the gate: `https://gate.example:7700`. */
  readonly publicUrl: string;
  readonly tls: boolean;
}

interface CookieNames {
  readonly session: string;
  readonly flow: string;
}

/** Over plain HTTP, which stays on loopback, a browser takes no `__Host-` cookie. */
export function cookieNames({ publicUrl, tls }: BrowserSettings): CookieNames {
  return isSecure(publicUrl, tls)
    ? { session: "__Host-sallyport", flow: "__Host-sallyport-login" }
    : { session: "sallyport", flow: "sallyport-login" };
}

export function browserOf(request: FastifyRequest, reply: FastifyReply, settings: BrowserSettings): Browser {
  const names = cookieNames(settings);
  const secure = isSecure(settings.publicUrl, settings.tls);
  const set = (name: string, value: Secret, expiresAt: number, sameSite: "strict" | "lax"): void => {
    void reply.setCookie(name, value.reveal(), { httpOnly: true, secure, sameSite, path: "/", expires: new Date(expiresAt) });
  };
  const clear = (name: string): void => void reply.clearCookie(name, { httpOnly: true, secure, path: "/" });
  return {
    begin: (token, expiresAt) => set(names.session, token, expiresAt, "strict"),
    end: () => clear(names.session),
    flow: countOf(request, names.flow) > 1 ? undefined : request.cookies[names.flow],
    keepFlow: (value, expiresAt) => set(names.flow, value, expiresAt, "lax"),
    dropFlow: () => clear(names.flow),
  };
}

/** The token that the browser brought, or why it does not count. `undefined`: there is none. */
export function tokenOfCookie(
  request: FastifyRequest,
  settings: BrowserSettings,
  { navigated = false }: { readonly navigated?: boolean | undefined } = {},
): string | Denial | undefined {
  const { session } = cookieNames(settings);
  const token = request.cookies[session];
  if (token === undefined) return undefined;
  // Fails closed: one of them is a neighbour's, who would like its visitor to work in their name.
  const planted = countOf(request, session) > 1 ? deny("not-authenticated", { detail: TWO_LOGINS }) : undefined;
  return refuseOrigin(request, settings, navigated) ?? planted ?? token;
}

const TWO_LOGINS = "the browser brought two logins, one of which is not the gate's; delete its cookies of this address";

/** Untrusted: RFC 6265 §5.4 sends every cookie of a name that fits, whoever set it, and says of none where it is from. */
function countOf({ headers: { cookie = "" } }: FastifyRequest, name: string): number {
  return cookie.split(";").filter((pair) => pair.slice(0, Math.max(pair.indexOf("="), 0)).trim() === name).length;
}

/** Fails closed: a call that cannot be shown to come from the gate's own page is as one from another's. */
export function refuseOrigin(request: FastifyRequest, settings: BrowserSettings, navigated = false): Denial | undefined {
  const { origin } = request.headers;
  if (origin !== undefined && !isOwnOrigin(origin, request, settings)) return deny("wrong-origin");
  const site = request.headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && !(navigated || site === "none")) return deny("wrong-origin");
  const shown = request.headers[CONSOLE_HEADER] === "1" || (site === "same-origin" && request.method === "GET");
  // A WebSocket cannot carry a header of ours; its `Origin` was compared above.
  const socket = origin !== undefined && request.headers.upgrade?.toLowerCase() === "websocket";
  return shown || socket || navigated ? undefined : deny("wrong-origin", { detail: `the header \`${CONSOLE_HEADER}: 1\` is missing` });
}

/** The host was compared with the gate's names already. */
function isOwnOrigin(origin: string, { headers }: FastifyRequest, { publicUrl, tls }: BrowserSettings): boolean {
  return origin === `${tls ? "https" : "http"}://${headers.host ?? ""}` || origin === new URL(publicUrl).origin;
}

function isSecure(publicUrl: string, tls: boolean): boolean {
  return tls || new URL(publicUrl).protocol === "https:";
}
