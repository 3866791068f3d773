/** Second factors at the command line, at a real terminal: set up, asked for right after the password, and again where a role says so. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeAt, stepAt } from "../../src/identity/factors/totp.ts";
import { decodeBase32 } from "../kit/base32.ts";
import { startEstate, type Estate } from "../kit/estate.ts";
import { openEstateApi, type EstateApi } from "../kit/estate-api.ts";
import { JumpingClock } from "../kit/jumping-clock.ts";
import { requirePeer } from "../kit/peers.ts";
import { run } from "../kit/process.ts";
import { Terminal } from "../kit/terminal.ts";

const sshd = requirePeer("OpenSSH server", "sshd");
const CLI = resolve("src/main/cli.ts");

describe.skipIf(sshd.missing)(sshd.title("a second factor at the command line"), () => {
  const clock = new JumpingClock();
  let home: string;
  let estate: Estate;
  let api: EstateApi;
  let secret: Buffer;
  let step = 0;
  const nextCode = (): string => codeAt(secret, (step = Math.max(step + 1, stepAt(clock.now()) - 1)));

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "sallyport-cli-"));
    estate = await startEstate({ clock });
    api = await openEstateApi(estate.test, clock);
    const text = estate.test.gate.configuration.text;
    const fresh = "  debug:\n    secondFactor: { use: none, approve: 10m, breakGlass: 10m }\n";
    await estate.reconfigure(text.slice(text.indexOf("\ngroups:")).replace("  debug:\n", fresh));
    await api.logIn("lea");
    await api.logIn("ana");
  });
  afterAll(async () => {
    await api?.[Symbol.asyncDispose]();
    await estate?.[Symbol.asyncDispose]();
    await rm(home, { recursive: true, force: true });
  });

  const env = () => ({ ...process.env, SALLYPORT_HOME: home, DISPLAY: "", WAYLAND_DISPLAY: "" });
  const at = (...words: string[]): Terminal => new Terminal([process.execPath, CLI, ...words].join(" "), { env: env() });
  const script = (...words: string[]) => run(process.execPath, [CLI, ...words], { env: env() });
  const PASSWORD = "a password long enough for lea";

  test("an app is set up by its secret or its QR code, and counts at once", async () => {
    await using login = at("login", "--url", api.url, "lea");
    await login.sees("Password");
    login.type(`${PASSWORD}\r`);
    await login.sees("Logged in to");
    expect((await login.result())[0]).toBe(0);
    await using terminal = at("factors", "add");
    await terminal.sees("The six digits");
    const shown = /^ {2}((?:[A-Z2-7]{4} ){7}[A-Z2-7]{4})$/m.exec(terminal.text)?.[1] ?? "";
    expect(terminal.text).toContain("█");
    secret = decodeBase32(shown.replaceAll(" ", ""));
    terminal.type(`${nextCode()}\r`);
    await terminal.sees('Set up as "authenticator app"');
    expect((await terminal.result())[0]).toBe(0);
    const codes = await script("factors", "recovery-codes", "--json");
    expect((JSON.parse(codes.stdout.toString()) as { codes: string[] }).codes).toHaveLength(10);
  });

  test("it is asked for right after the password", async () => {
    await using login = at("login", "lea");
    await login.sees("Password");
    login.type(`${PASSWORD}\r`);
    await login.sees("Second factor");
    login.type("\r");
    await login.sees("Code of the authenticator app");
    login.type(`${nextCode()}\r`);
    expect((await login.result())[1]).toContain("Logged in to");
    const { stdout } = await script("step-up", "--code", nextCode(), "--json");
    expect(JSON.parse(stdout.toString())).toMatchObject({ shown: [{ kind: "totp" }] });
  });

  test("what is refused for want of a fresh one is asked for, and done again; a script is told how", async () => {
    const ana = await api.logIn("ana");
    const {
      request: { id },
    } = await ana.call("requests.create", {
      body: { reason: "checkout is slow", role: "debug", targets: ["web-1.prod"], durationMs: 60_000 },
    });
    clock.jump(11 * 60_000);
    const refused = await script("approve", id, "--json");
    expect(refused.status).not.toBe(0);
    expect(JSON.parse(refused.stderr.toString())).toMatchObject({
      code: "step-up-needed",
      next: expect.stringContaining("step-up") as string,
    });
    await using terminal = at("approve", id);
    await terminal.sees("Second factor");
    terminal.type("\r");
    await terminal.sees("Code of the authenticator app");
    terminal.type("000000\r");
    await terminal.sees("did not convince");
    await terminal.sees("Code of the authenticator app", { from: terminal.text.lastIndexOf("did not convince") });
    terminal.type(`${nextCode()}\r`);
    expect((await terminal.result())[0]).toBe(0);
    expect(await ana.call("requests.show", { params: { id } })).toMatchObject({ state: "approved" });
  });

  test("what would outlive the login is made once it was shown again", async () => {
    clock.jump(11 * 60_000);
    const create = ["token", "create", "--name", "for-later", "--scope", "self", "--for", "90d"];
    const refused = await script(...create, "--json");
    expect(JSON.parse(refused.stderr.toString())).toMatchObject({ code: "step-up-needed" });
    expect(refused.stderr.toString()).toContain("making a token");
    await using terminal = at(...create);
    await terminal.sees("Second factor");
    terminal.type("\r");
    await terminal.sees("Code of the authenticator app");
    terminal.type(`${nextCode()}\r`);
    const [status, shown] = await terminal.result();
    expect(status).toBe(0);
    expect(shown).toMatch(/sp_\w+/);
    // A key, within the same ten minutes: nothing is asked.
    const file = join(home, "id_later");
    expect((await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file])).status).toBe(0);
    expect((await script("user", "add-key", "lea", `${file}.pub`)).status).toBe(0);
    clock.jump(11 * 60_000);
    expect((await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", `${file}2`])).status).toBe(0);
    expect((await script("user", "add-key", "lea", `${file}2.pub`)).stderr.toString()).toContain("second factor");
  });
});
