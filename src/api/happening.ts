/** What happens in a session without being shown, as one line of plain text each: statements, and what is done to files. */
import type { LoggedEvent } from "../audit/event.ts";
import { snippetOf } from "./snippet.ts";

export interface Happening {
  readonly what: "statement" | "file";
  readonly text: string;
  readonly refused?: true;
}

const OPENED = { read: "reads", write: "writes", "read-write": "reads and writes" } as const;

/** Untrusted: what a client sent. `undefined`: nothing of that kind. */
export function happeningOf({ kind, body }: LoggedEvent): Happening | undefined {
  if (body === undefined) return undefined;
  const said = body as unknown as Readonly<Record<string, unknown>>;
  const of = (name: string): string => {
    const value = said[name];
    return typeof value === "string" ? value : "";
  };
  if (kind === "sql.statement") return { what: "statement", text: snippetOf(of("statement"), []) };
  if (kind === "sql.refused") return { what: "statement", text: snippetOf(of("statement") || of("detail"), []), refused: true };
  if (kind === "file.list") return { what: "file", text: snippetOf(`lists ${of("path")}`, []) };
  if (kind === "file.open") {
    const mode = of("mode");
    return {
      what: "file",
      text: snippetOf(`${Object.hasOwn(OPENED, mode) ? OPENED[mode as keyof typeof OPENED] : "opens"} ${of("path")}`, []),
    };
  }
  if (kind === "file.change") {
    const to = of("to");
    return { what: "file", text: snippetOf(`${of("operation")} ${of("path")}${to === "" ? "" : ` → ${to}`}`, []) };
  }
  // Of requests of ssh, those that were about a file.
  if (kind === "ssh.refused" && of("path") !== "") {
    return { what: "file", text: snippetOf(`${of("request")} ${of("path")}`, []), refused: true };
  }
  return undefined;
}
