/**
 * What is wrong with a configuration whose shape is right: names that mean nothing, rules that select nothing.
 *
 * Owns: every check between parts of the file; reports all at once, never stops at the first.
 * Never: reads a file, an environment variable or the store.
 */
import { isIP } from "node:net";
import { RESERVED_GROUPS } from "../access/approval.ts";
import { nearest } from "../kernel/nearest.ts";
import { describeFound, formatPath, type Path, type Problem } from "./problem.ts";
import { isLoopback, portOf } from "./address.ts";
import { checkGate } from "./check-gate.ts";
import { checkProviders } from "./check-providers.ts";
import { checkRules } from "./check-rules.ts";
import { checkStatements } from "./check-statements.ts";
import { checkWorkloads } from "./check-workloads.ts";
import { checkPrincipal, checkWho, RESERVED_NAMES, type Findings } from "./findings.ts";
import { parseKeyLine } from "./key-line.ts";
import type { ConfigText, TargetText } from "./schema.ts";
import { valueAt } from "./shape-problems.ts";
import type { YamlText } from "./yaml.ts";

export function checkConfig(config: ConfigText, yaml: YamlText, source: string): { problems: Problem[]; warnings: Problem[] } {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const findings: Findings = {
    problem(path, expected, { known, key = false, found, written } = {}) {
      const value = key ? path.at(-1) : valueAt(yaml.value, path);
      const name = written ?? value;
      const suggestion = known !== undefined && typeof name === "string" ? nearest(name.replace(/^group:/, ""), known) : undefined;
      const place = key ? yaml.placeOfKey(path.slice(0, -1), String(path.at(-1))) : yaml.placeOf(path);
      problems.push({
        source,
        path: formatPath(path),
        ...place,
        expected,
        found: found ?? describeFound(value, path),
        ...(suggestion !== undefined && { suggestion }),
      });
    },
    warning(path, expected) {
      warnings.push({ source, path: formatPath(path), ...yaml.placeOf(path), expected });
    },
  };
  checkGate(config, findings);
  checkProviders(config, findings);
  checkGroups(config, findings);
  checkAgents(config, findings);
  checkWorkloads(config, findings);
  checkRoles(config, findings);
  checkTargets(config, findings);
  checkRules(config, findings);
  return { problems, warnings };
}

function checkGroups(config: ConfigText, findings: Findings): void {
  for (const [group, members] of Object.entries(config.groups)) {
    if (RESERVED_GROUPS.includes(group))
      findings.problem(["groups", group], "another name: approval expressions use this word", { key: true });
    for (const [index, member] of members.entries()) {
      checkPrincipal(config, member, ["groups", group, index], findings);
      if (members.indexOf(member) !== index) findings.problem(["groups", group, index], "each member once");
    }
  }
}

function checkAgents(config: ConfigText, findings: Findings): void {
  for (const [name, { for: person }] of Object.entries(config.agents)) {
    checkPrincipal(config, name, ["agents", name], findings);
    checkPrincipal(config, person, ["agents", name, "for"], findings);
    if (Object.hasOwn(config.agents, person)) findings.problem(["agents", name, "for"], "a person: an agent acts for no agent");
  }
}

function checkRoles(config: ConfigText, findings: Findings): void {
  for (const [name, role] of Object.entries(config.roles)) {
    if (role.ssh === undefined && role.postgres === undefined && role.gate.length === 0) {
      findings.problem(["roles", name], "at least one permission: an `ssh` or `postgres` block, or `gate` entries", { key: true });
    }
    const { ssh, postgres, secondFactor } = role;
    if (secondFactor?.kinds?.every((kind) => kind === "passkey") && !takesPasskeys(config.gate)) {
      findings.warning(
        ["roles", name, "secondFactor", "kinds"],
        "`gate.public.url` as https://<name>: browsers use no passkeys at a bare address",
      );
    }
    if (role.moderator) checkWho(config, role.moderator.who, ["roles", name, "moderator", "who"], findings);
    if (postgres) checkStatements(postgres, ["roles", name, "postgres"], findings);
    if (ssh && !ssh.shell && ssh.exec === false && ssh.files === "none") {
      findings.problem(["roles", name, "ssh"], "shell, exec or files: this block allows nothing");
    }
  }
  for (const [index, holder] of config.holders.entries()) {
    const role = config.roles[holder.role];
    if (!role) findings.problem(["holders", index, "role"], "a role of this file", { known: Object.keys(config.roles) });
    else if (role.gate.length === 0)
      findings.problem(["holders", index, "role"], "a role with `gate` entries: standing access to targets does not exist");
    checkWho(config, holder.who, ["holders", index, "who"], findings);
  }
}

