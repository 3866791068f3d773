/** What every verb that connects does first: find the grant, or ask for one and wait, here or, with --wait, at the gate. */
import type { Command } from "commander";
import { GateError } from "../kernel/errors.ts";
import { awaitDecision } from "./approval-wait.ts";
import type { Client } from "../contract/client.ts";
import type { Gate } from "./client.ts";
import { formatDuration, parseDuration } from "./duration.ts";
import { findGrantId } from "./find-id.ts";
import type { Output } from "./output.ts";
import type { Prompts } from "./prompts.ts";
import { UsageError } from "./usage-error.ts";
import type { Run } from "./verb.ts";
import type { GrantView, RequestView, TargetView } from "./views.ts";

export interface GrantOptions {
  readonly grant?: string;
  readonly role?: string;
  readonly for?: number;
  readonly reason?: string;
  readonly ticket?: string;
  readonly breakGlass?: true;
  readonly request: boolean;
}

export function grantOptions(command: Command): Command {
  return command
    .option("--grant <id>", "under this grant, where you hold several")
    .option("--role <role>", "in this role; the one to ask for, where you hold none in it")
    .option("--for <duration>", "how long to ask for", parseDuration)
    .option("-r, --reason <text>", "why, for the request")
    .option("--ticket <id>", "ticket or incident, for the request")
    .option("--break-glass", "ask for access now, and a review after")
    .option("--no-request", "only connect; never ask for access");
}

export interface WaitOption {
  readonly wait?: true;
}

/** For verbs whose connections the gate can hold. */
export function waitOption(command: Command): Command {
  return command.option("--wait", "connect at once: the gate holds the connection until the request is approved");
}

/** What a connection is opened with: a grant, or a request that may become one. */
export type Held = { readonly grant: GrantView; readonly request?: never } | { readonly request: RequestView; readonly grant?: never };

/** What is to be connected to, and as what the verb opens it. */
interface Wanted {
  readonly target: string;
  readonly kind: TargetView["kind"];
}

type Asking = Pick<Run<GrantOptions>, "options" | "out" | "ask">;

/** The grant to connect under: the only one, the one named, or a new one. `several`: the login must name it. */
export async function ensureGrant(run: Asking, gate: Gate, { target, kind }: Wanted): Promise<{ grant: GrantView; several: boolean }> {
  const held = await findHeld(run, gate, { target, kind });
  if (held) return held;
  const { request, grant } = await fileRequest(run, gate, { target, kind });
  return { grant: grant ?? (await awaitGrant(gate, request, run.out)), several: false };
}

/** As `ensureGrant`; with --wait a request that waits will do, one of before too. */
export async function ensureAccess(run: Asking & { readonly options: WaitOption }, gate: Gate, { target, kind }: Wanted): Promise<Held> {
  if (run.options.wait === undefined) return { grant: (await ensureGrant(run, gate, { target, kind })).grant };
  const held = await findHeld(run, gate, { target, kind });
  if (held) return { grant: held.grant };
  const { requests } = await gate.client.call("status.show");
  const { role } = run.options;
  const waiting = requests.find(
    (each) =>
      each.state === "pending" &&
      each.type !== "extension" &&
      (role === undefined || each.role === role) &&
      each.scope.some((scoped) => scoped.target === target),
  );
  const { request, grant } = waiting ? { request: waiting } : await fileRequest(run, gate, { target, kind });
  if (grant) return { grant };
  run.out.note(`${request.id} waits for ${request.demands.join("; ")}; the gate holds the connection until then.`);
  return { request };
}

