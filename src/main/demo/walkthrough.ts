/**
 * The text that the demo prints: what happened, and commands that work as they stand, each with one line of why.
 * A command's line starts with whose terminal it is for and a `$`; test/peers/demo.test.ts runs every one of them.
 */
import { stripVTControlCharacters, styleText } from "node:util";
import type { ShopDatabase } from "./database.ts";
import { NO_POSTGRES } from "./find-postgres.ts";
import { NO_SSHD } from "./find-sshd.ts";

export interface Walkthrough {
  readonly folder: string;
  readonly temporary: boolean;
  readonly sshPort: number;
  readonly url: string;
  readonly hosts: "real" | "simulated";
  /** Why the hosts are simulated, in a few words. */
  readonly whySimulated?: string;
  /** The account logins on real hosts are. */
  readonly account: string;
  /** Absent: there is no ssh client here. */
  readonly sshConfig?: string;
  readonly database: Pick<ShopDatabase, "version" | "passedOver"> | { readonly why: string };
  /** Whether there is a client for it here. */
  readonly psql: boolean;
}

type Line = readonly [terminal: "ana" | "lea" | "web-1", command: string];

interface Step {
  readonly why: string;
  readonly lines: readonly Line[];
}

export function walkthroughSteps(about: Walkthrough): readonly Step[] {
  const { folder, sshConfig, hosts } = about;
  const ana = quote(`${folder}/ana`);
  const lea = quote(`${folder}/lea`);
  const connect = sshConfig === undefined ? `${ana} ssh web-1.prod` : `ssh -F ${quote(sshConfig)} web-1.prod`;
  const copy: Line[] =
    sshConfig !== undefined && hosts === "real"
      ? [["ana", `scp -F ${quote(sshConfig)} web-1.prod:etc/checkout.conf ${quote(`${folder}/checkout.conf`)}`]]
      : [];
  return [
    {
      why: "Ana has no account on production and no key to it. She asks: what for, where, how long, why. It waits for the answer.",
      lines: [["ana", `${ana} request --role debug --target service=checkout --for 10m --reason "Checkout answers 504" --wait`]],
    },
    { why: "Lea sees the request and says yes with Enter. Nobody can approve their own.", lines: [["lea", `${lea} approve`]] },
    {
      why:
        sshConfig === undefined
          ? "Ana is in. The gate logs in to the host with a certificate made for this one session; she never holds it."
          : "Ana is in, with the ssh she has always used. The gate logs in to the host with a certificate made for this one session.",
      lines: [...copy, ["ana", connect]],
    },
    {
      why: "Find the fault, on the host: since release 412 the pool has 2 workers instead of 32. Leave the last command running.",
      lines: [
        ["web-1", "tail -n 3 log/checkout.log"],
        ["web-1", 'grep -c "no free worker" log/checkout.log'],
        ["web-1", "grep workers etc/checkout.conf etc/checkout.conf.release-411"],
        ["web-1", "tail -f log/checkout.log"],
      ],
    },
    {
      why: "Enough seen: Lea ends the access, and tail stops within a second. Without her it ends by itself after the ten minutes.",
      lines: [["lea", `${lea} revoke --reason "Found it: 2 workers"`]],
    },
    {
      why: `Ana is out: it takes a new request, which her ssh offers to file. ${sshConfig === undefined ? "Ctrl-C" : "An empty reason (Enter)"} gives up.`,
      lines: [["ana", connect]],
    },
    { why: "Who was in production, under which grant, and how it ended.", lines: [["lea", `${lea} sessions --all`]] },
    { why: "Watch what Ana saw: Enter chooses the session, space pauses, q quits.", lines: [["lea", `${lea} replay`]] },
    {
      why: "Search the record: a word in reasons, commands and files, then one that a terminal showed.",
      lines: [
        ["lea", `${lea} audit search checkout`],
        ["lea", `${lea} audit search --output "workers = 2"`],
      ],
    },
    ...(psqlRuns(about) ? databaseSteps(ana, lea) : []),
    {
      why: "Prove that nobody has altered the record: every entry and recording is held against the log's signed head.",
      lines: [["lea", `${lea} audit verify --key ${quote(`${folder}/log.vkey`)}`]],
    },
    {
      why: 'And if somebody had? A copy in which "ana" became "eve" does not pass.',
      lines: [
        [
          "lea",
          `cp -r ${quote(`${folder}/data/log`)} ${quote(`${folder}/forged`)} && find ${quote(`${folder}/forged`)} -type f -exec sed -i 's/"ana"/"eve"/g' {} +`,
        ],
        ["lea", `${lea} audit verify ${quote(`${folder}/forged`)} --key ${quote(`${folder}/log.vkey`)}`],
      ],
    },
  ];
}

function psqlRuns({ database, psql }: Walkthrough): boolean {
  return psql && "version" in database;
}

