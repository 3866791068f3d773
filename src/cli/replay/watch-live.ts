/** A live session as it happens: what its terminal shows, filtered; of a database session each statement and what became of it. */
import type { z } from "zod";
import { TerminalFilter } from "../../audit/recording/terminal-filter.ts";
import type { frameView } from "../../contract/sessions.ts";
import type { Output } from "../output.ts";
import { encodeJson, safeLine } from "../safe-text.ts";

type Frame = z.output<typeof frameView>;

export async function watchLive(
  frames: AsyncIterable<Frame>,
  out: Output,
  stdout: { write(text: string | Uint8Array): unknown },
  channel?: number,
): Promise<void> {
  const filter = new TerminalFilter();
  for await (const frame of frames) {
    if (out.json) out.raw(`${encodeJson(frame)}\n`);
    else if (frame.type === "statement") stdout.write(`${statementLine(frame.info)}\n`);
    else if (isShown(frame, channel)) stdout.write(filter.push(Buffer.from(frame.data ?? "", "base64")));
  }
}

/** Untrusted: the text and the error. */
function statementLine(info: Frame["info"] = {}): string {
  const { number, text, refused, outcome } = info;
  const name = typeof number === "number" ? `${number}` : "–";
  if (typeof outcome === "object" && outcome !== null) {
    const { rows, durationMs, sqlstate } = outcome as Readonly<Record<string, unknown>>;
    return `${name}  ${typeof sqlstate === "string" ? `error ${safeLine(sqlstate)}` : `${Number(rows)} rows`} in ${Number(durationMs)} ms`;
  }
  return `${name}  ${typeof refused === "string" ? `refused [${safeLine(refused)}]: ` : ""}${safeLine(typeof text === "string" ? text : "")}`;
}

function isShown({ type, data, channel: of }: Frame, channel: number | undefined): boolean {
  return (type === "stdout" || type === "stderr") && data !== undefined && (channel === undefined || of === channel);
}
