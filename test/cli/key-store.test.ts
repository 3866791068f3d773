/** Where a login's token goes, against a gate that is a table and a key store in memory. The real ones: test/peers/key-store.test.ts. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Profiles } from "../../src/cli/profile.ts";
import { FakeGate, problemAnswer, runCliWith, type CliOptions, type CliResult } from "../kit/cli.ts";
import { MemoryKeyStore } from "../kit/memory-key-store.ts";

const NOW = Date.parse("2026-11-20T14:00:00Z");
const GATE = "http://127.0.0.1:7700";
const OTHER_GATE = "http://127.0.0.1:7701";

let home: string;
let keyStore: MemoryKeyStore;
let tokens: number;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "sallyport-key-store-"));
  keyStore = new MemoryKeyStore();
  tokens = 0;
});
afterEach(() => rmSync(home, { recursive: true }));

async function run(line: string, more: Partial<CliOptions> = {}): Promise<CliResult & { gate: FakeGate }> {
  const gate = new FakeGate({
    "POST /v1/login": () => ({ user: "ada", token: `tok-secret-${(tokens += 1)}`, expiresAt: NOW + 3_600_000 }),
    "GET /v1/locks": { locks: [] },
    "POST /v1/logout": 204,
  });
  const result = await runCliWith(line.split(" "), { home, gate, keyStore, stdin: "a password of ada\n", ...more });
  return { ...result, gate };
}

const logIn = (more = "", options: Partial<CliOptions> = {}) => run(`login --url ${GATE} ada --password-stdin${more}`, options);
const profileText = (name = "default"): string => readFileSync(join(home, ".config/sallyport/profiles", name, "profile.json"), "utf8");
const bearers = ({ gate }: { gate: FakeGate }) => gate.calls.map(({ authorization }) => authorization);
const folderOf = (name: string): string => join(home, ".config/sallyport/profiles", name);

describe("a login", () => {
  test("goes into the key store, under the profile's folder and the gate; the profile only says so", async () => {
    const { status, stdout, stderr } = await logIn();
    expect(status).toBe(0);
    expect([...keyStore.secrets]).toEqual([[`${folderOf("default")} ${GATE}`, "tok-secret-1"]]);
    expect(JSON.parse(profileText())).toMatchObject({ user: "ada", keyStore: "os", expiresAt: NOW + 3_600_000 });
    expect(profileText() + stdout + stderr).not.toContain("tok-secret");
    expect(bearers(await run("locks list"))).toEqual(["Bearer tok-secret-1"]);
  });

  test.each(["--key-store file", "SALLYPORT_KEY_STORE=file"])("%s: into the file, and no key store is asked", async (how) => {
    const asOption = how.startsWith("--");
    const { stderr } = await logIn(asOption ? ` ${how}` : "", asOption ? {} : { env: { SALLYPORT_KEY_STORE: "file" } });
    expect([keyStore.asked, JSON.parse(profileText())]).toEqual([0, expect.objectContaining({ token: "tok-secret-1" })]);
    expect(stderr).not.toContain("key store");
    expect(bearers(await run("locks list"))).toEqual(["Bearer tok-secret-1"]);
    expect(keyStore.asked).toBe(0);
  });

  test("where the key store is locked: into the file, which says why wherever profiles are shown", async () => {
    keyStore.isLocked = true;
    const { status, stderr } = await logIn();
    expect([status, stderr]).toEqual([0, expect.stringContaining("in a file that only you can read, not in a key store: it is locked.")]);
    expect(JSON.parse(profileText())).toMatchObject({ token: "tok-secret-1", noKeyStore: "it is locked" });
    expect((await run("profiles")).stdout).toContain("file (key store: it is locked)");
    expect(bearers(await run("locks list"))).toEqual(["Bearer tok-secret-1"]);
  });

  test("--key-store os: fails where it is locked, keeps nothing, and ends at the gate", async () => {
    keyStore.isLocked = true;
    const result = await logIn(" --key-store os");
    expect([result.status, result.stderr]).toEqual([4, expect.stringContaining("This machine's key store cannot be used: it is locked")]);
    expect(result.gate.called("POST /v1/logout").map(({ authorization }) => authorization)).toEqual(["Bearer tok-secret-1"]);
    expect(new Profiles({}, home).find("default")).toBeUndefined();
  });

  test("moved to the file by the next login, it is not left in the key store", async () => {
    await logIn();
    await logIn(" --key-store file");
    expect([keyStore.secrets.size, JSON.parse(profileText())]).toEqual([0, expect.objectContaining({ token: "tok-secret-2" })]);
    await logIn();
    expect([[...keyStore.secrets.values()], profileText().includes("tok-secret")]).toEqual([["tok-secret-3"], false]);
  });

  test("does not ask the key store for the login before: whoever it is locked for can still log in", async () => {
    await logIn();
    keyStore.isLocked = true;
    const { status, gate } = await logIn(" --key-store file");
    expect([status, gate.called("POST /v1/login")[0]?.authorization]).toEqual([0, null]);
    expect(bearers(await run("locks list"))).toEqual(["Bearer tok-secret-2"]);
  });

  test("SALLYPORT_KEY_STORE that is nothing known is refused before anything is asked", async () => {
    const { status, stderr, gate } = await logIn("", { env: { SALLYPORT_KEY_STORE: "keychain" } });
    expect([status, stderr, gate.calls]).toEqual([2, expect.stringContaining("one of auto, file, os"), []]);
  });
});

describe("whose token it is", () => {
  test("two profiles and two gates never mix", async () => {
    await logIn();
    await run(`login --profile two --url ${GATE} ada --password-stdin`);
    await run(`login --profile three --url ${OTHER_GATE} ada --password-stdin`);
    const sent = [];
    for (const profile of ["default", "two", "three"]) sent.push(...bearers(await run(`locks list --profile ${profile}`)));
    expect(sent).toEqual(["Bearer tok-secret-1", "Bearer tok-secret-2", "Bearer tok-secret-3"]);
    const { status, gate } = await run(`locks list --url ${OTHER_GATE}`);
    expect([status, gate.calls]).toEqual([4, []]);
  });

  test("a profile whose address was changed by hand gets no token of the gate before", async () => {
    await logIn();
    const profiles = new Profiles({}, home);
    profiles.save("default", { ...profiles.find("default")!, url: OTHER_GATE });
    const { status, gate } = await run("locks list");
    expect([status, gate.calls]).toEqual([4, []]);
  });

  test("a profile named anew for another gate takes the old gate's token out", async () => {
    await logIn();
    await run(`login --url ${OTHER_GATE} ada --password-stdin`);
    expect([...keyStore.secrets]).toEqual([[`${folderOf("default")} ${OTHER_GATE}`, "tok-secret-2"]]);
  });

  test("a profile that was moved says to log in again", async () => {
    await logIn();
    const elsewhere = join(home, "elsewhere");
    cpSync(join(home, ".config/sallyport"), elsewhere, { recursive: true });
    const { status, stderr, gate } = await run("locks list", { env: { SALLYPORT_HOME: elsewhere } });
    expect([status, gate.calls]).toEqual([4, []]);
    expect(stderr).toMatch(/key store has no login of profile "default"[\s\S]*sallyport login/);
  });

  test("SALLYPORT_TOKEN is used without asking the key store; an ended login neither", async () => {
    await logIn();
    keyStore.asked = 0;
    expect(bearers(await run("locks list", { env: { SALLYPORT_TOKEN: "t" } }))).toEqual(["Bearer t"]);
    expect((await run("locks list", { now: NOW + 7_200_000 })).status).toBe(4);
    expect(keyStore.asked).toBe(0);
  });

  test("locked: the command ends with what to do", async () => {
    await logIn();
    keyStore.isLocked = true;
    const { status, stderr, gate } = await run("locks list");
    expect([status, gate.calls]).toEqual([4, []]);
    expect(stderr).toMatch(/it is locked\n.*Unlock it and try again.*--key-store file/);
  });
});

describe("a logout", () => {
  test("takes it out of the key store and the profile, and ends it at the gate", async () => {
    await logIn();
    const result = await run("logout");
    expect([result.status, bearers(result), keyStore.secrets.size]).toEqual([0, ["Bearer tok-secret-1"], 0]);
    expect(new Profiles({}, home).find("default")).toEqual({ version: 1, url: GATE, user: "ada" });
    expect((await run("profiles")).stdout).toContain("logged out");
  });

  test("of a login in the file looks into the key store too", async () => {
    await logIn();
    keyStore.isLocked = true;
    await logIn(" --key-store file");
    expect(keyStore.secrets.size).toBe(1);
    keyStore.isLocked = false;
    await run("logout");
    expect([keyStore.secrets.size, profileText().includes("tok-secret")]).toEqual([0, false]);
  });

  test("takes it out of the key store whatever the gate says", async () => {
    await logIn();
    const gate = new FakeGate({ "POST /v1/logout": problemAnswer(503, "store-unavailable") });
    expect((await run("logout", { gate })).status).toBe(1);
    expect(keyStore.secrets.size).toBe(0);
  });

  test("locked: stays as it is, so that it can be repeated; --forget removes the profile all the same, and says what stays", async () => {
    await logIn();
    keyStore.isLocked = true;
    expect((await run("logout")).status).toBe(4);
    expect(new Profiles({}, home).find("default")).toMatchObject({ keyStore: "os" });
    const { status, stderr } = await run("logout --forget");
    expect([status, stderr]).toEqual([1, expect.stringContaining("stays there")]);
    expect(new Profiles({}, home).find("default")).toBeUndefined();
  });
});
