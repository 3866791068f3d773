/** Where a verb's words go: data to standard output (text or, with --json, one JSON value), remarks to standard error. */
import { styleText } from "node:util";
import Table from "cli-table3";
import type { Surroundings, Terminal } from "./cli.ts";
import { fitColumns, GAP } from "./fit-columns.ts";
import { encodeJson, safeLine, safeText } from "./safe-text.ts";
import { wrapText } from "./wrap.ts";

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";
/** A cell of a table; what it holds is made safe, then coloured. */
export type Cell = string | number | undefined | { readonly text: string; readonly style: Style };

export class Output {
  readonly json: boolean;
  readonly #at: Surroundings;
  readonly #colours: boolean;

  constructor(at: Surroundings, options: { readonly json: boolean; readonly colour: boolean }) {
    this.#at = at;
    this.json = options.json;
    const { env, stdout } = at;
    this.#colours = options.colour && stdout.isTTY === true && !env["NO_COLOR"] && env["TERM"] !== "dumb";
  }

  /** The result: `value` as JSON with --json, else what `text` makes of it. */
  result(value: unknown, text: () => string): void {
    this.#at.stdout.write(`${this.json ? encodeJson(value, 2) : this.#safe(text())}\n`);
  }

  /** One of many results that come over time: JSON lines with --json. */
  item(value: unknown, text: () => string): void {
    this.#at.stdout.write(`${this.json ? encodeJson(value) : this.#safe(text())}\n`);
  }

  /** As it is: a script, a certificate, the content of a file. */
  raw(text: string | Uint8Array): void {
    this.#at.stdout.write(text);
  }

  /** For the person, never for the next program in a pipe. */
  note(text: string): void {
    this.#at.stderr.write(`${this.#safe(wrapText(text, widthOf(this.#at.stderr)))}\n`);
  }

  /** A sentence of a result, broken between words where a person reads it. */
  prose(text: string): string {
    return wrapText(text, widthOf(this.#at.stdout));
  }

  /** One line that the next one replaces; only where a person watches. */
  progress(text: string): void {
    if (this.#at.stderr.isTTY === true) this.#at.stderr.write(`\r\u001b[K${safeText(text)}`);
  }

  progressEnd(): void {
    if (this.#at.stderr.isTTY === true) this.#at.stderr.write("\r\u001b[K");
  }

  /** Made safe and coloured, if colours are on. */
  paint(style: Style, text: string): string {
    const safe = safeText(text);
    return this.#colours ? styleText(style, safe, { validateStream: false }) : safe;
  }

  table(head: readonly string[], rows: readonly (readonly Cell[])[], whenEmpty = "Nothing."): string {
    if (rows.length === 0) return whenEmpty;
    return this.#grid([head.map((name) => this.paint("dim", name)), ...rows.map((row) => row.map((cell) => this.#cell(cell)))]);
  }

  /** `name  value` lines, aligned; what is undefined is left out. */
  facts(pairs: readonly (readonly [name: string, value: Cell])[]): string {
    const shown = pairs.filter(([, value]) => value !== undefined && value !== "");
    return shown.length === 0 ? "" : this.#grid(shown.map(([name, value]) => [this.paint("dim", name), this.#cell(value)]));
  }

  #grid(cells: string[][]): string {
    const columns = widthOf(this.#at.stdout);
    const colWidths = columns === undefined ? [] : fitColumns(cells, columns);
    const style = { "padding-left": 0, "padding-right": GAP, head: [], border: [] };
    const table = new Table({ chars: NO_LINES, style, wordWrap: true, colWidths });
    table.push(...cells);
    return table
      .toString()
      .split("\n")
      .map((line) => line.trimEnd())
      .join("\n");
  }

  /** Fails closed: text that did not come through `paint` or a cell is made safe here. Only colours of our own pass. */
  #safe(text: string): string {
    if (!this.#colours) return safeText(text);
    return text
      .split(OWN_COLOUR)
      .map((part) => (OWN_COLOUR.test(part) ? part : safeText(part)))
      .join("");
  }

  #cell(cell: Cell): string {
    if (cell === undefined) return "";
    if (typeof cell === "object") return this.paint(cell.style, safeLine(cell.text));
    return safeLine(String(cell));
  }
}

/** Only where a person reads: a line of a pipe or a file stays one line. */
export function widthOf({ isTTY, columns }: Terminal): number | undefined {
  return isTTY === true ? columns : undefined;
}

// eslint-disable-next-line no-control-regex -- what `styleText` writes
const OWN_COLOUR = /(\u001b\[\d{1,2}m)/;

const NO_LINES = Object.fromEntries(
  ["top", "bottom", "left", "right", "mid", "middle"]
    .flatMap((name) => [name, `${name}-mid`, `${name}-left`, `${name}-right`])
    .map((name) => [name, ""]),
);
