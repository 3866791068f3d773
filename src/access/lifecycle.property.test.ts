import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AccessWorld, DAY, HOUR, testRule } from "../../test/kit/access-world.ts";
import type { AuditEvent } from "../audit/event.ts";
import type { PrincipalName } from "../kernel/ids.ts";
import type { AccessRequest, Grant } from "./model.ts";
import { isMet } from "./quorum.ts";
import { remainingMs } from "./remaining.ts";
import { namesOf } from "./step.ts";

/** One thing somebody does, or that happens to the clocks or the rules.  */
type Command =
  | {
      readonly do: "request";
      readonly who: string;
      readonly targets: readonly string[];
      readonly hours: number;
      readonly breakGlass: boolean;
    }
  | { readonly do: "approve"; readonly who: string; readonly index: number; readonly hours?: number; readonly targets?: readonly string[] }
  | { readonly do: "deny" | "cancel"; readonly who: string; readonly index: number }
  | { readonly do: "extend"; readonly who: string; readonly index: number; readonly hours: number }
  | { readonly do: "revoke" | "review"; readonly who: string; readonly index: number }
  | { readonly do: "narrow"; readonly index: number; readonly hours?: number; readonly targets?: readonly string[] }
  | { readonly do: "pass"; readonly hours: number }
  | { readonly do: "jump"; readonly days: number }
  | { readonly do: "reboot" | "tick" }
  | { readonly do: "rules"; readonly approval: string; readonly selfExtensions: number; readonly maxHours: number }
  | { readonly do: "group"; readonly group: string; readonly members: readonly string[] };

const PEOPLE = ["ana", "bob", "lea", "sam"];
const who = fc.constantFrom(...PEOPLE);
const requester = fc.constantFrom("ana", "ana", "bob", "lea");
const asked = fc.oneof(
  { weight: 5, arbitrary: fc.subarray(["web-1", "web-2"], { minLength: 1 }) },
  { weight: 1, arbitrary: fc.constant(["db-1"]) },
);
const approver = fc.constantFrom("lea", "lea", "sam", "bob", "ana");
/** Counted from the newest. */
const index = fc.nat(2);
const hours = fc.constantFrom(0.5, 1, 1, 2, 4, 5);
const targets = fc.uniqueArray(fc.constantFrom("web-1", "web-2", "db-1"), { maxLength: 3 });
const optional = { requiredKeys: ["do", "who", "index"] } as const;

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("request" as const),
      who: requester,
      targets: asked,
      hours,
      breakGlass: fc.constantFrom(false, false, false, true),
    }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constant("approve" as const), who: approver, index: fc.nat(1) }) },
  {
    weight: 2,
    arbitrary: fc.record(
      { do: fc.constant("approve" as const), who: approver, index, hours, targets: asked },
      { requiredKeys: [...optional.requiredKeys] },
    ),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("deny" as const, "cancel" as const), who, index }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("extend" as const), who, index, hours }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("revoke" as const, "review" as const), who, index }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("narrow" as const), index, hours, targets }, { requiredKeys: ["do", "index"] }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("pass" as const), hours: fc.constantFrom(0.1, 0.6, 1, 3, 30) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("jump" as const), days: fc.constantFrom(-1, 1) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("tick" as const, "tick" as const, "reboot" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("rules" as const),
      approval: fc.constantFrom("none", "1 of leads", "1 of leads and 1 of security", "2 of (leads or security)"),
      selfExtensions: fc.nat(2),
      maxHours: fc.constantFrom(1, 4),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("group" as const),
      group: fc.constantFrom("oncall", "leads", "security"),
      members: fc.subarray(PEOPLE, { minLength: 2 }),
    }),
  },
);

/** Runs commands and holds every save against what must be true of it, and every moment against what must be true then. */
class Run {
  readonly world = new AccessWorld();
  readonly #known = new Set<string>();
  /** Milliseconds since the run began that no clock can take back, whatever reboots. */
  #trueElapsed = 0;
  #rebooted = false;
  /** What was allowed of each grant in all, from when. */
  readonly #allowed = new Map<string, { ms: number; since: number }>();
  readonly #approvedFor = new Map<string, number>();
  grants = 0;
  completed = 0;

  constructor() {
    const { store } = this.world;
    const save = store.save.bind(store);
    store.save = async (change, events, priority) => {
      const before = {
        request: change.request && store.requests.get(change.request.id),
        grant: change.grant && store.grants.get(change.grant.id),
      };
      await save(change, events, priority);
      if (change.request || change.grant) assert.ok(events.length > 0);
      if (change.request) this.#checkRequest(before.request, change.request, events);
      if (change.grant) this.#checkGrant(before.grant, change.grant, change.request, events);
    };
  }

