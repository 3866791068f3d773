import type { Command } from "commander";
import { isName } from "../../kernel/ids.ts";
import type { Cli } from "../cli.ts";
import { EXIT } from "../exit-codes.ts";
import { verb } from "../verb.ts";

const STYLE = { allow: "green", ask: "yellow", deny: "red" } as const;

export function addWhy(program: Command, cli: Cli): void {
  verb(
    cli,
    program,
    {
      usage: "why <principal> <role-or-action> <target>",
      summary: "Which rule allows, asks or denies, and why the others do not match",
      details: 'An action has a dot in it: "ssh.shell", "ssh.exec systemctl status", "file.open /etc/hosts". `me` is yourself.',
      examples: [
        ["sallyport why me debug web-1.prod", "may I have this role there?"],
        ['sallyport why me "sql.write public.orders" shop-db', "may I write this table, and by which entry?"],
        ['sallyport why ada "ssh.exec systemctl restart checkout" web-1.prod', "may Ada do this now?"],
      ],
    },
    () => undefined,
    async ({ args, openGate, out }) => {
      const [principal = "", what = "", target = ""] = args;
      const { client } = openGate();
      const answer = await client.call("why.show", {
        query: {
          target,
          ...(principal !== "me" && { principal }),
          // What cannot be the name of a role is taken for an action, so that the answer names the forms of both.
          ...(isName(what) && !/^[a-z]+\.[a-z]+$/.test(what) ? { role: what } : { action: what }),
        },
      });
      out.result(answer, () =>
        [
          `${out.paint(STYLE[answer.verdict], answer.verdict)}${answer.rule === undefined ? "" : ` by "${answer.rule}"`}`,
          ...answer.demands.map((demand) => `  needs ${demand}`),
          ...answer.lines.map((line) => out.prose(`  ${line}`)),
        ].join("\n"),
      );
      return answer.verdict === "deny" ? EXIT.denied : EXIT.ok;
    },
  );
}
