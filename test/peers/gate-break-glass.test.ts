/** Break-glass over days: reminded, escalated, and then a price for whoever left it unreviewed; but never the glass itself. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PrincipalName } from "../../src/kernel/ids.ts";
import { estateYaml } from "../kit/estate.ts";
import { startGate, type TestGate } from "../kit/gate.ts";
import { JumpingClock } from "../kit/jumping-clock.ts";
import { until } from "../kit/until.ts";

const HOUR_MS = 3_600_000;
const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIWzCBt0XQsMKHqFBOAWiF3bV1SkVCKJcYCsZ1vAdvZU";
const ana = { name: "ana" as PrincipalName, groups: ["oncall"] };
const lea = { name: "lea" as PrincipalName, groups: ["leads"] };
const draft = { reason: "checkout is down", role: "debug", targets: ["web-1.prod"], durationMs: HOUR_MS };

describe("an unreviewed break-glass grant", () => {
  const clock = new JumpingClock();
  let opened: TestGate;
  const gate = () => opened.gate;
  const levels = async () => {
    const events = await gate().store.log.query({ kinds: ["break-glass.escalated"], limit: 10 });
    return events.map(({ body }) => (body as { level: string }).level);
  };

  beforeAll(async () => {
    opened = await startGate(estateYaml({ address: "127.0.0.1:1", hostKey: HOST_KEY, account: "root" }), { clock });
    await opened.addPerson("ana");
    await opened.addPerson("lea");
  });
  afterAll(() => opened?.[Symbol.asyncDispose]());

  test("is granted at once, is reminded of after a day and escalated after three", async () => {
    expect(await gate().access.request(ana, { ...draft, breakGlass: true })).toMatchObject({ allowed: true, grant: { state: "active" } });
    clock.jump(25 * HOUR_MS);
    await until(async () => (await levels()).length === 1);
    expect(await gate().access.request(ana, draft)).toMatchObject({ allowed: true, request: { state: "pending" } });
    clock.jump(48 * HOUR_MS);
    await until(async () => (await levels()).length === 2);
    expect(await levels()).toEqual(["reminder", "overdue"]);
  });

  test("then blocks that person's ordinary requests, nobody else's, and never a break-glass", async () => {
    expect(await gate().access.request(ana, draft)).toMatchObject({ allowed: false, code: "review-overdue" });
    const second = await gate().access.request(ana, { ...draft, breakGlass: true });
    expect(second).toMatchObject({ allowed: true, grant: { state: "active" } });
    expect(await gate().access.request(lea, draft)).not.toMatchObject({ code: "review-overdue" });
  });

  test("until somebody else has reviewed it", async () => {
    const open = await gate().store.access.listGrants({ principal: ana.name, unreviewed: true, limit: 10 });
    expect(open).toHaveLength(2);
    const review = { verdict: "justified", note: "both leads were away" } as const;
    for (const { id } of open) {
      expect(await gate().access.review(id, ana, review)).toMatchObject({ allowed: false });
      expect(await gate().access.review(id, lea, review)).toMatchObject({ allowed: true });
    }
    expect(await gate().access.request(ana, draft)).toMatchObject({ allowed: true });
    expect(opened.faults).toEqual([]);
  });
});
