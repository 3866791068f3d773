import { describe, expect, test } from "vitest";
import { asciicast, type AsciicastOptions } from "./asciicast.ts";
import type { Frame } from "./frame.ts";
import { searchRecording, type SearchMatch } from "./search.ts";

const E = "\u001b";
const opened: Frame = {
  type: "open",
  channel: 0,
  timeUs: 0,
  body: { recording: "rec-1", session: "s-1", target: "web-1", principal: "ada", started: 1_700_000_000_000 },
};
const shell = (channel = 1): Frame => ({
  type: "begin",
  channel,
  timeUs: 500_000,
  body: { kind: "shell", cols: 40, rows: 5, term: "xterm" },
});
const out = (timeUs: number, data: string | Buffer, channel = 1): Frame => ({ type: "stdout", channel, timeUs, data: Buffer.from(data) });

async function cast(frames: Frame[], options?: AsciicastOptions): Promise<unknown[]> {
  const lines: unknown[] = [];
  for await (const line of asciicast(frames, options)) lines.push(JSON.parse(line));
  return lines;
}

async function search(frames: Frame[], ...words: string[]): Promise<SearchMatch[]> {
  const matches: SearchMatch[] = [];
  for await (const match of searchRecording(frames, words)) matches.push(match);
  return matches;
}

describe("asciicast v3", () => {
  test("is a header and intervals since the line before", async () => {
    const frames: Frame[] = [
      opened,
      shell(),
      out(750_000, "$ "),
      { type: "resize", channel: 1, timeUs: 1_000_000, body: { cols: 100, rows: 30 } },
      { type: "marker", channel: 0, timeUs: 1_500_000, body: { text: "approved" } },
      out(1_500_001, "ok\r\n"),
      { type: "end", channel: 1, timeUs: 3_000_000, body: { status: 3 } },
    ];
    expect(await cast(frames)).toEqual([
      {
        version: 3,
        term: { cols: 40, rows: 5, type: "xterm" },
        timestamp: 1_700_000_000,
        title: "ada on web-1",
        sallyport: { channel: 1, atUs: 500_000 },
      },
      [0.25, "o", "$ "],
      [0.25, "r", "100x30"],
      [0.5, "m", "approved"],
      [0.000001, "o", "ok\r\n"],
      [1.499999, "x", "3"],
    ]);
  });

  test("puts characters together that were split between frames, at every byte", async () => {
    const text = Buffer.from("a€🚪b");
    for (let cut = 1; cut < text.length; cut += 1) {
      const lines = await cast([opened, shell(), out(1_000_000, text.subarray(0, cut)), out(2_000_000, text.subarray(cut))], { raw: true });
      expect(
        lines
          .slice(1)
          .map((line) => (line as string[])[2])
          .join(""),
      ).toBe("a€🚪b");
    }
  });

  test("takes one channel: the one asked for, else the first shell or command, else the first output", async () => {
    const exec: Frame = { type: "begin", channel: 1, timeUs: 0, body: { kind: "exec", command: "uptime" } };
    const sftp: Frame = { type: "begin", channel: 3, timeUs: 0, body: { kind: "subsystem" } };
    const frames = [opened, sftp, exec, shell(2), out(900_000, "from shell", 2), out(1_000_000, "from exec")];
    const texts = async (list: Frame[], options?: AsciicastOptions): Promise<unknown[]> =>
      (await cast(list, options)).slice(1).map((line) => (line as string[])[2]);
    expect(await texts(frames, { channel: 2 })).toEqual(["from shell"]);
    expect(await texts(frames)).toEqual(["from exec"]);
    expect((await cast(frames))[0]).toMatchObject({ command: "uptime", term: { cols: 80, rows: 24 } });
    expect(await texts([opened, out(1, "bare")])).toEqual(["bare"]);
    expect(await cast([opened])).toEqual([]);
  });

  test("is filtered of what acts on the player's terminal unless asked for raw", async () => {
    const frames = [opened, shell(), out(600_000, `${E}]52;c;eA==\u0007x`)];
    expect((await cast(frames)).at(-1)).toEqual([0.1, "o", "x"]);
    expect((await cast(frames, { raw: true })).at(-1)).toEqual([0.1, "o", `${E}]52;c;eA==\u0007x`]);
  });
});

describe("search", () => {
  test("finds what was read, not the bytes that drew it", async () => {
    const frames = [
      opened,
      shell(),
      out(1_000_000, `${E}[32mada@web-1${E}[0m $ `),
      out(2_000_000, "catt\b \b /etc/"),
      out(3_000_000, "passwd\r\nroot:x:0:0\r\n"),
      out(9_000_000, `${E}[32mada@web-1${E}[0m $ `),
    ];
    expect(await search(frames, "CAT", "passwd")).toEqual([{ channel: 1, timeUs: 3_000_000, line: "ada@web-1 $ cat /etc/passwd" }]);
    expect(await search(frames, "root:x")).toEqual([
      { channel: 1, timeUs: 3_000_000, line: "root:x:0:0", before: "ada@web-1 $ cat /etc/passwd" },
    ]);
    expect(await search(frames, "catt")).toEqual([]);
    expect(await search(frames)).toEqual([]);
  });

  test("finds each occurrence with its time, far beyond one screen", async () => {
    const frames: Frame[] = [opened, shell()];
    for (let i = 0; i < 300; i += 1) frames.push(out(1_000_000 * (i + 1), `${i % 100 === 7 ? "needle" : "hay"} ${i}\r\n`));
    expect((await search(frames, "needle")).map(({ timeUs }) => timeUs)).toEqual([8_000_000, 108_000_000, 208_000_000]);
  });

  test("finds a line that was wrapped at the terminal's edge", async () => {
    const frames = [opened, shell(), out(1_000_000, `${"x".repeat(35)} needlework\r\n`)];
    expect(await search(frames, "needlework")).toMatchObject([{ line: `${"x".repeat(35)} needlework` }]);
  });

  test("finds what a full-screen program showed and took away again", async () => {
    const frames = [
      opened,
      shell(),
      out(1_000_000, `${E}[?1049h${E}[2;3Hsecret plan`),
      out(5_000_000, `${E}[2J${E}[H~`),
      out(8_000_000, `${E}[?1049l$ `),
    ];
    expect(await search(frames, "secret", "plan")).toMatchObject([{ timeUs: 1_000_000, line: "  secret plan" }]);
  });

  test("keeps output and errors of a command without a terminal apart", async () => {
    const frames: Frame[] = [
      opened,
      { type: "begin", channel: 2, timeUs: 0, body: { kind: "exec", command: "x" } },
      out(1000, "one\ntw", 2),
      { type: "stderr", channel: 2, timeUs: 1100, data: Buffer.from("failed: two\n") },
      out(1200, "o\n", 2),
      { type: "end", channel: 2, timeUs: 2000, body: {} },
    ];
    expect((await search(frames, "two")).map(({ line }) => line).sort()).toEqual(["failed: two", "two"]);
  });
});
