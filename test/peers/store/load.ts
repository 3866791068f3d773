/**
 * A process that loads a store and reports what was acknowledged, one line each, written to its standard output at once:
 * `ack <seq> <text>`. Arguments: data directory, durability, number of callers, appends of each (0: for ever).
 */
import { writeSync } from "node:fs";
import { systemClock } from "../../../src/kernel/clock.ts";
import { systemRandom } from "../../../src/kernel/random.ts";
import { Secret } from "../../../src/kernel/secret.ts";
import { openStore } from "../../../src/store/open.ts";

const [dataDir = "", durability = "power", callers = "1", appends = "0"] = process.argv.slice(2);
await using store = await openStore({
  dataDir,
  node: "n1",
  origin: "gate.test/n1",
  durability: durability === "power" ? "power" : "process",
  masterKey: new Secret(Buffer.alloc(32, 7)),
  clock: systemClock,
  random: systemRandom,
  diskReserveBytes: 0,
});
say("ready");

const limit = Number(appends) || Infinity;

async function caller(name: number): Promise<void> {
  for (let count = 0; count < limit; count += 1) {
    const text = `${process.pid}-${name}-${count}`;
    const event = { kind: "gate.stopped", body: { reason: text } } as const;
    // State and event of one commit; every other has no state.
    if (count % 2 === 0) await store.settings.put(`load.${text}`, text, [event]);
    else if (count % 4 === 1) await store.log.append([event]);
    // By way of the journal.
    else await store.log.record([event]);
    const { size } = store.log.head();
    say(`ack ${size} ${text}`);
  }
}

/** Before anything else happens: a kill must not find it unwritten. A pipe that is full is waited for; a line is whole or not there. */
function say(line: string): void {
  for (;;) {
    try {
      writeSync(1, `${line}\n`);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
  }
}

await Promise.all(Array.from({ length: Number(callers) }, (_, name) => caller(name)));
