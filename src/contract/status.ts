import { z } from "zod";
import { grantView } from "./grants.ts";
import { holdView } from "./holds.ts";
import { lockView } from "./locks.ts";
import { requestView } from "./requests.ts";
import { json, routes } from "./route.ts";
import { count, gatePermission, principalName, targetName, time } from "./schema.ts";
import { sessionView } from "./sessions.ts";

/** One thing the gate watches about itself. */
const healthCheck = z.object({ name: z.string(), state: z.enum(["ok", "warning", "failing"]), detail: z.string() });

export const healthView = z.object({
  state: z.enum(["ok", "warning", "failing"]),
  version: z.string(),
  startedAt: time,
  log: z.object({ size: count, lastTime: time }),
  sessions: count,
  /** Bytes. */
  storage: z.object({
    database: count,
    /** What was recorded and is not in the database yet. */
    journal: count,
    recordings: count,
    /** The log as it is published. */
    published: count,
    backups: count,
    /** Left on the disk of the data directory, and of it what only break-glass and owners may use. */
    free: count,
    reserve: count,
  }),
  checks: z.array(healthCheck),
});

/** A grant as its holder wants it: how long is left, and what to type. */
const myGrant = grantView.extend({ connect: z.array(z.object({ target: targetName, command: z.string() })) });

/** A statement that waits, in short: what it would change is asked for one by one. */
const waitingStatement = holdView.omit({ preview: true, parameters: true, named: true });

const statusView = z.object({
  gate: z.object({ name: z.string(), url: z.string(), sshHost: z.string(), sshPort: z.number().int(), setupPending: z.boolean() }),
  me: z.object({
    name: principalName,
    type: z.enum(["human", "service", "agent"]),
    groups: z.array(z.string()),
    /** Of an agent: the person for whom it acts. */
    actsFor: principalName.exactOptional(),
    permissions: z.array(gatePermission),
    /** Of the token in use; absent for one without restriction. */
    scopes: z.array(z.string()).exactOptional(),
  }),
  grants: z.array(myGrant),
  /** Mine and still open. */
  requests: z.array(requestView),
  /** Others' requests that wait for me. */
  toApprove: z.array(requestView),
  /** My statements that wait for an approver. */
  holds: z.array(waitingStatement),
  /** Others' statements that wait for me. */
  toDecide: z.array(waitingStatement),
  /** Others' break-glass grants that wait for my review. */
  toReview: z.array(grantView),
  /** Live sessions in which nothing passes until a moderator is present, which I may be. */
  toModerate: z.array(sessionView),
  locks: z.array(lockView),
  health: z.object({ state: z.enum(["ok", "warning", "failing"]), warnings: z.array(z.string()) }),
});

export const statusRoutes = routes({
  "status.show": {
    method: "GET",
    path: "/v1/status",
    summary: "Who I am, what I may do, my grants with the commands to connect, what waits for me",
    permission: "self",
    effect: "reads",
    audit: "none",
    response: json(statusView),
    example: {},
  },
  "health.show": {
    method: "GET",
    path: "/health",
    summary: "Whether the gate is up; no details",
    permission: "public",
    effect: "reads",
    audit: "none",
    response: json(z.object({ ok: z.boolean() })),
    example: {},
  },
  "openapi.show": {
    method: "GET",
    path: "/v1/openapi.json",
    summary: "This API as an OpenAPI 3.1 document",
    permission: "public",
    effect: "reads",
    audit: "none",
    response: json(z.record(z.string(), z.unknown())),
    example: {},
  },
  "health.details": {
    method: "GET",
    path: "/v1/health",
    summary: "The health of the gate: log, disk, anchors, authorities",
    permission: "gate.status",
    effect: "reads",
    audit: "none",
    response: json(healthView),
    example: {},
  },
});
