/**
 * Verifies a log offline: what docs/formats/log.md promises, checked from the entries up.
 *
 * Owns: the one pass over the entries and what is compared on the way. Never does: repair, trust the source.
 * Invariants: `ok` only if no problem was found *and* everything the source has was looked at; without a verifier key the signer stays
 * "unverified" and is never called verified; memory is bounded by erasures and recordings, not by entries.
 */
import { parseCheckpoint, nodeOf, type SignedCheckpoint } from "../log/checkpoint.ts";
import { parseEnvelope } from "../log/envelope.ts";
import { EMPTY_ROOT, leafHash } from "../log/merkle.ts";
import { checkNote, parseVerifierKey, type VerifierKey } from "../log/note.ts";
import { partialTiles, TILE_WIDTH, tilePath, TileTree, type TileId } from "../log/tiles.ts";
import { BodyCheck } from "./check-bodies.ts";
import { RecordingCheck } from "./check-recordings.ts";
import { Findings, type Finding } from "./finding.ts";
import type { LogSource } from "./log-source.ts";

export interface VerifyOptions {
  /** Verifier keys of the log (`name+id+base64`). Without any, the signer stays unverified. */
  readonly keys?: readonly string[];
  /** Checkpoints seen before: from `--checkpoint`, from anchors, from the last visit. `from` names the place. */
  readonly earlier?: readonly { readonly from: string; readonly checkpoint: string }[];
  readonly onProgress?: (entries: number, of: number) => void;
}

export interface VerifyReport {
  readonly ok: boolean;
  readonly origin: string;
  readonly size: number;
  /** Base64, as in the checkpoint. */
  readonly root: string;
  readonly signer: "verified" | "unverified";
  readonly bodies: { readonly valid: number; readonly erased: number } | "not part of the source";
  readonly recordings: number | "not part of the source";
  readonly earlierCheckpoints: number;
  readonly findings: readonly Finding[];
  /** Findings beyond the first thousand. */
  readonly findingsDropped: number;
}

const PROGRESS_EVERY = 10_000;

/** Throws `bad-request` for a malformed key; whatever is wrong with the log is a finding. */
export async function verifyLog(source: LogSource, options: VerifyOptions = {}): Promise<VerifyReport> {
  const findings = new Findings();
  const keys = (options.keys ?? []).map(parseVerifierKey);
  const head = readHead(await source.checkpoint(), keys, findings);
  const earlier = readEarlier(options.earlier ?? [], head, keys, findings);
  const bodies = source.body && new BodyCheck(source, findings);
  const recordings = bodies && source.recordings && new RecordingCheck(source.recordings, findings);
  if (!bodies) findings.note("not-checked", "the bodies are not part of this source");
  if (!recordings) findings.note("not-checked", "the recordings are not part of this source");
  if (head) {
    const whole = await walk(source, head, earlier, { findings, bodies, recordings, onProgress: options.onProgress });
    // What the missing entries would have said about erasures and recordings is unknown: one problem is reported, not its echoes.
    if (whole) {
      bodies?.finish();
      await recordings?.finish();
    }
  }
  return {
    ok: findings.problems === 0,
    origin: head?.origin ?? "",
    size: head?.size ?? 0,
    root: head?.root.toString("base64") ?? "",
    signer: head && keys.length > 0 && checkNote(head.note, keys) === "verified" ? "verified" : "unverified",
    bodies: bodies ? { valid: bodies.present, erased: bodies.erased } : "not part of the source",
    recordings: recordings?.count ?? "not part of the source",
    earlierCheckpoints: earlier.length,
    findings: findings.list,
    findingsDropped: findings.dropped,
  };
}

function readHead(text: string | undefined, keys: readonly VerifierKey[], findings: Findings): SignedCheckpoint | undefined {
  if (text === undefined) {
    findings.problem("checkpoint-missing", "there is no checkpoint");
    return undefined;
  }
  const head = parseCheckpoint(text);
  if (!head) findings.problem("checkpoint-malformed", "the checkpoint is not a signed note of origin, size and root");
  else checkSigner(head, "the checkpoint", keys, findings);
  return head;
}

function checkSigner(checkpoint: SignedCheckpoint, what: string, keys: readonly VerifierKey[], findings: Findings): void {
  if (keys.length === 0) return;
  const result = checkNote(checkpoint.note, keys);
  if (result === "forged") findings.problem("checkpoint-forged", `${what} carries a signature that its key did not make`);
  if (result === "unknown-signer") findings.problem("checkpoint-unsigned", `${what} is not signed by the key given`);
}

interface Earlier extends SignedCheckpoint {
  readonly from: string;
}

