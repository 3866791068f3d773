import type { Later, Timers } from "../timers.ts";
import type { TilePublisher } from "./publisher.ts";

export interface PublishLoopOptions {
  readonly publisher: TilePublisher;
  readonly timers: Timers;
  readonly onCheckpoint: (checkpoint: string) => void;
  /** Publishing is tried again after `RETRY_MS`. */
  readonly onFailure: (thrown: unknown) => void;
}

const RETRY_MS = 5000;

/** Publishes soon after each `poke()`, at most once a second. Disposing publishes what is left and stops. */
export function startPublishing({ publisher, timers, onCheckpoint, onFailure }: PublishLoopOptions): { poke(): void } & AsyncDisposable {
  let later: Later | undefined;
  let stopped = false;
  const publish = async (): Promise<void> => {
    try {
      const checkpoint = await publisher.publish({ soon: stopped });
      if (checkpoint !== undefined) onCheckpoint(checkpoint);
      // Came while another was being written: entries may have arrived since.
      else if (publisher.waitMs() > 0) schedule(publisher.waitMs());
    } catch (thrown) {
      onFailure(thrown);
      schedule(RETRY_MS);
    }
  };
  const schedule = (delayMs: number): void => {
    if (stopped || later) return;
    later = timers.after(delayMs, () => {
      later = undefined;
      void publish();
    });
  };
  return {
    poke: () => schedule(publisher.waitMs()),
    [Symbol.asyncDispose]: async () => {
      stopped = true;
      later?.[Symbol.dispose]();
      await publish();
    },
  };
}
