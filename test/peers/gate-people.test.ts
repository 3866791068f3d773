/** What people may do to themselves and each other, on a whole gate: over its API, its SSH door and its command line. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openClient, type Client } from "../../src/contract/client.ts";
import { Secret } from "../../src/kernel/secret.ts";
import { requirePeer } from "../kit/peers.ts";
import { run } from "../kit/process.ts";
import { PASSWORD, startServing, type Person, type Serving } from "../kit/serving.ts";
import { until } from "../kit/until.ts";

const sshd = requirePeer("OpenSSH server", "sshd");
const ROLES = `  small: { ssh: { account: SELF, shell: true, exec: true, files: write }, budget: { bytes: 256KiB } }
  brief: { ssh: { account: SELF, exec: true }, budget: { time: 2s } }
  single: { ssh: { account: SELF, exec: true }, budget: { sessions: 1 } }
  film: { ssh: { account: SELF, exec: true }, recording: { exec: full }, budget: { recording: 64KiB } }
  quorum: { ssh: { account: SELF, exec: true } }`;
const RULES = `  - { name: limited, who: [ana], roles: [small, brief, single, film], targets: { names: [web-1.prod] }, max: 1h, approval: none }
  - { name: two-places, who: [ana, lea], roles: [quorum], targets: { names: [web-1.prod] }, max: 1h, approval: 1 of leads and 1 of owners }`;

let gate: Serving;

/** `ssh` as ana that stays until it is cut. */
async function startStaying(target: string, command = "echo begun; sleep 60") {
  const child = spawn("ssh", [...gate.sshArgs("ana"), `${target}@127.0.0.1`, command], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  let bytes = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ended = once(child, "close");
  await Promise.race([once(child.stdout, "data"), ended]);
  return { ended, said: () => said, bytes: () => bytes };
}

async function within(ms: number, what: Promise<unknown>): Promise<number> {
  const start = performance.now();
  await what;
  const took = performance.now() - start;
  expect(took).toBeLessThan(ms);
  return Math.round(took);
}

const console_ = (person: Person, ...words: string[]) => run("ssh", [...gate.sshArgs(person), "gate@127.0.0.1", ...words]);
const ask = (person: Person, role: string, more: { breakGlass?: boolean } = {}) =>
  gate
    .client(person)
    .call("requests.create", { body: { reason: "checkout is slow", role, targets: ["web-1.prod"], durationMs: 600_000, ...more } });
const kinds = async (...wanted: string[]) =>
  (await gate.client("olga").call("audit.search", { query: { kinds: wanted, limit: 100 } })).events;

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(sshd.missing)(sshd.title("people at a gate"), () => {
  beforeAll(async () => {
    gate = await startServing({ roles: ROLES, rules: RULES });
  });
  afterAll(() => gate?.[Symbol.asyncDispose]());
  // Each test begins without a grant: two on one target would have to be told apart.
  afterEach(async () => {
    const owner = gate.client("olga");
    const { grants } = await owner.call("grants.list", { query: { all: true, state: "active" } });
    for (const { id } of grants) await owner.call("grants.revoke", { params: { id }, body: { reason: "the test is over" } });
  });

  test("the set-up secret works once", async () => {
    const body = { secret: gate.setupSecret, owner: "olga", password: PASSWORD };
    await expect(gate.client("nobody").call("setup.complete", { body })).rejects.toMatchObject({ code: "not-authenticated" });
    expect(await kinds("setup.completed")).toHaveLength(1);
  });

  test("nobody approves their own request: API, command line, ssh", async () => {
    const { request } = await ask("lea", "quorum");
    await expect(gate.client("lea").call("requests.approve", { params: { id: request.id } })).rejects.toMatchObject({
      code: "own-request",
    });
    expect((await console_("lea", "approve", request.id)).status).not.toBe(0);
    const env = { ...process.env, HOME: gate.dir, SALLYPORT_URL: gate.url, SALLYPORT_TOKEN: gate.token("lea") };
    const typed = await run(process.execPath, ["src/main/cli.ts", "approve", request.id], { env });
    expect(typed.status).toBe(3);
    expect(typed.stderr.toString()).toContain("own");
    expect((await gate.client("lea").call("requests.show", { params: { id: request.id } })).state).toBe("pending");
    await gate.client("lea").call("requests.cancel", { params: { id: request.id }, body: { reason: "no" } });
  });

  test("one person in two groups fills one place of a quorum", async () => {
    // olga is a lead and an owner.
    const { request } = await ask("ana", "quorum");
    const approve = (person: Person) => gate.client(person).call("requests.approve", { params: { id: request.id } });
    expect(await approve("olga")).not.toHaveProperty("grant");
    await expect(approve("olga")).rejects.toMatchObject({ code: expect.any(String) as string });
    expect((await gate.client("ana").call("requests.show", { params: { id: request.id } })).state).toBe("pending");
    expect(await approve("lea")).toHaveProperty("grant");
  });

  test("ssh gate approve needs no command line", async () => {
    const { request } = await ask("ana", "debug");
    expect((await console_("lea", "requests")).stdout.toString()).toContain(request.id);
    expect((await console_("lea", "approve", request.id)).status).toBe(0);
    expect(await gate.ssh(["echo", "in"])).toMatchObject({ status: 0 });
  });

  test.each([
    ["small", "bytes", "head -c 3000000 /dev/zero"],
    ["brief", "connected time", "echo begun; sleep 30"],
    ["film", "recording", "head -c 3000000 /dev/zero"],
  ])("the budget of %s ends the session: %s", async (role, what, command) => {
    await ask("ana", role);
    const session = await startStaying("web-1.prod", command);
    await session.ended;
    expect(session.said()).toContain(`${what} [budget-used-up]`);
    expect(session.bytes()).toBeLessThan(3_000_000);
  });

  test("a budget of one session is one session, and free again after it", async () => {
    await ask("ana", "single");
    const session = await startStaying("web-1.prod");
    const second = await gate.ssh(["true"]);
    expect(second.stderr.toString()).toContain("[too-many-sessions]");
    const { sessions } = await gate.client("ana").call("sessions.list", { query: { live: true } });
    for (const { id } of sessions) await gate.client("ana").call("sessions.kill", { params: { id }, body: { reason: "mine" } });
    await session.ended;
    await until(async () => (await gate.ssh(["true"])).status === 0);
  });

  test("a narrowed configuration bites a live session at SIGHUP", async () => {
    await gate.grant();
    const session = await startStaying("web-1.prod");
    const text = await readFile(gate.configPath, "utf8");
    await writeFile(gate.configPath, text.replace("oncall: [ana]", "oncall: []"));
    gate.signal("SIGHUP");
    console.log(`gate-people: cut ${await within(1_500, session.ended)} ms after SIGHUP`);
    expect(session.said()).toMatch(/\[(grant-narrowed|no-rule|no-grant)\]/);
    expect((await kinds("config.loaded"))[0]?.body?.["diff"]).toEqual(expect.arrayContaining([expect.stringContaining("oncall")]));
    await writeFile(gate.configPath, text);
    await gate.client("olga").call("config.reload");
  });

  test("disabling a person cuts what they have open, at once and for good", async () => {
    await gate.grant();
    const session = await startStaying("web-1.prod");
    const own = gate.client("ana");
    await gate.client("olga").call("users.disable", { params: { name: "ana" }, body: { reason: "left" } });
    console.log(`gate-people: cut ${await within(1_000, session.ended)} ms after the person was disabled`);
    await expect(own.call("status.show")).rejects.toMatchObject({
      code: expect.stringMatching(/not-authenticated|token-expired/) as string,
    });
    expect((await gate.ssh(["true"])).status).toBe(255);
    await gate.client("olga").call("users.enable", { params: { name: "ana" } });
    await expect(own.call("status.show")).rejects.toMatchObject({ code: "not-authenticated" });
    expect((await gate.ssh(["true"])).stdout.toString()).toBe("");
    await gate.login("ana");
  });

  test("break-glass is immediate and loud; somebody else reviews it", async () => {
    const { grant } = await ask("ana", "debug", { breakGlass: true });
    expect(await gate.ssh(["echo", "fire"])).toMatchObject({ status: 0 });
    expect(await kinds("break-glass.opened")).toHaveLength(1);
    const review = (person: Person) =>
      gate.client(person).call("grants.review", { params: { id: grant?.id ?? "" }, body: { verdict: "justified", note: "it burned" } });
    await expect(review("ana")).rejects.toMatchObject({ code: expect.stringMatching(/own-request|not-approver|not-permitted/) as string });
    expect((await review("lea")).breakGlass).toMatchObject({ verdict: "justified", reviewedBy: "lea" });
  });

  test("words of commands and of what terminals showed are found", async () => {
    await gate.grant();
    expect(await gate.ssh(["echo $((6*7))-quuxly"])).toMatchObject({ status: 0 });
    const owner = gate.client("olga");
    const { events } = await owner.call("audit.search", { query: { words: "quuxly", kinds: ["ssh.exec"] } });
    expect(events).toMatchObject([{ principal: "ana", target: "web-1.prod", body: { command: "echo $((6*7))-quuxly" } }]);
    const { hits } = await owner.call("audit.output", { query: { words: "42-quuxly" } });
    expect(hits).toMatchObject([{ session: events[0]?.session, text: "42-quuxly" }]);
    expect(await kinds("recording.viewed")).not.toEqual([]);
  });

  test("a token gives what its scopes say, until it ends or is revoked", async () => {
    const olga = gate.client("olga");
    const make = (scopes: string[], ttlMs = 60_000) => olga.call("tokens.create", { body: { name: "t", scopes, ttlMs } });
    const as = ({ secret }: { secret: string }): Client => openClient({ url: gate.url, token: new Secret(secret) });
    const reader = await make(["audit.read"]);
    expect((await as(reader).call("audit.search", { query: { limit: 1 } })).events).toHaveLength(1);
    await expect(as(reader).call("users.list")).rejects.toMatchObject({ code: "not-permitted" });
    await expect(as(reader).call("status.show")).rejects.toMatchObject({ code: "not-permitted" });
    await expect(
      as(await make(["all"])).call("tokens.create", { body: { name: "x", scopes: ["all"], ttlMs: 60_000 } }),
    ).rejects.toMatchObject({
      code: "not-permitted",
    });
    await olga.call("tokens.revoke", { params: { id: reader.token.id } });
    await expect(as(reader).call("audit.search")).rejects.toMatchObject({ code: "not-authenticated" });
    await expect(
      gate.client("ana").call("tokens.create", { body: { name: "x", scopes: ["audit.read"], ttlMs: 60_000 } }),
    ).rejects.toMatchObject({
      code: "not-permitted",
    });
  });

  test("a reset ends every login of a person, and its secret works once", async () => {
    const owner = gate.client("olga");
    const { secret } = await owner.call("users.reset", { params: { name: "lea" } });
    const body = { user: "lea", secret, password: PASSWORD };
    await gate.client("nobody").call("password.reset", { body });
    await expect(gate.client("nobody").call("password.reset", { body })).rejects.toMatchObject({ code: "not-authenticated" });
    await expect(gate.client("lea").call("status.show")).rejects.toMatchObject({ code: "not-authenticated" });
    await gate.login("lea");
  });

  test("the last owner cannot be disabled, and recovers from the machine's console only", async () => {
    const owner = gate.client("olga");
    await expect(owner.call("users.disable", { params: { name: "olga" }, body: { reason: "oops" } })).rejects.toMatchObject({
      code: "wrong-state",
    });
    const recover = (user: string) => gate.cli("user", "recover", user, "--config", gate.configPath, "--data-dir", gate.dataDir, "--json");
    expect((await recover("olga")).stderr.toString()).toContain("Another gate uses this data directory");
    expect(await gate.stop()).toBe(0);
    expect((await recover("ana")).status).not.toBe(0);
    const { secret } = JSON.parse((await recover("olga")).stdout.toString()) as { secret: string };
    await gate.restart();
    await expect(gate.login("olga")).resolves.toBeUndefined();
    await gate.client("nobody").call("password.reset", { body: { user: "olga", secret, password: "found it again, at last" } });
    await expect(gate.login("olga")).rejects.toMatchObject({ code: "not-authenticated" });
    const { token } = await gate.client("nobody").call("login.password", { body: { user: "olga", password: "found it again, at last" } });
    const again = openClient({ url: gate.url, token: new Secret(token) });
    await again.call("password.change", { body: { old: "found it again, at last", new: PASSWORD } });
    await gate.login("olga");
    expect((await kinds("user.reset-issued")).map(({ body }) => body?.["how"])).toContain("machine-console");
  });

  test("guesses slow down whoever guesses, and lock nobody else out, not even after a restart", async () => {
    await gate.login("ana");
    await gate.stop();
    await gate.restart();
    // From another address of this machine: a stranger.
    const guess = (user: string) =>
      run("curl", [
        "-s",
        "--interface",
        "127.0.0.9",
        "-H",
        "content-type: application/json",
        "-d",
        JSON.stringify({ user, password: "wrong" }),
        `${gate.url}/v1/login`,
      ]);
    let answer = "";
    for (let n = 0; n < 8 && !answer.includes("too-many-attempts"); n += 1) answer = (await guess("ana")).stdout.toString();
    expect(answer).toContain("too-many-attempts");
    await gate.login("ana");
    await gate.login("lea");
  });
});
