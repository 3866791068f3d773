/** Statements of a session and their results as text: a head, the statement, what came back. Pure. */
import { formatBytes } from "../duration.ts";
import type { Output } from "../output.ts";
import { safeLine } from "../safe-text.ts";
import { headOf, type Result } from "./results.ts";
import type { StatementEntry } from "./statements.ts";

const CELL_MAX = 60;
const INDENT = "    ";

export function showStatement(out: Output, entry: StatementEntry, results: readonly Result[]): string {
  const { statement, parameters, withheld, hold } = entry;
  const lines = [headLine(out, entry), ...(statement ?? "(not recorded)").trim().split("\n")];
  if (parameters !== undefined && parameters.length > 0) lines.push(`-- with ${parameters.map(parameterText).join(", ")}`);
  if (hold !== undefined) {
    const by = hold.approvedBy.length === 0 ? "" : ` by ${hold.approvedBy.join(", ")}`;
    lines.push(out.paint("dim", `-- approved${by} (${hold.id})`));
  }
  if (withheld !== undefined) lines.push(out.paint("dim", `-- ${withheld} withheld`));
  const [head = "", ...rest] = lines;
  return [head, ...rest.map((line) => INDENT + line), ...results.flatMap((result) => ["", resultText(result)])].join("\n");
}

/** `+1:02:03.456  #7  write: orders (write)  UPDATE 2, 1.204 ms  [fix.postgres.allow]` */
function headLine(out: Output, { offsetMs, number, classes, relations, rule, isPreview, refused, outcome }: StatementEntry): string {
  const what = [classes.join(", "), relations.join(", ")].filter((part) => part !== "").join(": ");
  const parts = [
    out.paint("dim", `+${offsetText(offsetMs)}`),
    out.paint("bold", number === undefined ? "–" : `#${number}`),
    what,
    isPreview === true ? out.paint("yellow", "preview, undone") : "",
    refused
      ? out.paint("red", `refused: ${refused.code}${refused.detail === "" ? "" : `, ${refused.detail}`}`)
      : outcomeText(out, outcome, isPreview === true),
    rule === undefined ? "" : out.paint("dim", `[${rule}]`),
  ];
  return parts.filter((part) => part !== "").join("  ");
}

function outcomeText(out: Output, outcome: StatementEntry["outcome"], isPreview: boolean): string {
  if (outcome === undefined) return isPreview ? "" : out.paint("yellow", "no outcome");
  const { tag, rows, durationMs, sqlstate, message, skipped, masked } = outcome;
  const took = typeof durationMs === "number" ? `, ${durationMs.toFixed(1)} ms` : "";
  if (skipped === true) return out.paint("yellow", "skipped");
  if (typeof sqlstate === "string") {
    return out.paint("red", `error ${sqlstate}${typeof message === "string" ? `: ${safeLine(message)}` : ""}`) + took;
  }
  const { columns } = (masked ?? {}) as { readonly columns?: readonly string[] };
  const hidden = columns === undefined ? "" : `, masked ${columns.join(", ")}`;
  return `${typeof tag === "string" ? tag : `${String(rows)} rows`}${took}${hidden}`;
}

export function offsetText(ms: number): string {
  const [hours, minutes, seconds] = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, (ms % 60_000) / 1000];
  const tail = seconds.toFixed(3).padStart(6, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** As psql aligns it. */
function resultText({ columns, rows, rowCount, copied, copiedBytes, leftOut }: Result): string {
  const lines: string[] = [];
  if (columns !== undefined || rows.length > 0) {
    const width = Math.max(columns?.length ?? 0, ...rows.map((row) => row.length));
    const heads = Array.from({ length: width }, (_, at) => cell(columns?.[at] === undefined ? `column ${at + 1}` : headOf(columns[at])));
    const cells = rows.map((row) => heads.map((_, at) => cell(row[at] ?? (row[at] === null ? "∅" : ""))));
    const widths = heads.map((head, at) => Math.max(head.length, ...cells.map((row) => row[at]?.length ?? 0)));
    const line = (values: readonly string[]): string =>
      values
        .map((value, at) => value.padEnd(widths[at] ?? 0))
        .join(" | ")
        .trimEnd();
    lines.push(line(heads), widths.map((each) => "-".repeat(each)).join("-+-"), ...cells.map(line));
    if (rowCount > rows.length) lines.push(`… ${rowCount - rows.length} more rows`);
  }
  if (copiedBytes > 0) {
    lines.push(...copied.replace(/\n$/, "").split("\n").map(safeLine));
    if (copiedBytes > Buffer.byteLength(copied)) lines.push(`… ${formatBytes(copiedBytes - Buffer.byteLength(copied))} more`);
  }
  if (leftOut > 0) lines.push(`(${leftOut} too long to be shown)`);
  return lines.map((line) => INDENT + line).join("\n");
}

/** Untrusted: on one line, and not wider than a table can take. */
function cell(text: string): string {
  const line = safeLine(text.slice(0, 4 * CELL_MAX));
  return line.length > CELL_MAX ? `${line.slice(0, CELL_MAX - 1)}…` : line;
}

function parameterText(value: unknown): string {
  if (value === null) return "NULL";
  if (typeof value === "string") return `'${cell(value)}'`;
  const { base64, text, digest, bytes } = value as Readonly<Record<string, unknown>>;
  if (typeof base64 === "string") return cell(`\\x${Buffer.from(base64, "base64").toString("hex")}`);
  if (typeof text === "string") return `'${cell(text)}'… (${String(bytes)} bytes)`;
  return typeof digest === "string" ? `digest ${digest.slice(0, 12)}…` : `${String(bytes)} bytes withheld`;
}
