/** `sallyport serve` in a process of its own, with no users yet: what somebody has who has just made a configuration. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import { findFreePort } from "./free-port.ts";

const CLI = new URL("../../src/main/cli.ts", import.meta.url).pathname;
const START_MS = 40_000;

export interface FirstGate extends AsyncDisposable {
  /** Scratch folder. */
  readonly dir: string;
  readonly configPath: string;
  /** `gate:` and `version:` of the configuration. */
  readonly header: string;
  readonly url: string;
  /** That makes an owner, once. */
  readonly secret: string;
}

/** `configuration`: what comes below `gate:`. */
export async function startFirstGate(configuration: string): Promise<FirstGate> {
  await using opened = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), "sallyport-first-"));
  opened.defer(() => rm(dir, { recursive: true, force: true }));
  const [ssh, http] = [await findFreePort(), await findFreePort()];
  const url = `http://localhost:${http}`;
  const keyFile = join(dir, "master.key");
  await writeFile(keyFile, `${Buffer.alloc(32, 7).toString("base64")}\n`, { mode: 0o600 });
  const header = `version: 1
gate: { name: test.example, node: a, ssh: "127.0.0.1:${ssh}", http: "127.0.0.1:${http}", public: { url: "${url}" }, masterKey: "file:${keyFile}", durability: process }
`;
  const configPath = join(dir, "sallyport.yaml");
  await writeFile(configPath, header + configuration);
  const child = spawn(process.execPath, [CLI, "serve", "--config", configPath, "--data-dir", join(dir, "data")]);
  opened.defer(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    await gone;
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => (output += bytes.toString()));
  await vi.waitUntil(() => /this secret: \S+\n/.test(output), { timeout: START_MS });
  const secret = /this secret: (\S+)/.exec(output)?.[1] ?? "";
  const everything = opened.move();
  return { dir, configPath, header, url, secret, [Symbol.asyncDispose]: () => everything.disposeAsync() };
}
