import { isLoopback, portOf } from "./address.ts";
import type { Findings } from "./findings.ts";
import type { ConfigText } from "./schema.ts";
import { MAX_TIMER_MS, parseDuration } from "../kernel/units.ts";

/** The gate's own settings: what may listen where, and where what is sent goes. */
export function checkGate({ gate }: ConfigText, findings: Findings): void {
  for (const door of ["ssh", "http"] as const) {
    if (portOf(gate[door]) === undefined) findings.problem(["gate", door], "a port from 1 to 65535");
  }
  if (gate.ssh === gate.http) findings.problem(["gate", "http"], "another address than `ssh`");
  if (gate.postgres !== undefined) {
    if (portOf(gate.postgres) === undefined) findings.problem(["gate", "postgres"], "a port from 1 to 65535");
    if (gate.postgres === gate.ssh || gate.postgres === gate.http)
      findings.problem(["gate", "postgres"], "another address than `ssh` and `http`");
    if (!isLoopback(gate.postgres) && gate.tls === undefined)
      findings.problem(["gate", "postgres"], "a loopback address, or `tls` beside it");
  }
  if (!isLoopback(gate.http) && gate.tls === undefined) findings.problem(["gate", "http"], "a loopback address, or `tls` beside it");
  if (gate.public.ssh !== undefined && portOf(gate.public.ssh) === undefined) {
    findings.problem(["gate", "public", "ssh"], "a port from 1 to 65535");
  }

  for (const list of ["anchors", "notify"] as const) {
    const seen = new Set<string>();
    for (const [index, entry] of gate[list].entries()) {
      const path = ["gate", list, index];
      if (seen.has(entry.name)) findings.problem([...path, "name"], "a name no other entry of this list has");
      seen.add(entry.name);
      const other = "file" in entry ? entry.file : "command" in entry ? entry.command : undefined;
      const alternative = list === "anchors" ? "file" : "command";
      if ((entry.webhook === undefined) === (other === undefined))
        findings.problem(path, `exactly one of \`${alternative}\` and \`webhook\``);
      if (entry.webhook !== undefined && entry.secret === undefined) {
        findings.problem([...path, "secret"], "a secret to sign with: env:NAME or file:/path");
      }
      if (entry.webhook === undefined && entry.secret !== undefined) findings.problem([...path, "secret"], "no secret without a webhook");
      if (entry.webhook !== undefined && !isSafeUrl(entry.webhook)) {
        findings.problem([...path, "webhook"], "an https address without a password in it (http only to loopback)");
      }
    }
  }

  const { limits } = gate;
  for (const key of ["handshake", "approvalWait", "requestLapse", "reviewReminder", "reviewOverdue"] as const) {
    if (parseDuration(limits[key]) === 0) findings.problem(["gate", "limits", key], "more than nothing");
  }
  for (const key of ["handshake", "approvalWait"] as const) {
    if ((parseDuration(limits[key]) ?? 0) > MAX_TIMER_MS) findings.problem(["gate", "limits", key], "at most 24 days: 24d");
  }
  if ((parseDuration(limits.reviewReminder) ?? 0) > (parseDuration(limits.reviewOverdue) ?? 0)) {
    findings.problem(["gate", "limits", "reviewReminder"], "at most `reviewOverdue`");
  }
  if (limits.connectionsPerAddress > limits.connections)
    findings.problem(["gate", "limits", "connectionsPerAddress"], "at most `connections`");
  if (gate.anchors.length === 0)
    findings.warning(["gate"], "an entry in `anchors`: without one, root on this machine can rewrite the past unnoticed");
}

function isSafeUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || url.username !== "" || url.password !== "") return false;
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(`${url.hostname}:0`));
}
