import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { memoryPair } from "./memory-pair.ts";

describe("a connection in memory", () => {
  test("carries bytes both ways, in order, and their memory is the writer's again", async () => {
    const [one, other] = memoryPair();
    const heard: string[] = [];
    other.on("data", (chunk: Buffer) => heard.push(chunk.toString()));
    one.on("data", (chunk: Buffer) => heard.push(`back ${chunk.toString()}`));
    const bytes = Buffer.from("first");
    await new Promise((resolve) => one.write(bytes, resolve));
    bytes.fill("x");
    await new Promise((resolve) => one.write("second", resolve));
    await new Promise((resolve) => other.write("third", resolve));
    expect(heard).toEqual(["first", "second", "back third"]);
    one.destroy();
  });

  test("a writer waits for a reader that does not read, and what waits is bounded", () => {
    const [one, other] = memoryPair();
    let taken = 0;
    for (let each = 0; each < 100; each += 1) one.write(Buffer.alloc(65_536), () => (taken += 1));
    expect(taken).toBe(0);
    expect(one.writableNeedDrain).toBe(true);
    expect(other.readableLength).toBeLessThanOrEqual(65_536);
    one.destroy();
  });

  test("an end is an end for both, after what was written before it", async () => {
    const [one, other] = memoryPair();
    const heard: string[] = [];
    other.on("data", (chunk: Buffer) => heard.push(chunk.toString()));
    one.resume();
    one.end("last words");
    await Promise.all([once(one, "close"), once(other, "close")]);
    expect(heard).toEqual(["last words"]);
  });

  test("one that is destroyed ends the other, which may read what it was given; whoever waits to write is told", async () => {
    const [one, other] = memoryPair();
    const written = new Promise((resolve) => one.write("given", resolve));
    const heard: string[] = [];
    one.destroy();
    await written;
    other.on("data", (chunk: Buffer) => heard.push(chunk.toString()));
    await once(other, "close");
    expect(heard).toEqual(["given"]);
    const late = await new Promise((resolve) => other.write("late", resolve));
    expect(late).toBeInstanceOf(Error);
  });

  test("a writer whose reader goes is not kept waiting", async () => {
    const [one, other] = memoryPair();
    const written = new Promise((resolve) => one.write(Buffer.alloc(100_000), () => resolve("told")));
    other.destroy();
    expect(await written).toBe("told");
    one.resume();
    await once(one, "close");
  });
});
