import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../kernel/clock.ts";
import { systemRandom } from "../../kernel/random.ts";
import { Secret } from "../../kernel/secret.ts";
import type { Dialect } from "../dialect.ts";
import { openSqlStore, type SqlStore, type StoreOptions } from "../open.ts";

/** A clock that tests move. */
export interface TestClock extends Clock {
  time: number;
}

export interface OpenedStore extends AsyncDisposable {
  readonly store: SqlStore;
  readonly clock: TestClock;
  /** Closes it and opens the same data again, as a restart does. */
  reopen(change?: Partial<StoreOptions>): Promise<SqlStore>;
}

export const START = Date.UTC(2030, 0, 1);

/** Every dialect opens an empty store here; one that is missing does not compile. */
export const OPENERS: Record<Dialect, () => Promise<OpenedStore>> = { sqlite: openTestStore };

export const DIALECTS = Object.entries(OPENERS);

async function openTestStore(): Promise<OpenedStore> {
  const dataDir = await mkdtemp(join(tmpdir(), "sallyport-store-"));
  const clock: TestClock = { time: START, now: () => clock.time, elapsed: () => clock.time, bootId: "test" };
  const options: StoreOptions = {
    dataDir,
    node: "n1",
    origin: "gate.test/n1",
    // Nothing here cuts the power: what fsync does is shown in test/peers/store-sync.test.ts.
    durability: "process",
    masterKey: new Secret(Buffer.alloc(32, 7)),
    clock,
    random: systemRandom,
    diskReserveBytes: 0,
  };
  const opened = {
    store: await openSqlStore(options),
    clock,
    async reopen(change: Partial<StoreOptions> = {}): Promise<SqlStore> {
      await opened.store[Symbol.asyncDispose]();
      opened.store = await openSqlStore({ ...options, ...change });
      return opened.store;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await opened.store[Symbol.asyncDispose]();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  return opened;
}
