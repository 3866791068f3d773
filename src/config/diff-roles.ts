import {
  DEFAULT_HOLD_MS,
  EXEC_RECORDINGS,
  LITERAL_RECORDINGS,
  PARAMETER_RECORDINGS,
  RESULT_RECORDINGS,
  SQL_RECORDING_DEFAULT,
  type Budget,
  type PostgresPermissions,
  type Role,
  type SshPermissions,
} from "../policy/role.ts";
import type { SecondFactorRule } from "../policy/second-factor.ts";
import { rulesOf } from "../policy/sql/judge.ts";
import { covers, parseRule } from "../policy/sql/rules.ts";
import { SQL_LIMITS } from "../policy/sql/limits.ts";
import type { Tolerance } from "../policy/sql/tolerance.ts";
import { ANY_FACTOR } from "../kernel/step-up.ts";
import { GATE_PERMISSIONS, type GatePermission } from "../policy/permissions.ts";
import type { Effects } from "./diff.ts";
import type { Config } from "./model.ts";

/** What each role of both configurations allows more or less. A role that is new or gone shows in who may request or hold it. */
export function diffRoles(before: Config | undefined, after: Config, effects: Effects): void {
  for (const [name, now] of after.roles) {
    const old = before?.roles.get(name);
    if (!old) continue;
    const judge = (wider: boolean | undefined, words: string): void => {
      if (wider !== undefined) effects[wider ? "widening" : "narrowing"].push(`role "${name}": ${words}`);
    };
    if (old.ssh && now.ssh) diffSsh(old.ssh, now.ssh, judge);
    else if (now.ssh) judge(true, "allows SSH");
    else if (old.ssh) judge(false, "no longer allows SSH");
    if (old.postgres && now.postgres) diffPostgres(old.postgres, now.postgres, judge);
    else if (now.postgres) judge(true, "allows databases");
    else if (old.postgres) judge(false, "no longer allows databases");
    for (const key of ["bytes", "seconds", "sessions", "recordingBytes"] as const satisfies readonly (keyof Budget)[]) {
      judge(
        larger(old.budget[key], now.budget[key]),
        `budget of ${key} ${now.budget[key] ?? "unlimited"}, before ${old.budget[key] ?? "unlimited"}`,
      );
    }
    judge(larger(old.idleMs, now.idleMs), "idle sessions are cut later or earlier");
    diffOversight(old, now, judge);
    const recorded = (role: Role): number => EXEC_RECORDINGS.indexOf(role.recording.exec);
    judge(larger(recorded(now), recorded(old)), `output of commands recorded as ${now.recording.exec}, before ${old.recording.exec}`);
    diffSqlRecording(old, now, judge);
    diffSecondFactor(old.secondFactor, now.secondFactor, judge);
  }
}

/** Less asked for is wider. What cannot be compared is both, so that it is seen. */
function diffSecondFactor(
  old: SecondFactorRule | undefined,
  now: SecondFactorRule | undefined,
  judge: (wider: boolean | undefined, words: string) => void,
): void {
  if (!old || !now) {
    if (old !== now) judge(now === undefined, now ? "takes a second factor" : "takes no second factor any more");
    return;
  }
  const kinds = (rule: SecondFactorRule): readonly string[] => rule.kinds ?? ANY_FACTOR;
  diffSets(kinds(old), kinds(now), "second factors", judge);
  if (old.use !== now.use)
    judge(now.use === "none", now.use === "none" ? "is of use without a second factor" : "is of use only with a second factor");
  for (const key of ["approveMs", "breakGlassMs", "sessionMs"] as const) {
    judge(larger(old[key], now[key]), `second factor within ${now[key] ?? "any"} ms (${key}), before ${old[key] ?? "any"}`);
  }
  if (old.address !== now.address)
    judge(now.address === "any", `logins from ${now.address === "any" ? "any address" : "where they were made only"}`);
}

/** Fewer eyes are wider; so are eyes that nobody knows of. */
function diffOversight(old: Role, now: Role, judge: (wider: boolean | undefined, words: string) => void): void {
  const [was, is] = [old.watch ?? "announced", now.watch ?? "announced"];
  if (was !== is) judge(is === "silent", is === "silent" ? "is watched without a word" : "says who watches");
  if (!old.moderator && now.moderator) return judge(false, "needs a moderator present");
  if (old.moderator && !now.moderator) return judge(true, "no longer needs a moderator present");
  if (!old.moderator || !now.moderator) return;
  diffSets(old.moderator.who, now.moderator.who, "moderators", judge);
  if (old.moderator.absent !== now.moderator.absent) {
    const pauses = now.moderator.absent === "pause";
    judge(pauses, pauses ? "pauses without a moderator, before it ended" : "ends without a moderator, before it paused");
  }
}

