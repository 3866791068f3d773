import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { parseDuration } from "../duration.ts";
import { findGrantId } from "../find-id.ts";
import { UsageError } from "../usage-error.ts";
import { collect, family, verb } from "../verb.ts";
import { grantFacts, grantTable } from "../views.ts";

interface ListOptions {
  readonly all?: true;
  readonly ended?: true;
  readonly unreviewed?: true;
  readonly principal?: string;
  readonly limit: string;
}

export function addGrants(program: Command, cli: Cli): void {
  const grants = family(program, "grants", "See, narrow and review grants");

  verb<ListOptions>(
    cli,
    grants,
    {
      usage: "list [grant]",
      isDefault: true,
      summary: "Your grants, everybody's, or one in full",
      examples: [
        ["sallyport grants", "what you hold now"],
        ["sallyport grants --all", "what anybody holds now"],
        ["sallyport grants gr-7xk", "one in full"],
        ["sallyport grants --unreviewed", "break-glass grants that wait for a review"],
      ],
    },
    (command) =>
      command
        .option("-a, --all", "everybody's (needs request.read)")
        .option("--ended", "those that have ended")
        .option("--unreviewed", "break-glass grants without a review")
        .option("--principal <name>", "of this person")
        .option("--limit <n>", "at most this many", "100"),
    async ({ args, options, openGate, out, at }) => {
      const { client } = openGate();
      if (args[0] !== undefined) {
        const grant = await client.call("grants.show", { params: { id: await findGrantId(client, args[0]) } });
        out.result(grant, () => grantFacts(out, grant, at.now()));
        return;
      }
      const everybodys = options.all ?? options.unreviewed ?? false;
      const answer = await client.call("grants.list", {
        query: {
          ...(!options.unreviewed && { state: options.ended ? "ended" : "active" }),
          ...(options.principal !== undefined && { principal: options.principal }),
          all: everybodys,
          unreviewed: options.unreviewed ?? false,
          limit: Number(options.limit),
        },
      });
      const isActive = !options.ended && !options.unreviewed;
      const whenEmpty = isActive ? "No grant is active; --ended shows those that were." : "No grants.";
      out.result(answer, () => grantTable(out, answer.grants, at.now(), whenEmpty));
    },
  );

  verb<{ target?: string[]; for?: number; reason?: string }>(
    cli,
    grants,
    {
      usage: "narrow <grant>",
      summary: "Take targets or time away from a grant; sessions outside are cut",
      examples: [
        ['sallyport grants narrow gr-7xk -t web-1.prod --reason "Only this one is affected"', "keep one target"],
        ['sallyport grants narrow gr-7xk --for 15m --reason "Nearly done"', "fifteen more minutes, no longer"],
      ],
    },
    (command) =>
      command
        .option("-t, --target <name>", "a target that stays (repeatable)", collect)
        .option("--for <duration>", "from now", parseDuration)
        .option("-r, --reason <text>", "why"),
    async ({ args, options, openGate, out, ask, at }) => {
      if (!options.target && options.for === undefined) throw new UsageError("Nothing to narrow", "Give --target, --for, or both");
      const { client } = openGate();
      const id = await findGrantId(client, args[0] ?? "");
      const grant = await client.call("grants.narrow", {
        params: { id },
        body: {
          reason: options.reason ?? (await ask.text("Why?", "--reason")),
          ...(options.target && { targets: options.target }),
          ...(options.for !== undefined && { end: at.now() + options.for }),
        },
      });
      out.result(grant, () => grantFacts(out, grant, at.now()));
    },
  );

  verb<{ justified?: true; unjustified?: true; note?: string }>(
    cli,
    grants,
    {
      usage: "review <grant>",
      summary: "Review a break-glass grant",
      examples: [['sallyport grants review gr-7xk --justified --note "Both leads were on a plane"', "close the matter"]],
    },
    (command) =>
      command
        .option("--justified", "it was right to break the glass")
        .option("--unjustified", "it was not")
        .option("-n, --note <text>", "what you found"),
    async ({ args, options, openGate, out, ask, at }) => {
      if (options.justified === options.unjustified) throw new UsageError("Which verdict?", "Give --justified or --unjustified");
      const { client } = openGate();
      const id = await findGrantId(client, args[0] ?? "");
      const verdict = options.justified ? "justified" : "unjustified";
      const note = options.note ?? (await ask.text("What did you find?", "--note"));
      const grant = await client.call("grants.review", { params: { id }, body: { verdict, note } });
      out.result(grant, () => grantFacts(out, grant, at.now()));
    },
  );
}
