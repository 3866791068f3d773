import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { pickRequest } from "../pick-request.ts";
import { verb } from "../verb.ts";

export function addDeny(program: Command, cli: Cli): void {
  verb<{ reason?: string }>(
    cli,
    program,
    {
      usage: "deny [request]",
      summary: "Deny a request, with a reason that its requester sees",
      examples: [['sallyport deny req-4k0 --reason "Use the read replica"', "say no, and what to do instead"]],
    },
    (command) => command.option("-r, --reason <text>", "why; the requester sees it"),
    async ({ args, options, openGate, out, ask }) => {
      const { client } = openGate();
      const id = await pickRequest(client, ask, args[0], "deny");
      const reason = options.reason ?? (await ask.text("Why? The requester sees it.", "--reason"));
      const request = await client.call("requests.deny", { params: { id }, body: { reason } });
      out.result(request, () => `Denied ${request.id} of ${request.requester}.`);
    },
  );
}
