import { expect, test } from "vitest";
import { LineEditor } from "./line-editor.ts";

async function typed(bytes: string, terminal = true): Promise<{ lines: string[]; shown: string }> {
  let shown = "";
  const editor = new LineEditor({ terminal, prompt: "> ", write: async (text) => (shown += text) });
  const lines = [];
  // One byte at a time: what a slow typist and a split packet look like.
  const input = (async function* () {
    for (const byte of Buffer.from(bytes)) yield Buffer.of(byte);
  })();
  for await (const line of editor.lines(input)) lines.push(line);
  return { lines, shown };
}

test("backspace, ctrl-u and ctrl-c edit what is typed", async () => {
  expect((await typed("helq\x7fp\r")).lines).toEqual(["help"]);
  expect((await typed("junk\x15requests\r")).lines).toEqual(["requests"]);
  expect((await typed("deny all\x03grants\r")).lines).toEqual(["", "grants"]);
});

test("arrow keys are passed over, letters after them are not", async () => {
  expect((await typed("he\x1b[A\x1b[1;5Clp\x1bOB\r")).lines).toEqual(["help"]);
});

test("characters of several bytes stay whole, control characters never get in", async () => {
  expect((await typed("deny req grüße\x07\x00\r")).lines).toEqual(["deny req grüße"]);
});

test("ctrl-d leaves on an empty line only", async () => {
  expect((await typed("a\x04b\r\x04after\r")).lines).toEqual(["ab"]);
});

test("without a terminal nothing is echoed", async () => {
  expect(await typed("requests\nhelp\n", false)).toEqual({ lines: ["requests", "help"], shown: "" });
});

test("somebody who types and does not read is typed for no further", async () => {
  const written: string[] = [];
  const room = Promise.withResolvers<void>();
  const write = (text: string): Promise<void> => {
    written.push(text);
    return room.promise;
  };
  const editor = new LineEditor({ terminal: true, prompt: "> ", write });
  let taken = 0;
  const input = (async function* () {
    for (; taken < 1000; taken += 1) yield Buffer.from("a\r");
  })();
  const first = editor.lines(input).next();
  await new Promise((resolve) => setImmediate(resolve));
  expect({ written, taken }).toEqual({ written: ["> "], taken: 0 });
  room.resolve();
  expect(await first).toEqual({ value: "a", done: false });
});

test("a terminal that nothing can be shown on ends the lines, and throws to whoever reads them", async () => {
  const editor = new LineEditor({ terminal: true, prompt: "> ", write: () => Promise.reject(new Error("gone")) });
  const input = (async function* () {
    yield Buffer.from("a\r");
  })();
  await expect(editor.lines(input).next()).rejects.toThrow("gone");
});
