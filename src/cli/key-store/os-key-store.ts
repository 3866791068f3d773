/** The operating system's own key store: Secret Service (Linux, by D-Bus), Keychain (macOS), Credential Manager (Windows). */
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { GateError } from "../../kernel/errors.ts";
import { moduleBeside } from "../../kernel/module-beside.ts";
import { Secret } from "../../kernel/secret.ts";
import type { Environment, Terminal } from "../cli.ts";
import type { KeyStore } from "./key-store.ts";
import { plainReason } from "./plain-reason.ts";

export interface KeeperOrder {
  readonly errand: "keep" | "find" | "forget";
  readonly account: string;
  readonly secret?: string;
  readonly deadlineMs: number;
}

const keeperAnswer = z.discriminatedUnion("result", [
  z.strictObject({ result: z.literal("done") }),
  z.strictObject({ result: z.literal("found"), secret: z.string().min(1) }),
  z.strictObject({ result: z.literal("no-library") }),
  z.strictObject({ result: z.literal("failed"), reason: z.string() }),
]);
export type KeeperAnswer = z.output<typeof keeperAnswer>;

export interface OsKeyStoreOptions {
  readonly env: Environment;
  /** The whole of one errand, with all that the store asks a person meanwhile. */
  readonly deadlineMs: number;
  /** Called once where an errand takes so long that a dialog may be waiting for its person. */
  readonly onSlow?: () => void;
}

const KEEPER = moduleBeside(import.meta.url, "keeper");
/** A store that is unlocked answers within a few milliseconds. */
const UNATTENDED_MS = 5_000;
/** For somebody who may have to type a password into the store's own dialog. */
const ATTENDED_MS = 60_000;
const SLOW_MS = 1_500;

export function openOsKeyStore({ env, deadlineMs, onSlow }: OsKeyStoreOptions): KeyStore {
  const send = async (order: Omit<KeeperOrder, "deadlineMs">): Promise<Secret | undefined> => {
    const slow = setTimeout(() => onSlow?.(), SLOW_MS);
    try {
      const answer = await askKeeper({ ...order, deadlineMs }, env);
      switch (answer?.result) {
        case "done":
          return undefined;
        case "found":
          return new Secret(answer.secret);
        case "no-library":
          throw unavailable("the package that speaks to it (@napi-rs/keyring) is not installed for this kind of machine");
        case "failed":
          throw unavailable(plainReason(answer.reason));
        case undefined:
          throw unavailable(`it did not answer within ${deadlineMs / 1_000} seconds`);
      }
    } finally {
      clearTimeout(slow);
    }
  };
  return {
    keep: async (account, secret) => void (await send({ errand: "keep", account, secret: secret.reveal() })),
    find: (account) => send({ errand: "find", account }),
    forget: async (account) => void (await send({ errand: "forget", account })),
  };
}

/** As long as a person can be asked by it, and as short as a script wants it. */
export function keyStoreFor(
  { env, stderr }: { readonly env: Environment; readonly stderr: Terminal & { write(text: string): unknown } },
  platform: NodeJS.Platform = process.platform,
): KeyStore {
  const hasScreen = platform === "darwin" || platform === "win32" || Boolean(env["DISPLAY"] || env["WAYLAND_DISPLAY"]);
  if (stderr.isTTY !== true || !hasScreen) return openOsKeyStore({ env, deadlineMs: UNATTENDED_MS });
  const onSlow = (): void => void stderr.write("Waiting for this machine's key store; it may be asking for its password.\n");
  return openOsKeyStore({ env, deadlineMs: ATTENDED_MS, onSlow });
}

/** `undefined`: no answer within the order's deadline. */
async function askKeeper(order: KeeperOrder, env: Environment): Promise<KeeperAnswer | undefined> {
  // Nothing that changes how the keeper runs, and no second copy of a token.
  const { NODE_OPTIONS: _options, SALLYPORT_TOKEN: _token, ...rest } = env;
  const child = spawn(process.execPath, [fileURLToPath(KEEPER)], {
    stdio: ["pipe", "pipe", "ignore"],
    env: rest,
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, order.deadlineMs);
  try {
    child.stdin.on("error", () => undefined);
    child.stdin.end(JSON.stringify(order));
    const failed = new Promise<never>((_, reject) => child.once("error", reject));
    const said = await Promise.race([text(child.stdout), failed]);
    if (late) return undefined;
    const parsed = keeperAnswer.safeParse(parseJson(said));
    if (!parsed.success) throw unavailable("the program that speaks to it ended without an answer");
    return parsed.data;
  } finally {
    clearTimeout(timer);
  }
}

function parseJson(said: string): unknown {
  try {
    return JSON.parse(said);
  } catch {
    return undefined;
  }
}

function unavailable(why: string): GateError {
  return new GateError("key-store-unavailable", why);
}
