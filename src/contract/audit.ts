import { z } from "zod";
import { json, lines, routes } from "./route.ts";
import { count, eventKind, limitOf, list, number, sentence, sessionId, time } from "./schema.ts";

export const eventView = z.object({
  seq: count,
  time,
  kind: eventKind,
  principal: z.string().exactOptional(),
  grant: z.string().exactOptional(),
  session: z.string().exactOptional(),
  target: z.string().exactOptional(),
  request: z.string().exactOptional(),
  decision: z.enum(["allow", "deny", "hold"]).exactOptional(),
  rule: z.string().exactOptional(),
  /** Absent: erased. */
  body: z.record(z.string(), z.unknown()).exactOptional(),
});

/** Words found in what a terminal showed. */
export const outputHit = z.object({
  session: sessionId,
  atUs: count,
  channel: count,
  /** The line, without anything that acts on a terminal. */
  text: z.string(),
});

const filter = {
  /** Sequence numbers, both inclusive. */
  from: number.exactOptional(),
  to: number.exactOptional(),
  since: number.exactOptional(),
  until: number.exactOptional(),
  kinds: list.exactOptional(),
  principal: z.string().max(256).exactOptional(),
  target: z.string().max(256).exactOptional(),
  session: z.string().max(256).exactOptional(),
  grant: z.string().max(256).exactOptional(),
  request: z.string().max(256).exactOptional(),
  decision: z.enum(["allow", "deny", "hold"]).exactOptional(),
  words: z.string().min(1).max(512).exactOptional(),
  /** In statements: `orders` or `public.orders`; `email` or `orders.email`. */
  table: z.string().min(1).max(256).exactOptional(),
  column: z.string().min(1).max(256).exactOptional(),
};

/** `x001/x234/067` or `x001/x234/067.p/5`. */
const TILE_INDEX = "(x[0-9]{3}/)*[0-9]{3}(\\.p/[1-9][0-9]{0,2})?";
const bytes = { kind: "bytes", type: "application/octet-stream" } as const;

