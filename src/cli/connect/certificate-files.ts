/**
 * A client certificate in files, for clients that read them: signed by the gate for minutes, renewed while this runs, and
 * gone after it. What a process that is killed leaves, the next one removes (left-behind.ts).
 *
 * Invariants: the private key is made here and leaves this machine for nobody; every file is its owner's alone; a file
 * that was there before is neither overwritten nor removed; a renewal changes the certificate and never the key, so that a
 * client that reads the one and then the other has a pair.
 */
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { writePrivate } from "../profile.ts";
import { UsageError } from "../usage-error.ts";
import { FILES } from "./certificate-info.ts";
import { noteFiles, removeEmpty } from "./left-behind.ts";

/** For the gate. */
export const CERTIFICATE_MS = 10 * 60_000;
const RENEW_MS = CERTIFICATE_MS / 2;
const RETRY_MS = 10_000;

export interface Renewal {
  /** PEM. */
  readonly fetchNext: () => Promise<string>;
  readonly onSilence: (reason: string) => void;
  /** Returns sooner when the signal is aborted. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

export class CertificateFiles implements Disposable {
  readonly #folder: string;
  readonly #privateKey: KeyObject;
  readonly #isOwnFolder: boolean;
  readonly #home: string;
  #note: Disposable | undefined;
  /** SubjectPublicKeyInfo, in DER and base64. */
  readonly publicKey: string;

  /** Writes nothing yet. Throws UsageError where one of the names is taken. `home`: the folder of the profiles. */
  constructor(folder: string, home: string) {
    const taken = Object.values(FILES).find((name) => existsSync(join(folder, name)));
    if (taken !== undefined) throw new UsageError(`"${join(folder, taken)}" is there already`, "Remove it, or name another folder");
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    this.#folder = folder;
    this.#home = home;
    this.#isOwnFolder = !existsSync(folder);
    this.#privateKey = privateKey;
    this.publicKey = publicKey.export({ format: "der", type: "spki" }).toString("base64");
  }

  /** PEM, both. `authority`: who signed the gate's own certificate. */
  write(authority: string, certificate: string): void {
    const keyFile = this.#privateKey.export({ format: "pem", type: "pkcs8" });
    this.#note = noteFiles(this.#home, { folder: this.#folder, ownFolder: this.#isOwnFolder, keyFile });
    this.#write(FILES.key, keyFile);
    this.#write(FILES.authority, authority);
    this.#write(FILES.pkcs8, this.#privateKey.export({ format: "der", type: "pkcs8" }));
    this.#write(FILES.certificate, certificate);
  }

  /**
   * Until `signal` is aborted. Never throws: while the gate is silent it is asked again, and `onSilence` hears why; once,
   * until it has answered.
   */
  async keepFresh({ fetchNext, onSilence, wait = waitFor }: Renewal, signal: AbortSignal): Promise<void> {
    let [waitMs, isSilent] = [RENEW_MS, false];
    for (;;) {
      await wait(waitMs, signal);
      if (signal.aborted) return;
      try {
        this.#write(FILES.certificate, await fetchNext());
        [waitMs, isSilent] = [RENEW_MS, false];
      } catch (error) {
        if (!isSilent) onSilence(error instanceof Error ? error.message : String(error));
        [waitMs, isSilent] = [RETRY_MS, true];
      }
    }
  }

  [Symbol.dispose](): void {
    if (this.#note === undefined) return;
    for (const name of Object.values(FILES)) rmSync(join(this.#folder, name), { force: true });
    if (this.#isOwnFolder) removeEmpty(this.#folder);
    this.#note[Symbol.dispose]();
  }

  #write(name: string, content: string | Buffer): void {
    writePrivate(this.#folder, name, content);
  }
}

async function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
