/** `sallyport login --workload` on the platforms that give jobs tokens, against a gate and a platform that are tables. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeGate, problemAnswer, runCliWith, type Answers } from "../kit/cli.ts";

const URL_OF_GATE = "https://gate.example:7700";
const GITHUB = { ACTIONS_ID_TOKEN_REQUEST_URL: "https://run.actions.example/token?api=2", ACTIONS_ID_TOKEN_REQUEST_TOKEN: "of-the-runner" };
const LOGGED_IN = { user: "deploy", token: "sp_login", expiresAt: Date.parse("2026-11-20T14:15:00Z") };

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "sallyport-workload-cli-"));
});
afterEach(() => rmSync(home, { recursive: true }));

async function login(args: readonly string[], env: Readonly<Record<string, string>>, answers: Answers = {}) {
  const gate = new FakeGate({ "POST /v1/login/workload": LOGGED_IN, ...answers });
  // Without ssh-keygen there is no certificate, which is no matter here.
  return { ...(await runCliWith(["login", "--url", URL_OF_GATE, ...args], { home, gate, env: { PATH: home, ...env } })), gate };
}

describe("GitHub", () => {
  test("is asked for a token for the gate, and told nothing else; the gate is told the token alone", async () => {
    const { status, gate } = await login(["deploy", "--workload"], GITHUB, { "GET /token": { value: "the.id.token" } });
    expect(status).toBe(0);
    const [asked] = gate.called("GET /token");
    expect(asked).toMatchObject({ query: { api: "2", audience: URL_OF_GATE }, authorization: "Bearer of-the-runner" });
    const [shown] = gate.called("POST /v1/login/workload");
    expect(shown).toMatchObject({ body: { service: "deploy", token: "the.id.token" }, authorization: null });
    expect(readFileSync(join(home, ".config/sallyport/profiles/default/profile.json"), "utf8")).not.toMatch(/id\.token|of-the-runner/);
  });

  test("is asked for another audience where that is said", async () => {
    const { gate } = await login(["deploy", "--workload", "--audience", "sallyport"], GITHUB, { "GET /token": { value: "a.b.c" } });
    expect(gate.called("GET /token")[0]?.query).toMatchObject({ audience: "sallyport" });
  });

  test.each([
    ["without the permission", { ACTIONS_ID_TOKEN_REQUEST_URL: GITHUB.ACTIONS_ID_TOKEN_REQUEST_URL }, {}, "id-token: write"],
    ["where it gives none", GITHUB, { "GET /token": { count: 1 } }, "GitHub gave no ID token"],
    ["where it fails", GITHUB, { "GET /token": problemAnswer(500, "internal") }, "GitHub gave no ID token"],
    ["over plain http", { ...GITHUB, ACTIONS_ID_TOKEN_REQUEST_URL: "http://run.actions.example/token" }, {}, "no https address"],
  ])("%s nothing is sent to the gate", async (_, env, answers, said) => {
    const { status, stderr, gate } = await login(["deploy", "--workload"], env, answers);
    expect([status, stderr]).toEqual([2, expect.stringContaining(said)]);
    expect(gate.called("POST /v1/login/workload")).toEqual([]);
    expect(stderr).not.toContain("of-the-runner");
  });
});

describe("elsewhere", () => {
  test("a file named by the variable goes before the variable with the token", async () => {
    writeFileSync(join(home, "token"), "from.the.file\n");
    const { gate } = await login(["deploy", "--workload"], { SALLYPORT_ID_TOKEN_FILE: join(home, "token"), SALLYPORT_ID_TOKEN: "other" });
    expect(gate.called("POST /v1/login/workload")[0]?.body).toEqual({ service: "deploy", token: "from.the.file" });
  });

  test.each([
    [["--workload"], {}, "Which service is this?"],
    [["deploy", "--workload"], {}, "gives no ID token here"],
    [["deploy", "--workload-token-file", "nowhere"], {}, "cannot be read"],
    [["deploy", "--client-cert", "c.pem"], {}, "go together"],
    [["deploy", "--client-cert", "c.pem", "--client-key", "k.pem", "--workload"], {}, "not both"],
    [["deploy", "--client-cert", "c.pem", "--client-key", "k.pem"], {}, "cannot be read"],
    [["deploy", "--workload", "--for", "1h"], { SALLYPORT_ID_TOKEN: "a.b.c" }, "do not go together"],
    [["deploy", "--workload", "--provider", "corp"], { SALLYPORT_ID_TOKEN: "a.b.c" }, "do not go together"],
    [["deploy", "--workload", "--key", "k.pub"], { SALLYPORT_ID_TOKEN: "a.b.c" }, "do not go together"],
  ])("%j says what is missing", async (args, env, said) => {
    if (args.includes("--key"))
      writeFileSync(join(home, "k.pub"), "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIWzCBt0XQsMKHqFBOAWiF3bV1SkVCKJcYCsZ1vAdvZU");
    const { status, stderr, gate } = await login(args, env);
    expect([status, stderr]).toEqual([2, expect.stringContaining(said)]);
    expect(gate.calls).toEqual([]);
  });
});
