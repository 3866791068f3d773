import type { Command } from "commander";
import type { Client } from "../../contract/client.ts";
import type { Reply } from "../../contract/types.ts";
import type { HoldId } from "../../kernel/ids.ts";
import type { Cli } from "../cli.ts";
import { formatBytes, formatDuration, formatRelative } from "../duration.ts";
import type { Output } from "../output.ts";
import type { Prompts } from "../prompts.ts";
import { safeLine } from "../safe-text.ts";
import { resolveId } from "../short-id.ts";
import { NothingThere, UsageError } from "../usage-error.ts";
import { family, verb } from "../verb.ts";
import { approvedBy, statementInShort } from "../views.ts";

type Hold = Reply<"holds.show">;

export function addHolds(program: Command, cli: Cli): void {
  const holds = family(program, "holds", "Statements that wait for an approver, with what they would change");

  verb<{ all?: true }>(
    cli,
    holds,
    {
      usage: "list",
      isDefault: true,
      summary: "What waits: your own, and what you may decide",
      examples: [
        ["sallyport holds", "what waits now"],
        ["sallyport holds --all", "and what was decided a while ago"],
      ],
    },
    (command) => command.option("-a, --all", "also those that were decided"),
    async ({ options, openGate, out, at }) => {
      const answer = await openGate().client.call("holds.list", { query: options.all ? {} : { state: "waiting" } });
      out.result(answer, () =>
        out.table(
          ["ID", "WHO", "TARGET", "STATEMENT", "ROWS", "STATE", "ASKED"],
          answer.holds.map((each) => [
            each.id,
            each.principal,
            each.target,
            statementInShort(each.what),
            rowsOf(each),
            each.state,
            formatRelative(each.createdAt, at.now()),
          ]),
          "Nothing waits for an approval.",
        ),
      );
    },
  );

  verb(
    cli,
    holds,
    {
      usage: "show [hold]",
      summary: "The statement, and what it would change",
      examples: [
        ["sallyport holds show", "the one that waits; a choice where there are several"],
        ["sallyport holds show hold-7kq", "rows before and after, locks, the plan"],
      ],
    },
    () => undefined,
    async ({ args, openGate, out, ask, at }) => {
      const { client } = openGate();
      const hold = await client.call("holds.show", { params: { id: await pickHold(client, ask, args[0], "see") } });
      out.result(hold, () => describe(hold, out, at.now()));
    },
  );

  verb(
    cli,
    holds,
    {
      usage: "approve [hold]",
      summary: "Let it run, once and unchanged; not if what it would change has changed",
      examples: [["sallyport holds approve hold-7kq", "after you looked at it"]],
    },
    () => undefined,
    async ({ args, openGate, out, ask }) => {
      const { client } = openGate();
      const hold = await client.call("holds.approve", { params: { id: await pickHold(client, ask, args[0], "approve") } });
      out.result(hold, () =>
        hold.state === "approved"
          ? out.prose(`Approved. It runs now, if what it changes is still what you saw (${hold.id}).`)
          : `Your approval counts. Still needed: ${hold.missing ?? hold.demands.join("; ")} (${hold.id}).`,
      );
    },
  );

  verb<{ reason?: string }>(
    cli,
    holds,
    {
      usage: "deny [hold]",
      summary: "Refuse it, with a reason that its owner sees",
      examples: [['sallyport holds deny hold-7kq --reason "The WHERE is missing"', "say no, and why"]],
    },
    (command) => command.option("-r, --reason <text>", "why; its owner sees it"),
    async ({ args, options, openGate, out, ask }) => {
      const { client } = openGate();
      const id = await pickHold(client, ask, args[0], "deny");
      const reason = options.reason ?? (await ask.text("Why? Its owner sees it.", "--reason"));
      const hold = await client.call("holds.deny", { params: { id }, body: { reason } });
      out.result(hold, () => `Denied ${hold.id} of ${hold.principal}.`);
    },
  );
}

/** By id, by its beginning, or, where there is a person to ask, one of those that wait. Never picks by itself what is decided. */
async function pickHold(client: Client, ask: Prompts, text: string | undefined, what: string): Promise<HoldId> {
  const all = async (query: { state?: "waiting" }) => (await client.call("holds.list", { query })).holds;
  if (text !== undefined) return await resolveId("hold", text, async () => (await all({})).map(({ id }) => id));
  const waiting = (await all({ state: "waiting" })).filter(({ mayDecide }) => mayDecide || what === "see");
  if (waiting.length === 0) throw new NothingThere("Nothing waits for you");
  const [only, second] = waiting;
  // To look at the only one decides nothing.
  if (only && !second && what === "see") return only.id;
  if (!ask.possible) throw new UsageError("Which one?", `Name it: ${waiting.map(({ id }) => id).join(", ")}`);
  const choices = waiting.map((each) => ({
    value: each.id,
    label: `${each.principal} on ${each.target}: ${statementInShort(each.what)}`,
    hint: hintOf(each),
  }));
  return (await ask.select(`Which do you want to ${what}?`, "The hold's id", choices)) as HoldId;
}