function takesPasskeys({ http, public: reach, tls }: ConfigText["gate"]): boolean {
  const url = URL.parse(reach.url ?? `${tls ? "https" : "http"}://${http}`);
  return url !== null && isIP(url.hostname.replaceAll(/^\[|\]$/g, "")) === 0 && (url.protocol === "https:" || url.hostname === "localhost");
}

/** What only one kind of target has. */
function checkKind(config: ConfigText, target: TargetText, path: Path, findings: Findings): void {
  if (target.kind === "ssh") {
    for (const key of ["database", "tls", "authorityFile", "logins", "masking", "previewFunctions", "auth", "ephemeral"] as const) {
      if (target[key] !== undefined) findings.problem([...path, key], "nothing here: a target of kind `ssh` has none", { key: true });
    }
    if (target.hostKeys.length === 0 && target.hostAuthorities.length === 0) {
      findings.warning(path, "hostKeys or hostAuthorities: without them every session is refused (see `sallyport targets scan`)");
    }
    return;
  }
  for (const key of ["hostKeys", "hostAuthorities"] as const) {
    if (target[key].length > 0)
      findings.problem([...path, key], "nothing here: a database proves itself by its certificate", { key: true });
  }
  if (target.database === undefined) findings.problem(path, "`database`: the one to open where none is asked for", { found: "none" });
  if (target.logins === undefined)
    findings.problem(path, "`logins`: the password of each login role, as `role: env:NAME`", { found: "none" });
  if (target.tls === "off" && !isLoopback(target.address)) {
    findings.warning([...path, "tls"], "TLS: passwords are safe without it (SCRAM), what is read is not");
  }
  checkWeakAuth(target, [...path, "auth"], findings);
  const { ephemeral, logins = {} } = target;
  if (ephemeral !== undefined && !Object.hasOwn(logins, ephemeral.by)) {
    findings.problem([...path, "ephemeral", "by"], "a login role of this target's `logins`", { known: Object.keys(logins) });
  }
  if (target.tls === "require" && !isLoopback(target.address)) {
    findings.warning([...path, "tls"], "verify-full: without proof of who it is, anybody in between can be the database");
  }
  checkMasking(target.masking?.columns ?? [], [...path, "masking", "columns"], findings);
  if (config.gate.postgres === undefined) findings.warning(path, "`gate.postgres`: without it nobody reaches a database");
}

/** Without SCRAM a server learns the password, or enough to try it out. */
function checkWeakAuth({ auth, tls = "verify-full" }: TargetText, path: Path, findings: Findings): void {
  if (auth === "password" && (tls === "off" || tls === "require")) {
    findings.problem(path, "scram or md5: a password in clear is sent only to a server that has proven who it is (tls: verify-full)");
  } else if (auth === "password") findings.warning(path, "scram: the server is told the password itself");
  else if (auth === "md5") findings.warning(path, "scram: what MD5 shows is enough to find out a password");
}

function checkMasking(rules: NonNullable<TargetText["masking"]>["columns"], path: Path, findings: Findings): void {
  for (const [index, { columns, pattern, comment, label }] of rules.entries()) {
    if (columns === undefined && pattern === undefined && comment === undefined && label === undefined) {
      findings.problem([...path, index], "`columns`, `pattern`, `comment` or `label`: which columns are meant");
    }
    if (pattern !== undefined && !isPattern(pattern)) findings.problem([...path, index, "pattern"], "a regular expression");
  }
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, "u").source.length > 0;
  } catch {
    return false;
  }
}

function checkTargets(config: ConfigText, findings: Findings): void {
  for (const [name, target] of Object.entries(config.targets)) {
    const path = ["targets", name];
    if (RESERVED_NAMES.includes(name)) findings.problem(path, "another name: this one is the gate's own console", { key: true });
    if (portOf(target.address) === undefined) findings.problem([...path, "address"], "a port from 1 to 65535");
    for (const list of ["hostKeys", "hostAuthorities"] as const) {
      for (const [index, line] of target[list].entries()) {
        if (parseKeyLine(line) === undefined) findings.problem([...path, list, index], "a public key on one line: `ssh-ed25519 AAAA…`");
      }
    }
    checkKind(config, target, path, findings);
  }
}
