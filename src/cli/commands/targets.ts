import type { Command } from "commander";
import type { z } from "zod";
import type { hostReport } from "../../contract/targets.ts";
import type { Cli } from "../cli.ts";
import { formatDuration } from "../duration.ts";
import { EXIT } from "../exit-codes.ts";
import type { Output } from "../output.ts";
import { family, verb } from "../verb.ts";
import { labelsOf } from "../views.ts";

export function addTargets(program: Command, cli: Cli): void {
  const targets = family(program, "targets", "What can be reached through the gate");

  verb<{ all?: true }>(
    cli,
    targets,
    {
      usage: "list",
      isDefault: true,
      summary: "The targets you may ask for, and the roles",
      examples: [
        ["sallyport targets", "what you may ask for"],
        ["sallyport targets --all", "every target (needs target.read)"],
      ],
    },
    (command) => command.option("-a, --all", "every target"),
    async ({ options, openGate, out }) => {
      const answer = await openGate().client.call("targets.list", { query: { all: options.all ?? false } });
      out.result(answer, () =>
        out.table(
          ["NAME", "KIND", "ADDRESS", "LABELS", "ROLES"],
          answer.targets.map((each) => [
            each.name,
            each.kind,
            each.address,
            labelsOf(each.labels),
            each.roles.map(({ role }) => role).join(", "),
          ]),
          "No targets that you may ask for.",
        ),
      );
    },
  );

  verb(
    cli,
    targets,
    {
      usage: "show <target>",
      summary: "One target, its pinned host keys, and what it takes to get in",
      examples: [["sallyport targets show web-1.prod", "roles, approvals, longest time"]],
    },
    () => undefined,
    async ({ args, openGate, out }) => {
      const target = await openGate().client.call("targets.show", { params: { name: args[0] ?? "" } });
      out.result(target, () =>
        [
          out.facts([
            ["target", target.name],
            ["kind", target.kind],
            ["address", target.address],
            ["labels", labelsOf(target.labels)],
            ...target.hostKeys.map((key) => ["host key", key] as const),
            ...target.hostAuthorities.map((key) => ["host authority", key] as const),
          ]),
          out.table(
            ["ROLE", "RULE", "AT MOST", "NEEDS", "BREAK-GLASS"],
            target.roles.map((each) => [
              each.role,
              each.rule,
              formatDuration(each.maxDurationMs),
              each.approval ?? "no approval",
              each.breakGlass ? "yes" : "no",
            ]),
            "You may ask for no role here.",
          ),
        ].join("\n\n"),
      );
    },
  );

  verb(
    cli,
    targets,
    {
      usage: "test <target>",
      summary: "Whether the gate reaches a target: the host key on record, or each login of a database",
      examples: [
        ["sallyport targets test web-1.prod", "exit status 7 if not"],
        ["sallyport targets test orders-db", "each login, and whether a role for a session can be made and dropped"],
      ],
    },
    () => undefined,
    async ({ args, openGate, out }) => {
      const report = await openGate().client.call("targets.test", { params: { name: args[0] ?? "" } });
      return printReport(out, report);
    },
  );

  verb(
    cli,
    targets,
    {
      usage: "scan <address>",
      summary: "The host keys an address shows, for a person to compare; nothing is trusted by it",
      examples: [["sallyport targets scan web-1.internal:22", "compare the fingerprints on the machine's own console"]],
    },
    () => undefined,
    async ({ args, openGate, out }) => {
      const scan = await openGate().client.call("hosts.scan", { body: { address: args[0] ?? "" } });
      out.result(scan, () =>
        [
          out.table(
            ["TYPE", "FINGERPRINT", "KEY"],
            scan.keys.map((key) => [key.type, key.fingerprint, key.publicKey]),
            "It shows no key.",
          ),
          "Compare each fingerprint with what the machine itself prints: for f in /etc/ssh/ssh_host_*.pub; do ssh-keygen -lf $f; done",
        ].join("\n\n"),
      );
    },
  );
}

/** `ok` or what to repair; exit status 7 when something is not as it must be. */
export function printReport(out: Output, report: z.output<typeof hostReport>): number {
  out.result(report, () =>
    report.findings
      .map(({ check, ok, detail, fix }) => {
        const mark = ok ? out.paint("green", "ok  ") : out.paint("red", "FAIL");
        return `${mark} ${check}: ${detail}${!ok && fix !== undefined ? `\n     ${fix}` : ""}`;
      })
      .join("\n"),
  );
  return report.ok ? EXIT.ok : EXIT.notVerified;
}
