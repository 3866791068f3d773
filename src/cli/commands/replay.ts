import { stripVTControlCharacters } from "node:util";
import type { z } from "zod";
import type { Command } from "commander";
import { TerminalFilter } from "../../audit/recording/terminal-filter.ts";
import type { frameView } from "../../contract/sessions.ts";
import { GateError } from "../../kernel/errors.ts";
import type { Cli } from "../cli.ts";
import { parseDuration } from "../duration.ts";
import { pickSession } from "../pick-id.ts";
import { play } from "../replay/play.ts";
import { replayStatements } from "../replay/replay-statements.ts";
import { buildTimeline } from "../replay/timeline.ts";
import { watchLive } from "../replay/watch-live.ts";
import { encodeJson, safeText } from "../safe-text.ts";
import { UsageError } from "../usage-error.ts";
import { verb } from "../verb.ts";

interface Options {
  readonly speed: string;
  readonly idle: number;
  readonly from?: number;
  readonly search?: string;
  readonly channel?: string;
  readonly text?: true;
  readonly live?: true;
  readonly rows: string;
}

type Frame = z.output<typeof frameView>;

export function addReplay(program: Command, cli: Cli): void {
  verb<Options>(
    cli,
    program,
    {
      usage: "replay [session]",
      summary: "Play a session's recording; as plain text where no terminal is there to play on",
      details:
        "Without an id: a choice of the latest sessions.\n" +
        "Keys: space pauses, ←/→ seek 5 s, ↑/↓ change the speed, / searches, n finds the next, 0 starts over, q quits.\n" +
        "Of a database session: its statements in order, with what became of them and, where the role has it recorded, what they returned.\n" +
        "What the target sent is filtered: nothing in a recording acts on your terminal beyond drawing.",
      examples: [
        ["sallyport replay s-9qz", "play it, with silences of more than 2 s cut short"],
        ["sallyport replay s-9qz --speed 4 --idle 500ms", "faster"],
        ['sallyport replay s-9qz --search "rm -rf"', "from where it appears"],
        ["sallyport replay s-9qz | less", "as text"],
        ["sallyport replay s-9qz --rows 100", "statements of a database session, and up to 100 rows of each result"],
        ["sallyport replay s-9qz --live", "watch while it lasts"],
      ],
    },
    (command) =>
      command
        .option("--speed <factor>", "1 is as it was", "1")
        .option("--idle <duration>", "no silence lasts longer", parseDuration, 2000)
        .option("--from <duration>", "start this far into the session", parseDuration)
        .option("--search <words>", "start where they appear")
        .option("--channel <n>", "only this channel")
        .option("--text", "as text, even on a terminal")
        .option("--live", "the session as it happens")
        .option("--rows <n>", "of a database session: rows shown of each result", "20"),
    async ({ args, options, openGate, out, ask, at }) => {
      const { client } = openGate();
      const id = await pickSession(client, ask, args[0], {
        question: "Which session do you want to see?",
        live: options.live ?? false,
        now: at.now(),
      });
      const session = await client.call("sessions.show", { params: { id } });
      const isDatabase = session.protocol === "postgres";
      if (isDatabase && !options.live) return replayStatements(client, out, session, rowsOf(options.rows));
      const wanted = options.channel === undefined ? undefined : Number(options.channel);
      const speed = Number(options.speed);
      if (!(speed > 0 && speed <= 1000)) throw new UsageError(`"${options.speed}" is not a speed`, "Use a number such as 0.5, 2 or 8");
      if (options.live) {
        const live = await client.call("sessions.live", { params: { id }, query: { thin: isDatabase } });
        return await watchLive(live, out, at.stdout, wanted);
      }
      const frames = await client.call("sessions.recording", {
        params: { id },
        ...(wanted !== undefined && { query: { channel: wanted } }),
      });
      if (out.json) {
        for await (const frame of frames) out.raw(`${encodeJson(frame)}\n`);
        return;
      }
      const filter = new TerminalFilter();
      const output: { atUs: number; bytes: Buffer }[] = [];
      for await (const frame of frames) {
        const remark = remarkOf(frame);
        if (shows(frame, wanted)) output.push({ atUs: frame.atUs, bytes: Buffer.from(filter.push(bytesOf(frame))) });
        else if (remark !== undefined && options.text) output.push({ atUs: frame.atUs, bytes: Buffer.from(remark) });
      }
      if (output.length === 0) throw new GateError("not-found", `${id} recorded no output`);
      if (options.text || at.stdout.isTTY !== true || at.stdin.isTTY !== true) {
        out.raw(plainText(Buffer.concat(output.map(({ bytes }) => bytes)).toString("utf8")));
        return;
      }
      await play(at, buildTimeline(output, options.idle * 1000), {
        speed,
        fromUs: (options.from ?? 0) * 1000,
        ...(options.search !== undefined && { search: options.search }),
      });
    },
  );
}

function rowsOf(text: string): number {
  const rows = Number(text);
  if (!(Number.isInteger(rows) && rows >= 0 && rows <= 100_000))
    throw new UsageError(`"${text}" is not a number of rows`, "Use 0 to 100000");
  return rows;
}

function shows(frame: Frame, channel: number | undefined): boolean {
  return (
    (frame.type === "stdout" || frame.type === "stderr") && frame.data !== undefined && (channel === undefined || frame.channel === channel)
  );
}

function bytesOf(frame: Frame): Buffer {
  return Buffer.from(frame.data ?? "", "base64");
}

/** Commands and files, for the text form. */
function remarkOf({ type, info }: Frame): string | undefined {
  if (type === "begin" && typeof info?.["command"] === "string") return `\n$ ${info["command"]}\n`;
  if (type === "file" && typeof info?.["path"] === "string") return `\n[file ${info["path"]}]\n`;
  return undefined;
}

/** Escapes gone, line ends as files have them, and what is left made visible. */
function plainText(output: string): string {
  const lines = stripVTControlCharacters(output).replaceAll(/\r+\n/g, "\n").replaceAll("\t", "    ");
  return safeText(lines.endsWith("\n") ? lines : `${lines}\n`);
}
