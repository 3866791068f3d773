import { readCheckpointFile } from "../audit/anchor/file-anchor.ts";
import { parseCheckpoint } from "../audit/log/checkpoint.ts";
import { systemClock } from "../kernel/clock.ts";
import { systemRandom } from "../kernel/random.ts";
import type { Json } from "../kernel/json.ts";
import { restoreBackup } from "../store/restore.ts";
import { openMasterKey } from "./master-key.ts";
import { LOG_KEY } from "./publishing.ts";
import { readConfig } from "./read-config.ts";
import { recordingEnds } from "./recover.ts";

/** `sallyport restore`: a data directory from a backup, locked, with what the anchors know that it does not. */
export async function restore(options: { readonly configPath: string; readonly dataDir: string; readonly from: string }): Promise<Json> {
  const { config } = await readConfig(options.configPath);
  const masterKey = await openMasterKey(config.gate.masterKey, { dataDir: options.dataDir });
  const { name, node, anchors } = config.gate;
  const anchor = await newestAnchored(anchors, `${name}/${node}`);
  const restored = await restoreBackup({
    from: options.from,
    dataDir: options.dataDir,
    masterKey,
    clock: systemClock,
    random: systemRandom,
    forget: [LOG_KEY],
    lastEvents: (store, recordings) => recordingEnds(store, recordings, "power"),
    ...(anchor && { anchor }),
  });
  return { ...restored };
}

type AnchorList = Awaited<ReturnType<typeof readConfig>>["config"]["gate"]["anchors"];

/** The longest log of this origin that a file anchor has seen. A webhook cannot be asked. */
async function newestAnchored(anchors: AnchorList, origin: string): Promise<{ anchor: string; size: number; root: Buffer } | undefined> {
  let newest: { anchor: string; size: number; root: Buffer } | undefined;
  for (const settings of anchors) {
    if (settings.kind !== "file") continue;
    const texts = await readCheckpointFile(settings.path).catch((): string[] => []);
    for (const text of texts) {
      const parsed = parseCheckpoint(text);
      if (parsed?.origin === origin && parsed.size > (newest?.size ?? -1))
        newest = { anchor: settings.name, size: parsed.size, root: parsed.root };
    }
  }
  return newest;
}
