import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { findSessionId } from "../find-id.ts";
import { verb } from "../verb.ts";

export function addKill(program: Command, cli: Cli): void {
  verb<{ reason?: string }>(
    cli,
    program,
    {
      usage: "kill <session>",
      summary: "End a session now; the grant stays (revoke it, or lock the person, to keep them out)",
      examples: [['sallyport kill s-9qz --reason "Not what was asked for"', "cut within a second, with the reason shown to them"]],
    },
    (command) => command.option("-r, --reason <text>", "why; the person sees it"),
    async ({ args, options, openGate, out, ask }) => {
      const { client } = openGate();
      const id = await findSessionId(client, args[0] ?? "");
      const reason = options.reason ?? (await ask.text("Why? The person sees it.", "--reason"));
      await client.call("sessions.kill", { params: { id }, body: { reason } });
      out.result({ session: id, killed: true }, () => `Killed ${id}.`);
    },
  );
}
