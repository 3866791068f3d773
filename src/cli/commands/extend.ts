import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { awaitDecision } from "../approval-wait.ts";
import { formatDuration, parseDuration } from "../duration.ts";
import { EXIT } from "../exit-codes.ts";
import { findGrantId } from "../find-id.ts";
import { verb } from "../verb.ts";

export function addExtend(program: Command, cli: Cli): void {
  verb<{ for: number; reason?: string; wait?: true }>(
    cli,
    program,
    {
      usage: "extend <grant>",
      summary: "Ask for more time on your grant; sessions go on",
      examples: [
        [
          'sallyport extend gr-7xk --for 30m --reason "The heap dump takes longer"',
          "at once where the rule allows it, otherwise by approval",
        ],
      ],
    },
    (command) =>
      command
        .requiredOption("--for <duration>", "how much longer", parseDuration)
        .option("-r, --reason <text>", "why")
        .option("-w, --wait", "wait until somebody decided"),
    async ({ args, options, openGate, out, ask }) => {
      const { client } = openGate();
      const id = await findGrantId(client, args[0] ?? "");
      const reason = options.reason ?? (await ask.text("Why?", "--reason"));
      const answer = await client.call("grants.extend", { params: { id }, body: { durationMs: options.for, reason } });
      if (answer.grant || !options.wait) {
        const left = answer.grant && formatDuration(answer.grant.remainingMs);
        out.result(answer, () => (left === undefined ? `${answer.request} waits for approval.` : `Extended: ${left} left on ${id}.`));
        return EXIT.ok;
      }
      const decided = await awaitDecision(client, answer.request);
      out.result(
        decided,
        () => `${decided.id}: ${decided.state}${decided.closedReason === undefined ? "" : ` (${decided.closedReason})`}.`,
      );
      return decided.state === "approved" ? EXIT.ok : EXIT.denied;
    },
  );
}
