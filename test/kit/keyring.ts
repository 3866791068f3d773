/** GNOME's key store with a D-Bus session of its own, as on a desktop: unlocked by its password, locked, stopped. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./process.ts";
import { until } from "./until.ts";

export interface Keyring extends AsyncDisposable {
  /** What a program of this session has in its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** What somebody else's program finds there: `secret-tool lookup`. */
  lookUp(account: string): Promise<string | undefined>;
  lock(): Promise<void>;
  /** The daemon, which then answers nothing at all, or goes on. */
  signal(name: "SIGSTOP" | "SIGCONT"): void;
}

const SCRIPT = `
echo "address $DBUS_SESSION_BUS_ADDRESS"
printf 'password of the keyring' | gnome-keyring-daemon --foreground --unlock --components=secrets &
echo "daemon $!"
exec cat
`;

export async function startKeyring(): Promise<Keyring> {
  const home = await mkdtemp(join(tmpdir(), "sallyport-keyring-"));
  // Without a screen: what asks for the password there finds nobody, as on a machine reached over ssh.
  const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, DBUS_SESSION_BUS_ADDRESS: _bus, ...inherited } = process.env;
  const places = { HOME: home, XDG_RUNTIME_DIR: home, XDG_DATA_HOME: join(home, "data"), XDG_CACHE_HOME: join(home, "cache") };
  const session = spawn("dbus-run-session", ["--", "sh", "-c", SCRIPT], {
    stdio: ["pipe", "pipe", "ignore"],
    env: { ...inherited, ...places },
  });
  let said = "";
  session.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise((resolve) => session.once("close", resolve));
  const say = (word: string): string => new RegExp(`^${word} (.+)$`, "m").exec(said)?.[1] ?? "";
  await until(() => say("daemon") !== "");
  const env = { ...places, DBUS_SESSION_BUS_ADDRESS: say("address") };
  const call = (program: string, ...args: string[]) => run(program, args, { env: { ...inherited, ...env } });
  const onBus = (...words: string[]) =>
    call("gdbus", "call", "--session", "--dest", "org.freedesktop.secrets", "--object-path", "/org/freedesktop/secrets", ...words);
  const unlocked = ["--method", "org.freedesktop.Secret.Service.ReadAlias", "default"];
  await until(async () => (await onBus(...unlocked)).stdout.includes("/collection/login"));
  return {
    env,
    lookUp: async (account) => {
      const { status, stdout } = await call("secret-tool", "lookup", "service", "sallyport", "username", account);
      return status === 0 ? stdout.toString() : undefined;
    },
    lock: async () => {
      const { status, stderr } = await onBus(
        "--method",
        "org.freedesktop.Secret.Service.Lock",
        "['/org/freedesktop/secrets/collection/login']",
      );
      if (status !== 0) throw new Error(stderr.toString());
    },
    signal: (name) => void process.kill(Number(say("daemon")), name),
    [Symbol.asyncDispose]: async () => {
      // One that is stopped would not hear that its session is over.
      process.kill(Number(say("daemon")), "SIGKILL");
      session.stdin.end();
      await ended;
      await rm(home, { recursive: true, force: true });
    },
  };
}
