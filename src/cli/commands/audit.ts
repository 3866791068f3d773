import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { formatTime, parseTime } from "../duration.ts";
import { findSessionId } from "../find-id.ts";
import { UsageError } from "../usage-error.ts";
import { family, verb } from "../verb.ts";
import { encodeJson, safeLine } from "../safe-text.ts";
import { addAuditCopy } from "./audit-copy.ts";
import { addAuditVerify } from "./audit-verify.ts";

interface Filter {
  readonly who?: string;
  readonly target?: string;
  readonly kind?: string;
  readonly session?: string;
  readonly grant?: string;
  readonly request?: string;
  readonly decision?: "allow" | "deny" | "hold";
  readonly table?: string;
  readonly column?: string;
  readonly since?: string;
  readonly until?: string;
}

export function addAudit(program: Command, cli: Cli): void {
  const audit = family(program, "audit", "Search, prove and export the record");

  verb<Filter & { limit: string; output?: true; oldest?: true }>(
    cli,
    audit,
    {
      usage: "search [words...]",
      summary: "Who did what, where and when; words occur in commands, paths, reasons, or with --output in what terminals showed",
      examples: [
        ["sallyport audit search --who ada --since 1d", "everything Ada did since yesterday"],
        ["sallyport audit search systemctl restart --target web-1.prod --kind ssh.exec", "who restarted something there"],
        ["sallyport audit search --table orders --column email", "statements that named it"],
        ["sallyport audit search --output Traceback --since 2h", "terminals that showed it (needs recording.view)"],
      ],
    },
    (command) =>
      filters(command)
        .option("--output", "search what terminals showed")
        .option("--oldest", "oldest first")
        .option("--limit <n>", "at most this many", "100"),
    async ({ rest, options, openGate, out, at }) => {
      const { client } = openGate();
      const query = queryOf(options, at.now());
      const words = rest.join(" ");
      if (options.output) {
        if (words === "") throw new UsageError("Which words?", "Write them: sallyport audit search --output WORDS");
        const { kinds: _k, grant: _g, request: _r, decision: _d, table: _t, column: _c, session, ...more } = query;
        const of = session === undefined ? {} : { session: await findSessionId(client, session) };
        const found = await client.call("audit.output", { query: { ...more, ...of, words, limit: Number(options.limit) } });
        out.result(found, () => {
          const rows = found.hits.map(({ session: id, atUs, text }) => [id, `${Math.floor(atUs / 1e6)}s`, text]);
          const first = found.hits[0];
          const next = first && `\nSee it: sallyport replay ${first.session} --from ${Math.floor(first.atUs / 1e6)}s`;
          const older = found.more
            ? "\nOnly the newest sessions were looked through; for older ones narrow it with --until, --who or --target"
            : "";
          return out.table(["SESSION", "AT", "LINE"], rows, `Nothing in ${found.searched} recordings.`) + (next ?? "") + older;
        });
        return;
      }
      const found = await client.call("audit.search", {
        query: { ...query, ...(words !== "" && { words }), order: options.oldest ? "asc" : "desc", limit: Number(options.limit) },
      });
      out.result(found, () =>
        out.table(
          ["SEQ", "TIME", "KIND", "WHO", "TARGET", "WHAT"],
          found.events.map((each) => [
            each.seq,
            formatTime(each.time),
            each.decision === "deny" ? { text: each.kind, style: "red" } : each.kind,
            each.principal,
            each.target,
            summaryOf(each.body),
          ]),
          `Nothing in ${found.size} events.`,
        ),
      );
    },
  );

  addAuditVerify(audit, cli);
  addAuditCopy(audit, cli);

  verb<Filter & { format: string; session?: string }>(
    cli,
    audit,
    {
      usage: "export",
      summary: "The record as JSON lines, or a session as an asciicast",
      examples: [
        ["sallyport audit export --since 30d > audit.jsonl", "a line for each event, oldest first"],
        ["sallyport audit export --format asciicast --session s-9qz > s-9qz.cast", "for asciinema and its players"],
      ],
    },
    (command) => filters(command).option("--format <format>", "jsonl or asciicast", "jsonl"),
    async ({ options, openGate, out, at }) => {
      const { client } = openGate();
      if (options.format === "asciicast") {
        if (options.session === undefined) throw new UsageError("Which session?", "Name it: --session ID");
        const id = await findSessionId(client, options.session);
        for await (const line of await client.call("sessions.asciicast", { params: { id } })) out.raw(`${encodeJson(line)}\n`);
        return;
      }
      if (options.format !== "jsonl") throw new UsageError(`"${options.format}" is not a format`, "Use jsonl or asciicast");
      for await (const event of await client.call("audit.export", { query: queryOf(options, at.now()) })) out.raw(`${encodeJson(event)}\n`);
    },
  );

  verb(
    cli,
    audit,
    {
      usage: "checkpoint",
      summary: "The signed head of the log now: keep it elsewhere, and verify against it later",
      examples: [["sallyport audit checkpoint > $(date +%F).checkpoint", "whoever holds it can find out a shortened or rewritten log"]],
    },
    () => undefined,
    async ({ openGate, out }) => {
      const { client } = openGate();
      const checkpoint = (await client.call("audit.checkpoint")).toString("utf8");
      if (out.json) out.result({ checkpoint }, () => "");
      else out.raw(checkpoint);
    },
  );

  verb<{ reason?: string }>(
    cli,
    audit,
    {
      usage: "erase <seq>",
      summary: "Erase what one entry says (personal data), leaving a proven tombstone",
      examples: [
        ['sallyport audit erase 1042 --reason "Erasure request 77, GDPR article 17"', "the entry stays, its body is gone; verify says so"],
      ],
    },
    (command) => command.option("-r, --reason <text>", "why; it stays in the log"),
    async ({ args, options, openGate, out, ask }) => {
      const seq = Number(args[0]);
      if (!Number.isSafeInteger(seq) || seq < 0)
        throw new UsageError(`"${args[0]}" is not an entry's number`, "Take it from the SEQ column of `audit search`");
      const { client } = openGate();
      const reason = options.reason ?? (await ask.text("Why? It stays in the log.", "--reason"));
      if (ask.possible && !(await ask.confirm(`Erase entry ${seq}? This cannot be undone.`, ""))) return;
      await client.call("audit.erase", { body: { seq, reason } });
      out.result({ seq, erased: true }, () => `Erased entry ${seq}.`);
    },
  );
}

