import { createHash } from "node:crypto";
import serialize from "canonicalize";
import { parseApproval } from "../access/approval.ts";
import type { AccessRule, ApprovalExpression, Target } from "../access/model.ts";
import type { PrincipalName, TargetName } from "../kernel/ids.ts";
import type { Budget, PostgresPermissions, Role } from "../policy/role.ts";
import type { SecondFactorRule } from "../policy/second-factor.ts";
import type { Tolerance } from "../policy/sql/tolerance.ts";
import { hostOf, portOf } from "./address.ts";
import { buildProvider } from "./build-providers.ts";
import { secretRef } from "./build-secret.ts";
import { buildWorkloads } from "./build-workloads.ts";
import { parseKeyLine } from "./key-line.ts";
import type {
  AgentSettings,
  AnchorSettings,
  Config,
  GateSettings,
  ListenAddress,
  MaskingSettings,
  NotifySettings,
  SecretRef,
} from "./model.ts";
import type { ConfigText, RoleText, RuleText, TargetText } from "./schema.ts";
import { parseDuration, parseSize } from "../kernel/units.ts";

/** The checked texts as values. Takes what schema.ts and check.ts found good, and nothing else. */
export function buildConfig(text: ConfigText): Config {
  const gate = buildGate(text.gate);
  const parts = {
    gate,
    groups: new Map<string, readonly string[]>(Object.entries(text.groups)),
    roles: new Map(Object.entries(text.roles).map(([name, role]) => [name, buildRole(name, role)])),
    holders: text.holders,
    rules: text.rules.map(buildRule),
    targets: new Map(Object.entries(text.targets).map(([name, target]) => [name, buildTarget(name, target)])),
    agents: new Map(
      Object.entries(text.agents).map(([name, { for: person, approval }]): [string, AgentSettings] => [
        name,
        { for: person as PrincipalName, personApproves: approval === "person" },
      ]),
    ),
    workloads: buildWorkloads(text.workloads, gate.public.url),
    logins: new Map(Object.entries(text.targets).map(([name, { logins = {} }]) => [name, buildLogins(logins)])),
    masking: new Map(Object.entries(text.targets).flatMap(([name, { masking }]) => (masking ? [[name, buildMasking(masking)]] : []))),
    previewFunctions: new Map(
      Object.entries(text.targets).flatMap(([name, { previewFunctions: names }]) => (names ? [[name, names]] : [])),
    ),
  };
  return { hash: hashOf(parts), ...parts };
}

/** SHA-256 (hex) of the canonical JSON (RFC 8785) of the values: `60m` and `1h` give the same. */
function hashOf(parts: Omit<Config, "hash">): string {
  const { groups, roles, targets, agents, workloads, logins, masking, previewFunctions } = parts;
  const value = {
    ...parts,
    groups: Object.fromEntries(groups),
    roles: Object.fromEntries(roles),
    targets: Object.fromEntries(targets),
    agents: Object.fromEntries(agents),
    workloads: Object.fromEntries(workloads),
    logins: Object.fromEntries([...logins].map(([name, each]) => [name, Object.fromEntries(each)])),
    masking: Object.fromEntries(masking),
    previewFunctions: Object.fromEntries(previewFunctions),
  };
  return createHash("sha256")
    .update(serialize(value) ?? "")
    .digest("hex");
}

function buildGate(gate: ConfigText["gate"]): GateSettings {
  const [ssh, http] = [listen(gate.ssh), listen(gate.http)];
  const scheme = gate.tls === undefined ? "http" : "https";
  const reachable = ["0.0.0.0", "::"].includes(http.host) ? gate.name : http.host;
  const publicSsh = gate.public.ssh === undefined ? outside(ssh, gate.name) : listen(gate.public.ssh);
  const { limits } = gate;
  const postgres = gate.postgres === undefined ? undefined : listen(gate.postgres);
  const publicPostgres = gate.public.postgres === undefined ? postgres && outside(postgres, gate.name) : listen(gate.public.postgres);
  return {
    name: gate.name,
    node: gate.node,
    ssh,
    ...(postgres && { postgres }),
    http: { ...http, ...(gate.tls && { tls: { cert: secretRef(gate.tls.cert), key: secretRef(gate.tls.key) } }) },
    public: {
      sshHost: publicSsh.host,
      sshPort: publicSsh.port,
      ...(publicPostgres && { postgres: publicPostgres }),
      url: (gate.public.url ?? `${scheme}://${reachable.includes(":") ? `[${reachable}]` : reachable}:${http.port}`).replace(/\/+$/, ""),
    },
    durability: gate.durability,
    masterKey: secretRef(gate.masterKey),
    anchors: gate.anchors.map(({ name, file, webhook, secret }): AnchorSettings => {
      return webhook === undefined
        ? { kind: "file", name, path: file ?? "" }
        : { kind: "webhook", name, url: webhook, secret: secretRef(secret ?? "") };
    }),
    notify: gate.notify.map(({ name, webhook, secret, command }): NotifySettings => {
      return webhook === undefined
        ? { kind: "command", name, command: command ?? [] }
        : { kind: "webhook", name, url: webhook, secret: secretRef(secret ?? "") };
    }),
    providers: gate.providers.map(buildProvider),
    widening: gate.widening,
    limits: {
      handshakeMs: ms(limits.handshake),
      approvalWaitMs: ms(limits.approvalWait),
      waitingPerPerson: limits.waitingPerPerson,
      heldPerPerson: limits.heldPerPerson,
      connections: limits.connections,
      connectionsPerAddress: limits.connectionsPerAddress,
      requestLapseMs: ms(limits.requestLapse),
      reviewOverdueMs: ms(limits.reviewOverdue),
      reviewReminderMs: ms(limits.reviewReminder),
      diskReserveBytes: parseSize(limits.diskReserve) ?? 0,
    },
  };
}