export const auditRoutes = routes({
  "audit.search": {
    method: "GET",
    path: "/v1/audit/events",
    summary: "Search the audit log: who, what, where, when, and words in commands and other details",
    permission: "audit.read",
    effect: "reads",
    audit: "none",
    query: z.strictObject({ ...filter, order: z.enum(["asc", "desc"]).default("desc"), limit: limitOf(1_000, 100) }),
    response: json(z.object({ events: z.array(eventView), size: count })),
    example: { query: { kinds: "ssh.exec,ssh.shell", principal: "ada", words: "systemctl restart" } },
  },
  "audit.output": {
    method: "GET",
    path: "/v1/audit/output",
    summary: "Search what terminals showed, over recordings",
    permission: "recording.view",
    effect: "reads",
    audit: ["recording.viewed"],
    query: z.strictObject({
      words: z.string().min(1).max(512),
      since: number.exactOptional(),
      until: number.exactOptional(),
      principal: z.string().max(256).exactOptional(),
      target: z.string().max(256).exactOptional(),
      session: sessionId.exactOptional(),
      limit: limitOf(1_000, 100),
    }),
    /** `more`: there are older sessions that one search does not reach; ask for a time before those. */
    response: json(z.object({ hits: z.array(outputHit), searched: count, more: z.boolean() })),
    example: { query: { words: "Traceback", target: "web-1.prod" } },
  },
  "audit.export": {
    method: "GET",
    path: "/v1/audit/export",
    summary: "The audit log as JSON lines, oldest first",
    permission: "audit.export",
    effect: "reads",
    audit: ["audit.exported"],
    query: z.strictObject(filter),
    response: lines(eventView),
    example: { query: { since: 1_767_225_600_000 } },
  },
  "audit.checkpoint": {
    method: "GET",
    path: "/v1/audit/checkpoint",
    summary: "The latest signed checkpoint (C2SP tlog-checkpoint)",
    permission: "self",
    effect: "reads",
    audit: "none",
    response: { kind: "bytes", type: "text/plain; charset=utf-8" },
    example: {},
  },
  "audit.proof": {
    method: "GET",
    path: "/v1/audit/proof/:seq",
    summary: "An entry with its inclusion proof in the latest checkpoint, to be verified by whoever asks (docs/formats/log.md)",
    permission: "audit.read",
    effect: "reads",
    audit: "none",
    params: z.strictObject({ seq: number }),
    response: json(
      z.object({
        seq: count,
        /** Of the tree that the checkpoint signs. */
        size: count,
        /** A signed note; the key that it is held against must come from elsewhere than this answer. */
        checkpoint: z.string(),
        /** The envelope's bytes: its leaf is SHA-256(0x00 || envelope). */
        envelope: z.base64(),
        /** Absent: erased. The envelope's `bodyHash` is of "sallyport-body-v1\n" || salt || body. */
        body: z.base64().exactOptional(),
        salt: z.base64().exactOptional(),
        /** RFC 6962 §2.1.1, nearest sibling first. */
        proof: z.array(z.base64()),
      }),
    ),
    example: { params: { seq: 2 } },
  },
  "audit.consistency": {
    method: "GET",
    path: "/v1/audit/consistency",
    summary: "That the log somebody saw before is the beginning of the one there is now (RFC 6962 §2.1.2)",
    permission: "audit.read",
    effect: "reads",
    audit: "none",
    /** Sizes; without `to`, that of the latest checkpoint. */
    query: z.strictObject({ from: number, to: number.exactOptional() }),
    response: json(z.object({ from: count, to: count, checkpoint: z.string(), proof: z.array(z.base64()) })),
    example: { query: { from: 512, to: 1024 } },
  },
  "audit.tile": {
    method: "GET",
    path: "/v1/audit/tile/*",
    summary: "A tile or entry bundle of the log (C2SP tlog-tiles)",
    permission: "audit.read",
    effect: "reads",
    audit: "none",
    params: z.strictObject({
      "*": z.string().regex(new RegExp(`^(entries|[0-9]|[1-5][0-9]|6[0-3])/${TILE_INDEX}$`), "expected a tile path"),
    }),
    response: bytes,
    example: { params: { "*": "0/000.p/5" } },
  },
  "audit.bodies": {
    method: "GET",
    path: "/v1/audit/bodies/*",
    summary: "Bodies and salts of the entries of one bundle (docs/formats/log.md)",
    permission: "audit.export",
    effect: "reads",
    audit: ["audit.exported"],
    params: z.strictObject({ "*": z.string().regex(new RegExp(`^${TILE_INDEX}$`), "expected a bundle path") }),
    response: bytes,
    example: { params: { "*": "000.p/5" } },
  },
  "audit.recording": {
    method: "GET",
    path: "/v1/audit/recordings/:file",
    summary: "The sealed bytes of a recording, for verification; its content needs the recording route",
    permission: "audit.export",
    effect: "reads",
    audit: "none",
    params: z.strictObject({
      file: z.string().regex(/^rec-[0-9a-hjkmnp-tv-z]{10}\.(rec|recovered)$/, "expected <id>.rec or <id>.recovered"),
    }),
    response: { kind: "download", type: "application/octet-stream" },
    example: { params: { file: "rec-0000000000.rec" } },
  },
  "audit.erase": {
    method: "POST",
    path: "/v1/audit/erase",
    summary: "Erase the body of an entry, leaving a proven tombstone",
    permission: "audit.erase",
    effect: "changes",
    audit: ["audit.erased"],
    body: z.strictObject({ seq: count, reason: sentence }),
    response: json(z.object({ seq: count })),
    example: { body: { seq: 1042, reason: "Erasure request 77 under GDPR article 17" } },
  },
});