/** Less recorded is wider. */
function diffSqlRecording(
  { recording: old }: Role,
  { recording: now }: Role,
  judge: (wider: boolean | undefined, words: string) => void,
): void {
  const [was, is] = [old.sql ?? SQL_RECORDING_DEFAULT, now.sql ?? SQL_RECORDING_DEFAULT];
  const judgeOne = <T extends string>(what: string, order: readonly T[], before: T, after: T): void =>
    judge(larger(order.indexOf(after), order.indexOf(before)), `${what} of statements recorded as ${after}, before ${before}`);
  judgeOne("literals", LITERAL_RECORDINGS, was.literals, is.literals);
  judgeOne("parameters", PARAMETER_RECORDINGS, was.parameters, is.parameters);
  judgeOne("results", RESULT_RECORDINGS, was.results, is.results);
}

function diffSsh(old: SshPermissions, now: SshPermissions, judge: (wider: boolean | undefined, words: string) => void): void {
  // Another account may be allowed anything on the host.
  if (old.account !== now.account) judge(true, `logs in as "${now.account}", before "${old.account}"`);
  if (old.shell !== now.shell) judge(now.shell, now.shell ? "allows a shell" : "no longer allows a shell");
  const files = ["none", "read", "write"] as const;
  judge(larger(files.indexOf(old.files), files.indexOf(now.files)), `files ${now.files}, before ${old.files}`);
  diffSets(commands(old), commands(now), "commands", judge);
  diffSets(old.env, now.env, "environment variables", judge);
}

function diffPostgres(
  old: PostgresPermissions,
  now: PostgresPermissions,
  judge: (wider: boolean | undefined, words: string) => void,
): void {
  if (old.account !== now.account) judge(true, `logs in to databases as "${now.account}", before "${old.account}"`);
  diffStatements(old, now, judge);
  judge(larger(old.holdForMs ?? DEFAULT_HOLD_MS, now.holdForMs ?? DEFAULT_HOLD_MS), "held statements wait longer or shorter");
  diffSets(old.databases, now.databases, "databases", judge);
  diffSets(old.unmasked ?? [], now.unmasked ?? [], "masked columns to be seen, of class", judge);
  diffTolerance(old.preview?.tolerance, now.preview?.tolerance, judge);
  for (const key of SQL_LIMITS) {
    const [was, is] = [old.limits?.[key], now.limits?.[key]];
    judge(larger(was, is), `limit ${key} of statements ${is ?? "none"}, before ${was ?? "none"}`);
  }
}

/** Rows and percents cannot be compared with each other: what is not surely less is wider. */
function diffTolerance(old: Tolerance | undefined, now: Tolerance | undefined, judge: (wider: boolean, words: string) => void): void {
  const [was, is] = [toleranceText(old), toleranceText(now)];
  if (was === is) return;
  const sizes = [old, now].map((each) => (each === undefined ? 0 : "rows" in each ? each.rows : each.percent));
  const isSameUnit = old === undefined || now === undefined || "rows" in old === "rows" in now;
  judge(!isSameUnit || (sizes[1] ?? 0) > (sizes[0] ?? 0), `lets ${is} be others than an approver saw, before ${was}`);
}

function toleranceText(tolerance: Tolerance | undefined): string {
  if (tolerance === undefined) return "no rows";
  return "rows" in tolerance ? `${tolerance.rows} rows` : `${tolerance.percent}% of the rows`;
}

/**
 * Fails closed: what may let more through is wider, also where other entries happen to keep it from doing so. Entries of
 * `hold` do both: they let through what nobody allowed, and keep waiting what was allowed at once.
 */
