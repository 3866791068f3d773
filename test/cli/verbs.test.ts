/** Verbs against a gate that is a table: what they send, what they print, how they end. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Profiles } from "../../src/cli/profile.ts";
import { answer, FakeGate, grantView, problemAnswer, runCliWith, type Answers, type CliOptions, type CliResult } from "../kit/cli.ts";

const NOW = Date.parse("2026-11-20T14:00:00Z");
const URL_OF_GATE = "http://127.0.0.1:7700";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "sallyport-verbs-"));
});
afterEach(() => rmSync(home, { recursive: true }));

function loggedIn(): void {
  new Profiles({}, home).save("default", { version: 1, url: URL_OF_GATE, user: "ada", token: "tok-secret", expiresAt: NOW + 3_600_000 });
}

async function run(line: string, answers: Answers, more: Partial<CliOptions> = {}): Promise<CliResult & { gate: FakeGate }> {
  const gate = new FakeGate(answers);
  const argv = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
  return { ...(await runCliWith(argv, { home, gate, ...more })), gate };
}

const request = {
  id: "req-4k00000000",
  version: 0,
  type: "ordinary",
  requester: "ada",
  reason: "Checkout answers 500",
  role: "debug",
  allows: ["may: a shell; any command", "at most 8 sessions at once"],
  scope: [{ target: "web-1.prod", kind: "ssh", address: "10.0.0.5:22", account: "infra", rule: "oncall" }],
  durationMs: 1_800_000,
  createdAt: NOW - 60_000,
  lapsesAt: NOW + 86_400_000,
  demands: ["1 of leads"],
  state: "pending",
  approvals: [],
  mayApprove: true,
};
const grant = grantView(NOW, {
  request: request.id,
  principal: "ada",
  reason: request.reason,
  role: "debug",
  scope: request.scope,
});

describe("whose token goes where", () => {
  const answers = { "GET /v1/locks": { locks: [] } };

  test("the profile's token goes to the profile's gate", async () => {
    loggedIn();
    const { status, gate } = await run("locks list", answers);
    expect(status).toBe(0);
    expect(gate.calls.map(({ authorization }) => authorization)).toEqual(["Bearer tok-secret"]);
  });

  test("and to no other address, whoever names it", async () => {
    loggedIn();
    for (const more of [["--url", "http://127.0.0.1:9999"], []] as const) {
      const gate = new FakeGate(answers);
      const env = more.length === 0 ? { SALLYPORT_URL: "http://127.0.0.1:9999" } : {};
      const { status } = await runCliWith(["locks", "list", ...more], { home, gate, env });
      expect([status, gate.calls]).toEqual([4, []]);
    }
  });

  test("nothing is sent without TLS beyond this machine", async () => {
    const { status, gate, stderr } = await run("locks list --url http://gate.example:7700", answers, { env: { SALLYPORT_TOKEN: "x" } });
    expect([status, gate.calls.length]).toEqual([2, 0]);
    expect(stderr).toContain("is not encrypted");
  });

  test("an expired login asks for a new one without asking the gate", async () => {
    loggedIn();
    const { status, gate } = await run("locks list", answers, { now: NOW + 7_200_000 });
    expect([status, gate.calls.length]).toEqual([4, 0]);
  });

  test("SALLYPORT_URL and SALLYPORT_TOKEN need no profile", async () => {
    const { status, gate } = await run("locks list", answers, { env: { SALLYPORT_URL: URL_OF_GATE, SALLYPORT_TOKEN: "t" } });
    expect(status).toBe(0);
    expect(gate.calls[0]?.authorization).toBe("Bearer t");
  });
});

describe("login", () => {
  const login = { user: "ada", token: "tok-new", expiresAt: NOW + 3_600_000 };

  test("keeps the token in a file of one's own, and shows it nowhere", async () => {
    const { status, stdout, stderr, gate } = await run(
      `login --url ${URL_OF_GATE} --user ada --password-stdin`,
      { "POST /v1/login": login },
      {
        stdin: "correct horse battery staple\n",
      },
    );
    expect([status, gate.called("POST /v1/login")[0]?.body]).toEqual([0, { user: "ada", password: "correct horse battery staple" }]);
    expect(stdout).toContain("Logged in to http://127.0.0.1:7700 as ada for 1h");
    expect(stdout + stderr).not.toContain("tok-new");
    expect(new Profiles({}, home).find("default")).toMatchObject({ user: "ada", token: "tok-new" });
  });

  test("the very first one sets the owner up", async () => {
    const answers = { "POST /v1/setup": { owner: "ada" }, "POST /v1/login": login };
    const { status, gate } = await run(`login --url ${URL_OF_GATE} --user ada --setup one-time --password-stdin`, answers, {
      stdin: "twelve chars!",
    });
    expect(status).toBe(0);
    expect(gate.called("POST /v1/setup")[0]?.body).toEqual({ secret: "one-time", owner: "ada", password: "twelve chars!" });
  });

  test("a wrong password is status 4, and keeps nothing", async () => {
    const answers = { "POST /v1/login": problemAnswer(401, "not-authenticated") };
    const { status } = await run(`login --url ${URL_OF_GATE} --user ada --password-stdin`, answers, { stdin: "wrong" });
    expect(status).toBe(4);
    expect(new Profiles({}, home).find("default")).toBeUndefined();
  });

  test("without a terminal nothing is asked", async () => {
    const { status, stderr } = await run(`login --url ${URL_OF_GATE} --user ada`, {});
    expect([status, stderr]).toEqual([2, expect.stringContaining("--password-stdin is needed")]);
  });

  test("logout ends the token at the gate and forgets it here", async () => {
    loggedIn();
    const { status, gate } = await run("logout", { "POST /v1/logout": 204 });
    expect([status, gate.called("POST /v1/logout").length]).toEqual([0, 1]);
    expect(new Profiles({}, home).find("default")).toEqual({ version: 1, url: URL_OF_GATE, user: "ada" });
  });

  test("a logout that the gate did not hear of says so, and still forgets", async () => {
    loggedIn();
    const { status, stderr } = await run("logout", { "POST /v1/logout": problemAnswer(503, "store-unavailable") });
    expect([status, stderr]).toEqual([1, expect.stringContaining("may stay valid")]);
    expect(new Profiles({}, home).find("default")?.token).toBeUndefined();
  });
});

describe("request and approve", () => {
  beforeEach(loggedIn);

  test("request sends what was said", async () => {
    const line =
      'request --role debug -t web-1.prod -t service=checkout,env=prod --for 1h30m --reason "Checkout answers 500" --ticket INC-1';
    const { status, stdout, gate } = await run(line, { "POST /v1/requests": answer(201, { request }) });
    expect(status).toBe(0);
    expect(gate.calls[0]?.body).toEqual({
      role: "debug",
      targets: ["web-1.prod", "service=checkout,env=prod"],
      durationMs: 5_400_000,
      reason: "Checkout answers 500",
      ticket: "INC-1",
    });
    expect(stdout).toContain("sallyport requests req-4k00000000 --wait");
  });

  test("--wait follows it to the decision; denied is status 3", async () => {
    const denied = { ...request, state: "denied", closedBy: "lea", closedReason: "Use the replica" };
    const stream = `id: 1\ndata: ${JSON.stringify({ request })}\n\nid: 2\ndata: ${JSON.stringify({ request: denied })}\n\n`;
    const { status, stdout } = await run('request --role debug -t web-1.prod --reason "x" --wait', {
      "POST /v1/requests": answer(201, { request }),
      "GET /v1/requests/stream": answer(200, stream, "text/event-stream"),
      [`GET /v1/requests/${request.id}`]: request,
    });
    expect(status).toBe(3);
    expect(stdout).toContain("Use the replica");
  });

  test("a decision made before the stream was open is not waited for", async () => {
    const approved = { ...request, state: "approved", grant: grant.id };
    const { status, stdout } = await run('request --role debug -t web-1.prod --reason "x" --wait --json', {
      "POST /v1/requests": answer(201, { request }),
      "GET /v1/requests/stream": answer(200, ": nothing\n\n", "text/event-stream"),
      [`GET /v1/requests/${request.id}`]: approved,
      [`GET /v1/grants/${grant.id}`]: grant,
    });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ request: { state: "approved" }, grant: { end: "2026-11-20T14:30:00.000Z" } });
  });

  test("approve takes a shortened id, and may shorten", async () => {
    const { status, stdout, gate } = await run("approve 4k --for 10m", {
      "GET /v1/requests": { requests: [request] },
      [`POST /v1/requests/${request.id}/approve`]: { request: { ...request, state: "approved" }, grant },
    });
    expect(status).toBe(0);
    expect(gate.calls.at(-1)?.body).toEqual({ durationMs: 600_000 });
    expect(stdout).toBe("Approved. ada has debug on web-1.prod for 30m (gr-7xk0000000).\n");
  });

  test("without an id nothing is approved by itself, not even the only one", async () => {
    const { status, stderr, gate } = await run("approve", { "GET /v1/requests": { requests: [request] } });
    expect([status, stderr]).toEqual([2, expect.stringContaining(request.id)]);
    expect(gate.calls.length).toBe(1);
  });

  test("a refusal tells what, by which rule, and what next, in two lines", async () => {
    const { status, stdout, stderr } = await run("approve req-4k00000000", {
      [`POST /v1/requests/${request.id}/approve`]: problemAnswer(403, "own-request", { detail: '"ada"', rule: "oncall" }),
    });
    expect([status, stdout]).toEqual([3, ""]);
    expect(stderr).toBe('sallyport: It says no: "ada"\n  decided by "oncall"\n  Do this next\n');
  });

  test("with --json the refusal is JSON, on standard error", async () => {
    const { stdout, stderr } = await run("approve req-4k00000000 --json", {
      [`POST /v1/requests/${request.id}/approve`]: problemAnswer(403, "own-request"),
    });
    expect(stdout).toBe("");
    expect(JSON.parse(stderr)).toEqual({ error: "It says no", next: "Do this next", code: "own-request", exitStatus: 3 });
  });
});

describe("what a gate answers does not act on the terminal", () => {
  beforeEach(loggedIn);
  const evil = "\u001b]0;owned\u0007\u001b[2J\u202e";

  test.each([
    ["requests", { "GET /v1/requests": { requests: [{ ...request, reason: evil }] } }],
    ["deny req-4k00000000 --reason x", { [`POST /v1/requests/${request.id}/deny`]: { ...request, requester: "ada", reason: evil } }],
    ["requests req-4k00000000", { [`GET /v1/requests/${request.id}`]: { ...request, reason: evil, demands: [evil] } }],
    ["config explain", { "GET /v1/config/explain": { lines: [evil] } }],
    ["locks list", { "GET /v1/locks": problemAnswer(403, "locked", { detail: evil, next: evil, rule: evil }) }],
    ["user list", { "GET /v1/users": problemAnswer(500, evil) }],
  ])("%s", async (line, answers) => {
    for (const more of ["", " --json"]) {
      for (const terminal of [true, false]) {
        const { stdout, stderr } = await run(line + more, answers, { terminal });
        // Colours of our own are all there may be.
        // eslint-disable-next-line no-control-regex -- what it looks for
        expect((stdout + stderr).replaceAll(/\u001b\[\d{1,2}m/g, "")).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
      }
    }
  });
});

test("an approver is told what the role allows, not only its name", async () => {
  loggedIn();
  const { stdout } = await run("requests req-4k00000000", { [`GET /v1/requests/${request.id}`]: request });
  expect(stdout).toMatch(/role +debug\nallows +may: a shell; any command\n +at most 8 sessions at once\ntargets/);
});

describe("exit statuses", () => {
  test.each([
    ["locks list", {}, 4],
    ["locks lift lock-0 --nonsense", {}, 2],
    ["nonsense", {}, 2],
    ["targets show", {}, 2],
    ["", {}, 2],
    ["--version", {}, 0],
    ["help no-grant", {}, 0],
    ["help nonsense", {}, 2],
    ["config check missing.yaml", {}, 1],
    ["why ada debug", {}, 2],
  ])("%s → %i", async (line, answers, expected) => {
    expect((await run(line, answers)).status).toBe(expected);
  });

  test("a gate that does not answer is 6", async () => {
    loggedIn();
    const { status, stderr } = await runCliWith(["status"], { home });
    expect([status, stderr]).toEqual([6, expect.stringContaining("ECONNREFUSED")]);
    expect(stderr).not.toContain("    at ");
  });

  test("something else in its place is told apart", async () => {
    loggedIn();
    const { status, stderr } = await run("locks list", { "GET /v1/locks": answer(200, "<html>", "text/html") });
    expect([status, stderr]).toEqual([1, expect.stringContaining("is not JSON")]);
  });

  test("a problem of a field is told once", async () => {
    loggedIn();
    const problem = problemAnswer(400, "bad-request", {
      detail: '"query.role": too long',
      errors: [{ at: "query.role", message: "too long" }],
    });
    const { status, stderr } = await run("why me debug web-1.prod", { "GET /v1/why": problem });
    expect([status, stderr.match(/too long/g)]).toEqual([2, ["too long"]]);
  });

  test("a file that is good with a warning says that it is one", async () => {
    const file = join(home, "sallyport.yaml");
    await run(`init --name gate.example.com --owner ada --config ${file}`, {});
    const { status, stdout } = await run(`config check ${file}`, {});
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(/sallyport.yaml:\d+:\d+: warning: gate: there should be [^]* is good \([0-9a-f]{12}\), with a warning\./),
    ]);
  });

  test("why: deny is 3", async () => {
    loggedIn();
    const why = { verdict: "deny", demands: [], lines: ["rule oncall: ada is not in group:oncall"] };
    const denied = await run('why me "ssh.exec uptime" web-1.prod', { "GET /v1/why": why });
    expect([denied.status, denied.gate.calls[0]?.query]).toEqual([3, { target: "web-1.prod", action: "ssh.exec uptime" }]);
    const words = await run('why me "drop table" web-1.prod', { "GET /v1/why": why });
    expect(words.gate.calls[0]?.query).toEqual({ target: "web-1.prod", action: "drop table" });
    const allowed = await run("why bob debug web-1.prod", { "GET /v1/why": { ...why, verdict: "ask" } });
    expect([allowed.status, allowed.gate.calls[0]?.query]).toEqual([0, { target: "web-1.prod", principal: "bob", role: "debug" }]);
  });
});

describe("a host is added", () => {
  const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVYOQS6h3gLgvY4oCbS1m8rzcvUmhtrVsRz4rWQ5Iiu";
  const authority = { publicKey: `${key} x`, fingerprint: "SHA256:a" };
  const authorities = { gate: "prod", login: authority, access: authority, host: authority, log: "prod/a+00000000+AAAA" };

  test("script and entry, with the keys that the gate sees to compare", async () => {
    loggedIn();
    const { status, stdout, gate } = await run("host add web-1.prod --address web-1.internal --label env=prod", {
      "GET /v1/authorities": authorities,
      "POST /v1/hosts/scan": { address: "web-1.internal:22", keys: [{ type: "ssh-ed25519", publicKey: key, fingerprint: "SHA256:seen" }] },
    });
    expect([status, gate.calls.at(-1)?.body]).toEqual([0, { address: "web-1.internal:22" }]);
    for (const part of ["Match User infra", "targets:\n  web-1.prod:", `- ${key}`, "SHA256:seen", "sallyport host check web-1.prod"]) {
      expect(stdout).toContain(part);
    }
  });

  test("--script is the script alone, and needs no login", async () => {
    const { status, stdout } = await run(`host add web-1.prod --script --url ${URL_OF_GATE}`, { "GET /v1/authorities": authorities });
    expect([status, stdout.startsWith("#!/bin/sh\n"), stdout.endsWith("main </dev/null\n")]).toEqual([0, true, true]);
  });
});

describe("ssh-config", () => {
  const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVYOQS6h3gLgvY4oCbS1m8rzcvUmhtrVsRz4rWQ5Iiu";
  const answers = {
    "GET /v1/ssh-config": {
      gate: { name: "prod", sshHost: "gate.example", sshPort: 7722 },
      hostAuthority: key,
      targets: [{ name: "web-1.prod", labels: {} }],
    },
    "POST /v1/certificates/login": {
      certificate: "ssh-ed25519-cert-v01@openssh.com AAAA",
      serial: "1",
      principals: ["ada"],
      validBefore: NOW + 3_600_000,
    },
  };

  beforeEach(() => {
    loggedIn();
    const profiles = new Profiles({}, home);
    writeFileSync(join(profiles.folderOf("default"), "id_ed25519.pub"), `${key}\n`);
  });

  test("--install twice is as once, keeps what was there, and --uninstall takes it out", async () => {
    const ssh = join(home, "ssh");
    await run("ssh-config --install --ssh-dir ssh", answers);
    const before = "Host mine\n  User me\n";
    rmSync(ssh, { recursive: true });
    await run("ssh-config --install --ssh-dir ssh", answers);
    writeFileSync(join(ssh, "config"), before);
    for (let i = 0; i < 2; i += 1) expect((await run("ssh-config --install --ssh-dir ssh", answers)).status).toBe(0);
    const config = readFileSync(join(ssh, "config"), "utf8");
    expect(config.match(/Include/g)).toHaveLength(1);
    expect(config.endsWith(before)).toBe(true);
    expect(readFileSync(join(ssh, "config.before-sallyport"), "utf8")).toBe(before);
    expect(readFileSync(join(ssh, "sallyport/default.known_hosts"), "utf8")).toBe(`@cert-authority [gate.example]:7722 ${key}\n`);
    expect(readFileSync(join(ssh, "sallyport/default.conf"), "utf8")).toContain("Host web-1.prod\n  User web-1.prod\n");
    expect((await run("ssh-config --uninstall --ssh-dir ssh", {})).status).toBe(0);
    expect(readFileSync(join(ssh, "config"), "utf8")).toBe(before);
    expect(existsSync(join(ssh, "sallyport/default.conf"))).toBe(false);
  });
});

test("nothing to choose from is said as that, not as a wrong name", async () => {
  loggedIn();
  const none = await run("approve", { "GET /v1/requests": { requests: [] } });
  expect([none.status, none.stderr]).toEqual([5, "sallyport: No request waits for you\n"]);
  const json = await run("approve --json", { "GET /v1/requests": { requests: [] } });
  expect(JSON.parse(json.stderr)).toEqual({ error: "No request waits for you", code: "not-found", exitStatus: 5 });
});

test("what is handed to a new user is a whole command line, without the secret in it", async () => {
  loggedIn();
  const { stdout } = await run("user create bob", {
    "POST /v1/users": { name: "bob", type: "human", groups: [], createdAt: NOW, hasPassword: false },
    "POST /v1/users/bob/reset": { secret: "reset-secret", expiresAt: NOW },
  });
  expect(stdout).toContain(`\n  sallyport login --url ${URL_OF_GATE} --user bob --reset\nIt asks for this secret: reset-secret\n`);
});

test("a script is one JSON value too, where that was asked for", async () => {
  const plain = await run("completion bash", {});
  const json = await run("completion bash --json", {});
  expect(JSON.parse(json.stdout)).toEqual({ shell: "bash", script: plain.stdout });
});

test("a path that refuses is named, with what to look at", async () => {
  writeFileSync(join(home, "file"), "");
  const { status, stderr } = await run(`init --name gate.example --owner ada --config ${home}/file/sallyport.yaml`, {});
  expect([status, stderr]).toEqual([
    1,
    expect.stringMatching(/^sallyport: ENOTDIR: .*\n {2}Check that path, its owner and its permissions\n$/),
  ]);
});
