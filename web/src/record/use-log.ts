/** The log of the gate this page is of, examined: its head, and single entries. */
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { call } from "../api/client.ts";
import { ProblemError } from "../api/problem.ts";
import { fromBase64, type Bytes } from "./bytes.ts";
import { examineEntry, type EntryResult, type ShownEvent } from "./entry.ts";
import { examineHead, type HeadResult, type Remembered } from "./head.ts";
import { recall, remember } from "./memory.ts";
import { CannotCheck, parseCheckpoint, type Checkpoint } from "./note.ts";

/** A broken head as it is, or why nothing can be said. */
type Unproven =
  | Extract<HeadResult, { state: "broken" }>
  /** This browser saw a head before, and now the gate gives none. */
  | { readonly state: "missing"; readonly before: Checkpoint }
  | { readonly state: "unable"; readonly why: string; readonly next: string };

export type LogHead = (Extract<HeadResult, { state: "good" }> & { readonly kept: boolean }) | { readonly state: "none-yet" } | Unproven;

export type Proven =
  | (EntryResult & { readonly state: "examined"; readonly head: Checkpoint; readonly facts: ProofBytes })
  /** Logged, and not yet under a signed head. */
  | { readonly state: "waiting" }
  | Unproven;

/** The bytes themselves, for people who compare. */
export interface ProofBytes {
  readonly envelope: Bytes;
  readonly proof: readonly Bytes[];
  readonly note: string;
}

const WAITING_MS = 1_000;

/** Who may not read the log sees that its head is signed, but cannot ask how it grew. */
export function useLogHead({
  everyMs,
  enabled = true,
}: { readonly everyMs?: number; readonly enabled?: boolean } = {}): UseQueryResult<LogHead> {
  return useQuery({
    queryKey: ["record.head"],
    queryFn: ({ signal }) => lookAtHead(signal),
    enabled,
    retry: false,
    ...(everyMs !== undefined && { refetchInterval: everyMs }),
  });
}

/** `shown`: the event as the search gave it. */
export function useProof(seq: number, shown: ShownEvent | undefined): UseQueryResult<Proven> {
  return useQuery({
    queryKey: ["record.entry", seq, shown],
    queryFn: ({ signal }) => lookAtEntry(seq, shown ?? {}, signal),
    enabled: shown !== undefined,
    retry: false,
    refetchInterval: ({ state }) => (state.data?.state === "waiting" ? WAITING_MS : false),
  });
}

async function lookAtHead(signal: AbortSignal): Promise<LogHead> {
  // Before the gate is asked: another tab may see a later head meanwhile, which this answer need not reach.
  const remembered = safely(recall);
  try {
    const note = await (await call("audit.checkpoint", {}, signal)).text();
    const result = await judge(note, remembered, signal);
    return result.state === "good" ? { ...result, kept: keep(result.keep) } : result;
  } catch (thrown) {
    if (isCode(thrown, "not-found")) return missing(remembered);
    return unable(thrown);
  }
}

async function lookAtEntry(seq: number, shown: ShownEvent, signal: AbortSignal): Promise<Proven> {
  const remembered = safely(recall);
  try {
    const given = await call("audit.proof", { params: { seq } }, signal);
    const result = await judge(given.checkpoint, remembered, signal);
    if (result.state === "broken") return result;
    keep(result.keep);
    const { head } = result;
    const [envelope, proof, sealed] = [bytesOf(given.envelope), given.proof.map(bytesOf), sealedOf(given)];
    const found = await examineEntry({ envelope, proof, ...(sealed && { sealed }) }, { seq, origin: head.origin, head, shown });
    return { ...found, state: "examined", head, facts: { envelope, proof, note: given.checkpoint } };
  } catch (thrown) {
    return isCode(thrown, "wrong-state") ? { state: "waiting" } : unable(thrown);
  }
}

async function judge(note: string, remembered: Remembered | undefined, signal: AbortSignal): Promise<HeadResult> {
  // Only an address with TLS, or of this machine, has WebCrypto.
  if (!isSecureContext) throw new CannotCheck("This page did not come over TLS, and so the browser lends it no cryptography");
  const { log: vkey } = await call("authorities.show", {}, signal);
  return examineHead({
    note,
    vkey,
    remembered,
    consistency: async (from, to) => (await call("audit.consistency", { query: { from, to } }, signal)).proof.map(bytesOf),
  });
}

function sealedOf({ body, salt }: { readonly body?: string; readonly salt?: string }): { body: Bytes; salt: Bytes } | undefined {
  return body === undefined && salt === undefined ? undefined : { body: bytesOf(body ?? ""), salt: bytesOf(salt ?? "") };
}

/** What is no base64 is nothing, which verifies as nothing. */
function bytesOf(text: string): Bytes {
  return fromBase64(text) ?? new Uint8Array();
}

function missing(remembered: Remembered | undefined): LogHead {
  const before = remembered && parseCheckpoint(remembered.note);
  return before ? { state: "missing", before } : { state: "none-yet" };
}

function unable(thrown: unknown): Extract<Unproven, { state: "unable" }> {
  if (thrown instanceof CannotCheck) {
    return { state: "unable", why: thrown.message, next: "Open the console at its address with TLS, in a current browser" };
  }
  if (thrown instanceof ProblemError) return { state: "unable", why: thrown.message, next: "Look again" };
  throw thrown;
}

function isCode(thrown: unknown, code: string): boolean {
  return thrown instanceof ProblemError && thrown.code === code;
}

/** `false`: this browser keeps nothing, and so will not notice a log that was replaced. */
function keep(seen: Remembered): boolean {
  try {
    remember(seen);
    return true;
  } catch {
    return false;
  }
}

function safely<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
