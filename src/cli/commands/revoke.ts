import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { pickGrant } from "../pick-id.ts";
import { verb } from "../verb.ts";
import { targetsOf } from "../views.ts";

export function addRevoke(program: Command, cli: Cli): void {
  verb<{ reason?: string }>(
    cli,
    program,
    {
      usage: "revoke [grant]",
      summary: "End a grant now: give back yours, or revoke anybody's; its sessions are cut",
      details: "Without an id: a choice of those that are active.",
      examples: [['sallyport revoke gr-7xk --reason "Fixed"', "nobody holds it a second longer"]],
    },
    (command) => command.option("-r, --reason <text>", "why; its holder sees it"),
    async ({ args, options, openGate, out, ask }) => {
      const { client } = openGate();
      const id = await pickGrant(client, ask, args[0], "Which grant do you want to end?");
      const reason = options.reason ?? (await ask.text("Why? Its holder sees it.", "--reason"));
      const grant = await client.call("grants.revoke", { params: { id }, body: { reason } });
      out.result(grant, () => `Ended: ${grant.id} of ${grant.principal} on ${targetsOf(grant)}.`);
    },
  );
}
