/**
 * Names whose meaning hangs on answers that are still to come: what uses one waits for them, and asks the target for
 * them, which otherwise keeps answers to itself until a Sync comes.
 */
import type { LiveSession } from "../../../session/live-session.ts";
import { encodeFlush } from "../../../wire/postgres/frontend.ts";
import type { ConnectionNames, Meaning, Text } from "./connection-names.ts";
import type { Pipeline } from "../relay/pipeline.ts";
import type { Running } from "./running-statement.ts";

export interface SettledNamesDeps {
  readonly session: Pick<LiveSession, "ended">;
  readonly names: ConnectionNames;
  readonly pipeline: Pipeline<Running>;
  readonly forward: (bytes: Uint8Array) => void;
}

export class SettledNames {
  readonly #deps: SettledNamesDeps;

  constructor(deps: SettledNamesDeps) {
    this.#deps = deps;
  }

  /** Waits where a name may yet be one thing or another. `undefined`: the session is over. */
  meaning(text: Text): Meaning | Promise<Meaning | undefined> {
    return this.#deps.names.meaning(text) ?? this.#settledMeaning(text);
  }

  /** The message once more, when everything before it has its answer. */
  async again(message: Buffer, take: (message: Buffer) => Promise<void> | void): Promise<void> {
    const kept = Buffer.from(message);
    await this.answered();
    if (!this.#deps.session.ended) await take(kept);
  }

  /** Resolves when everything that was sent has its answer. */
  answered(): Promise<void> {
    const { forward, pipeline } = this.#deps;
    forward(encodeFlush());
    return pipeline.answered();
  }

  async #settledMeaning(text: Text): Promise<Meaning | undefined> {
    const { session, names } = this.#deps;
    let meaning: Meaning | undefined;
    while (meaning === undefined && !session.ended) {
      await this.answered();
      meaning = names.meaning(text);
    }
    return meaning;
  }
}
