/**
 * The HTTP API as data. A route is one value: where it is, who may use it, what it leaves in the audit log, what goes
 * in and what comes out. The server, the client, the CLI and the OpenAPI document are all read off the same values.
 *
 * Never here: how a route is served. Invariants, held by the types below:
 * - a route names its permission and its events; there is no default for either;
 * - a route that changes something names at least one event (`effect: "changes"`).
 */
import type { z } from "zod";
import type { EventKind } from "../audit/event.ts";
import type { GatePermission } from "../policy/permissions.ts";
import type { SocketResponse } from "./socket.ts";

export type Method = "GET" | "POST" | "DELETE";

/**
 * `public`: no token. `self`: any token whose scopes hold `self` or `all`; the handler keeps to what is the caller's own.
 * `full`: what is the caller's own too, but only with an unscoped token: it makes or removes credentials, or decides for others.
 * Otherwise the permission on the gate that the caller's roles and the token's scopes must both hold.
 */
export type RoutePermission = "public" | "self" | "full" | GatePermission;

export type Audited =
  | { readonly effect: "reads"; readonly audit: "none" | readonly [EventKind, ...EventKind[]] }
  /** At least one of these is in the log, durable, before the answer. */
  | { readonly effect: "changes"; readonly audit: readonly [EventKind, ...EventKind[]] };

export type RouteResponse =
  | { readonly kind: "json"; readonly status: 200 | 201; readonly schema: z.ZodType }
  | { readonly kind: "empty"; readonly status: 204 }
  /** 303 to where the handler says. */
  | { readonly kind: "redirect" }
  /** One JSON value a line (`application/jsonl`), as long as it lasts. */
  | { readonly kind: "lines"; readonly schema: z.ZodType }
  /** Server-sent events; each carries an id to continue from (`Last-Event-ID`). */
  | { readonly kind: "events"; readonly schema: z.ZodType }
  | { readonly kind: "bytes"; readonly type: "application/octet-stream" | "text/plain; charset=utf-8" }
  /** Bytes without a bound. */
  | { readonly kind: "download"; readonly type: "application/octet-stream" }
  /** Bytes with a name, for a person to keep. */
  | { readonly kind: "file" }
  | SocketResponse;

export type Route = Audited & {
  readonly method: Method;
  /** With `:name` for a parameter; `*` at the end takes the rest of the path. */
  readonly path: `/${string}`;
  readonly summary: string;
  readonly permission: RoutePermission;
  /** A browser navigates here from elsewhere, as back from an identity provider: what the console's own calls must show is not asked. */
  readonly navigated?: true;
  /** What is shown here cannot be guessed, so identity slows nobody down: each address has a share of its own. */
  readonly nothingToGuess?: true;
  /** The body comes as a form, as another server's specification has it; every other route takes JSON alone. */
  readonly form?: true;
  /** What lifts the restriction to the caller's own things. */
  readonly beyondSelf?: GatePermission;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
  /** The body is bytes (`application/octet-stream`) without a bound, and its handler reads them as they come. */
  readonly upload?: true;
  readonly response: RouteResponse;
  /** An input the schemas accept; what the OpenAPI document shows. */
  readonly example: { readonly params?: object; readonly query?: object; readonly body?: object };
};

/** The routes of one resource, each under its id, with their types kept exact. */
export function routes<const R extends Record<string, Route>>(of: R): R {
  return of;
}

export function json<S extends z.ZodType>(schema: S): { readonly kind: "json"; readonly status: 200; readonly schema: S } {
  return { kind: "json", status: 200, schema };
}

export function created<S extends z.ZodType>(schema: S): { readonly kind: "json"; readonly status: 201; readonly schema: S } {
  return { kind: "json", status: 201, schema };
}

export function lines<S extends z.ZodType>(schema: S): { readonly kind: "lines"; readonly schema: S } {
  return { kind: "lines", schema };
}

export function events<S extends z.ZodType>(schema: S): { readonly kind: "events"; readonly schema: S } {
  return { kind: "events", schema };
}

export const redirect = { kind: "redirect" } as const;
export const empty = { kind: "empty", status: 204 } as const;
