import type { Envelope } from "../log/envelope.ts";
import { hashRange } from "../recording/reader.ts";
import type { Findings } from "./finding.ts";
import type { RecordingBytes, RecordingSource } from "./log-source.ts";

interface Seen {
  /** End of the last chunk in the log. */
  end: number;
  chunks: number;
  finished: boolean;
  erased: boolean;
  /** A problem was reported: the rest of this recording is not worth a line each. */
  broken: boolean;
}

/** The bytes of each recording's file against the chunks in the log. Memory: one small record for each recording. */
export class RecordingCheck {
  readonly #source: RecordingSource;
  readonly #findings: Findings;
  readonly #seen = new Map<string, Seen>();
  #open: { id: string; bytes: RecordingBytes | undefined } | undefined;

  constructor(source: RecordingSource, findings: Findings) {
    this.#source = source;
    this.#findings = findings;
  }

  get count(): number {
    return this.#seen.size;
  }

  async check({ seq, kind }: Envelope, body: Record<string, unknown>): Promise<void> {
    const id = body["recording"];
    if (!kind.startsWith("recording.") || typeof id !== "string") return;
    if (kind === "recording.started") this.#of(id);
    if (kind === "recording.erased") this.#of(id).erased = true;
    if (kind === "recording.finished") this.#of(id).finished = true;
    if (kind === "recording.chunk" || kind === "recording.recovered") await this.#chunk(seq, id, body, kind === "recording.recovered");
  }

  async finish(): Promise<void> {
    await this.#close();
    for (const [id, seen] of this.#seen) {
      await using bytes = await this.#source.open(id);
      if (!bytes && !seen.erased) this.#problem(seen, "recording-missing", `recording ${id}: its file is missing`);
      if (!bytes || seen.broken) continue;
      if (seen.erased) this.#problem(seen, "recording-differs", `recording ${id} was erased by the log, but its file is there`);
      else if (bytes.size > seen.end && seen.finished) {
        this.#problem(seen, "recording-differs", `recording ${id}: ${bytes.size - seen.end} bytes behind its end are not in the log`);
      } else if (bytes.size > seen.end) {
        this.#findings.note("recording-gap", `recording ${id}: its last ${bytes.size - seen.end} bytes are not in the log yet`);
      }
    }
    for await (const id of this.#source.list()) {
      if (!this.#seen.has(id)) this.#findings.problem("recording-unlogged", `recording ${id}: there is a file, but nothing in the log`);
    }
  }

  async #chunk(seq: number, id: string, body: Record<string, unknown>, last: boolean): Promise<void> {
    const seen = this.#of(id);
    const { index, offset, length, hash } = body;
    if (typeof offset !== "number" || typeof length !== "number" || !(length >= 0) || typeof hash !== "string") {
      return this.#problem(seen, "recording-differs", `entry ${seq}: not a chunk of a recording`, seq);
    }
    if (offset !== seen.end || (!last && index !== seen.chunks)) {
      this.#problem(
        seen,
        "recording-gap",
        `entry ${seq}: recording ${id} goes on at byte ${offset}, but its last chunk ended at ${seen.end}`,
        seq,
      );
    }
    seen.end = offset + length;
    seen.chunks += 1;
    if (last) seen.finished = true;
    const bytes = await this.#bytes(id);
    if (!bytes || seen.broken) return;
    if (last && bytes.size !== seen.end) {
      this.#problem(seen, "recording-differs", `recording ${id}: recovered with ${seen.end} bytes, but the file has ${bytes.size}`, seq);
    } else if ((await hashRange((at, count) => bytes.read(at, count), offset, length)) !== hash) {
      const where = bytes.size < seen.end ? "are missing" : "are not those in the log";
      this.#problem(seen, "recording-differs", `recording ${id}: bytes ${offset} to ${seen.end} ${where} (entry ${seq})`, seq);
    }
  }

  #of(id: string): Seen {
    const seen = this.#seen.get(id) ?? { end: 0, chunks: 0, finished: false, erased: false, broken: false };
    this.#seen.set(id, seen);
    return seen;
  }

  #problem(seen: Seen, code: "recording-differs" | "recording-gap" | "recording-missing", text: string, seq?: number): void {
    if (!seen.broken) this.#findings.problem(code, text, seq);
    seen.broken = true;
  }

  /** The file of one recording stays open while its chunks follow each other. */
  async #bytes(id: string): Promise<RecordingBytes | undefined> {
    if (this.#open?.id !== id) {
      await this.#close();
      // Untrusted: an id is a file name here.
      this.#open = { id, bytes: /^[A-Za-z0-9_-]{1,64}$/.test(id) ? await this.#source.open(id) : undefined };
    }
    return this.#open?.bytes;
  }

  async #close(): Promise<void> {
    await this.#open?.bytes?.[Symbol.asyncDispose]();
    this.#open = undefined;
  }
}
