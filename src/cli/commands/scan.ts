import type { Command } from "commander";
import { stringify } from "yaml";
import type { Cli } from "../cli.ts";
import { verb } from "../verb.ts";

interface Options {
  readonly account?: string;
  readonly database?: string;
}

export function addScan(program: Command, cli: Cli): void {
  verb<Options>(
    cli,
    program,
    {
      usage: "scan <target>",
      summary: "Which columns of a database look as if they should be masked, and which are",
      details:
        "The gate reads the catalogue and up to 200 rows of each table under a login of its own, and tells what columns seem to hold: by their names, and by their values (e-mail addresses, telephone numbers, cards with their check digit, bank accounts, tokens). No value is shown, kept or logged. What it proposes is printed as it stands in the configuration, for you to judge.",
      examples: [
        ["sallyport scan orders-db", "what is masked, what perhaps should be"],
        ["sallyport scan orders-db --account reporting --database billing", "as another login, in another database"],
      ],
    },
    (command) =>
      command
        .option("--account <login>", "one of the target's logins; the first, if you name none")
        .option("-d, --database <name>", "another database than the target's own"),
    async ({ args, options, openGate, out }) => {
      const { account, database } = options;
      const body = { ...(account !== undefined && { account }), ...(database !== undefined && { database }) };
      const found = await openGate().client.call("targets.columns", { params: { name: args[0] ?? "" }, body });
      const proposed = found.columns.flatMap(({ column, guess, masked, through }) =>
        guess && !masked && !through ? [{ columns: column, class: guess.class, mask: guess.mask }] : [],
      );
      out.result({ ...found, proposed }, () =>
        [
          out.table(
            ["COLUMN", "MASKED", "LOOKS LIKE", "BECAUSE"],
            found.columns.map(({ column, masked, through, guess }) => [
              column,
              masked ? `${masked.class} (${masked.mask})` : through ? `as ${through.join(", ")}` : { text: "no", style: "yellow" },
              guess?.class ?? "",
              guess?.because ?? "",
            ]),
            `None of ${found.looked} columns looks as if it should be masked.`,
          ),
          ...(found.unmatched.length > 0
            ? [`No column is matched by masking.columns ${found.unmatched.map((index) => `[${index}]`).join(", ")} of this target.`]
            : []),
          ...(proposed.length > 0
            ? [`For the target's block in sallyport.yaml, if you agree:\n\n${stringify({ masking: { columns: proposed } }).trimEnd()}`]
            : []),
        ].join("\n\n"),
      );
    },
  );
}
