/**
 * The log as others can check it: tiles and signed checkpoints in the data directory, and checkpoints at the anchors.
 * The key that signs is made at the first start, kept encrypted, and belongs to this log alone.
 */
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import type { Anchor } from "../audit/anchor/anchor.ts";
import { startAnchoring, type Anchoring } from "../audit/anchor/anchoring.ts";
import { failureText } from "../audit/anchor/failure-text.ts";
import { fileAnchor } from "../audit/anchor/file-anchor.ts";
import { webhookAnchor } from "../audit/anchor/webhook-anchor.ts";
import type { Durability } from "../audit/durability.ts";
import type { AuditEvent } from "../audit/event.ts";
import { signerOf, type CheckpointSigner } from "../audit/log/note.ts";
import { TilePublisher } from "../audit/log/publisher.ts";
import { startPublishing } from "../audit/log/publish-loop.ts";
import { systemTimers } from "../audit/timers.ts";
import type { AnchorSettings } from "../config/model.ts";
import { resolveSecret } from "../config/secrets.ts";
import type { SecretStore } from "../identity/port.ts";
import type { Clock } from "../kernel/clock.ts";
import { Secret } from "../kernel/secret.ts";
import type { Store } from "../store/open.ts";

/** A restored gate makes another one: no key ever signs two histories of the same positions. */
export const LOG_KEY = "log/signing-key";

export interface Publishing extends AsyncDisposable {
  /** For `audit verify --key`. */
  readonly vkey: string;
  readonly anchoring: Anchoring;
  /** Why there is no new checkpoint, when there should be one. */
  trouble(): string | undefined;
}

export interface PublishingDeps {
  readonly store: Store;
  readonly directory: string;
  readonly origin: string;
  readonly anchors: readonly AnchorSettings[];
  readonly durability: Durability;
  readonly clock: Clock;
  readonly onFault: (error: unknown) => void;
}

export async function openPublishing(deps: PublishingDeps): Promise<Publishing> {
  const { store, directory, origin, durability, clock, onFault } = deps;
  const signer = await openLogSigner(store.secrets, origin);
  const publisher = new TilePublisher({ directory, origin, source: store.logSource, signer, clock, durability });
  const anchors = await Promise.all(deps.anchors.map((settings) => openAnchor(settings, deps)));
  // Failing for hours must not fill the log: once when it begins is enough, the state shows the rest.
  const note = (event: AuditEvent): void => void store.log.append([event], "reserved").catch(onFault);
  const anchoring = startAnchoring({
    anchors,
    vkey: signer.vkey,
    rootAt: async (size) => (size <= store.logSource.size() ? store.logSource.root(size) : undefined),
    timers: systemTimers,
    onFailure: (anchor, thrown, failures) => {
      if (failures === 1) note({ kind: "anchor.failed", body: { anchor, detail: failureText(thrown) } });
    },
    onMismatch: (anchor, detail) => note({ kind: "anchor.mismatch", body: { anchor, detail } }),
  });
  let trouble: string | undefined;
  const loop = startPublishing({
    publisher,
    timers: systemTimers,
    onCheckpoint: (checkpoint) => {
      trouble = undefined;
      anchoring.offer(checkpoint);
    },
    onFailure: (thrown) => {
      const before = trouble;
      trouble = failureText(thrown);
      if (trouble !== before) onFault(thrown);
    },
  });
  const subscription = store.log.subscribe(() => loop.poke());
  loop.poke();
  return {
    vkey: signer.vkey,
    anchoring,
    trouble: () => trouble,
    [Symbol.asyncDispose]: async () => {
      subscription[Symbol.dispose]();
      await loop[Symbol.asyncDispose]();
      await anchoring[Symbol.asyncDispose]();
    },
  };
}

async function openLogSigner(secrets: SecretStore, origin: string): Promise<CheckpointSigner> {
  const stored = await secrets.find(LOG_KEY);
  if (stored) return signerOf(origin, createPrivateKey({ key: stored.reveal(), format: "der", type: "pkcs8" }));
  const { privateKey } = generateKeyPairSync("ed25519");
  await secrets.put(LOG_KEY, new Secret(privateKey.export({ format: "der", type: "pkcs8" })), []);
  return signerOf(origin, privateKey);
}

async function openAnchor(settings: AnchorSettings, { directory, clock, durability }: PublishingDeps): Promise<Anchor> {
  const { name } = settings;
  if (settings.kind === "file") return { ...fileAnchor({ path: settings.path, clock }), name };
  const rememberAt = join(directory, `anchor-${name}`);
  return { ...webhookAnchor({ url: settings.url, secret: await resolveSecret(settings.secret), rememberAt, durability, clock }), name };
}
