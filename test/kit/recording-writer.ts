/** Records numbered lines until it is killed, and says after each that it was acknowledged. Argument: path. */
import { writeSync } from "node:fs";
import { aesKeyWrap } from "../../src/audit/recording/key-wrap.ts";
import { openRecorder } from "../../src/audit/recording/recorder.ts";
import { systemTimers } from "../../src/audit/timers.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { systemRandom } from "../../src/kernel/random.ts";
import { Secret } from "../../src/kernel/secret.ts";
import { systemTicks } from "../../src/kernel/ticks.ts";

const recorder = await openRecorder({
  path: process.argv[2] ?? "",
  recording: "rec-1",
  session: "s-1",
  target: "web-1",
  principal: "ada",
  durability: "process",
  keyWrap: aesKeyWrap("key-1", new Secret(Buffer.alloc(32, 7)), systemRandom),
  clock: systemClock,
  ticks: systemTicks,
  timers: systemTimers,
  random: systemRandom,
  onChunk: ({ offset, length }) => writeSync(1, `chunk ${offset + length}\n`),
  onFailure: (error) => {
    throw error;
  },
});
for (let i = 0; ; i += 1) {
  recorder.output(1, "stdout", Buffer.from(`${i} ${"x".repeat((i * 7919) % 5000)}\n`));
  writeSync(1, `shown ${i}\n`);
}