function databaseSteps(ana: string, lea: string): readonly Step[] {
  return [
    {
      why: "Whose payments were hurt? The shop's database is behind the same gate. Ana's own psql asks for access, and goes on when it is given.",
      lines: [["ana", `${ana} psql --role shop-read --for 10m --reason "Whose payments timed out" shop-db -c "\\dt"`]],
    },
    { why: "Lea says yes, as before.", lines: [["lea", `${lea} approve`]] },
    {
      why: "Ana has no password of the database: psql gets one of a minute from the gate, which logs in with its own. E-mail addresses she gets through a mask, however she asks for them.",
      lines: [["ana", `${ana} psql shop-db -c "${HURT}"`]],
    },
    {
      why: "The gate reads each statement with PostgreSQL's own grammar. This one writes, and the role only reads.",
      lines: [["ana", `${ana} psql shop-db -c "update payments set status = 'captured' where status = 'timed_out'"`]],
    },
    {
      why: "One of the payments was captured after all. In another role Ana may correct it, and each write waits for a second look.",
      lines: [["ana", `${ana} psql --role shop-support --for 10m --reason "Payment 2361 was captured" shop-db -c "${CORRECTION}"`]],
    },
    { why: "Lea says yes to the access.", lines: [["lea", `${lea} approve`]] },
    {
      why: "Now the statement waits. The gate has tried it out on the database and undone it: Lea sees the row before and after, and lets it run.",
      lines: [
        ["lea", `${lea} holds show`],
        ["lea", `${lea} holds approve`],
      ],
    },
    {
      why: "Every statement is in the record, also the one that was refused.",
      lines: [["lea", `${lea} audit search --kind sql.statement,sql.refused payments`]],
    },
  ];
}

const CORRECTION = "update payments set status = 'captured' where id = 2361";

const HURT =
  "select c.name, c.email, sum(p.amount) from payments p join orders o on o.id = p.order_id join customers c on c.id = o.customer_id where p.status = 'timed_out' group by c.id order by 3 desc limit 5";

export interface Printed {
  /** Only where a person reads. */
  readonly colour: boolean;
  /** Of the terminal; prose is wrapped to it. A command stays one line, to be copied as one. */
  readonly columns?: number | undefined;
}

export function printWalkthrough(about: Walkthrough, { colour, columns }: Printed): string {
  const paint = (style: "bold" | "dim" | "cyan", text: string): string =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  const opening = [
    "",
    `${paint("bold", "Sallyport demo")}   gate 127.0.0.1:${about.sshPort} and ${about.url}   ${paint("dim", "nothing listens beyond this machine")}`,
    "",
    "The checkout of a shop answers 504 since its last release. Ana is on call, Lea leads the team.",
    ...hostsInWords(about),
    ...clientInWords(about),
    ...databaseInWords(about),
    "",
    `Open two more terminals, one for ${paint("bold", "ana")} and one for ${paint("bold", "lea")}, and copy each command after its $.`,
  ];
  const lines = opening.map((line) => wrap(line, columns));
  for (const [index, { why, lines: commands }] of walkthroughSteps(about).entries()) {
    lines.push("", wrap(`${paint("bold", String(index + 1).padStart(2))}  ${why}`, columns, "    "));
    for (const [terminal, command] of commands) lines.push(`    ${paint("dim", `${terminal.padEnd(5)} $`)} ${paint("cyan", command)}`);
  }
  const end = about.temporary
    ? `Ctrl-C here stops everything and removes ${about.folder}`
    : `Ctrl-C here stops everything; ${about.folder} stays`;
  lines.push(
    "",
    wrap(
      `In the browser: ${about.folder}/ana console and ${about.folder}/lea console print a link each, which opens the gate's console as that person. Two people at once need two browsers, or a private window.`,
      columns,
    ),
    wrap(
      `Look around: ${about.folder}/sallyport.yaml has the rules; ${about.folder}/ana --help, lea and olga (the owner) have every verb. Where a message says sallyport, type ${about.folder}/ana or lea.`,
      columns,
    ),
    wrap(`${end}.`, columns),
    "",
  );
  return lines.join("\n");
}

function hostsInWords({ hosts, account, whySimulated = NO_SSHD }: Walkthrough): readonly string[] {
  if (hosts === "real") {
    return [`web-1.prod and web-2.prod are real: this machine's sshd on two loopback ports, as ${account}, each in a scratch folder.`];
  }
  return [
    `web-1.prod and web-2.prod are SIMULATED, a dozen commands over files in memory: ${whySimulated}.`,
    ...(whySimulated === NO_SSHD ? ["For real ones: sudo apt-get install openssh-server"] : []),
  ];
}

function clientInWords({ sshConfig }: Walkthrough): readonly string[] {
  if (sshConfig !== undefined) return [];
  return ["There is no ssh client here, so a small one of the gate's own stands in. For yours: sudo apt-get install openssh-client"];
}

function databaseInWords({ database, psql }: Walkthrough): readonly string[] {
  if ("why" in database) {
    const cure = database.why === NO_POSTGRES ? ["For a database: sudo apt-get install postgresql"] : [];
    return [`There is no database in this demo: ${database.why}.`, ...cure];
  }
  const said = [
    `shop-db is a real PostgreSQL ${database.version}, on a loopback port, with the shop's orders and payments.`,
    ...database.passedOver.map((why) => `Another server was not taken: ${why}.`),
  ];
  return psql ? said : [...said, "There is no psql here, so its steps are left out. For them: sudo apt-get install postgresql-client"];
}

/** Between words, `indent` before what follows the first line. */
function wrap(text: string, columns = Infinity, indent = ""): string {
  // Only spaces between words: what lies between two words of the first line may be wider on purpose.
  const [first = "", ...words] = text.split(/(?<=\S) (?=\S)/);
  const lines = [first];
  for (const word of words) {
    const longer = `${lines.at(-1)} ${word}`;
    if (stripVTControlCharacters(longer).length <= columns) lines[lines.length - 1] = longer;
    else lines.push(`${indent}${word}`);
  }
  return lines.join("\n");
}

function quote(text: string): string {
  return /^[A-Za-z0-9/._@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
