import type { RequestDraft } from "../../src/access/plan.ts";
import { AccessService, type RequestResult } from "../../src/access/service.ts";
import type { AccessRequest, AccessRule, Grant, Target } from "../../src/access/model.ts";
import { parseApproval } from "../../src/access/approval.ts";
import type { Actor, Rulebook } from "../../src/access/rulebook.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import type { PrincipalName, TargetName } from "../../src/kernel/ids.ts";
import type { Denial } from "../../src/kernel/result.ts";
import type { Role } from "../../src/policy/role.ts";
import { MemoryAccessStore } from "./memory-access-store.ts";

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** A clock that moves only when told: `pass` moves both times, `jump` the wall clock alone, `reboot` starts elapsed time anew. */
export class TestClock implements Clock {
  wall = 1_800_000_000_000;
  since = 1_000_000;
  bootId = "boot-1";

  now(): number {
    return this.wall;
  }

  elapsed(): number {
    return this.since;
  }

  pass(ms: number): void {
    this.wall += ms;
    this.since += ms;
  }

  jump(ms: number): void {
    this.wall += ms;
  }

  reboot(): void {
    this.bootId = `${this.bootId}+`;
    this.since = 0;
  }
}

export function testTarget(name: string, labels: Record<string, string> = {}): Target {
  return {
    name: name as TargetName,
    kind: "ssh",
    address: `${name}.test:22`,
    labels,
    hostKeys: [`ssh-ed25519 ${name}`],
    hostAuthorities: [],
  };
}

export function testRule(change: Partial<Omit<AccessRule, "approval">> & { approval?: string }): AccessRule {
  const { approval = "1 of leads", ...rest } = change;
  const parsed = parseApproval(approval);
  if (!parsed.ok) throw new Error(`Approval expression "${approval}": expected ${parsed.expected}`);
  return {
    name: "rule",
    who: ["group:oncall"],
    roles: ["debug"],
    targets: { labels: { service: "checkout" } },
    maxDurationMs: 4 * HOUR,
    ...(parsed.expression && { approval: parsed.expression }),
    selfExtensions: 1,
    breakGlass: true,
    ...rest,
  };
}

/** What people of this world ask for unless a test says otherwise. */
export const DRAFT: RequestDraft = { reason: "checkout is slow", role: "debug", targets: ["web-1"], durationMs: HOUR };

export const DEBUG: Role = {
  name: "debug",
  ssh: { account: "infra", shell: true, exec: true, files: "write", env: [] },
  gate: [],
  budget: { bytes: 1000, seconds: 7200 },
  recording: { exec: "full" },
};

/** Four people who may debug or approve, two targets of one service and one of another; every part can be replaced. */
export class AccessWorld {
  readonly clock = new TestClock();
  readonly store = new MemoryAccessStore();
  readonly disabled = new Set<string>();
  readonly locked = new Map<string, Denial>();
  readonly reviewers = new Set<string>();
  groups = new Map<string, readonly string[]>([
    ["oncall", ["ana", "bob"]],
    ["leads", ["lea", "bob"]],
    ["security", ["sam", "lea"]],
  ]);
  rules: readonly AccessRule[] = [testRule({})];
  targets: readonly Target[] = [
    testTarget("web-1", { service: "checkout", owner: "leads" }),
    testTarget("web-2", { service: "checkout", owner: "security" }),
    testTarget("db-1", { service: "orders" }),
  ];
  roles: readonly Role[] = [DEBUG];
  readonly services = new Set<string>();
  readonly agents = new Map<string, { for: string; approves: boolean }>();
  limits = { requestLapseMs: DAY, reviewReminderMs: DAY, reviewOverdueMs: 3 * DAY };
  #made = 0;
  readonly service = new AccessService({
    store: this.store,
    rulebook: () => this.rulebook(),
    actorNow: (name) => this.person(name),
    isDisabled: async (name) => this.disabled.has(name),
    isPerson: async (name) => !this.services.has(name),
    isLocked: (actor, target) => this.locked.get(target ?? actor.name),
    mayReview: ({ name }) => this.reviewers.has(name),
    clock: this.clock,
    random: { bytes: (length) => this.#nextBytes(length) },
    limits: () => this.limits,
  });

  /** Every call others, and in every run the same. */
  #nextBytes(length: number): Buffer {
    const number = this.#made++;
    return Buffer.from(Array.from({ length }, (_, index) => (number >> (5 * Math.min(index, 5))) & 31));
  }

  rulebook(): Rulebook {
    return {
      rules: this.rules,
      targets: new Map(this.targets.map((target) => [target.name, target])),
      roles: new Map(this.roles.map((role) => [role.name, role])),
      groups: this.groups,
    };
  }

  groupsOf(name: string): readonly string[] {
    return [...this.groups].filter(([, members]) => members.includes(name)).map(([group]) => group);
  }

  /** A person with the groups of this moment. */
  person(name: string): Actor {
    const agent = this.agents.get(name);
    const actsFor = agent && { name: agent.for as PrincipalName, groups: this.groupsOf(agent.for), approves: agent.approves };
    return { name: name as PrincipalName, groups: this.groupsOf(name), ...(actsFor && { actsFor }) };
  }

  async ask(change: Partial<RequestDraft> = {}, who = "ana"): Promise<RequestResult> {
    return this.service.request(this.person(who), { ...DRAFT, ...change });
  }

  async asked(change: Partial<RequestDraft> = {}, who = "ana"): Promise<AccessRequest> {
    const result = await this.ask(change, who);
    if (!result.allowed) throw new Error(`${result.code}: ${result.detail}`);
    return result.request;
  }

  /** A grant of ana's that lea approved. */
  async granted(change: Partial<RequestDraft> = {}): Promise<Grant> {
    const result = await this.service.approve((await this.asked(change)).id, this.person("lea"));
    if (!result.allowed || !result.grant) throw new Error("Not granted");
    return result.grant;
  }

  async broken(): Promise<Grant> {
    const result = await this.ask({ breakGlass: true });
    if (!result.allowed || !result.grant) throw new Error("Not granted");
    return result.grant;
  }
}
