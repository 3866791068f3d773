import { expect, test } from "vitest";
import type { Frame } from "./frame.ts";
import { Glances } from "./glance.ts";

const begin = (channel: number, command?: string): Frame => ({
  type: "begin",
  channel,
  timeUs: 0,
  body: {
    kind: command === undefined ? "shell" : "exec",
    cols: 100,
    rows: 30,
    ...(command === undefined ? { term: "xterm" } : { command }),
  },
});
const out = (data: string | Buffer, channel = 1): Frame => ({ type: "stdout", channel, timeUs: 1, data: Buffer.from(data) });
const textOf = (glances: Glances): string | undefined => glances.take()?.output.toString();

test("only what is new is given, and nothing where nothing is", () => {
  const glances = new Glances();
  expect(glances.take()).toBeUndefined();
  for (const frame of [begin(1), out("$ ls\r\n")]) glances.add(frame);
  expect(glances.take()).toEqual({ cols: 100, rows: 30, anew: true, plain: false, output: Buffer.from("$ ls\r\n") });
  expect(glances.take()).toBeUndefined();
  glances.add(out("notes.txt\r\n"));
  expect(glances.take()).toMatchObject({ anew: false, output: Buffer.from("notes.txt\r\n") });
});

test("the shell or command that began last is looked at, a transfer of files never", () => {
  const glances = new Glances();
  glances.add({ type: "begin", channel: 9, timeUs: 0, body: { kind: "subsystem" } });
  for (const frame of [begin(1), out("first"), begin(2, "uptime"), out("second", 2), out("late", 1)]) glances.add(frame);
  expect(glances.take()).toMatchObject({ anew: true, plain: true, command: "uptime", output: Buffer.from("second") });
});

test("of what comes too fast only the end is given, from the start of a line, and the screen starts anew", () => {
  const glances = new Glances();
  glances.add(begin(1));
  glances.take();
  for (let line = 0; line < 10_000; line += 1) glances.add(out(`line ${line}\r\n`));
  const { anew, output } = glances.take() ?? {};
  expect(anew).toBe(true);
  expect(output?.length).toBeLessThanOrEqual(16 * 1024);
  expect(output?.toString()).toMatch(/^line [0-9]+\r\n/);
  expect(output?.toString().endsWith("line 9999\r\n")).toBe(true);
  // One line without an end is cut anywhere.
  glances.add(out(Buffer.alloc(100_000, "x")));
  expect(glances.take()?.output).toHaveLength(16 * 1024);
});

test("what acts on a watcher's terminal is not given, wherever looks cut it", () => {
  const glances = new Glances();
  for (const frame of [begin(1), out("a\u001b]52;c;aGVs")]) glances.add(frame);
  expect(textOf(glances)).toBe("a");
  glances.add(out("bG8=\u0007b\u001b]0;title\u0007c"));
  expect(textOf(glances)).toBe("bc");
});
