import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TerminalFilter } from "./terminal-filter.ts";

const bytes = (text: string): Buffer => Buffer.from(text, "latin1");
const filtered = (text: string | Buffer): string =>
  new TerminalFilter().push(typeof text === "string" ? bytes(text) : text).toString("latin1");
const E = "\u001b";

describe("passes verbatim", () => {
  test.each([
    ["text and line ends", "hello\tworld\b\r\n"],
    ["colours", `${E}[1;38;2;10;20;30mred${E}[0m${E}[4:3m`],
    ["cursor movement", `${E}[10;20H${E}[5A${E}[s${E}[u${E}7${E}8${E}M${E}D`],
    ["erasing", `${E}[2J${E}[K${E}[?2J${E}[3X${E}[2P${E}[4L`],
    ["scroll regions and scrolling", `${E}[2;20r${E}[3S${E}[2T${E}[r`],
    ["the alternate screen", `${E}[?1049h${E}[?25l${E}[?25h${E}[?1049l`],
    ["line drawing", `${E}(0lqqk${E}(B`],
    ["cursor shapes and soft reset", `${E}[2 q${E}[!p`],
  ])("%s", (_, text) => {
    expect(filtered(text)).toBe(text);
  });

  test("characters of every length", () => {
    const text = Buffer.from("é € 漢字 🚪 \u00a0", "utf8");
    expect(new TerminalFilter().push(text)).toEqual(text);
  });
});

describe("drops what acts", () => {
  test.each([
    ["title", `${E}]0;owned\u0007`],
    ["title, ended by ST", `${E}]2;owned${E}\\`],
    ["clipboard", `${E}]52;c;cm0gLXJmIC8=\u0007`],
    ["colour query", `${E}]11;?\u0007`],
    ["notification", `${E}]777;notify;a;b\u0007`],
    ["screen's title", `${E}kowned${E}\\`],
    ["device control", `${E}P$q m${E}\\`],
    ["sixel", `${E}Pq#0~~${E}\\`],
    ["application command", `${E}_Gf=32;AAAA${E}\\`],
    ["privacy message", `${E}^x${E}\\`],
    ["start of string", `${E}Xx${E}\\`],
    ["device attributes", `${E}[c${E}[>c${E}[=c${E}[0c${E}Z`],
    ["status report", `${E}[5n${E}[6n${E}[?6n`],
    ["answerback", "\u0005"],
    ["bell, flow control, delete, NUL", "\u0007\u0011\u0013\u007f\u0000"],
    ["window operations", `${E}[8;1;1t${E}[21t${E}[14t`],
    ["printing", `${E}[5i${E}[?5i`],
    ["mouse", `${E}[?1000h${E}[?1003h${E}[?1006h`],
    ["bracketed paste and focus", `${E}[?2004h${E}[?1004h`],
    ["keyboard modes", `${E}[?1h${E}=${E}>${E}[>4;2m${E}[>1u${E}[20h`],
    ["version and parameter queries", `${E}[>q${E}[x${E}[?1$p`],
    ["mouse highlight", `${E}[1;2;3;4;5T`],
    ["absurd repetition", `${E}[2147483647b`],
    ["C1 in UTF-8", "\u00c2\u009b\u00c2\u009d"],
    ["an overlong sequence", `${E}[${"1;".repeat(100)}m`],
  ])("%s", (_, text) => {
    expect(filtered(`a${text}b`)).toBe("ab");
  });

  test("links keep their text and lose their target", () => {
    expect(filtered(`${E}]8;;https://evil.example${E}\\click${E}]8;;${E}\\`)).toBe("click");
  });

  test("of several modes only the harmless ones stay", () => {
    expect(filtered(`${E}[?1000;25;2004h`)).toBe(`${E}[?25h`);
  });

  test("a full reset becomes a soft one", () => {
    expect(filtered(`${E}c`)).toBe(`${E}[!p${E}[2J${E}[H`);
  });

  test("raw C1 bytes, overlong and broken UTF-8 become replacement characters", () => {
    for (const raw of [[0x9b], [0x9d], [0xc0, 0x9b], [0xe0, 0x80, 0x9b], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xff]]) {
      const out = new TerminalFilter().push(Buffer.from([...raw, 0x41])).toString("utf8");
      expect(out).toMatch(/^\ufffd+A$/);
    }
  });

  test("an unterminated string does not hide what comes later for ever", () => {
    expect(filtered(`${E}]0;${"x".repeat(70_000)}visible`)).toContain("visible");
  });

  test("CAN and ESC break off what was begun", () => {
    expect(filtered(`${E}[12\u0018A`)).toBe("A");
    expect(filtered(`${E}]0;x${E}[1mA`)).toBe(`${E}[1mA`);
  });
});

describe("at the end", () => {
  const end = (text: string): string => {
    const filter = new TerminalFilter();
    filter.push(bytes(text));
    return filter.end().toString("utf8");
  };

  test("plain text leaves nothing to put back", () => {
    expect(end("hello\r\n")).toBe("");
    expect(end(`${E}]0;x\u0007`)).toBe("");
    expect(end("\u00e2\u0082")).toBe("\ufffd");
  });

  test("colours, cursor and the alternate screen are put back", () => {
    expect(end(`${E}[31m${E}[?25l`)).toBe(`${E}[!p${E}[?7h${E}[?25h${E}[m${E}(B\u000f${E}[?5l`);
    expect(end(`${E}[?1;1049h`).startsWith(`${E}[?1049l`)).toBe(true);
    expect(end(`${E}[?1049h${E}[?1049l`)).not.toContain("1049");
  });
});

describe("for any input", () => {
  const nasty = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 8 }).map((array) => Buffer.from(array)),
      fc
        .constantFrom("\u001b[", "\u001b]", "\u001bP", "\u001b", "?1049h", "52;c;", "\u0007", "\u001b\\", "6n", "m", "\u00c2\u009b")
        .map(bytes),
    ),
    { maxLength: 30 },
  );

  test("the splitting makes no difference", () => {
    fc.assert(
      fc.property(nasty, (parts) => {
        const whole = Buffer.concat(parts);
        const byByte = new TerminalFilter();
        const pieces = [...whole].map((byte) => byByte.push(Buffer.of(byte)));
        expect(Buffer.concat(pieces).equals(new TerminalFilter().push(whole))).toBe(true);
      }),
    );
  });

  test("what comes out passes again unchanged, and is UTF-8 without C1", () => {
    fc.assert(
      fc.property(nasty, (parts) => {
        const once = new TerminalFilter().push(Buffer.concat(parts));
        expect(new TerminalFilter().push(once).equals(once)).toBe(true);
        // eslint-disable-next-line no-control-regex -- what must not be there
        expect(new TextDecoder("utf-8", { fatal: true }).decode(once)).not.toMatch(/[\u0080-\u009f\u0000-\u0007]|\u001b[\]P_^Xk]/);
      }),
    );
  });
});
