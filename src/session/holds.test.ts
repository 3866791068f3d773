/** What becomes of a hold where two things happen to it at once: a decision is a wait for the disk, in which anything may. */
import { expect, it } from "vitest";
import { DEBUG } from "../../test/kit/access-world.ts";
import { SessionWorld } from "../../test/kit/session-world.ts";
import { GateError } from "../kernel/errors.ts";
import type { HoldId, PrincipalName } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import { deny } from "../kernel/result.ts";
import { Holds, type Hold } from "./holds.ts";
import type { LiveSession } from "./live-session.ts";

const LEA = { name: "lea" as PrincipalName, groups: ["leads"] };
const LEO = { name: "leo" as PrincipalName, groups: ["leads"] };
const ACTION = {
  what: "delete from orders",
  digest: "00",
  rule: "fix.postgres.hold",
  preview: { possible: false, why: "untried" },
} as const;

interface Waiting {
  readonly world: SessionWorld;
  readonly session: LiveSession;
  readonly holds: Holds;
  readonly id: HoldId;
  readonly verdict: ReturnType<Holds["ask"]>;
  readonly giveUp: () => void;
}

async function oneThatWaits(): Promise<Waiting> {
  const world = new SessionWorld();
  world.access.roles = [DEBUG];
  await world.access.granted();
  const session = await world.open("ana", "web-1");
  const holds = new Holds({
    demandsOf: () => [{ kind: "quorum", count: 1, groups: ["leads"] }],
    approversOf: () => ["lea", "leo"],
    roleNow: () => undefined,
    perPerson: () => 5,
    clock: world.access.clock,
    random: systemRandom,
  });
  const [shown, stop] = [Promise.withResolvers<Hold>(), new AbortController()];
  const verdict = holds.ask(session, ACTION, stop.signal, (hold) => shown.resolve(hold));
  const { id } = await shown.promise;
  return { world, session, holds, id, verdict, giveUp: () => stop.abort() };
}

it("of two approvers at once one decides, and the other is told so", async () => {
  const { holds, id, verdict } = await oneThatWaits();
  const both = await Promise.all([holds.decide(id, LEA, true), holds.decide(id, LEO, false, "no")]);
  expect(both).toMatchObject([{ state: "approved", by: "lea" }, { code: "conflict" }]);
  expect(await verdict).toMatchObject({ approved: true });
  expect(await holds.decide(id, LEO, true)).toMatchObject({ code: "wrong-state" });
});

it.each<[string, (waiting: Waiting) => void]>([
  ["its session was cut", ({ session }) => session.cut(deny("grant-revoked"))],
  ["whoever asked gave it up", ({ giveUp }) => giveUp()],
])("an approval that is being written while %s does not count: nothing runs, and both sides are told so", async (_what, happens) => {
  const waiting = await oneThatWaits();
  const { world, holds, id, verdict } = waiting;
  const deciding = holds.decide(id, LEA, true);
  happens(waiting);
  expect(await deciding).toMatchObject({ code: "conflict" });
  expect(await verdict).toMatchObject({ approved: false, hold: { state: "withdrawn" } });
  expect(holds.find(id)).toMatchObject({ state: "withdrawn" });
  expect(world.events.map(({ kind }) => kind).filter((kind) => kind.startsWith("action."))).toEqual([
    "action.held",
    "action.approved",
    "action.lapsed",
  ]);
});

it("an approval that the log cannot take does not count, and ends the session", async () => {
  const { world, session, holds, id, verdict } = await oneThatWaits();
  world.logFails = new GateError("disk-reserve");
  expect(await holds.decide(id, LEA, true)).toMatchObject({ code: "conflict" });
  expect(await verdict).toMatchObject({ approved: false });
  expect(session.ended).toBe(true);
});
