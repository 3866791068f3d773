/**
 * The store: durable commits a second with group commit, in both modes, and what one append alone takes.
 * `node bench/store.ts` prints one JSON line for each result; ratios compare figures of the same run.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Durability } from "../src/audit/durability.ts";
import type { AuditEvent } from "../src/audit/event.ts";
import { systemClock } from "../src/kernel/clock.ts";
import { systemRandom } from "../src/kernel/random.ts";
import { Secret } from "../src/kernel/secret.ts";
import { openStore, type Store } from "../src/store/open.ts";
import { percentile, type Result } from "./result.ts";

const BURST = 20_000;
const CALLERS = 64;
const EACH = 250;
const SINGLES = 1000;
const STEADY_PER_SECOND = 200;
const STEADY_SECONDS = 3;

export async function* benchStore(): AsyncIterable<Result> {
  const rates = new Map<Durability, number>();
  const steady = new Map<Durability, number>();
  for (const durability of ["process", "power"] as const) {
    const dataDir = await mkdtemp(join(tmpdir(), "sallyport-bench-"));
    try {
      await using store = await open(dataDir, durability);
      const burst = await perSecond(BURST, () => Promise.all(Array.from({ length: BURST }, (_, index) => append(store, index))));
      yield { name: `store.${durability}.burst`, value: burst, unit: "events/s" };
      const callers = await perSecond(CALLERS * EACH, () => Promise.all(Array.from({ length: CALLERS }, () => sequence(store, EACH))));
      rates.set(durability, callers);
      yield { name: `store.${durability}.${CALLERS}-callers`, value: callers, unit: "events/s" };
      const alone = await timesOf(store, SINGLES);
      yield { name: `store.${durability}.append-p50`, value: percentile(alone, 0.5), unit: "ms" };
      yield { name: `store.${durability}.append-p99`, value: percentile(alone, 0.99), unit: "ms" };
      const kept = await steadyRate(store);
      steady.set(durability, kept.rate);
      yield { name: `store.${durability}.steady-${STEADY_PER_SECOND}`, value: kept.rate, unit: "events/s" };
      yield { name: `store.${durability}.steady-${STEADY_PER_SECOND}-p99`, value: kept.p99, unit: "ms" };
    } finally {
      await rm(dataDir, { recursive: true });
    }
  }
  yield { name: "store.power-to-process.callers", value: ratio(rates), unit: "ratio", vs: "store.process" };
  yield { name: `store.power-to-process.steady-${STEADY_PER_SECOND}`, value: ratio(steady), unit: "ratio", vs: "store.process" };
}

function open(dataDir: string, durability: Durability): Promise<Store> {
  const masterKey = new Secret(systemRandom.bytes(32));
  const place = { dataDir, node: "n1", origin: "bench/n1", durability, masterKey, diskReserveBytes: 0 };
  return openStore({ ...place, clock: systemClock, random: systemRandom });
}

function append(store: Store, index: number): Promise<unknown> {
  const body = { address: "10.0.0.1:22", ok: true, findings: [`ls -la /srv/app/releases/${index}`] };
  const event: AuditEvent = { kind: "host.checked", principal: "ada", session: "s-0000000001", target: "web-1.prod", body };
  return store.log.append([event]);
}

async function sequence(store: Store, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) await append(store, index);
}

async function perSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return Math.round(count / ((performance.now() - start) / 1000));
}

async function timesOf(store: Store, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const start = performance.now();
    await append(store, index);
    times.push(performance.now() - start);
  }
  return times;
}

/** 200 events a second, as a busy gate has them: how many a second came through, and how long each took. */
async function steadyRate(store: Store): Promise<{ rate: number; p99: number }> {
  const start = performance.now();
  const times: number[] = [];
  const all: Promise<void>[] = [];
  const total = STEADY_PER_SECOND * STEADY_SECONDS;
  for (let index = 0; index < total; index += 1) {
    const due = start + (index * 1000) / STEADY_PER_SECOND;
    await delay(Math.max(0, due - performance.now()));
    const asked = performance.now();
    all.push(append(store, index).then(() => void times.push(performance.now() - asked)));
  }
  await Promise.all(all);
  return { rate: round(total / ((performance.now() - start) / 1000)), p99: percentile(times, 0.99) };
}

function ratio(of: ReadonlyMap<Durability, number>): number {
  return round((of.get("power") ?? 0) / (of.get("process") ?? 1));
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

if (import.meta.main) for await (const result of benchStore()) console.log(JSON.stringify(result));
