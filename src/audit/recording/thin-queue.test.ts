import { describe, expect, it } from "vitest";
import type { Frame } from "./frame.ts";
import { FrameTail, joined, TAIL_BYTES, ThinQueue } from "./thin-queue.ts";

const out = (text: string, timeUs = 0, channel = 1, type: "stdout" | "stderr" = "stdout"): Frame => ({
  type,
  channel,
  timeUs,
  data: Buffer.from(text),
});
const resize: Frame = { type: "resize", channel: 1, timeUs: 0, body: { cols: 80, rows: 24 } };
const bytesOf = (frames: readonly Frame[]): string =>
  Buffer.concat(frames.flatMap((frame) => ("data" in frame ? frame.data : []))).toString();

function pair(): { tail: FrameTail; queue: ThinQueue; push: (frame: Frame) => void } {
  const tail = new FrameTail();
  const queue = new ThinQueue(tail);
  const push = (frame: Frame): void => {
    tail.push(frame);
    queue.push(frame);
  };
  return { tail, queue, push };
}

describe("a thin view", () => {
  it("puts output of one stream together, and keeps the order of everything", () => {
    const frames = [out("a", 1), out("b", 2), out("e", 3, 1, "stderr"), out("c", 4), resize, out("d", 5), out("x", 6, 2)];
    expect(joined(frames).map((frame) => [frame.type, frame.channel, frame.timeUs, bytesOf([frame])])).toEqual([
      ["stdout", 1, 1, "ab"],
      ["stderr", 1, 3, "e"],
      ["stdout", 1, 4, "c"],
      ["resize", 1, 0, ""],
      ["stdout", 1, 5, "d"],
      ["stdout", 2, 6, "x"],
    ]);
  });

  it("gives each byte once to who keeps up", () => {
    const { queue, push } = pair();
    let seen = "";
    for (let round = 0; round < 100; round += 1) {
      for (let each = 0; each < 10; each += 1) push(out(`${round}.${each} `));
      const { isAnew, frames } = queue.take();
      expect([isAnew, frames.length, queue.isEmpty]).toEqual([false, 1, true]);
      seen += bytesOf(frames);
    }
    expect(seen).toBe(Array.from({ length: 1000 }, (_, index) => `${Math.floor(index / 10)}.${index % 10} `).join(""));
  });

  it("is bounded: who falls behind begins anew with the last that was shown", () => {
    const { tail, queue, push } = pair();
    const all = Array.from({ length: 1000 }, (_, index) => String(index).padStart(1000, "."));
    for (const text of all) push(out(text));
    const { isAnew, frames } = queue.take();
    expect(isAnew).toBe(true);
    expect(bytesOf(frames).length).toBeLessThanOrEqual(TAIL_BYTES);
    expect(all.join("").endsWith(bytesOf(frames))).toBe(true);
    expect(bytesOf(frames).length).toBeGreaterThan(TAIL_BYTES - 2000);
    push(out("next"));
    expect(queue.take()).toMatchObject({ isAnew: false, frames: [{ data: Buffer.from("next") }] });
    push(out("y".repeat(10 * TAIL_BYTES)));
    expect(bytesOf(tail.frames)).toBe("y".repeat(TAIL_BYTES));
  });

  it("is bounded for frames without bytes as well", () => {
    const { tail, queue, push } = pair();
    for (let each = 0; each < 10_000; each += 1) push(resize);
    expect(tail.frames.length).toBeLessThanOrEqual(500);
    expect(queue.take().isAnew).toBe(true);
  });
});
