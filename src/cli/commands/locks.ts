import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { parseDuration } from "../duration.ts";
import { resolveId } from "../short-id.ts";
import { UsageError } from "../usage-error.ts";
import { family, verb } from "../verb.ts";
import { lockTable } from "../views.ts";

export function addLocks(program: Command, cli: Cli): void {
  const locks = family(program, "locks", "Cut a person, a group, a target or the whole gate off, now");

  verb(
    cli,
    locks,
    { usage: "list", isDefault: true, summary: "The locks in force", examples: [["sallyport locks", "who and what is cut off"]] },
    () => undefined,
    async ({ openGate, out, at }) => {
      const answer = await openGate().client.call("locks.list");
      out.result(answer, () => lockTable(out, answer.locks, at.now()));
    },
  );

  verb<{ reason?: string; for?: number }>(
    cli,
    locks,
    {
      usage: "add <kind> [name]",
      summary: "Lock: live sessions are cut, new ones refused",
      examples: [
        ['sallyport locks add principal bob --reason "Laptop stolen"', "cut Bob off"],
        ['sallyport locks add target web-1.prod --reason "Forensics" --for 4h', "nobody on this target until then"],
        ['sallyport locks add gate --reason "Incident"', "everything; owners can still act"],
      ],
    },
    (command) => command.option("-r, --reason <text>", "why").option("--for <duration>", "lift it by itself after this", parseDuration),
    async ({ args, options, openGate, out, ask, at }) => {
      const subject = subjectOf(args[0], args[1]);
      const { client } = openGate();
      const reason = options.reason ?? (await ask.text("Why?", "--reason"));
      const until = options.for === undefined ? {} : { until: at.now() + options.for };
      const lock = await client.call("locks.create", { body: { subject, reason, ...until } });
      out.result(lock, () => `Locked (${lock.id}). Lift it with: sallyport locks lift ${lock.id}`);
    },
  );

  verb<{ reason?: string }>(
    cli,
    locks,
    {
      usage: "lift <lock>",
      summary: "Lift a lock; what it cut stays cut",
      examples: [['sallyport locks lift lock-2m4 --reason "Laptop wiped"', "let them ask again"]],
    },
    (command) => command.option("-r, --reason <text>", "why"),
    async ({ args, options, openGate, out, ask }) => {
      const { client } = openGate();
      const id = await resolveId("lock", args[0] ?? "", async () => (await client.call("locks.list")).locks.map((lock) => lock.id));
      const reason = options.reason ?? (await ask.text("Why?", "--reason"));
      await client.call("locks.lift", { params: { id }, body: { reason } });
      out.result({ lock: id, lifted: true }, () => `Lifted ${id}.`);
    },
  );
}

type Subject = { kind: "gate" } | { kind: "principal" | "group" | "target"; name: string };

function subjectOf(kind: string | undefined, name: string | undefined): Subject {
  if (kind === "gate" && name === undefined) return { kind };
  if ((kind === "principal" || kind === "group" || kind === "target") && name !== undefined) return { kind, name };
  throw new UsageError("What is to be locked?", "Write: principal NAME, group NAME, target NAME or gate");
}
