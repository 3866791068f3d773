/** How one is asked, shown and decided, how long it waits, and how many do. */
import { beforeEach, describe, expect, test } from "vitest";
import { SessionWorld } from "../../test/kit/session-world.ts";
import { until } from "../../test/kit/until.ts";
import type { Actor } from "../access/rulebook.ts";
import type { PrincipalName } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import type { Denial } from "../kernel/result.ts";
import { DEFAULT_HOLD_MS } from "../policy/role.ts";
import { Holds, type Hold, type HeldAction, type Verdict } from "./holds.ts";
import type { LiveSession } from "./live-session.ts";

const LEA: Actor = { name: "lea" as PrincipalName, groups: ["leads"] };
const MAX: Actor = { name: "max" as PrincipalName, groups: ["leads"] };
const ACTION: HeldAction = {
  what: "delete from orders",
  digest: "d".repeat(64),
  rule: "support.postgres.hold",
  preview: { possible: false, why: "a test" },
};

let world: SessionWorld;
let session: LiveSession;
let holds: Holds;
let approvers: Set<string>;

beforeEach(async () => {
  world = new SessionWorld();
  await world.access.granted();
  session = await world.open("ana", "web-1");
  approvers = new Set(["lea", "max", "ana"]);
  holds = new Holds({
    mayDecide: (_grant, { name }) => approvers.has(name),
    perPerson: () => 2,
    clock: world.access.clock,
    random: systemRandom,
  });
});

/** As soon as it is on record; `verdict` when it has ended. */
async function ask(action: Partial<HeldAction> = {}, signal = new AbortController().signal) {
  const { promise, resolve } = Promise.withResolvers<Hold>();
  const verdict = holds.ask(session, { ...ACTION, ...action }, signal, resolve);
  return { hold: await promise, verdict };
}

function ended(verdict: Verdict | Denial): string {
  return "hold" in verdict ? verdict.hold.state : verdict.code;
}

function events(kind: string): number {
  return world.events.filter((event) => event.kind === kind).length;
}

test("it is on record before anybody sees it, and the decision before it counts", async () => {
  const { hold, verdict } = await ask();
  expect(world.events.at(-1)).toMatchObject({ kind: "action.held", rule: ACTION.rule, body: { hold: hold.id, noPreview: "a test" } });
  expect(holds.list()).toMatchObject([{ id: hold.id, state: "waiting", principal: "ana" }]);
  expect(await holds.decide(hold.id, LEA, true)).toMatchObject({ state: "approved", by: "lea" });
  expect(world.events.at(-1)).toMatchObject({ kind: "action.approved", principal: "lea", body: { hold: hold.id, digest: ACTION.digest } });
  expect(await verdict).toMatchObject({ approved: true, hold: { id: hold.id } });
});

test("no has a reason, which who asked is told", async () => {
  const { hold, verdict } = await ask();
  await holds.decide(hold.id, LEA, false, "the WHERE is missing");
  expect(await verdict).toMatchObject({ approved: false, denial: { code: "not-approved", detail: "lea denied it: the WHERE is missing" } });
  expect(events("action.denied")).toBe(1);
});

describe("who decides", () => {
  test("not who asked, and nobody who could not have approved the grant at this moment", async () => {
    const { hold, verdict } = await ask();
    expect(await holds.decide(hold.id, { name: hold.principal, groups: ["leads"] }, true)).toMatchObject({ code: "own-request" });
    approvers.delete("lea");
    expect(await holds.decide(hold.id, LEA, true)).toMatchObject({ code: "not-approver" });
    expect(holds.find(hold.id)?.state).toBe("waiting");
    await holds.decide(hold.id, MAX, true);
    expect(ended(await verdict)).toBe("approved");
  });
});

describe("how it ends without a decision", () => {
  test("given up", async () => {
    const gone = new AbortController();
    const { hold, verdict } = await ask({}, gone.signal);
    gone.abort();
    expect(ended(await verdict)).toBe("withdrawn");
    expect(await holds.decide(hold.id, LEA, true)).toMatchObject({ code: "wrong-state" });
    await until(() => events("action.lapsed") === 1);
  });

  test("given up while it was put on record: nobody is shown it", async () => {
    const gone = new AbortController();
    gone.abort();
    let shown = false;
    const verdict = await holds.ask(session, ACTION, gone.signal, () => {
      shown = true;
    });
    expect([ended(verdict), shown]).toEqual(["withdrawn", false]);
  });

  test("nobody decided within the time that it had", async () => {
    const { verdict } = await ask({ forMs: 1 });
    expect(await verdict).toMatchObject({ approved: false, hold: { state: "lapsed" }, denial: { code: "not-approved" } });
  });
});

test("it waits for as long as the role says, for a quarter of an hour otherwise, and never past the grant", async () => {
  const now = world.access.clock.now();
  const [usual, short] = [await ask(), await ask({ forMs: 60_000 })];
  expect([usual.hold.lapsesAt - now, short.hold.lapsesAt - now]).toEqual([DEFAULT_HOLD_MS, 60_000]);
  await holds.decide(usual.hold.id, LEA, false);
  await usual.verdict;
  const long = await ask({ forMs: 30 * 86_400_000 });
  expect(long.hold.lapsesAt - now).toBe(session.remainingMs());
});

describe("how many wait", () => {
  test("of one person so many, also of those that are asked at once; what has ended gives its place back", async () => {
    const asked = [ask(), ask()];
    const third = await holds.ask(session, ACTION, new AbortController().signal, () => undefined);
    expect(third).toMatchObject({ allowed: false, code: "rate-limited", detail: "2 of your actions wait for an approval already" });
    const [first] = await Promise.all(asked);
    await holds.decide(first?.hold.id as Hold["id"], LEA, false);
    await first?.verdict;
    expect((await ask()).hold.state).toBe("waiting");
  });
});