function diffStatements(old: PostgresPermissions, now: PostgresPermissions, judge: (wider: boolean, words: string) => void): void {
  const [was, is] = [listsOf(old), listsOf(now)];
  diffSets(was.allow, is.allow, "statements", judge);
  const [told, tells] = [rulesOf(old).tells, rulesOf(now).tells];
  if (told.relations && !tells.relations) judge(true, "no longer tells relations apart");
  else if (told.reading && !tells.reading) judge(true, "no longer minds what is read by statements that write");
  const [denied, undenied] = [without(is.deny, was.deny), without(was.deny, is.deny)];
  if (denied.length > 0) judge(false, `denies statements: ${denied.join(", ")}`);
  if (undenied.length > 0) judge(true, `no longer denies statements: ${undenied.join(", ")}`);
  const isAllowed = (text: string): boolean => was.allow.some((each) => textCovers(each, text));
  const [held, unheld] = [without(is.hold, was.hold), without(was.hold, is.hold)];
  const instead = held.filter(isAllowed);
  const added = held.filter((text) => !isAllowed(text));
  if (instead.length > 0) judge(false, `holds for an approver: ${instead.join(", ")}`);
  if (added.length > 0) judge(true, `allows, each after an approval: ${added.join(", ")}`);
  if (unheld.length > 0) {
    const mayRun = unheld.some((text) => is.allow.some((each) => classOf(each) === classOf(text)));
    judge(mayRun, `no longer holds: ${unheld.join(", ")}`);
  }
}

function listsOf({
  allow,
  hold = [],
  deny = [],
  functions = [],
}: PostgresPermissions): Record<"allow" | "hold" | "deny", readonly string[]> {
  return { allow: [...allow, ...functions.map((name) => `function ${name}`)], hold, deny };
}

function textCovers(one: string, other: string): boolean {
  const [first, second] = [parseRule(one), parseRule(other)];
  return first.ok && second.ok && covers(first.rule, second.rule);
}

function classOf(entry: string): string | undefined {
  return entry.split(" ")[0];
}

function without(some: readonly string[], others: readonly string[]): readonly string[] {
  return some.filter((each) => !others.includes(each));
}

/** `(any)` as a command line would be a syntax error in every shell, so a list never holds it for good reason. */
function commands({ exec }: SshPermissions): readonly string[] {
  if (exec === true) return ["(any)"];
  return exec === false ? [] : exec;
}

function diffSets(old: readonly string[], now: readonly string[], what: string, judge: (wider: boolean, words: string) => void): void {
  const more = now.filter((each) => !old.includes(each));
  const fewer = old.filter((each) => !now.includes(each));
  if (more.length > 0 && !old.includes("(any)")) judge(true, `allows ${what}: ${more.join(", ")}`);
  if (fewer.length > 0 && !now.includes("(any)")) judge(false, `no longer allows ${what}: ${fewer.join(", ")}`);
}

/** `undefined` is unlimited. `undefined` as answer: the same. */
function larger(old: number | undefined, now: number | undefined): boolean | undefined {
  return old === now ? undefined : (now ?? Number.POSITIVE_INFINITY) > (old ?? Number.POSITIVE_INFINITY);
}

/** Who holds which permission on the gate itself, before and after. */
export function diffHolders(before: Config | undefined, after: Config, effects: Effects): void {
  const [old, now] = [held(before), held(after)];
  for (const name of [...new Set([...old.keys(), ...now.keys()])].sort()) {
    const [was, is] = [old.get(name) ?? new Set<GatePermission>(), now.get(name) ?? new Set<GatePermission>()];
    const more = [...is].filter((permission) => !was.has(permission));
    const fewer = [...was].filter((permission) => !is.has(permission));
    if (more.length > 0) effects.widening.push(`${name} holds on the gate: ${more.join(", ")}`);
    if (fewer.length > 0) effects.narrowing.push(`${name} no longer holds on the gate: ${fewer.join(", ")}`);
  }
}

function held(config: Config | undefined): ReadonlyMap<string, ReadonlySet<GatePermission>> {
  const found = new Map<string, Set<GatePermission>>();
  for (const { role: roleName, who } of config?.holders ?? []) {
    const role = config?.roles.get(roleName);
    for (const name of who.flatMap((each) =>
      each.startsWith("group:") ? (config?.groups.get(each.slice("group:".length)) ?? []) : [each],
    )) {
      const permissions = found.get(name) ?? new Set<GatePermission>();
      for (const permission of role ? permissionsOf(role) : []) permissions.add(permission);
      found.set(name, permissions);
    }
  }
  return found;
}

function permissionsOf(role: Role): readonly GatePermission[] {
  return role.gate.includes("*") ? (Object.keys(GATE_PERMISSIONS) as GatePermission[]) : role.gate.filter((each) => each !== "*");
}
