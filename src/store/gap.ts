import type { LogSource } from "./log-source.ts";

/** The head of a log as somebody else remembers it. */
export interface AnchoredHead {
  /** Which anchor, by its name. */
  readonly anchor: string;
  readonly size: number;
  readonly root: Buffer;
}

/** What a restored log lacks against its anchor, in one line. */
export async function describeGap(log: Pick<LogSource, "size" | "root">, lastTime: number, anchored?: AnchoredHead): Promise<string> {
  const size = log.size();
  const last = size === 0 ? "it is empty" : `its last entry is number ${size - 1} of ${new Date(lastTime).toISOString()}`;
  if (anchored === undefined) return `Unknown: no anchor was compared; ${last}`;
  if (anchored.size > size) {
    return `Entries ${size} to ${anchored.size - 1} are missing: anchor "${anchored.anchor}" holds a log of ${anchored.size}; ${last}`;
  }
  if (!(await log.root(anchored.size)).equals(anchored.root)) {
    return `This is another log than the one of ${anchored.size} entries that anchor "${anchored.anchor}" holds; ${last}`;
  }
  return `None up to the ${anchored.size} entries that anchor "${anchored.anchor}" holds; what came later is unknown; ${last}`;
}
