import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { formatDuration } from "../duration.ts";
import { openInBrowser } from "../open-in-browser.ts";
import { verb } from "../verb.ts";

export function addConsole(program: Command, cli: Cli): void {
  verb<{ print?: true }>(
    cli,
    program,
    {
      usage: "console",
      summary: "Open the gate's console in the browser, logged in",
      details:
        "The link is good once, for a minute. The login in the browser ends when this one would, or when you log out there; logging out here does not end it.",
      examples: [
        ["sallyport console", "open it in this machine's browser"],
        ["sallyport console --print", "print the link, for a browser elsewhere"],
      ],
    },
    (command) => command.option("--print", "print the link and open nothing"),
    async ({ options, openGate, out, at }) => {
      const gate = openGate();
      const { code, url, expiresInMs } = await gate.client.call("handover.create");
      // After `#`: browsers send it to nobody, and no log has it.
      const link = new URL(`/enter#${code}`, url).href;
      const opened = options.print === undefined && !out.json && (await openInBrowser(link, at.env));
      out.result({ link, expiresInMs }, () =>
        opened
          ? `The console is opening in your browser. If it does not:\n\n  ${link}`
          : `Open this in a browser within ${formatDuration(expiresInMs)}; it works once:\n\n  ${link}`,
      );
    },
  );
}
