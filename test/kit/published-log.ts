import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StoredBody } from "../../src/audit/log/bodies.ts";
import type { EventDraft } from "../../src/audit/log/draft.ts";
import { sealEvent } from "../../src/audit/log/envelope.ts";
import { exportBodies } from "../../src/audit/log/export-bodies.ts";
import { signerOf, type CheckpointSigner } from "../../src/audit/log/note.ts";
import { TilePublisher } from "../../src/audit/log/publisher.ts";
import { aesKeyWrap } from "../../src/audit/recording/key-wrap.ts";
import { openRecorder, type Chunk } from "../../src/audit/recording/recorder.ts";
import { systemTimers } from "../../src/audit/timers.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { systemRandom } from "../../src/kernel/random.ts";
import { Secret } from "../../src/kernel/secret.ts";
import { systemTicks } from "../../src/kernel/ticks.ts";

export const ORIGIN = "test-gate/n1";

/** A log in memory that publishes itself into a scratch directory, as a gate does. */
export class PublishedLog implements Disposable {
  readonly directory: string;
  readonly signer: CheckpointSigner;
  readonly envelopes: Buffer[] = [];
  readonly bodies: StoredBody[] = [];
  #time = 1_700_000_000_000;

  constructor(signer: CheckpointSigner = signerOf(ORIGIN, generateKeyPairSync("ed25519").privateKey)) {
    this.signer = signer;
    this.directory = mkdtempSync(join(tmpdir(), "sallyport-published-"));
  }

  append(draft: EventDraft): number {
    const seq = this.envelopes.length;
    const sealed = sealEvent(draft, { node: "n1", seq, time: (this.#time += 1000), salt: systemRandom.bytes(32) });
    this.envelopes.push(sealed.envelope);
    this.bodies.push({ salt: sealed.salt, body: sealed.body });
    return seq;
  }

  /** Logins, as many as make a log of `size` entries. */
  fill(size: number): void {
    while (this.envelopes.length < size) {
      this.append({
        kind: "login.ok",
        principal: "ada",
        body: { method: "publickey", door: "ssh", remote: `10.0.0.${this.envelopes.length % 250}` },
      });
    }
  }

  /** A recording with its events. */
  async record(recording: string, outputs: readonly Buffer[]): Promise<void> {
    mkdirSync(join(this.directory, "recordings"), { recursive: true });
    const chunk = (body: Chunk): void => void this.append({ kind: "recording.chunk", session: "s-1", body });
    this.append({ kind: "recording.started", session: "s-1", body: { recording, file: `${recording}.rec`, keyId: "key-1" } });
    const recorder = await openRecorder({
      path: join(this.directory, "recordings", `${recording}.rec`),
      recording,
      session: "s-1",
      target: "web-1",
      principal: "ada",
      durability: "process",
      keyWrap: aesKeyWrap("key-1", new Secret(Buffer.alloc(32, 7)), systemRandom),
      clock: systemClock,
      ticks: systemTicks,
      timers: systemTimers,
      random: systemRandom,
      onChunk: chunk,
      onFailure: (error) => {
        throw error;
      },
    });
    for (const data of outputs) recorder.output(1, "stdout", data);
    const body = { recording, ...(await recorder.close("exit")) };
    this.append({ kind: "recording.finished", session: "s-1", body });
  }

  erase(seq: number): void {
    this.bodies[seq] = "erased";
    this.append({ kind: "audit.erased", principal: "security", body: { seq, reason: "asked for" } });
  }

  /** Brings the directory up to date and returns the checkpoint. `into`: another directory than its own. */
  async publish(into = this.directory): Promise<string> {
    const source = {
      size: () => this.envelopes.length,
      envelopes: (from: number, to: number) => each(this.envelopes.slice(from, to)),
    };
    const options = { directory: into, origin: ORIGIN, source, signer: this.signer, clock: systemClock, durability: "process" } as const;
    const checkpoint = await new TilePublisher(options).publish();
    await exportBodies(into, each(this.bodies), "process");
    if (checkpoint === undefined) throw new Error("The log has not grown");
    return checkpoint;
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

async function* each<T>(list: readonly T[]): AsyncGenerator<T> {
  yield* list;
}
