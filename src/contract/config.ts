import { z } from "zod";
import { json, routes } from "./route.ts";
import { count, name, principalName, targetName, time } from "./schema.ts";

const hash = z.string().regex(/^[0-9a-f]{64}$/, "expected a SHA-256 in hex");

const held = z.object({ hash, by: principalName, at: time, widening: z.array(z.string()), diff: z.array(z.string()) });

/** `held`: it widens access and waits for a second owner. */
const reloadOutcome = z.object({
  outcome: z.enum(["loaded", "unchanged", "held"]),
  hash,
  diff: z.array(z.string()),
  widening: z.array(z.string()),
  narrowing: z.array(z.string()),
});

const problemAt = z.object({
  path: z.string(),
  line: count,
  column: count,
  expected: z.string(),
  found: z.string().exactOptional(),
  suggestion: z.string().exactOptional(),
});

export const configRoutes = routes({
  "config.show": {
    method: "GET",
    path: "/v1/config",
    summary: "The configuration in force, secrets as references, and a widening that waits",
    permission: "config.read",
    effect: "reads",
    audit: "none",
    response: json(z.object({ hash, source: z.string(), text: z.string(), loadedAt: time, held: held.exactOptional() })),
    example: {},
  },
  "config.explain": {
    method: "GET",
    path: "/v1/config/explain",
    summary: "The configuration in force in plain sentences",
    permission: "config.read",
    effect: "reads",
    audit: "none",
    response: json(z.object({ lines: z.array(z.string()) })),
    example: {},
  },
  "config.validate": {
    method: "POST",
    path: "/v1/config/validate",
    summary: "Check a configuration that somebody pasted: every problem with its place, and what it would change; nothing is kept",
    permission: "config.read",
    effect: "reads",
    audit: "none",
    body: z.strictObject({ text: z.string().max(500_000) }),
    response: json(
      z.object({
        ok: z.boolean(),
        /** In the order of the text; `line` and `column` from 1. */
        problems: z.array(problemAt),
        warnings: z.array(problemAt),
        /** Compared to the one in force; empty where there are problems. */
        diff: z.array(z.string()),
        widening: z.array(z.string()),
        narrowing: z.array(z.string()),
      }),
    ),
    example: { body: { text: "version: 1\n" } },
  },
  "config.reload": {
    method: "POST",
    path: "/v1/config/reload",
    summary: "Read the configuration file again",
    permission: "config.reload",
    effect: "changes",
    audit: ["config.loaded", "config.held", "config.refused"],
    response: json(reloadOutcome),
    example: {},
  },
  "config.confirm": {
    method: "POST",
    path: "/v1/config/confirm",
    summary: "Confirm another owner's widening of access",
    permission: "config.confirm",
    effect: "changes",
    audit: ["config.loaded"],
    body: z.strictObject({ hash }),
    response: json(reloadOutcome),
    example: { body: { hash: "0".repeat(64) } },
  },
  "why.show": {
    method: "GET",
    path: "/v1/why",
    summary: "Which rule allows, asks or denies, and why; about oneself, or anybody",
    permission: "self",
    beyondSelf: "target.read",
    effect: "reads",
    audit: "none",
    query: z.strictObject({
      /** Absent: the caller. */
      principal: principalName.exactOptional(),
      /** A role's name… */
      role: name.exactOptional(),
      /** …or an action, as `ssh.shell`, `ssh.exec <command>`, `file.open <path>`, or a permission on the gate. One of the two. */
      action: z.string().min(1).max(4_096).exactOptional(),
      target: targetName,
    }),
    response: json(
      z.object({
        verdict: z.enum(["allow", "ask", "deny"]),
        rule: z.string().exactOptional(),
        /** The role that would be requested. */
        role: z.string().exactOptional(),
        demands: z.array(z.string()),
        /** Every rule looked at, and why it did or did not match. */
        lines: z.array(z.string()),
      }),
    ),
    example: { query: { principal: "ada", role: "debug", target: "web-1.prod" } },
  },
});
