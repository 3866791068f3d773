import { z } from "zod";
import { json, routes } from "./route.ts";
import { address, flag, labels, name, targetName } from "./schema.ts";

/** A role one may ask for on a target, and what it takes. */
const requestableRole = z.object({
  role: z.string(),
  rule: z.string(),
  maxDurationMs: z.number().int(),
  /** In words; absent: no approval needed. */
  approval: z.string().exactOptional(),
  breakGlass: z.boolean(),
  /** What it lets its holder do there, in words, a line each. */
  allows: z.array(z.string()),
});

export const targetView = z.object({
  name: targetName,
  kind: z.string(),
  address: z.string(),
  labels,
  /** What the caller may ask for here. */
  roles: z.array(requestableRole),
});

export const hostKeyView = z.object({ type: z.string(), publicKey: z.string(), fingerprint: z.string() });
export const findingView = z.object({ check: z.string(), ok: z.boolean(), detail: z.string(), fix: z.string().exactOptional() });
export const hostReport = z.object({ address: z.string(), ok: z.boolean(), findings: z.array(findingView) });
const mask = z.enum(["full", "null", "hash", "last4", "domain"]);
export const scannedColumns = z.object({
  database: z.string(),
  account: z.string(),
  /** How many columns there are in all. */
  looked: z.number().int(),
  columns: z.array(
    z.object({
      column: z.string(),
      /** What it seems to hold. */
      guess: z.object({ class: z.string(), mask, because: z.string() }).exactOptional(),
      masked: z.object({ class: z.string(), mask, compare: z.enum(["deny", "equality"]) }).exactOptional(),
      /** Of a view: the columns below it that are masked, or proposed to be, and whose masks it is shown through. */
      through: z.array(z.string()).exactOptional(),
    }),
  ),
  /** Places in the target's masking.columns that no column matches. */
  unmatched: z.array(z.number().int()),
});
const authorityView = z.object({ publicKey: z.string(), fingerprint: z.string() });

export const targetRoutes = routes({
  "targets.list": {
    method: "GET",
    path: "/v1/targets",
    summary: "The targets one may ask for; with `all`, every one",
    permission: "self",
    beyondSelf: "target.read",
    effect: "reads",
    audit: "none",
    query: z.strictObject({ all: flag.default(false) }),
    response: json(z.object({ targets: z.array(targetView) })),
    example: { query: { all: true } },
  },
  "targets.show": {
    method: "GET",
    path: "/v1/targets/:name",
    summary: "A target, its pinned host keys, and what one may ask for on it",
    permission: "self",
    beyondSelf: "target.read",
    effect: "reads",
    audit: "none",
    params: z.strictObject({ name: targetName }),
    response: json(targetView.extend({ hostKeys: z.array(z.string()), hostAuthorities: z.array(z.string()) })),
    example: { params: { name: "web-1.prod" } },
  },
  "targets.test": {
    method: "POST",
    path: "/v1/targets/:name/test",
    summary: "Whether the gate reaches a target and finds the host key on record",
    permission: "target.test",
    effect: "changes",
    audit: ["host.checked"],
    params: z.strictObject({ name: targetName }),
    response: json(hostReport),
    example: { params: { name: "web-1.prod" } },
  },
  "targets.columns": {
    method: "POST",
    path: "/v1/targets/:name/columns",
    summary: "Which columns of a database look as if they should be masked, and which are; no values",
    permission: "target.test",
    effect: "changes",
    audit: ["columns.scanned"],
    params: z.strictObject({ name: targetName }),
    body: z.strictObject({ account: name.exactOptional(), database: z.string().min(1).max(63).exactOptional() }),
    response: json(scannedColumns),
    example: { params: { name: "orders-db" }, body: { account: "reporting" } },
  },
  "hosts.scan": {
    method: "POST",
    path: "/v1/hosts/scan",
    summary: "The host keys an address shows, for a person to compare; nothing is trusted by it",
    permission: "target.test",
    effect: "changes",
    audit: ["host.scanned"],
    body: z.strictObject({ address }),
    response: json(z.object({ address: z.string(), keys: z.array(hostKeyView) })),
    example: { body: { address: "web-1.internal:22" } },
  },
  "hosts.check": {
    method: "POST",
    path: "/v1/hosts/check",
    summary: "Whether a host is set up for the gate: trusted authority, principals, refused certificates",
    permission: "target.test",
    effect: "changes",
    audit: ["host.checked"],
    body: z.strictObject({ target: targetName, account: name.exactOptional() }),
    response: json(hostReport),
    example: { body: { target: "web-1.prod", account: "infra" } },
  },
  "authorities.show": {
    method: "GET",
    path: "/v1/authorities",
    summary: "Public keys of the login, access and host certificate authorities, and of the audit log",
    permission: "public",
    effect: "reads",
    audit: "none",
    response: json(
      z.object({
        gate: z.string(),
        login: authorityView,
        access: authorityView,
        host: authorityView,
        /** Verifier key of the audit log, as `audit verify --key` takes it. */
        log: z.string(),
      }),
    ),
    example: {},
  },
});
