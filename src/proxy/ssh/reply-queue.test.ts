import { describe, expect, it } from "vitest";
import { ReplyQueue } from "./reply-queue.ts";

const own = (n: number): Uint8Array => Uint8Array.of(100, n);

describe("ReplyQueue", () => {
  it("answers at once when nothing waits at the target", () => {
    expect(new ReplyQueue().answered(own(1))).toEqual([own(1)]);
  });

  it("keeps its own answers behind the target's", () => {
    const queue = new ReplyQueue();
    queue.forwarded("env");
    expect(queue.answered(own(1))).toEqual([]);
    expect(queue.answered(own(2))).toEqual([]);
    queue.forwarded("env");
    expect(queue.answered(own(3))).toEqual([]);
    expect(queue.targetAnswered()).toEqual({ request: "env", own: [own(1), own(2)] });
    expect(queue.targetAnswered()).toEqual({ request: "env", own: [own(3)] });
  });

  it("refuses answers that nobody asked for, and endless requests", () => {
    expect(() => new ReplyQueue().targetAnswered()).toThrow(/answered a request nobody made/);
    const queue = new ReplyQueue();
    expect(() => {
      for (let i = 0; i < 100; i++) queue.forwarded("env");
    }).toThrow(/too many unanswered/);
  });
});
