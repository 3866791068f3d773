import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { showFactor } from "../step-up.ts";
import { UsageError } from "../usage-error.ts";
import { verb } from "../verb.ts";

export function addStepUp(program: Command, cli: Cli): void {
  verb<{ code?: string }>(
    cli,
    program,
    {
      usage: "step-up",
      summary: "Show a second factor: it counts for your login from now on",
      details:
        "A code of your authenticator app, a passkey in the browser, or a recovery code. Verbs that take one ask for it by themselves.",
      examples: [
        ["sallyport step-up", "asks for what you have"],
        ["sallyport step-up --code 123456", "a code of the authenticator app, where nothing can be asked"],
      ],
    },
    (command) => command.option("--code <code>", "six digits of the authenticator app, or a recovery code"),
    async ({ options: { code }, openGate, out, ask, at }) => {
      const { client } = openGate();
      if (code !== undefined) {
        await client.call("step-up.finish", { body: /^\s*\d{6}\s*$/.test(code) ? { totp: code } : { recovery: code } });
      } else {
        if (!ask.possible) throw new UsageError("--code is needed", "Give it on the command line: there is no terminal to ask at");
        if (!(await showFactor(client, { ask, out, at }))) {
          throw new UsageError("You have no second factor that could be shown here", "Set one up: sallyport factors add");
        }
      }
      const { shown } = await client.call("step-up.start");
      out.result({ shown }, () => `Shown with this login: ${shown.map(({ kind }) => kind).join(", ")}.`);
    },
  );
}
