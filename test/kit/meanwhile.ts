/**
 * That nothing comes is shown by what comes meanwhile: somebody else logs in, works, and is sent two megabytes by the same
 * gate, so that whatever would pass has had its turn.
 */
import { expect } from "vitest";
import type { GrantId } from "../../src/kernel/ids.ts";
import type { Database } from "./database.ts";
import type { Estate } from "./estate.ts";
import type { TestGate } from "./gate.ts";
import { until } from "./until.ts";

const BYTES = 2_000_000;

/** Over ssh, from `web-1.prod`. */
export async function othersPass(estate: Estate): Promise<void> {
  const { id } = await estate.grant();
  const { status, stdout } = await estate.ssh([`head -c ${BYTES} /dev/zero`], { target: `web-1.prod%${id}` });
  expect([status, stdout.length]).toEqual([0, BYTES]);
  await gone(estate.test, id);
}

/** From `shop-db`. */
export async function otherRowsPass(database: Database): Promise<void> {
  const { id } = await database.grant();
  const rows = `select repeat('x', 999) from generate_series(1, ${BYTES / 1000})`;
  const { status, stdout } = await database.psql(await database.password(id), ["-A", "-t", "-c", rows]);
  expect([status, stdout.length]).toEqual([0, BYTES]);
  await gone(database.test, id);
}

/** The session is none of those that the test counts. */
function gone({ gate: { registry } }: TestGate, id: GrantId): Promise<void> {
  return until(() => !registry.list().some(({ permit }) => permit.grant.id === id));
}