function readEarlier(
  given: readonly { from: string; checkpoint: string }[],
  head: SignedCheckpoint | undefined,
  keys: readonly VerifierKey[],
  findings: Findings,
): Earlier[] {
  const earlier: Earlier[] = [];
  for (const { from, checkpoint: text } of given) {
    const checkpoint = parseCheckpoint(text);
    if (!checkpoint) {
      findings.problem("checkpoint-malformed", `${from}: not a checkpoint`);
      continue;
    }
    checkSigner(checkpoint, `the checkpoint of ${from}`, keys, findings);
    if (!head) continue;
    if (checkpoint.origin !== head.origin) {
      findings.problem("origin-differs", `${from}: the checkpoint is of "${checkpoint.origin}", this log is "${head.origin}"`);
    } else if (checkpoint.size > head.size) {
      findings.problem("history-truncated", `${from}: the log had ${checkpoint.size} entries, now it has ${head.size}`);
    } else earlier.push({ ...checkpoint, from });
  }
  return earlier.sort((a, b) => a.size - b.size);
}

interface Checks {
  readonly findings: Findings;
  readonly bodies: BodyCheck | undefined;
  readonly recordings: RecordingCheck | undefined;
  readonly onProgress: VerifyOptions["onProgress"];
}

/** The one pass; `false` when it ended early. Envelopes, tiles as they fill, roots at the sizes of earlier checkpoints, the root at the end. */
async function walk(source: LogSource, head: SignedCheckpoint, earlier: readonly Earlier[], checks: Checks): Promise<boolean> {
  const { findings } = checks;
  const full: { id: TileId; hashes: Buffer }[] = [];
  const tree = new TileTree((level, index, hashes) => full.push({ id: { level, index, width: TILE_WIDTH }, hashes }));
  const history = [...earlier];
  const compareHistory = (): void => {
    while (history[0]?.size === tree.size) {
      const { from, size, root } = history.shift() as Earlier;
      if (!(size === 0 ? EMPTY_ROOT : tree.root()).equals(root)) {
        findings.problem("history-rewritten", `${from}: the first ${size} entries are not those of its checkpoint`);
      }
    }
  };
  const entry = entryCheck(nodeOf(head.origin), checks);
  compareHistory();
  for await (const bytes of source.entries(0, head.size)) {
    const seq = tree.size;
    if (seq === head.size) break;
    tree.append(leafHash(bytes));
    await entry(bytes, seq);
    compareHistory();
    for (const { id, hashes } of full.splice(0)) await compareTile(source, id, hashes, findings);
    if (tree.size % PROGRESS_EVERY === 0) checks.onProgress?.(tree.size, head.size);
  }
  if (tree.size < head.size) {
    findings.problem("entries-missing", `entry ${tree.size}: missing or unreadable; the checkpoint says ${head.size} entries`, tree.size);
    return false;
  }
  for (const id of partialTiles(tree.size)) await compareTile(source, id, tree.partial(id.level), findings);
  if (!tree.root().equals(head.root))
    findings.problem("root-differs", `the entries do not have the root of the checkpoint (size ${head.size})`);
  return true;
}

function entryCheck(node: string, { findings, bodies, recordings }: Checks): (bytes: Buffer, seq: number) => Promise<void> {
  let lastTime = 0;
  return async (bytes, seq) => {
    const envelope = parseEnvelope(bytes);
    if (typeof envelope === "string") return findings.problem("entry-malformed", `entry ${seq}: ${envelope}`, seq);
    if (envelope.seq !== seq) findings.problem("entry-misplaced", `entry ${seq}: says that it is entry ${envelope.seq}`, seq);
    if (envelope.node !== node) findings.problem("entry-misplaced", `entry ${seq}: is of node "${envelope.node}"`, seq);
    if (envelope.time < lastTime)
      findings.note("time-backwards", `entry ${seq}: its time is ${lastTime - envelope.time} ms before the one before`, seq);
    lastTime = envelope.time;
    const body = await bodies?.check({ ...envelope, seq });
    if (body) await recordings?.check({ ...envelope, seq }, body);
  };
}

async function compareTile(source: LogSource, id: TileId, hashes: Buffer, findings: Findings): Promise<void> {
  if (!source.tile) return;
  const published = (await source.tile(id)) ?? (id.width < TILE_WIDTH ? await source.tile({ ...id, width: TILE_WIDTH }) : undefined);
  const path = tilePath(id);
  if (!published) findings.problem("tile-missing", `${path}: missing`);
  else if (!published.subarray(0, hashes.length).equals(hashes))
    findings.problem("tile-differs", `${path}: differs from the hashes of the entries`);
}
