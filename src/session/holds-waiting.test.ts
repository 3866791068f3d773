/** How one is asked, shown and decided, how long it waits, and how many do. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { SessionWorld } from "../../test/kit/session-world.ts";
import { until } from "../../test/kit/until.ts";
import { parseApproval } from "../access/approval.ts";
import type { ApprovalExpression } from "../access/model.ts";
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

function of(text: string): ApprovalExpression {
  const parsed = parseApproval(text);
  if (!parsed.ok || !parsed.expression) throw new Error(text);
  return parsed.expression;
}

let world: SessionWorld;
let session: LiveSession;
let holds: Holds;
/** What the rules ask for at this moment. */
let demands: readonly ApprovalExpression[];

beforeEach(async () => {
  world = new SessionWorld();
  await world.access.granted();
  session = await world.open("ana", "web-1");
  demands = [of("1 of leads")];
  holds = new Holds({
    demandsOf: () => demands,
    approversOf: () => ["lea", "max"],
    roleNow: () => undefined,
    perPerson: () => 2,
    clock: world.access.clock,
    random: systemRandom,
  });
});

afterEach(() => void vi.useRealTimers());

/** As soon as it is on record; `verdict` when it has ended. */
async function ask(action: Partial<HeldAction> = {}, signal = new AbortController().signal) {
  const { promise, resolve } = Promise.withResolvers<Hold>();
  const seen: Hold[] = [];
  const verdict = holds.ask(session, { ...ACTION, ...action }, signal, (hold) => {
    seen.push(hold);
    resolve(hold);
  });
  return { hold: await promise, verdict, seen };
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

test("who listens hears of each when it begins to wait, at each approval and when it ends, until they stop", async () => {
  const heard: string[] = [];
  const listening = holds.subscribe(({ state, approvals }) => heard.push(`${state} ${approvals.length}`));
  demands = [of("2 of leads")];
  const { hold, verdict } = await ask();
  await holds.decide(hold.id, LEA, true);
  await holds.decide(hold.id, MAX, true);
  await verdict;
  expect(heard).toEqual(["waiting 0", "waiting 1", "approved 2"]);
  listening[Symbol.dispose]();
  await ask();
  expect(heard).toHaveLength(3);
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
    expect(await holds.decide(hold.id, { ...LEA, groups: [] }, true)).toMatchObject({ code: "not-approver" });
    expect(holds.find(hold.id)?.state).toBe("waiting");
    await holds.decide(hold.id, MAX, true);
    expect(ended(await verdict)).toBe("approved");
  });

  test("nobody where the rules name nobody any more", async () => {
    const { hold } = await ask();
    demands = [];
    expect(await holds.decide(hold.id, LEA, true)).toMatchObject({ code: "not-approver" });
    expect(holds.mayDecide(hold, LEA)).toBe(false);
  });

  test("nothing waits that nobody could approve", async () => {
    demands = [];
    const refused = await holds.ask(session, ACTION, new AbortController().signal, () => undefined);
    expect(refused).toMatchObject({ code: "not-approved", detail: expect.stringContaining("name nobody") as string });
    expect(events("action.held")).toBe(0);
  });
});

describe("where the rules ask for several", () => {
  beforeEach(() => {
    demands = [of("2 of leads and 1 of security")];
  });
  const SAM: Actor = { name: "sam" as PrincipalName, groups: ["leads", "security"] };

  test("it goes on waiting, and says who has approved it, until every place is filled by another person", async () => {
    const { hold, seen, verdict } = await ask();
    expect(await holds.decide(hold.id, LEA, true)).toMatchObject({
      state: "waiting",
      approvals: [{ by: "lea", groups: ["leads"] }],
      missing: "1 of leads and 1 of security",
    });
    expect(world.events.at(-1)).toMatchObject({ kind: "action.approved", principal: "lea", body: { groups: ["leads"], complete: false } });
    expect(world.events.at(-1)?.decision).toBeUndefined();
    expect(await holds.decide(hold.id, LEA, true)).toMatchObject({ code: "wrong-state", detail: "you approved it already" });
    // In both groups, and still one person.
    expect(await holds.decide(hold.id, SAM, true)).toMatchObject({ state: "waiting" });
    expect(holds.mayDecide(holds.find(hold.id) as Hold, SAM)).toBe(false);
    expect(await holds.decide(hold.id, MAX, true)).toMatchObject({ state: "approved", by: "max", missing: "" });
    expect(world.events.at(-1)).toMatchObject({ decision: "allow", body: { complete: true } });
    expect(await verdict).toMatchObject({ approved: true });
    expect(seen.map(({ approvals }) => approvals.map(({ by }) => by))).toEqual([[], ["lea"], ["lea", "sam"]]);
  });

  test("one no is enough", async () => {
    const { hold, verdict } = await ask();
    await holds.decide(hold.id, LEA, true);
    await holds.decide(hold.id, MAX, false, "not today");
    expect(await verdict).toMatchObject({ approved: false, denial: { detail: "max denied it: not today" } });
  });

  test("what the rules ask for later is asked for too, and takes nothing away", async () => {
    demands = [of("1 of leads")];
    const { hold } = await ask();
    demands = [of("1 of security")];
    expect(await holds.decide(hold.id, LEA, true)).toMatchObject({ state: "waiting", missing: "1 of security" });
    expect(await holds.decide(hold.id, SAM, true)).toMatchObject({ state: "approved" });
  });

  test("an approval that is not the last does not make it wait beyond its time", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { hold, verdict } = await ask({ forMs: 60_000 });
    // The disk takes longer than what is left.
    world.during = { log: async () => void vi.advanceTimersByTime(60_000) };
    expect(await holds.decide(hold.id, LEA, true)).toMatchObject({ code: "conflict" });
    expect(await verdict).toMatchObject({ approved: false, hold: { state: "lapsed" } });
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

describe("time that no timer has seen", () => {
  test.each([
    ["a clock that was set forward", () => world.access.clock.jump(DEFAULT_HOLD_MS)],
    [
      "a machine that slept, its clock set back",
      () => {
        world.access.clock.pass(DEFAULT_HOLD_MS);
        world.access.clock.jump(-86_400_000);
      },
    ],
  ])("%s: it has lapsed, whether anybody looked before the decision or not", async (_what, happens) => {
    const [decided, looked] = [await ask(), await ask()];
    happens();
    expect(await holds.decide(decided.hold.id, LEA, true)).toMatchObject({ code: "wrong-state" });
    holds.tick();
    for (const { verdict } of [decided, looked]) expect(ended(await verdict)).toBe("lapsed");
    expect(events("action.approved")).toBe(0);
  });

  test("a little of it ends nothing", async () => {
    const { hold } = await ask();
    world.access.clock.pass(DEFAULT_HOLD_MS - 1);
    holds.tick();
    expect(holds.find(hold.id)?.state).toBe("waiting");
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
