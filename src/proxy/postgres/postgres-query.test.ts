/** The gate's own questions, answered by a server that means harm. */
import { Duplex } from "node:stream";
import { expect, it } from "vitest";
import { cString, int16, message } from "../../wire/postgres/fields.ts";
import { queryTarget, readRows } from "./postgres-query.ts";
import type { Wire } from "./wire.ts";

/** Says `bytes` again and again, for as long as somebody reads. */
function repeats(bytes: Buffer): Wire & { said: number } {
  const wire = Object.assign(
    new Duplex({
      read() {
        wire.said += bytes.length;
        this.push(bytes);
      },
      write: (_chunk, _encoding, done) => done(),
    }),
    { said: 0 },
  );
  return wire as unknown as Wire & { said: number };
}
const many = (one: Buffer): Buffer => Buffer.concat(Array.from({ length: 5000 }, () => one));

it.each([
  ["rows of nothing, which weigh more in memory than on the wire", many(message("D", int16(0)))],
  ["rows of NULLs", many(message("D", int16(2), Buffer.alloc(8, 0xff)))],
  ["notices", many(message("N", Buffer.from("M"), cString("on and on"), Buffer.of(0)))],
])("an answer without end is given up: %s", async (_what, bytes) => {
  const wire = repeats(bytes);
  await expect(queryTarget(wire, "select 1")).rejects.toMatchObject({ code: "too-large" });
  expect(wire.said).toBeLessThan(10 * 1024 * 1024);
});

it("what several answers may take together is what they may take", async () => {
  const answer = Buffer.concat([many(message("D", int16(0))), message("C", cString("SELECT 5000")), message("Z", Buffer.from("I"))]);
  const wire = repeats(answer);
  const memory = { leftBytes: 1_000_000 };
  let rows = 0;
  const ask = (): Promise<void> => readRows(wire, "select", memory, () => void (rows += 1));
  await ask();
  await ask();
  expect(rows).toBe(10_000);
  await expect(ask()).rejects.toMatchObject({ code: "too-large" });
});