function buildRole(name: string, role: RoleText): Role {
  const budget: Budget = {
    ...(role.budget.bytes !== undefined && { bytes: parseSize(role.budget.bytes) ?? 0 }),
    ...(role.budget.time !== undefined && { seconds: ms(role.budget.time) / 1000 }),
    ...(role.budget.sessions !== undefined && { sessions: role.budget.sessions }),
    ...(role.budget.recording !== undefined && { recordingBytes: parseSize(role.budget.recording) ?? 0 }),
  };
  return {
    name,
    ...(role.ssh && { ssh: role.ssh }),
    ...(role.postgres && { postgres: buildPostgres(role.postgres) }),
    gate: role.gate,
    budget,
    ...(role.idle !== undefined && { idleMs: ms(role.idle) }),
    ...(role.secondFactor && { secondFactor: buildSecondFactor(role.secondFactor) }),
    ...(role.watch && { watch: role.watch }),
    ...(role.moderator && { moderator: role.moderator }),
    recording: { exec: role.recording.exec, ...(role.recording.sql && { sql: role.recording.sql }) },
  };
}

function buildSecondFactor({ kinds, approve, breakGlass, session, ...rest }: NonNullable<RoleText["secondFactor"]>): SecondFactorRule {
  return {
    ...rest,
    ...(kinds && { kinds }),
    ...(approve !== undefined && { approveMs: ms(approve) }),
    ...(breakGlass !== undefined && { breakGlassMs: ms(breakGlass) }),
    ...(session !== undefined && { sessionMs: ms(session) }),
  };
}

function buildPostgres({ limits, holdFor, preview, ...postgres }: NonNullable<RoleText["postgres"]>): PostgresPermissions {
  const { statement, rows, bytes, idleInTransaction, statements, limit } = limits ?? {};
  const tolerance = preview?.tolerance;
  return {
    ...postgres,
    ...(tolerance !== undefined && { preview: { tolerance: buildTolerance(tolerance) } }),
    ...(holdFor !== undefined && { holdForMs: ms(holdFor) }),
    ...(limits && {
      limits: {
        ...(statement !== undefined && { statementMs: ms(statement) }),
        ...(rows !== undefined && { rows }),
        ...(bytes !== undefined && { bytes: parseSize(bytes) ?? 0 }),
        ...(idleInTransaction !== undefined && { idleInTransactionMs: ms(idleInTransaction) }),
        ...(statements !== undefined && { statements }),
        ...(limit !== undefined && { limit }),
      },
    }),
  };
}

function buildTolerance(text: number | string): Tolerance {
  return typeof text === "number" ? { rows: text } : { percent: Number(text.slice(0, -1)) };
}

function buildRule(rule: RuleText): AccessRule {
  const [approval, holds] = [buildDemand(rule, rule.approval), rule.holds === undefined ? undefined : buildDemand(rule, rule.holds)];
  const { names, labels } = rule.targets;
  return {
    name: rule.name,
    who: rule.who,
    roles: rule.roles,
    targets: { ...(names && { names }), ...(labels && { labels }) },
    maxDurationMs: ms(rule.max),
    ...(approval && { approval }),
    ...(holds && { holds }),
    selfExtensions: rule.selfExtensions,
    breakGlass: rule.breakGlass,
  };
}

function buildDemand({ name }: RuleText, text: string): ApprovalExpression | undefined {
  const parsed = parseApproval(text);
  // Fails closed: check.ts reported it; an unreadable demand never becomes no demand.
  if (!parsed.ok) throw new TypeError(`Unchecked approval expression in rule "${name}"`);
  return parsed.expression;
}

function buildTarget(name: string, target: TargetText): Target {
  return {
    name: name as TargetName,
    kind: target.kind,
    address: target.address,
    labels: target.labels,
    ...(target.stepUp !== undefined && { stepUpMs: ms(target.stepUp) }),
    hostKeys: target.hostKeys.map((line) => parseKeyLine(line) ?? ""),
    hostAuthorities: target.hostAuthorities.map((line) => parseKeyLine(line) ?? ""),
    ...(target.kind === "postgres" && {
      postgres: {
        database: target.database ?? "",
        tls: target.tls ?? "verify-full",
        ...(target.authorityFile !== undefined && { authorityFile: target.authorityFile }),
        ...(target.auth !== undefined && target.auth !== "scram" && { auth: target.auth }),
        ...(target.ephemeral && { ephemeral: target.ephemeral }),
      },
    }),
  };
}

function buildLogins(logins: Readonly<Record<string, string>>): ReadonlyMap<string, SecretRef> {
  return new Map(Object.entries(logins).map(([account, password]) => [account, secretRef(password)]));
}

function buildMasking({ columns, functions }: NonNullable<TargetText["masking"]>): MaskingSettings {
  const rules = columns.map(({ columns: named, pattern, comment, label, ...how }) => ({
    ...how,
    ...(named !== undefined && { columns: named }),
    ...(pattern !== undefined && { pattern }),
    ...(comment !== undefined && { comment }),
    ...(label !== undefined && { label }),
  }));
  return { columns: rules, functions };
}

/** What listens everywhere is reached by the gate's name. */
function outside({ host, port }: ListenAddress, name: string): ListenAddress {
  return { host: ["0.0.0.0", "::"].includes(host) ? name : host, port };
}

function listen(address: string): ListenAddress {
  return { host: hostOf(address), port: portOf(address) ?? 0 };
}

function ms(text: string): number {
  return parseDuration(text) ?? 0;
}
