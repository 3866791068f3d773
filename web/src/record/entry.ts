/**
 * One entry of the log against the head: that it is in there, and that what the page shows of it is what is in there.
 *
 * Invariant: what did not verify is never shown as if it had; each check says what it found.
 */
import { fromText, isEqual, type Bytes } from "./bytes.ts";
import { bodyHash, canonical, parseCanonical, parseEnvelope, type Envelope } from "./envelope.ts";
import { leafHash, verifyInclusion, type Head } from "./merkle.ts";
import { nodeOf } from "./note.ts";

/** What the gate gives of one entry. Untrusted. */
export interface Evidence {
  readonly envelope: Bytes;
  /** RFC 6962 section 2.1.1, nearest sibling first. */
  readonly proof: readonly Bytes[];
  /** Absent: erased. */
  readonly sealed?: { readonly body: Bytes; readonly salt: Bytes };
}

export interface Check {
  readonly name: "entry" | "inclusion" | "body" | "shown";
  readonly ok: boolean;
  /** What was compared, or what is wrong. */
  readonly detail: string;
}

export interface EntryResult {
  readonly checks: readonly Check[];
  readonly verified: boolean;
  /** What is in the log; absent where that is not sure. */
  readonly entry?: { readonly envelope: Envelope; readonly body: Readonly<Record<string, unknown>> | "erased" };
}

/** An event as the search gave it to the page. */
export type ShownEvent = Readonly<Record<string, unknown>>;

export async function examineEntry(
  evidence: Evidence,
  { seq, origin, head, shown }: { readonly seq: number; readonly origin: string; readonly head: Head; readonly shown: ShownEvent },
): Promise<EntryResult> {
  const leaf = await leafHash(evidence.envelope);
  const envelope = parseEnvelope(evidence.envelope);
  const included = await verifyInclusion(leaf, seq, head, evidence.proof);
  const misplaced = typeof envelope === "string" ? envelope : problemOfPlace(envelope, seq, origin);
  const checks: Check[] = [
    {
      name: "entry",
      ok: misplaced === undefined,
      detail: misplaced ?? `It is entry ${seq}, ${evidence.envelope.length} bytes in canonical form`,
    },
    {
      name: "inclusion",
      ok: included,
      detail: included
        ? `Its hash and ${evidence.proof.length} others make the signed root of ${head.size} entries`
        : "Its hash and those of the proof do not make the signed root",
    },
  ];
  if (typeof envelope === "string") return { checks, verified: false };
  const body = await bodyOf(evidence, envelope.bodyHash);
  checks.push(
    body === "differs"
      ? { name: "body", ok: false, detail: "The details are not those that the entry answers for" }
      : {
          name: "body",
          ok: true,
          detail:
            body === "erased"
              ? "The details are erased; the entry still answers for what they were"
              : "The details have the hash that the entry names",
        },
  );
  const same = body !== "differs" && isShown(shown, envelope, body);
  checks.push({
    name: "shown",
    ok: same,
    detail: same ? "Every field on this page is compared with those bytes" : "What the search answers is not what the log holds",
  });
  const verified = checks.every(({ ok }) => ok);
  return { checks, verified, ...(verified && body !== "differs" && { entry: { envelope, body } }) };
}

function problemOfPlace({ seq: place, node }: Envelope, seq: number, origin: string): string | undefined {
  if (place !== seq) return `it says that it is entry ${place}`;
  return node === nodeOf(origin) ? undefined : `it is of node "${node}"`;
}

async function bodyOf({ sealed }: Evidence, expected: string): Promise<Readonly<Record<string, unknown>> | "erased" | "differs"> {
  if (!sealed) return "erased";
  if ((await bodyHash(sealed.salt, sealed.body)) !== expected) return "differs";
  return parseCanonical(sealed.body) ?? "differs";
}

/** Whether each field of the event on the page, and no other, is the log's. */
function isShown(
  { body: shownBody, ...fields }: ShownEvent,
  envelope: Envelope,
  body: Readonly<Record<string, unknown>> | "erased",
): boolean {
  const { v: _version, node: _node, bodyHash: _hash, ...logged } = envelope;
  const bytes = (value: unknown): Bytes => fromText(canonical(value));
  if (!isEqual(bytes(fields), bytes(logged))) return false;
  return body === "erased" ? shownBody === undefined : shownBody !== undefined && isEqual(bytes(shownBody), bytes(body));
}
