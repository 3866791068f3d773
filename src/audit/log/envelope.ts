/**
 * What one log entry is, as bytes (docs/formats/log.md).
 *
 * Owns: the envelope's fields and bounds, the salted hash that binds a body to it.
 * Never does: sequencing, storage, reading clocks or random bytes — the caller hands them in.
 * Invariants: an envelope is ≤ 8 KiB and canonical; a body is ≤ 1 MiB; nothing a person typed is in an envelope except names.
 */
import { hash } from "node:crypto";
import { GateError } from "../../kernel/errors.ts";
import type { Decided, Subjects } from "../event.ts";
import { canonicalJson, parseCanonical } from "./canonical.ts";
import type { EventDraft } from "./draft.ts";

export const ENVELOPE_MAX_BYTES = 8192;
export const BODY_MAX_BYTES = 1024 * 1024;
export const SALT_BYTES = 32;
const NAME_MAX_BYTES = 256;
const BODY_PREFIX = Buffer.from("sallyport-body-v1\n", "ascii");
const KIND = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/;
const HASH = /^[0-9a-f]{64}$/;
const DECISIONS = new Set<unknown>(["allow", "deny", "hold"]);

/** The optional text fields, in the order the format lists them. */
const NAMES = ["principal", "grant", "session", "target", "request", "rule"] as const;

export interface Envelope extends Subjects, Decided {
  readonly v: 1;
  readonly node: string;
  readonly seq: number;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  readonly kind: string;
  /** Lower-case hex of SHA-256 over prefix, salt and canonical body. */
  readonly bodyHash: string;
}

/** Where and when an entry stands: given by the sequencer. `salt` is 32 fresh random bytes. */
export interface EntryPlace {
  readonly node: string;
  readonly seq: number;
  readonly time: number;
  readonly salt: Buffer;
}

export interface SealedEvent {
  readonly envelope: Buffer;
  readonly salt: Buffer;
  readonly body: Buffer;
}

export function bodyHash(salt: Buffer, body: Buffer): string {
  return hash("sha256", Buffer.concat([BODY_PREFIX, salt, body]), "hex");
}

/** Pure. Throws `log-unavailable` when the event does not fit the format: the action it stands for is then refused. */
export function sealEvent(draft: EventDraft, place: EntryPlace): SealedEvent {
  if (place.salt.length !== SALT_BYTES) throw new GateError("log-unavailable", "the salt is not 32 bytes");
  const body = canonicalBody(draft);
  const { decision, grant, kind, principal, request, rule, session, target } = draft;
  const { node, seq, time } = place;
  // In the order of RFC 8785, so that it need not be put into it: an entry is sealed for every action.
  const envelope = {
    bodyHash: bodyHash(place.salt, body),
    decision,
    grant,
    kind,
    node,
    principal,
    request,
    rule,
    seq,
    session,
    target,
    time,
    v: 1,
  };
  const problem = problemOf(envelope);
  if (problem !== undefined) throw new GateError("log-unavailable", problem);
  const bytes = Buffer.from(JSON.stringify(envelope));
  if (bytes.length > ENVELOPE_MAX_BYTES) throw new GateError("log-unavailable", "the envelope is longer than 8 KiB");
  return { envelope: bytes, salt: place.salt, body };
}

/** Untrusted: the envelope these bytes are, or what is wrong with them, in words. */
export function parseEnvelope(bytes: Buffer): Envelope | string {
  if (bytes.length > ENVELOPE_MAX_BYTES) return "longer than 8 KiB";
  const value = parseCanonical(bytes);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "not an object in canonical JSON";
  return problemOf(value as Record<string, unknown>) ?? (value as Envelope);
}

function canonicalBody(draft: EventDraft): Buffer {
  let body: Buffer;
  try {
    body = canonicalJson(draft.body);
  } catch (cause) {
    throw new GateError("log-unavailable", `the body of "${draft.kind}" is not JSON`, { cause });
  }
  if (body[0] !== 0x7b) throw new GateError("log-unavailable", `the body of "${draft.kind}" is not an object`);
  if (body.length > BODY_MAX_BYTES) throw new GateError("log-unavailable", `the body of "${draft.kind}" is longer than 1 MiB`);
  return body;
}

/** What of an event does not fit an envelope, wherever it will stand: cheaper than sealing it, and as strict. */
export function problemOfDraft(draft: EventDraft): string | undefined {
  if (draft.kind.length > 64 || !KIND.test(draft.kind)) return 'field "kind" is not a kind of event';
  if (draft.decision !== undefined && !DECISIONS.has(draft.decision)) return 'field "decision" is none of allow, deny, hold';
  for (const name of NAMES) {
    if (draft[name] !== undefined && !isShortText(draft[name])) {
      return `field "${name}" is empty, longer than 256 bytes or has control characters`;
    }
  }
  return undefined;
}

const FIELDS = new Set<string>(["v", "node", "seq", "time", "kind", "bodyHash", "decision", ...NAMES]);

function problemOf(envelope: Record<string, unknown>): string | undefined {
  for (const name of Object.keys(envelope)) if (!FIELDS.has(name)) return `unknown field "${name.slice(0, 64)}"`;
  const { v, node, seq, time, kind, bodyHash: digest } = envelope;
  if (v !== 1) return "version is not 1";
  if (!isShortText(node)) return 'field "node" is not a name';
  if (!isCount(seq)) return 'field "seq" is not an index';
  if (!isCount(time)) return 'field "time" is not a time';
  if (typeof digest !== "string" || !HASH.test(digest)) return 'field "bodyHash" is not a hash';
  if (typeof kind !== "string") return 'field "kind" is not a kind of event';
  return problemOfDraft(envelope as unknown as EventDraft);
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isShortText(value: unknown): boolean {
  if (typeof value !== "string" || value.length === 0 || value.length > NAME_MAX_BYTES) return false;
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return !/[\u0000-\u001f\u007f-\u009f]/.test(value) && value.isWellFormed() && Buffer.byteLength(value) <= NAME_MAX_BYTES;
}
