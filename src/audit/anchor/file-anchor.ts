import { open, readFile } from "node:fs/promises";
import type { Clock } from "../../kernel/clock.ts";
import { parseCheckpoint } from "../log/checkpoint.ts";
import type { Anchor } from "./anchor.ts";

export interface FileAnchorOptions {
  /** On another mount than the gate's data, best one that only appends (`chattr +a`). */
  readonly path: string;
  readonly clock: Clock;
}

const TAIL_BYTES = 64 * 1024;

/** Appends each checkpoint as a line of JSON and syncs it. Nothing is ever removed. */
export function fileAnchor({ path, clock }: FileAnchorOptions): Anchor {
  return {
    name: `file ${path}`,
    last: async () => parseAnchorLines(await readTail(path)).at(-1),
    put: async (checkpoint) => {
      await using file = await open(path, "a+", 0o600);
      const { size } = await file.stat();
      const end = size === 0 ? Buffer.from("\n") : (await file.read(Buffer.alloc(1), 0, 1, size - 1)).buffer;
      // An interrupted write left part of a line: it stays, on a line of its own.
      const line = `${end[0] === 0x0a ? "" : "\n"}${JSON.stringify({ received: clock.now(), checkpoint })}\n`;
      await file.appendFile(line);
      await file.sync();
    },
  };
}

async function readTail(path: string): Promise<string> {
  try {
    await using file = await open(path, "r");
    const { size } = await file.stat();
    const from = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    return buffer.toString("utf8", 0, bytesRead);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

/** Untrusted: the checkpoints in the text of a file anchor; lines that are none are skipped. */
function parseAnchorLines(text: string): string[] {
  const checkpoints: string[] = [];
  for (const line of text.split("\n")) {
    try {
      const value = JSON.parse(line) as { checkpoint?: unknown } | null;
      if (typeof value?.checkpoint === "string" && parseCheckpoint(value.checkpoint)) checkpoints.push(value.checkpoint);
    } catch {
      // An interrupted write, or the cut of the tail.
    }
  }
  return checkpoints;
}

/**
 * Every checkpoint in a file: a file anchor's, or a single signed note. For `audit verify --checkpoint FILE`.
 * Empty when the file holds none.
 */
export async function readCheckpointFile(path: string): Promise<string[]> {
  const text = await readFile(path, "utf8");
  return text.startsWith("{") ? parseAnchorLines(text) : parseCheckpoint(text) ? [text] : [];
}
