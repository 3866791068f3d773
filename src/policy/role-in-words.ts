/** What a role lets its holder do, a line each, for whoever is asked to approve it. Pure. */
import { formatDuration, formatSize } from "../kernel/units.ts";
import { DEFAULT_HOLD_MS, type PostgresPermissions, type Role, type SshPermissions } from "./role.ts";
import { parseRule } from "./sql/rules.ts";
import { ON_RELATION, WORDS } from "./sql/words.ts";

/** On targets of these kinds; what it says of others is not asked for. */
export function roleInWords(role: Role, kinds: readonly string[]): readonly string[] {
  const { ssh, postgres } = role;
  const both = new Set(kinds).size > 1;
  const lines = [
    ...(ssh && kinds.includes("ssh") ? sshInWords(ssh).map((line) => (both ? `on hosts: ${line}` : line)) : []),
    ...(postgres && kinds.includes("postgres") ? postgresInWords(postgres).map((line) => (both ? `on databases: ${line}` : line)) : []),
  ];
  return [...lines, ...moderationInWords(role), ...budgetInWords(role), ...factorInWords(role)];
}

function factorInWords({ secondFactor }: Role): readonly string[] {
  if (!secondFactor) return [];
  const { kinds = ["any"], use, sessionMs, address } = secondFactor;
  const fresh = sessionMs === undefined ? "" : `, shown within ${formatDuration(sessionMs)} of each session`;
  const what = use === "login" || sessionMs !== undefined ? [`takes a second factor (${kinds.join(", ")})${fresh}`] : [];
  return address === "bound" ? [...what, "takes a login only from the address it was made at"] : what;
}

function sshInWords({ shell, exec, files }: SshPermissions): readonly string[] {
  const commands = exec === true ? "any command" : exec === false ? [] : exec.map((line) => `the command \`${line}\``);
  const may = [shell ? "a shell" : [], commands, files === "none" ? [] : files === "read" ? "reading files" : "reading and writing files"];
  return [`may: ${may.flat().join("; ") || "nothing"}`];
}

function postgresInWords(permissions: PostgresPermissions): readonly string[] {
  const { allow, functions = [], hold = [], deny = [], unmasked = [], databases, limits = {}, holdForMs, preview } = permissions;
  const allowed = [...allow, ...functions.map((name) => `function ${name}`)].map(entryInWords);
  const lines = [`at once: ${allowed.join("; ") || "nothing"}`];
  if (hold.length > 0) {
    const others = preview?.tolerance;
    const most =
      others === undefined ? "" : `; ${"rows" in others ? others.rows : `${others.percent}%`} of the rows may be others than were approved`;
    lines.push(
      `each after an approval, within ${formatDuration(holdForMs ?? DEFAULT_HOLD_MS)}: ${hold.map(entryInWords).join("; ")}${most}`,
    );
  }
  if (deny.length > 0) lines.push(`never: ${deny.map(entryInWords).join("; ")}`);
  lines.push(
    unmasked.includes("*")
      ? "sees every masked column as it is"
      : unmasked.length > 0
        ? `sees masked columns as they are of class ${unmasked.join(", ")}; all others masked`
        : "sees no masked column as it is",
  );
  if (databases.length > 0) lines.push(`may open the databases ${databases.join(", ")} too`);
  const { statementMs, rows, bytes } = limits;
  const most = [
    ...(statementMs === undefined ? [] : [`${formatDuration(statementMs)} a statement`]),
    ...(rows === undefined ? [] : [`${rows} rows a result`]),
    ...(bytes === undefined ? [] : [`${formatSize(bytes)} a result`]),
  ];
  if (most.length > 0) lines.push(`at most ${most.join(", ")}`);
  return lines;
}

/** `write on public.orders`: "changing or locking rows of public.orders". What cannot be read is shown as it stands. */
function entryInWords(text: string): string {
  const parsed = parseRule(text);
  if (!parsed.ok) return text;
  const { rule } = parsed;
  switch (rule.on) {
    case "class":
      return WORDS[rule.of];
    case "relation":
      return `${ON_RELATION[rule.of]} ${text.slice(`${rule.of} on `.length)}`;
    case "function":
      return `the function ${text.slice("function ".length)}`;
  }
}

function moderationInWords({ moderator }: Role): readonly string[] {
  if (moderator === undefined) return [];
  const who = moderator.who.map((each) => each.replace(/^group:/, "")).join(", ");
  return [`only while one of ${who} is present; without them it ${moderator.absent === "end" ? "ends" : "stands still"}`];
}

function budgetInWords({ budget: { bytes, seconds, sessions }, idleMs }: Role): readonly string[] {
  const most = [
    ...(bytes === undefined ? [] : [`${formatSize(bytes)} in all`]),
    ...(seconds === undefined ? [] : [`${formatDuration(seconds * 1000)} connected`]),
    ...(sessions === undefined ? [] : [`${sessions} ${sessions === 1 ? "session" : "sessions"} at once`]),
    ...(idleMs === undefined ? [] : [`${formatDuration(idleMs)} idle`]),
  ];
  return most.length === 0 ? [] : [`at most ${most.join(", ")}`];
}