  #checkRequest(was: AccessRequest | undefined, is: AccessRequest, events: readonly AuditEvent[]): void {
    assert.equal(is.version, (was?.version ?? 0) + 1);
    assert.equal(
      events.every((event) => event.request === is.id || event.grant === is.grant),
      true,
    );
    const names = is.approvals.map(({ by }) => by);
    assert.equal(new Set(names).size, names.length);
    assert.ok(!names.includes(is.requester));
    for (const { kind, body } of events) {
      if (kind === "request.approved" && "durationMs" in body && body.durationMs !== undefined) {
        this.#approvedFor.set(is.id, Math.min(this.#approvedFor.get(is.id) ?? Number.POSITIVE_INFINITY, body.durationMs));
      }
    }
    if (!was) {
      this.#approvedFor.set(is.id, is.durationMs);
      return;
    }
    assert.equal(was.state, "pending");
    assert.ok(is.durationMs <= was.durationMs);
    assert.ok(namesOf(is.scope).every((name) => namesOf(was.scope).includes(name)));
    assert.deepEqual(is.approvals.slice(0, was.approvals.length), was.approvals);
    assert.deepEqual(is.role, was.role);
  }

  #checkGrant(was: Grant | undefined, is: Grant, request: AccessRequest | undefined, events: readonly AuditEvent[]): void {
    assert.equal(is.version, (was?.version ?? 0) + 1);
    if (!was) {
      assert.ok(request);
      if (!request) return;
      this.grants++;
      this.#checkAuthority(request);
      assert.equal(this.#known.has(request.id), false);
      this.#known.add(request.id);
      assert.equal(is.end - is.start, request.durationMs);
      assert.deepEqual(is.scope, request.scope);
      this.#allowed.set(is.id, { ms: this.#approvedFor.get(request.id) ?? 0, since: this.#trueElapsed });
      return;
    }
    assert.ok(namesOf(is.scope).every((name) => namesOf(was.scope).includes(name)));
    assert.deepEqual([is.principal, is.role, is.request, is.start], [was.principal, was.role, was.request, was.start]);
    if (was.state === "ended") assert.deepEqual({ ...is, version: 0, breakGlass: 0 }, { ...was, version: 0, breakGlass: 0 });
    const allowed = this.#allowed.get(is.id);
    if (allowed) allowed.ms += is.end - was.end;
    if (is.end > was.end) {
      assert.equal(was.state, "active");
      assert.equal(request?.extends, is.id);
      assert.ok(events.map(({ kind }) => kind).includes("grant.extended"));
      assert.ok(is.end - was.end <= (this.#approvedFor.get(request?.id ?? "") ?? 0));
      const bySelf = is.selfExtensionsLeft === was.selfExtensionsLeft - 1;
      if (!bySelf && request) this.#checkAuthority(request);
    }
    assert.ok(is.selfExtensionsLeft >= 0);
    assert.ok(is.selfExtensionsLeft <= was.selfExtensionsLeft);
  }

  /** Complete approvals, none demanded, or the glass was broken. */
  #checkAuthority(request: AccessRequest): void {
    assert.equal(request.state, "approved");
    if (request.type === "break-glass") return;
    for (const demand of request.demands) assert.equal(isMet(demand, request.approvals, request.requester), true);
    if (request.demands.length > 0) this.completed++;
  }

  async checkMoment(): Promise<void> {
    const { world } = this;
    for (const principal of PEOPLE as PrincipalName[]) {
      for (const target of world.targets) {
        for (const grant of await world.service.usable(principal, target.name)) {
          assert.equal(grant.state, "active");
          assert.ok(world.clock.now() < grant.end);
          const allowed = this.#allowed.get(grant.id);
          if (!this.#rebooted && allowed) assert.ok(remainingMs(grant, world.clock) <= allowed.ms - (this.#trueElapsed - allowed.since));
        }
      }
    }
  }

  async run(step: Command): Promise<void> {
    const { world } = this;
    const { service, store, clock } = world;
    const request = "index" in step ? [...store.requests.values()].at(-1 - step.index) : undefined;
    const grant = "index" in step ? [...store.grants.values()].at(-1 - step.index) : undefined;
    switch (step.do) {
      case "request":
        await service.request(world.person(step.who), {
          reason: "x",
          role: "debug",
          targets: step.targets,
          durationMs: step.hours * HOUR,
          breakGlass: step.breakGlass,
        });
        break;
      case "approve": {
        const change = {
          ...(step.hours !== undefined && { durationMs: step.hours * HOUR }),
          ...(step.targets && { targets: step.targets }),
        };
        if (request) await service.approve(request.id, world.person(step.who), change);
        break;
      }
      case "deny":
        if (request) await service.deny(request.id, world.person(step.who), "no");
        break;
      case "cancel":
        if (request) await service.cancel(request.id, world.person(step.who), "no");
        break;
      case "extend":
        if (grant) await service.extend(grant.id, world.person(step.who), { durationMs: step.hours * HOUR, reason: "x" });
        break;
      case "revoke":
        if (grant) await service.revoke(grant.id, world.person(step.who), "x");
        break;
      case "review":
        if (grant) await service.review(grant.id, world.person(step.who), { verdict: "justified", note: "x" });
        break;
      case "narrow": {
        const change = {
          ...(step.hours !== undefined && { end: clock.now() + step.hours * HOUR }),
          ...(step.targets && { targets: step.targets }),
        };
        if (grant) await service.narrow(grant.id, world.person("sam"), { ...change, reason: "x" });
        break;
      }
      case "pass":
        clock.pass(step.hours * HOUR);
        this.#trueElapsed += step.hours * HOUR;
        break;
      case "jump":
        clock.jump(step.days * DAY);
        break;
      case "reboot":
        clock.reboot();
        this.#rebooted = true;
        break;
      case "tick":
        await service.tick();
        break;
      case "rules":
        world.rules = [testRule({ approval: step.approval, selfExtensions: step.selfExtensions, maxDurationMs: step.maxHours * HOUR })];
        break;
      case "group":
        world.groups.set(step.group, step.members);
        break;
      default:
        step satisfies never;
    }
  }
}

describe("whatever people do and whatever the clocks do", () => {
  test("nobody gets more, longer or wider access than was approved by others, and ended is final", async () => {
    let grants = 0;
    let completed = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 20, maxLength: 60, size: "max" }), async (commands) => {
        const run = new Run();
        for (const step of commands) {
          await run.run(step);
          await run.checkMoment();
        }
        grants += run.grants;
        completed += run.completed;
      }),
      { numRuns: 300 },
    );
    // The runs reach what they are about: many grants, a good part of them by complete approvals.
    expect(grants).toBeGreaterThan(200);
    expect(completed).toBeGreaterThan(60);
  });
});
