import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { pickSession } from "../pick-id.ts";
import { verb } from "../verb.ts";

export function addKill(program: Command, cli: Cli): void {
  verb<{ reason?: string }>(
    cli,
    program,
    {
      usage: "kill [session]",
      summary: "End a session now; the grant stays (revoke it, or lock the person, to keep them out)",
      details: "Without an id: a choice of those that are live.",
      examples: [['sallyport kill s-9qz --reason "Not what was asked for"', "cut within a second, with the reason shown to them"]],
    },
    (command) => command.option("-r, --reason <text>", "why; the person sees it"),
    async ({ args, options, openGate, out, ask, at }) => {
      const { client } = openGate();
      const id = await pickSession(client, ask, args[0], { question: "Which session do you want to end?", live: true, now: at.now() });
      const reason = options.reason ?? (await ask.text("Why? The person sees it.", "--reason"));
      await client.call("sessions.kill", { params: { id }, body: { reason } });
      out.result({ session: id, killed: true }, () => `Killed ${id}.`);
    },
  );
}
