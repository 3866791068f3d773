import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { EXIT } from "../exit-codes.ts";
import { formatDuration, formatRelative } from "../duration.ts";
import { describeKeeping } from "../login-token.ts";
import { verb } from "../verb.ts";
import { lockTable, requestTable, targetsOf, waitingTable } from "../views.ts";

export function addStatus(program: Command, cli: Cli): void {
  verb<{ health?: true; unlock?: true; reason?: string }>(
    cli,
    program,
    {
      usage: "status",
      summary: "Who you are, what you hold, what waits for you, and how the gate is",
      examples: [
        ["sallyport status", "your grants, with the command to connect"],
        ["sallyport status --health", "log, disk, anchors, authorities (needs gate.status)"],
        ['sallyport status --unlock --reason "Restored on purpose, gap looked at"', "an owner unlocks the gate"],
      ],
    },
    (command) =>
      command
        .option("--health", "the gate's health in detail")
        .option("--unlock", "lift the locks on the whole gate")
        .option("-r, --reason <text>", "why it is unlocked"),
    async ({ options, openGate, out, ask, at }) => {
      const { client, profile } = openGate();
      if (options.health) {
        const health = await client.call("health.details");
        out.result(health, () => {
          const rows = health.checks.map(({ name, state, detail }) => [name, { text: state, style: STYLE[state] }, detail]);
          return `${out.paint(STYLE[health.state], health.state)}  Sallyport ${health.version}, ${health.log.size} events, ${health.sessions} sessions\n${out.table(["CHECK", "STATE", "DETAIL"], rows)}`;
        });
        return health.state === "failing" ? EXIT.failure : EXIT.ok;
      }
      if (options.unlock) {
        const { locks } = await client.call("locks.list");
        const onGate = locks.filter(({ subject }) => subject.kind === "gate");
        for (const lock of onGate) out.note(`Locked by ${lock.by}: ${lock.reason}`);
        const reason = options.reason ?? (await ask.text("Why may it be unlocked?", "--reason"));
        for (const { id } of onGate) await client.call("locks.lift", { params: { id }, body: { reason } });
        out.result({ lifted: onGate.map(({ id }) => id) }, () =>
          onGate.length > 0 ? "The gate is unlocked." : "The gate was not locked.",
        );
        return EXIT.ok;
      }
      const status = await client.call("status.show");
      const { gate, me, grants, requests, toApprove, holds, toDecide, toReview, toModerate, locks, health } = status;
      out.result(status, () => {
        const parts = [
          out.facts([
            ["gate", `${gate.name} (${gate.url})`],
            ["you", `${me.name}${me.groups.length > 0 ? `, in ${me.groups.join(", ")}` : ""}`],
            ["may", me.permissions.join(", ")],
            ["login", profile && !at.env["SALLYPORT_TOKEN"] ? describeKeeping(profile) : undefined],
            ["token", me.scopes && !me.scopes.includes("all") ? `only ${me.scopes.join(", ")}` : undefined],
          ]),
        ];
        for (const warning of health.warnings) parts.push(out.paint("yellow", `! ${warning}`));
        if (locks.length > 0) parts.push(lockTable(out, locks, at.now()));
        const rows = grants.map((grant) => [
          grant.id,
          grant.role,
          targetsOf(grant),
          formatDuration(grant.remainingMs),
          grant.connect[0]?.command,
        ]);
        parts.push(out.table(["GRANT", "ROLE", "TARGETS", "LEFT", "CONNECT"], rows, "You hold no grant."));
        if (requests.length > 0) parts.push(`Your open requests\n${requestTable(out, requests, at.now())}`);
        if (toApprove.length > 0) parts.push(`Waiting for you (sallyport approve)\n${requestTable(out, toApprove, at.now())}`);
        if (holds.length > 0) parts.push(`Your statements that wait for an approval\n${waitingTable(out, holds, at.now())}`);
        if (toDecide.length > 0) {
          parts.push(`Statements that wait for you (sallyport holds show)\n${waitingTable(out, toDecide, at.now())}`);
        }
        if (toReview.length > 0) {
          const rows = toReview.map((grant) => [
            grant.id,
            grant.principal,
            grant.role,
            targetsOf(grant),
            formatRelative(grant.start, at.now()),
          ]);
          const table = out.table(["GRANT", "WHO", "ROLE", "TARGETS", "OPENED"], rows);
          parts.push(`Break-glass that waits for your review (sallyport grants review)\n${table}`);
        }
        if (toModerate.length > 0) {
          const rows = toModerate.map(({ id, principal, target, startedAt }) => [
            id,
            principal,
            target,
            formatDuration(at.now() - startedAt),
          ]);
          parts.push(`Sessions that wait for you (sallyport sessions moderate)\n${out.table(["ID", "WHO", "TARGET", "WAITS"], rows)}`);
        }
        return parts.join("\n\n");
      });
      return EXIT.ok;
    },
  );
}

const STYLE = { ok: "green", warning: "yellow", failing: "red" } as const;
