import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { editSearch, parseKey, splitKeys } from "./keyboard.ts";
import { Player } from "./player.ts";
import { buildTimeline, pieceAfter, playTimeOf, TextIndex } from "./timeline.ts";

const at = (seconds: number, text: string): { atUs: number; bytes: Buffer } => ({ atUs: seconds * 1e6, bytes: Buffer.from(text) });
const text = (parts: readonly Buffer[] | undefined): string => Buffer.concat(parts ?? []).toString();
const sample = buildTimeline([at(0, "$ "), at(1, "ls\r\n"), at(61, "Trace"), at(61.5, "back\r\n"), at(62, "end")], 2e6);

describe("timeline", () => {
  test("a long silence is cut to the idle time, a short one stays", () => {
    expect(sample.pieces.map(({ playUs }) => playUs / 1e6)).toEqual([0, 1, 3, 3.5, 4]);
    expect(sample.lengthUs).toBe(4e6);
    expect(playTimeOf(sample, 61e6)).toBe(3e6);
    expect(playTimeOf(sample, 999e6)).toBe(4e6);
  });

  test("pieceAfter is where playing goes on", () => {
    const times = fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 30 }).map((list) => list.sort((a, b) => a - b));
    fc.assert(
      fc.property(times, fc.integer({ min: -1, max: 1001 }), (list, playUs) => {
        const timeline = buildTimeline(list.map((atUs) => ({ atUs, bytes: Buffer.from("x") })));
        expect(pieceAfter(timeline, playUs)).toBe(list.filter((each) => each <= playUs).length);
      }),
    );
  });

  test("a clock that goes back in a recording does not stop it", () => {
    expect(buildTimeline([at(5, "a"), at(3, "b"), at(6, "c")]).pieces.map(({ playUs }) => playUs / 1e6)).toEqual([5, 5, 6]);
  });
});

describe("TextIndex", () => {
  test("finds words across pieces and under escapes, whatever their case, and goes round", () => {
    const timeline = buildTimeline([at(0, "\u001b[31mTra"), at(1, "ce\u001b[0mback"), at(2, " other"), at(3, " TRACEBACK")]);
    const index = new TextIndex(timeline);
    expect(index.find("traceback", -1)).toBe(1);
    expect(index.find("traceback", 1)).toBe(3);
    expect(index.find("traceback", 3)).toBe(1);
    expect(index.find("nowhere", -1)).toBeUndefined();
    expect(index.find("", -1)).toBeUndefined();
  });

  test("characters cut in two are whole again", () => {
    const bytes = Buffer.from("größe");
    const timeline = buildTimeline([...bytes].map((byte, index) => ({ atUs: index, bytes: Buffer.from([byte]) })));
    expect(new TextIndex(timeline).find("größe", -1)).toBe(bytes.length - 1);
  });
});

describe("Player", () => {
  test("shows everything once, in order, whatever the steps and the speed", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 40 }), fc.constantFrom(0.5, 1, 4), (steps, speed) => {
        const player = new Player(sample, speed);
        let shown = "";
        for (const step of steps) shown += text(player.advance(step));
        expect("$ ls\r\nTraceback\r\nend".startsWith(shown)).toBe(true);
        shown += text(player.advance(1e6));
        expect(shown).toBe("$ ls\r\nTraceback\r\nend");
        expect(player.ended).toBe(true);
      }),
    );
  });

  test("speed divides the waiting", () => {
    const player = new Player(sample, 4);
    player.advance(0);
    expect(player.waitMs).toBe(250);
    player.slower();
    expect(player.speed).toBe(2);
    expect(player.waitMs).toBe(500);
    for (let i = 0; i < 20; i += 1) player.faster();
    expect(player.speed).toBe(32);
  });

  test("paused, no time goes by", () => {
    const player = new Player(sample);
    player.paused = true;
    expect(player.waitMs).toBeUndefined();
    expect(player.advance(60_000)).toEqual([]);
    expect(player.playUs).toBe(0);
  });

  test("forward shows what lies between; backward starts over", () => {
    const player = new Player(sample);
    expect(text(player.seek(3.2e6))).toBe("$ ls\r\nTrace");
    const back = text(player.seek(1e6));
    expect(back.endsWith("$ ls\r\n")).toBe(true);
    expect(back.startsWith("\u001b[!p")).toBe(true);
    expect(text(player.seek(-5))).toContain("\u001b[H$ ");
    expect(text(player.seek(1e12))).toBe("ls\r\nTraceback\r\nend");
  });

  test("search goes to the piece that completes the words", () => {
    const player = new Player(sample);
    expect(text(player.search("traceback"))).toBe("$ ls\r\nTraceback\r\n");
    expect(player.playUs).toBe(3.5e6);
    expect(player.search("nowhere")).toBeUndefined();
    expect(player.playUs).toBe(3.5e6);
  });
});

describe("keyboard", () => {
  test.each([
    [" ", "pause"],
    ["\u001b[D", "back"],
    ["\u001bOC", "forward"],
    ["/", "search"],
    ["q", "quit"],
    ["\u0003", "quit"],
    ["x", undefined],
    ["toString", undefined],
  ])("%j", (typed, key) => expect(parseKey(typed)).toBe(key));

  test("what comes at once is taken key by key", () => {
    expect(splitKeys("/rm\r")).toEqual(["/", "r", "m", "\r"]);
    expect(splitKeys("\u001b[C\u001bOD\u001b[1;5Cq")).toEqual(["\u001b[C", "\u001bOD", "\u001b[1;5C", "q"]);
    expect(splitKeys("ö🚪")).toEqual(["ö", "🚪"]);
    expect(splitKeys("")).toEqual([]);
  });

  test("a search is typed, corrected, entered or given up", () => {
    const typed = splitKeys("rx\u007fm -rf").reduce((words, key) => editSearch(words, key)?.words ?? "", "");
    expect(typed).toBe("rm -rf");
    expect(editSearch(typed, "\r")).toEqual({ words: "rm -rf", done: true });
    expect(editSearch(typed, "\u0001")).toEqual({ words: "rm -rf", done: false });
    for (const key of ["\u001b", "\u001b[A", "\u0003"]) expect(editSearch("rm", key)).toBeUndefined();
  });
});