function filters(command: Command): Command {
  return command
    .option("--who <name>", "of this principal")
    .option("-t, --target <name>", "on this target")
    .option("-k, --kind <kind>", "of these kinds, separated by commas: ssh.exec,file.open")
    .option("--session <id>", "in this session")
    .option("--grant <id>", "under this grant")
    .option("--request <id>", "about this request")
    .option("--decision <decision>", "allow, deny or hold")
    .option("--table <name>", "statements that name this table: orders, public.orders")
    .option("--column <name>", "statements that name this column: email, orders.email")
    .option("--since <time>", "from: 2h (ago), 2026-11-20, 2026-11-20T14:02:00Z")
    .option("--until <time>", "to, in the same forms");
}

/** Short forms are not looked up here: the log knows full ids only. */
function queryOf(
  filter: Filter,
  now: number,
): {
  principal?: string;
  target?: string;
  kinds?: string;
  session?: string;
  grant?: string;
  request?: string;
  decision?: "allow" | "deny" | "hold";
  table?: string;
  column?: string;
  since?: number;
  until?: number;
} {
  const { who, target, kind, session, grant, request, decision, table, column, since, until } = filter;
  return {
    ...(who !== undefined && { principal: who }),
    ...(target !== undefined && { target }),
    ...(kind !== undefined && { kinds: kind }),
    ...(session !== undefined && { session }),
    ...(grant !== undefined && { grant }),
    ...(request !== undefined && { request }),
    ...(decision !== undefined && { decision }),
    ...(table !== undefined && { table }),
    ...(column !== undefined && { column }),
    ...(since !== undefined && { since: parseTime(since, now) }),
    ...(until !== undefined && { until: parseTime(until, now) }),
  };
}

/** The parts of a body that say what was done, in one line; everything is in --json. */
function summaryOf(body: Readonly<Record<string, unknown>> | undefined): string {
  if (body === undefined) return "(erased)";
  for (const key of ["statement", "command", "path", "reason", "detail", "name"]) {
    const value = body[key];
    // A statement that waits is tried out first, and undone: that is not the one that ran.
    if (typeof value === "string" && value !== "") return short(body["preview"] === true ? `(preview) ${value}` : value);
  }
  const told = Object.entries(body).filter(([key]) => key !== "digest");
  const parts = told.map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  return short(parts.join(" "));
}

function short(text: string): string {
  const line = safeLine(text.trim().replaceAll(/\s+/g, " "));
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}