async function findHeld(
  { options, ask }: Asking,
  { client }: Gate,
  { target, kind }: Wanted,
): Promise<{ grant: GrantView; several: boolean } | undefined> {
  const { grants } = await client.call("status.show");
  const covering = grants.filter(({ state, scope }) => state === "active" && scope.some((each) => each.target === target));
  const scoped = covering.flatMap(({ scope }) => scope).find((each) => each.target === target);
  if (scoped) requireKind(scoped.kind, { target, kind });
  const fitting = covering.filter(({ role }) => options.role === undefined || role === options.role);
  if (options.grant !== undefined) {
    const id = await findGrantId(client, options.grant);
    const named = covering.find((grant) => grant.id === id);
    if (!named) throw new GateError("no-grant", `"${target}" is not covered by ${id}`);
    return { grant: named, several: true };
  }
  const [only, second] = fitting;
  if (only && !second) return { grant: only, several: covering.length > 1 };
  if (only) {
    if (!ask.possible)
      throw new UsageError(`Several grants cover "${target}"`, `Name one: --grant ${fitting.map(({ id }) => id).join(" | ")}`);
    const choices = fitting.map(({ id, role, remainingMs, reason }) => ({
      value: id,
      label: `${role}, ${formatDuration(remainingMs)} left`,
      hint: reason,
    }));
    const chosen = await ask.select("Under which grant?", "--grant", choices);
    return { grant: fitting.find(({ id }) => id === chosen) ?? only, several: true };
  }
  if (!options.request) {
    const which = options.role === undefined ? "" : ` in role "${options.role}"`;
    throw new GateError("no-grant", `"${target}"${which}, and --no-request asks for none`);
  }
  return undefined;
}

async function fileRequest(
  { options, out, ask }: Asking,
  gate: Gate,
  { target, kind }: Wanted,
): Promise<{ readonly request: RequestView; readonly grant?: GrantView }> {
  // Before anything is asked: nobody writes a reason for what cannot be requested.
  const found = await gate.client.call("targets.show", { params: { name: target } });
  requireKind(found.kind, { target, kind });
  const role = await chooseRole(found, options.role, ask);
  out.note(`You hold no grant of ${role} on ${target}; asking for one.`);
  const body = {
    role,
    targets: [target],
    reason: options.reason ?? (await ask.text("Why? Approvers and auditors read it.", "--reason")),
    ...(options.for !== undefined && { durationMs: options.for }),
    ...(options.ticket !== undefined && { ticket: options.ticket }),
    ...(options.breakGlass && { breakGlass: true }),
  };
  return await gate.client.call("requests.create", { body });
}

async function awaitGrant({ client }: Gate, request: RequestView, out: Output): Promise<GrantView> {
  out.note(`${request.id} waits for ${request.demands.join("; ")}. Ctrl-C stops waiting, not the request.`);
  return await grantOf(client, await awaitDecision(client, request.id));
}

/** What a decided request became. Throws `no-grant` with who said no, and why. */
export async function grantOf(client: Client, decided: RequestView): Promise<GrantView> {
  if (decided.state !== "approved" || decided.grant === undefined) {
    const by = decided.closedBy === undefined ? "" : ` by ${decided.closedBy}`;
    throw new GateError(
      "no-grant",
      `${decided.id} was ${decided.state}${by}${decided.closedReason === undefined ? "" : `: ${decided.closedReason}`}`,
    );
  }
  return await client.call("grants.show", { params: { id: decided.grant } });
}

/** Fails before a request is filed for what this verb cannot open. */
function requireKind(is: TargetView["kind"], { target, kind }: Wanted): void {
  if (is === kind) return;
  const right = is === "postgres" ? `\`sallyport psql ${target}\` or \`sallyport connect ${target}\`` : `\`sallyport ssh ${target}\``;
  throw new UsageError(`"${target}" is ${is === "postgres" ? "a database" : "a host"}`, `Connect to it with ${right}`);
}

async function chooseRole({ name: target, roles }: TargetView, wanted: string | undefined, ask: Prompts): Promise<string> {
  const [only, second] = roles;
  if (!only) throw new GateError("no-rule", `"${target}"`);
  if (wanted !== undefined) {
    if (roles.some(({ role }) => role === wanted)) return wanted;
    throw new GateError("no-rule", `"${wanted}" on "${target}"; there you may request ${roles.map(({ role }) => role).join(", ")}`);
  }
  if (!second) return only.role;
  if (!ask.possible) {
    throw new UsageError(`Several roles may be requested on "${target}"`, `Name one: --role ${roles.map(({ role }) => role).join(" | ")}`);
  }
  const choices = roles.map((each) => ({
    value: each.role,
    label: each.role,
    hint: `${each.approval ?? "no approval"}, at most ${formatDuration(each.maxDurationMs)}`,
  }));
  return await ask.select(`Which role on ${target}?`, "--role", choices);
}
