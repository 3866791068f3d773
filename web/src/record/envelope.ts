/** What one entry of the log is, as bytes (docs/formats/log.md): the envelope that is hashed, and the body it answers for. */
import { fromText, isEqual, toHex, toText, type Bytes } from "./bytes.ts";
import { sha256 } from "./merkle.ts";

const ENVELOPE_MAX_BYTES = 8192;
const SALT_BYTES = 32;
const NAME_MAX_BYTES = 256;
const NAMES = ["principal", "grant", "session", "target", "request", "rule"] as const;
const FIELDS = new Set<string>(["v", "node", "seq", "time", "kind", "bodyHash", "decision", ...NAMES]);
const DECISIONS = new Set<unknown>(["allow", "deny", "hold"]);
const KIND = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/;
const HASH = /^[0-9a-f]{64}$/;

export interface Envelope extends Partial<Readonly<Record<(typeof NAMES)[number], string>>> {
  readonly v: 1;
  readonly node: string;
  readonly seq: number;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  readonly kind: string;
  readonly decision?: "allow" | "deny" | "hold";
  readonly bodyHash: string;
}

/** The one text of a JSON value (RFC 8785). Throws on half a character, which has no UTF-8. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    // `sort` compares UTF-16 code units, as section 3.2.3 does.
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([key, member]) => `${canonical(key)}:${canonical(member)}`).join(",")}}`;
  }
  if (typeof value === "string" && !value.isWellFormed()) throw new TypeError("Half a character has no canonical form");
  return JSON.stringify(value);
}

/** Untrusted: the object, if the bytes are exactly the canonical form of one. */
export function parseCanonical(bytes: Bytes): Readonly<Record<string, unknown>> | undefined {
  const text = toText(bytes);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return isEqual(fromText(canonical(value)), bytes) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Untrusted: the envelope these bytes are, or what is wrong with them, in words. */
export function parseEnvelope(bytes: Bytes): Envelope | string {
  if (bytes.length > ENVELOPE_MAX_BYTES) return "it is longer than 8 KiB";
  const value = parseCanonical(bytes);
  if (value === undefined) return "it is not an object in canonical JSON";
  const { v, node, seq, time, kind, decision, bodyHash } = value;
  if (Object.keys(value).some((name) => !FIELDS.has(name))) return "it has a field that the format does not know";
  if (v !== 1) return "its version is not 1";
  if (!isName(node)) return 'its field "node" is not a name';
  if (!isCount(seq) || !isCount(time)) return "its place or time is not a number";
  if (typeof kind !== "string" || kind.length > 64 || !KIND.test(kind)) return 'its field "kind" is not a kind of event';
  if (decision !== undefined && !DECISIONS.has(decision)) return 'its field "decision" is none of allow, deny, hold';
  if (typeof bodyHash !== "string" || !HASH.test(bodyHash)) return 'its field "bodyHash" is not a hash';
  const wrong = NAMES.find((name) => value[name] !== undefined && !isName(value[name]));
  return wrong === undefined ? (value as unknown as Envelope) : `its field "${wrong}" is not a name`;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isName(value: unknown): boolean {
  if (typeof value !== "string" || value === "" || !value.isWellFormed() || fromText(value).length > NAME_MAX_BYTES) return false;
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return !/[\u0000-\u001f\u007f-\u009f]/.test(value);
}

/** SHA-256 over prefix, salt and body, in hex; `undefined` where the salt is none. */
export async function bodyHash(salt: Bytes, body: Bytes): Promise<string | undefined> {
  if (salt.length !== SALT_BYTES) return undefined;
  return toHex(await sha256(fromText("sallyport-body-v1\n"), salt, body));
}
