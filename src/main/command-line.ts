/** The `sallyport` program: this process as the command line's surroundings. What runs a gate is loaded only when it is asked for. */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { keyStoreFor } from "../cli/key-store/os-key-store.ts";
import type { LocalGate } from "../cli/local-gate.ts";
import { runCli } from "../cli/run.ts";

const local: LocalGate = {
  serve: async (options) => (await import("./serve.ts")).serve(options),
  demo: async (options) => (await import("./demo.ts")).demo(options),
  connect: async (options) => (await import("./ssh-client.ts")).connectThroughGate(options),
  restore: async (options) => (await import("./restore.ts")).restore(options),
  recover: async (options) => (await import("./recover-owner.ts")).recoverOwner(options),
};

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };

// The reader of a pipe may leave early (`| head`): that ends the program, and is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

process.exitCode = await runCli(
  process.argv.slice(2),
  {
    env: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    home: homedir(),
    cwd: process.cwd(),
    now: () => Date.now(),
    fetch: globalThis.fetch,
    version,
    keyStore: keyStoreFor(process),
  },
  local,
);
