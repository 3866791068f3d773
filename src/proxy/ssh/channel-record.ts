import { createHash, type Hash } from "node:crypto";
import type { Stream } from "../../audit/recording/frame.ts";
import type { Recorder } from "../../audit/recording/recorder.ts";

export interface RecordOptions {
  /** How much output is recorded as it is, both streams together; of all of it there is a hash unless this is Infinity. */
  readonly outputBytes: number;
  /** What is sent is the content of files: of that there is a hash. Never of other input, which may hold passwords. */
  readonly hashesInput: boolean;
}

/** What of one channel's bytes goes into the recording. */
export class ChannelRecord {
  readonly #recorder: Recorder;
  readonly #channel: number;
  #left: number;
  readonly #hashes: Readonly<Record<Stream, Hash>> | undefined;
  readonly #input: Hash | undefined;

  constructor(recorder: Recorder, channel: number, { outputBytes, hashesInput }: RecordOptions) {
    this.#recorder = recorder;
    this.#channel = channel;
    this.#left = outputBytes;
    this.#hashes = outputBytes === Infinity ? undefined : { stdout: createHash("sha256"), stderr: createHash("sha256") };
    this.#input = hashesInput ? createHash("sha256") : undefined;
  }

  input(data: Buffer): void {
    this.#input?.update(data);
  }

  /** Throws when it cannot be written: the recorder has then cut the session, and nothing may be shown. */
  output(stream: Stream, data: Buffer): void {
    this.#hashes?.[stream].update(data);
    if (this.#left <= 0) return;
    this.#recorder.output(this.#channel, stream, data.length <= this.#left ? data : data.subarray(0, this.#left));
    this.#left -= data.length;
    if (this.#left <= 0) this.#recorder.note("marker", this.#channel, { text: "what follows is kept as a hash only" });
  }

  /** Hex SHA-256 of what passed, as `ssh.exit` has them. Ends the hashes. */
  digests(): { hashIn?: string; hashOut?: string; hashError?: string } {
    return {
      ...(this.#input && { hashIn: this.#input.digest("hex") }),
      ...(this.#hashes && { hashOut: this.#hashes.stdout.digest("hex"), hashError: this.#hashes.stderr.digest("hex") }),
    };
  }
}
