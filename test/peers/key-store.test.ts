/** Where `sallyport login` keeps its token, with GNOME's key store, a real gate, and the command line as a program of its own. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { estateYaml } from "../kit/estate.ts";
import { OWNER, OWNER_PASSWORD, startGate, type TestGate } from "../kit/gate.ts";
import { startKeyring, type Keyring } from "../kit/keyring.ts";
import { requireAll, requirePeer } from "../kit/peers.ts";
import { run } from "../kit/process.ts";
import { openConfiguredApi } from "../kit/provider-gate.ts";

const CLI = resolve("src/main/cli.ts");
const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIWzCBt0XQsMKHqFBOAWiF3bV1SkVCKJcYCsZ1vAdvZU";
const YAML = estateYaml({ address: "127.0.0.1:1", hostKey: HOST_KEY, account: "root" });
const strace = requirePeer("strace", "strace");
const peers = requireAll(
  strace,
  requirePeer("GNOME's key store", "gnome-keyring-daemon"),
  requirePeer("D-Bus", "dbus-run-session"),
  requirePeer("secret-tool of libsecret", "secret-tool"),
  requirePeer("gdbus of GLib", "gdbus"),
);

describe.skipIf(peers.missing)(peers.title("where a login's token is kept"), () => {
  let gate: TestGate;
  let api: { url: string } & AsyncDisposable;
  let keyring: Keyring;
  let home: string;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "sallyport-kept-"));
    gate = await startGate(YAML, { limits: "  public: {}" });
    api = await openConfiguredApi(gate);
    keyring = await startKeyring();
  });
  afterAll(async () => {
    await keyring?.[Symbol.asyncDispose]();
    await api?.[Symbol.asyncDispose]();
    await gate?.[Symbol.asyncDispose]();
    await rm(home, { recursive: true, force: true });
  });

  const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, DBUS_SESSION_BUS_ADDRESS: _bus, ...inherited } = process.env;

  /** One command line of somebody whose profiles are in `folder`; `env` is that of the keyring's session unless said otherwise. */
  const sallyport = async (folder: string, words: readonly string[], env: Readonly<Record<string, string>> = keyring.env) => {
    const { status, signal, stdout, stderr } = await run(process.execPath, [CLI, ...words], {
      env: { ...inherited, SALLYPORT_KEY_STORE: "", NO_COLOR: "1", ...env, SALLYPORT_HOME: join(home, folder) },
      input: OWNER_PASSWORD,
    });
    return { status, signal, out: stdout.toString(), err: stderr.toString() };
  };
  const logIn = (folder: string, more: readonly string[] = [], env?: Readonly<Record<string, string>>) =>
    sallyport(folder, ["login", "--url", api.url, OWNER, "--password-stdin", ...more], env);
  const accountOf = (folder: string, profile = "default") => `${join(home, folder, "profiles", profile)} ${new URL(api.url).origin}`;

  /** Everything in every file below a folder. */
  const contentsOf = async (folder: string): Promise<string> => {
    const entries = await readdir(join(home, folder), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return (await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), "utf8")))).join("\n");
  };
  const profileOf = async (folder: string) =>
    JSON.parse(await readFile(join(home, folder, "profiles/default/profile.json"), "utf8")) as Record<string, string>;

  test("in the key store: every program of the session's person finds it there, no file has it, and commands use it", async () => {
    expect(await logIn("kept")).toMatchObject({ status: 0, out: expect.stringMatching(/as olga for 1[12]h/) as string });
    const token = (await keyring.lookUp(accountOf("kept"))) ?? "";
    expect(token).toMatch(/^\S{30,}$/);
    expect(await profileOf("kept")).toMatchObject({ keyStore: "os", user: OWNER });
    expect(await contentsOf("kept")).not.toContain(token);
    const status = await sallyport("kept", ["status"]);
    expect([status.status, status.out]).toEqual([0, expect.stringMatching(/^login +key store$/m)]);
    expect(JSON.parse((await sallyport("kept", ["profiles", "--json"])).out)).toMatchObject({ profiles: [{ token: "key store" }] });

    expect(await sallyport("kept", ["logout"])).toMatchObject({ status: 0 });
    expect(await keyring.lookUp(accountOf("kept"))).toBeUndefined();
    expect((await sallyport("kept", ["status"])).status).toBe(4);
    const answer = await fetch(`${api.url}/v1/status`, { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(401);
  });

  test("the token is in no argument of any program", async () => {
    const trace = join(home, "arguments");
    const traced = await run(
      strace.path,
      [
        "-f",
        "-qq",
        "-s",
        "100000",
        "-v",
        "-e",
        "trace=execve",
        "-o",
        trace,
        process.execPath,
        CLI,
        "login",
        "--url",
        api.url,
        OWNER,
        "--password-stdin",
      ],
      { env: { ...inherited, SALLYPORT_KEY_STORE: "os", ...keyring.env, SALLYPORT_HOME: join(home, "traced") }, input: OWNER_PASSWORD },
    );
    expect([traced.status, traced.stderr.toString()]).toEqual([0, ""]);
    const token = (await keyring.lookUp(accountOf("traced"))) ?? "none";
    const executed = await readFile(trace, "utf8");
    expect(executed).toContain("keeper.ts");
    expect(executed).not.toContain(token);
  });

  test("a token that an older version put into the file goes on working, and the next login takes it out", async () => {
    await logIn("older", ["--key-store", "file"]);
    const { token } = await profileOf("older");
    expect(await sallyport("older", ["status"])).toMatchObject({ status: 0, out: expect.stringMatching(/^login +file$/m) as string });
    await logIn("older");
    expect(await contentsOf("older")).not.toContain(token);
    expect(await sallyport("older", ["status"])).toMatchObject({ status: 0 });
  });

  test("no D-Bus: the file, which says why; --key-store os says so instead", async () => {
    const none = { XDG_RUNTIME_DIR: join(home, "nothing") };
    const { status, err } = await logIn("bare", [], none);
    expect([status, err]).toEqual([0, expect.stringContaining("not in a key store: there is no D-Bus session here.")]);
    expect(await sallyport("bare", ["status"], none)).toMatchObject({
      status: 0,
      out: expect.stringContaining("file (key store: there is no D-Bus session here)") as string,
    });
    const refused = await logIn("refused", ["--key-store", "os"], none);
    expect(refused).toMatchObject({ status: 4, err: expect.stringContaining("This machine's key store cannot be used") as string });
    await expect(contentsOf("refused")).rejects.toThrow("ENOENT");
  });

  test("without the library's binary for this kind of machine: the file, which says why", async () => {
    const without = { ...keyring.env, NAPI_RS_NATIVE_LIBRARY_PATH: join(home, "no-such-binary.node") };
    const { status, err } = await logIn("without", [], without);
    expect([status, err]).toEqual([0, expect.stringMatching(/not in a key store: the package that speaks to it[^.]* is not installed/)]);
    expect(await sallyport("without", ["status"], without)).toMatchObject({ status: 0 });
  });

  describe("when the key store does not give it out", () => {
    test("stopped in the middle: commands end by themselves with what to do, logging in goes to the file", async () => {
      await logIn("stopped");
      keyring.signal("SIGSTOP");
      try {
        const command = await sallyport("stopped", ["ssh", "--no-request", "web-1.prod"]);
        expect(command).toMatchObject({ status: 4, signal: null });
        expect(command.err).toMatch(/it d(id|oes) not answer.*\n.*--key-store file/);
        const login = await logIn("stopped-too");
        expect([login.status, login.err]).toEqual([0, expect.stringMatching(/not in a key store: it d(id|oes) not answer/)]);
        expect(await sallyport("stopped-too", ["status"])).toMatchObject({ status: 0 });
      } finally {
        keyring.signal("SIGCONT");
      }
      expect(await sallyport("stopped", ["status"])).toMatchObject({ status: 0 });
    });

    test("a D-Bus that takes the connection and says nothing", async () => {
      const sockets: Socket[] = [];
      const server: Server = createServer((socket) => sockets.push(socket));
      const path = join(home, "silent-bus");
      await new Promise<void>((done) => server.listen(path, done));
      try {
        const silent = { DBUS_SESSION_BUS_ADDRESS: `unix:path=${path}`, XDG_RUNTIME_DIR: home };
        const { status, err } = await logIn("silent", ["--key-store", "os"], silent);
        expect([status, err]).toEqual([4, expect.stringContaining("did not answer within 5 seconds")]);
        expect(sockets.length).toBeGreaterThan(0);
      } finally {
        for (const socket of sockets) socket.destroy();
        await new Promise((done) => server.close(done));
      }
    });

    test("locked, with nobody there to unlock it", async () => {
      await logIn("locked");
      await keyring.lock();
      const { status, err } = await sallyport("locked", ["status"]);
      expect([status, err]).toEqual([4, expect.stringMatching(/it is locked\n.*Unlock it and try again/)]);
      const login = await logIn("locked", ["--key-store", "file"]);
      expect(login).toMatchObject({ status: 0, err: expect.stringContaining("stays in the key store until it ends") as string });
      expect(await sallyport("locked", ["status"])).toMatchObject({ status: 0 });
    });
  });
});
