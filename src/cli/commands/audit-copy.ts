import { createWriteStream } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Command } from "commander";
import { bodiesPath } from "../../audit/log/bodies.ts";
import { parseCheckpoint } from "../../audit/log/checkpoint.ts";
import { publishedTiles, TILE_WIDTH, tilePath } from "../../audit/log/tiles.ts";
import type { Client } from "../../contract/client.ts";
import { GateError } from "../../kernel/errors.ts";
import type { Cli } from "../cli.ts";
import { fetchCheckpoint, fetchTile, headBeyondErasures } from "../gate-log-source.ts";
import { UsageError } from "../usage-error.ts";
import { verb } from "../verb.ts";

export function addAuditCopy(audit: Command, cli: Cli): void {
  verb(
    cli,
    audit,
    {
      usage: "copy <folder>",
      summary: "A whole copy of the record, to be verified offline by anybody: log, proofs, bodies and sealed recordings",
      details:
        "The folder is laid out as docs/formats/log.md says. Recordings in it stay encrypted; what events say is readable, so keep it as you keep the log.",
      examples: [["sallyport audit copy record-2026-11", "then, anywhere: sallyport audit verify record-2026-11 --key …"]],
    },
    (command) => command,
    async ({ args, openGate, out, at }) => {
      const folder = resolve(at.cwd, args[0] ?? "");
      await requireEmpty(folder, args[0] ?? "");
      const { client } = openGate();
      let head = await fetchCheckpoint(client);
      let size = 0;
      let recordings = 0;
      // Again, should somebody erase a body meanwhile: the copy must hold the reason too.
      for (let at = head; at !== undefined; at = await headBeyondErasures(client, size)) {
        const parsed = parseCheckpoint(at);
        if (!parsed) throw new GateError("protocol-error", "what the gate shows as its head is no checkpoint");
        [head, size] = [at, parsed.size];
        recordings = await copyRecord(client, size, folder, (text) => out.progress(text));
      }
      if (head === undefined) throw new GateError("not-found", "the gate has published no checkpoint yet");
      // Last, as the gate itself does: a copy that was broken off has no head to verify.
      await writeFile(join(folder, "checkpoint"), head, { mode: 0o600 });
      out.progressEnd();
      out.result({ folder, entries: size, recordings }, () => `${size} entries and ${recordings} recordings in ${folder}.`);
    },
  );
}

async function requireEmpty(folder: string, typed: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  if (names.length > 0) throw new UsageError(`"${typed}" is not empty`, "Name a folder that is new or empty");
}

async function copyRecord(client: Client, size: number, folder: string, progress: (text: string) => void): Promise<number> {
  const put = async (path: string, bytes: Buffer): Promise<void> => {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, bytes, { mode: 0o600 });
  };
  for (const id of publishedTiles(size)) {
    await put(tilePath(id), await fetchTile(client, id));
  }
  for (let index = 0; index * TILE_WIDTH < size; index += 1) {
    progress(`${index * TILE_WIDTH} of ${size} entries`);
    const width = Math.min(TILE_WIDTH, size - index * TILE_WIDTH);
    const name = bodiesPath(index).replace(/^bodies\//, "");
    await put(bodiesPath(index), await client.call("audit.bodies", { params: { "*": width < TILE_WIDTH ? `${name}.p/${width}` : name } }));
  }
  await mkdir(join(folder, "recordings"), { recursive: true, mode: 0o700 });
  let recordings = 0;
  for await (const { body } of await client.call("audit.export", { query: { kinds: ["recording.started"], to: size - 1 } })) {
    const { file } = (body ?? {}) as { file?: unknown };
    // Untrusted: the name comes from the gate. Nothing but a plain name of a recording is written.
    if (typeof file !== "string" || !/^rec-[0-9a-z]{10}\.rec$/.test(file)) continue;
    progress(`recording ${file}`);
    const bytes = await client.call("audit.recording", { params: { file } });
    await pipeline(Readable.from(bytes), createWriteStream(join(folder, "recordings", file), { mode: 0o600 }));
    recordings += 1;
  }
  return recordings;
}
