/**
 * Somebody who works beside what a test does to a gate: a statement every few milliseconds, each of which must succeed.
 * Gate, neighbour and attackers share one process, so that its figures are the worst that they could be; they are printed, not judged.
 */
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import { encodeQuery } from "../../src/wire/postgres/frontend.ts";
import type { PostgresClient } from "./postgres-client.ts";

const PAUSE_MS = 2;
const BEFORE = 100;
/** A gate that keeps what it is sent would need more. */
const MOST_MB = 1536;

/** Milliseconds of each answer, shortest first: of `least` statements, and for as long as the work takes. */
async function beside(open: () => Promise<PostgresClient>, work: () => Promise<void>, least: number): Promise<number[]> {
  const neighbour = await open();
  const took: number[] = [];
  const state = { isOver: false };
  const done = work().finally(() => (state.isOver = true));
  // Awaited below, which is too late for Node when it fails at once.
  done.catch(() => undefined);
  try {
    // Each text is new to the parser, so that it waits for the thread too.
    for (let at = 0; !state.isOver || at < least; at += 1) {
      const start = performance.now();
      neighbour.send(encodeQuery(`select ${at} as beside`));
      const letters = (await neighbour.readTo("Z")).map(([type]) => String.fromCharCode(type ?? 0)).join("");
      expect(letters).toBe("TDCZ");
      took.push(performance.now() - start);
      await delay(PAUSE_MS);
    }
  } finally {
    // Also when the neighbour failed: what the work says is part of the story.
    await done;
    neighbour.socket.destroy();
  }
  return took.sort((a, b) => a - b);
}

const part = (of: readonly number[], share: number): string => (of[Math.floor((of.length - 1) * share)] ?? 0).toFixed(1);

/** Prints what a neighbour notices of the work. Throws if one of its statements fails, or if the work does. */
export async function besideNeighbour(what: string, open: () => Promise<PostgresClient>, work: () => Promise<void>): Promise<void> {
  const before = await beside(open, async () => {}, BEFORE);
  const memory = process.memoryUsage().rss;
  const during = await beside(open, work, 1);
  const grownMb = (process.memoryUsage().rss - memory) / 1024 / 1024;
  console.log(
    `${what}: a neighbour's select, ms: before p50 ${part(before, 0.5)} p99 ${part(before, 0.99)}; during p50 ${part(during, 0.5)} p99 ${part(during, 0.99)} worst ${part(during, 1)} of ${during.length}; memory +${grownMb.toFixed(0)} MB`,
  );
  expect(grownMb).toBeLessThan(MOST_MB);
}
