/** A preview as rows of one text column, which any client shows, like the lines of EXPLAIN. Pure. */
import type { Preview } from "../../../session/holds.ts";
import { encodeCommandComplete, encodeDataRow, encodeTextColumns } from "../../../wire/postgres/backend.ts";

/** Of the column. */
const NAME = "preview";

/** With `format` of a portal's Bind. */
export function describePreview(formats: readonly number[] = []): Buffer {
  return encodeTextColumns([NAME], formats[0] ?? 0);
}

/** Messages of a result, without its description. */
export function encodePreview(preview: Preview): readonly Buffer[] {
  const lines = previewLines(preview);
  return [...lines.map((line) => encodeDataRow([line])), encodeCommandComplete(`SELECT ${lines.length}`)];
}

export function previewLines(preview: Preview): readonly string[] {
  if (!preview.possible) {
    const { why, locks = [], plan = [] } = preview;
    return [
      `No preview is possible: ${why}.`,
      ...(locks.length > 0 ? [`By its kind it locks: ${locks.join(", ")}.`] : []),
      ...planLines(plan),
    ];
  }
  const { error, note, notices, locks, walBytes, plan, tookMs, definition } = preview;
  const written = definition ? "" : ` About ${walBytes} bytes of log.`;
  return [
    error === undefined ? `${whatItDoes(preview)} Nothing of it has stayed.` : `It would fail: ${error}`,
    ...changedLines(preview),
    ...(note === undefined ? [] : [note]),
    ...notices.map((each) => `The database says: ${each}`),
    `Locks: ${locks.join(", ") || "none"}.${written} The preview took ${Math.round(tookMs)} ms.`,
    ...planLines(plan),
  ].map(oneLine);
}

function whatItDoes({ rows, definition }: Extract<Preview, { possible: true }>): string {
  if (!definition) return `It would change ${rows} ${rows === 1 ? "row" : "rows"}.`;
  const { rewrites, creates, drops } = definition;
  const said = [
    `It would write anew: ${rewrites.join(", ") || "nothing"}.`,
    ...(creates.length > 0 ? [`It would make: ${creates.join(", ")}.`] : []),
    ...(drops.length > 0 ? [`It would drop: ${drops.join(", ")}.`] : []),
  ];
  return said.join(" ");
}

/** A line for what a row was, and one for what it would be. */
function changedLines({ columns, before, after }: Extract<Preview, { possible: true }>): readonly string[] {
  const count = Math.max(before.length, after.length);
  if (count === 0) return [];
  const line = (sign: string, row: readonly (string | null)[] = []): readonly string[] =>
    row.length === 0 ? [] : [`${sign} ${row.map((value) => value ?? "NULL").join(" | ")}`];
  const rows = Array.from({ length: count }, (_, at) => [...line("-", before[at]), ...line("+", after[at])]).flat();
  return columns.length === 0 ? rows : [`  ${columns.join(" | ")}`, ...rows];
}

function planLines(plan: readonly string[]): readonly string[] {
  return plan.length === 0 ? [] : ["Plan:", ...plan.map((line) => `  ${line}`)];
}

/** A value may have lines of its own. */
function oneLine(text: string): string {
  return text.replaceAll("\0", "").replaceAll("\r", "\\r").replaceAll("\n", "\\n");
}