/** A definition changes none by itself. */
function rowsOf({ preview }: Hold): string {
  if (!preview.possible) return "?";
  return preview.definition ? "-" : String(preview.rows);
}

function describe(hold: Hold, out: Output, now: number): string {
  const { preview } = hold;
  const left =
    hold.state === "waiting"
      ? `waiting, ${formatDuration(Math.max(hold.lapsesAt - now, 0))} left`
      : `${hold.state}${hold.by === undefined ? "" : ` by ${hold.by}`}`;
  const facts = out.facts([
    ["hold", hold.id],
    ["who", `${hold.principal}, ${hold.role} on ${hold.target} (${hold.grant})`],
    ["why", hold.reason],
    ["held by", hold.rule],
    ["needs", `${hold.demands.join("; ")}${hold.approvers.length === 0 ? "" : ` (who could: ${hold.approvers.join(", ")})`}`],
    ["approved by", approvedBy(hold)],
    ["state", hold.closedReason === undefined ? left : `${left}: ${hold.closedReason}`],
    ["sha256", hold.digest],
  ]);
  // Untrusted: none of it may look like what the gate says of it.
  const statement = [
    quoted(hold.what),
    ...(hold.parameters ?? []).map((value, index) => `$${index + 1} = ${safeLine(value)}`),
    ...(hold.named ?? []).map((text) => `It runs:\n${quoted(text)}`),
  ].join("\n");
  if (!preview.possible) {
    const { why, locks = [] } = preview;
    const locked = locks.length > 0 ? [out.prose(`By its kind it locks: ${names(locks)}.`)] : [];
    return [facts, statement, out.prose(`No preview: ${safeLine(why)}.`), ...locked, ...plan(out, preview.plan ?? [])].join("\n\n");
  }
  const rows = preview.error === undefined ? out.prose(effect(preview)) : out.paint("red", `It would fail: ${safeLine(preview.error)}`);
  return [
    facts,
    statement,
    rows,
    ...(preview.note === undefined ? [] : [out.prose(safeLine(preview.note))]),
    ...changes(preview, out),
    ...(preview.notices.length > 0
      ? [`The database says:\n${preview.notices.map((each) => out.prose(`  ${safeLine(each)}`)).join("\n")}`]
      : []),
    out.prose(
      `Locks: ${names(preview.locks) || "none"}.${preview.definition ? "" : ` About ${formatBytes(preview.walBytes)} of the database's log.`} The preview took ${Math.round(preview.tookMs)} ms and was undone.`,
    ),
    ...plan(out, preview.plan),
  ].join("\n\n");
}

type Tried = Extract<Hold["preview"], { possible: true }>;

function effect({ rows, definition }: Tried): string {
  if (!definition) return `It would change ${countRows(rows)}.`;
  const { rewrites, creates, drops } = definition;
  return [
    `It would write anew: ${names(rewrites) || "nothing"}.`,
    ...(creates.length > 0 ? [`It would make: ${names(creates)}.`] : []),
    ...(drops.length > 0 ? [`It would drop: ${names(drops)}.`] : []),
  ].join("\n");
}

/** A line before and one after, with only what differs in the second. */
function changes({ columns, before, after }: Tried, out: Output): readonly string[] {
  if (columns.length === 0 || Math.max(before.length, after.length) === 0) return [];
  const text = (value: string | null | undefined): string => (value === null || value === undefined ? "NULL" : value);
  const lines = Array.from({ length: Math.max(before.length, after.length) }, (_, index) => {
    const [was, is] = [before[index], after[index]];
    const minus = was && was.length > 0 && ["-", ...was.map(text)];
    const plus = is && is.length > 0 && ["+", ...is.map((value, column) => (minus && was[column] === value ? "" : text(value)))];
    return [...(minus ? [minus] : []), ...(plus ? [plus] : [])];
  });
  return [out.table(["", ...columns.map(safeLine)], lines.flat(), "")];
}

function plan(out: Output, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`Plan:\n${lines.map((line) => out.prose(`  ${safeLine(line)}`)).join("\n")}`];
}

/** Line by line behind a mark of its own. */
function quoted(text: string): string {
  return text
    .trim()
    .split("\n")
    .map((line) => `| ${line}`)
    .join("\n");
}

function names(list: readonly string[]): string {
  return list.map(safeLine).join(", ");
}

function hintOf({ preview }: Hold): string {
  if (!preview.possible) return "no preview";
  return preview.definition ? "a definition" : countRows(preview.rows);
}

function countRows(count: number): string {
  return `${count} ${count === 1 ? "row" : "rows"}`;
}
