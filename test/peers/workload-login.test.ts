/** Services log in by what their platform signs: a real provider's ID token from a real flow, and the command line as a job runs it. */
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startIssuer, type IssuerStandIn } from "../kit/issuer-stand-in.ts";
import { MiniBrowser } from "../kit/mini-browser.ts";
import { startOidcProvider, type OidcProvider } from "../kit/oidc-provider.ts";
import { run } from "../kit/process.ts";
import { startWorkloadGate, type WorkloadGate } from "../kit/workload-gate.ts";

const CLI = new URL("../../src/main/cli.ts", import.meta.url).pathname;
const REDIRECT = "http://127.0.0.1:1/back";

let provider: OidcProvider;
let ci: IssuerStandIn;
let world: WorkloadGate;
let home: string;
beforeAll(async () => {
  provider = await startOidcProvider({ redirectUris: [REDIRECT], clientId: "pipelines" });
  ci = await startIssuer();
  home = await mkdtemp(join(tmpdir(), "sallyport-job-"));
  world = await startWorkloadGate({
    workloads: () => `  nightly: { issuer: "${provider.issuer}", audience: pipelines, claims: { sub: nightly-job } }
  deploy: { issuer: "${ci.issuer}", claims: { sub: "repo:acme/shop", kubernetes.io.namespace: shop, protected: true } }
  helper: { issuer: "${ci.issuer}", claims: { sub: "agent:debug" } }
agents: { helper: { for: ada } }`,
  });
  for (const name of ["nightly", "deploy"]) await world.add(name, "service");
  await world.add("helper", "agent");
  await world.add("ada", "human");
}, 60_000);
afterAll(async () => {
  for (const each of [world, provider, ci]) await each?.[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

const CLAIMS = { sub: "repo:acme/shop", "kubernetes.io": { namespace: "shop" }, protected: true };
const forDeploy = (more: object = {}) => ci.sign({ aud: world.url, ...CLAIMS, ...more });
const logIn = (service: string, token: string) => world.client().call("login.workload", { body: { service, token } });

/** The ID token that the provider issues to `account` by authorization code and PKCE. */
async function idTokenOf(account: string): Promise<string> {
  provider.accounts.set(account, { groups: [] });
  const verifier = randomBytes(32).toString("base64url");
  const query = new URLSearchParams({
    client_id: provider.clientId,
    redirect_uri: REDIRECT,
    response_type: "code",
    scope: "openid",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  });
  const back = await new MiniBrowser().walk(`${provider.issuer}/auth?${query.toString()}`, account, ({ pathname }) => pathname === "/back");
  const answer = await fetch(`${provider.issuer}/token`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${provider.clientId}:${encodeURIComponent(provider.clientSecret).replaceAll("%20", "+")}`)}` },
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code: back.searchParams.get("code") ?? "",
      redirect_uri: REDIRECT,
      code_verifier: verifier,
    }),
  });
  return ((await answer.json()) as { id_token: string }).id_token;
}

describe("a real provider", () => {
  test("what it signs for the workload is a login of fifteen minutes at most, on record with who it was", async () => {
    const token = await idTokenOf("nightly-job");
    const before = Date.now();
    const login = await logIn("nightly", token);
    expect(login.user).toBe("nightly");
    expect(login.expiresAt).toBeLessThanOrEqual(Date.now() + 15 * 60_000);
    expect(login.expiresAt).toBeGreaterThan(before);
    const { me } = await world.client(login.token).call("status.show");
    expect(me).toMatchObject({ name: "nightly", type: "service" });
    const [ok] = await world.gate.store.log.query({ kinds: ["login.ok"], principal: "nightly", limit: 10 });
    expect(ok?.body).toMatchObject({
      method: "workload",
      door: "api",
      workload: { issuer: provider.issuer, subject: "nightly-job", mapping: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(JSON.stringify(ok)).not.toContain(token.split(".")[2]);
  });

  test("a person's of the same issuer is refused", async () => {
    await expect(logIn("nightly", await idTokenOf("ada"))).rejects.toMatchObject({ code: "workload-refused" });
    expect(await world.reasons()).toContain('its claim "sub" is another; sub "ada"');
  });
});

describe("a login", () => {
  test("ends with its ID token where that is sooner", async () => {
    const exp = Math.floor(Date.now() / 1000) + 40;
    expect((await logIn("deploy", await forDeploy({ exp }))).expiresAt).toBe(exp * 1000);
  });

  test("has the service's groups, asks for access, and gets it by the rules", async () => {
    const { token } = await logIn("deploy", await forDeploy());
    const body = { reason: "roll out", role: "debug", targets: ["web-1"], durationMs: 60_000 };
    const { grant } = await world.client(token).call("requests.create", { body });
    expect(grant).toMatchObject({ state: "active" });
  });

  test("makes nothing that outlives it: no token, no key, no console", async () => {
    const { token } = await logIn("deploy", await forDeploy());
    const client = world.client(token);
    const make = client.call("tokens.create", { body: { name: "for ever", scopes: ["all"], ttlMs: 86_400_000 } });
    await expect(make).rejects.toMatchObject({ code: "not-permitted" });
    const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIWzCBt0XQsMKHqFBOAWiF3bV1SkVCKJcYCsZ1vAdvZU";
    const add = client.call("keys.add", { params: { name: "deploy" }, body: { publicKey } });
    await expect(add).rejects.toMatchObject({ code: "not-permitted" });
    await expect(client.call("handover.create")).rejects.toMatchObject({ code: "not-permitted" });
    const { userCode } = await world.client().call("device.begin");
    await expect(client.call("device.decide", { body: { code: userCode, approve: true } })).rejects.toMatchObject({
      code: "not-permitted",
    });
  });

  test("an agent acts for its person, and is nobody once that person is disabled", async () => {
    const sign = () => ci.sign({ aud: world.url, sub: "agent:debug" });
    const { token } = await logIn("helper", await sign());
    expect((await world.client(token).call("status.show")).me).toMatchObject({ name: "helper", type: "agent", actsFor: "ada" });
    const owner = await world.owner();
    await owner.call("users.disable", { params: { name: "ada" }, body: { reason: "left" } });
    await expect(world.client(token).call("status.show")).rejects.toMatchObject({ code: "locked" });
    await expect(logIn("helper", await sign())).rejects.toMatchObject({ code: "workload-refused" });
    expect((await world.reasons()).join("\n")).toMatch(/locked: "helper" acts for "ada", who is disabled/);
    await owner.call("users.enable", { params: { name: "ada" } });
  });
});

describe("the command line in a job", () => {
  const sallyport = (args: readonly string[], env: Readonly<Record<string, string>> = {}, input?: string) =>
    run(process.execPath, [CLI, ...args], {
      cwd: home,
      env: { PATH: process.env["PATH"] ?? "", HOME: home, SALLYPORT_HOME: join(home, "job"), SALLYPORT_URL: world.url, ...env },
      ...(input !== undefined && { input }),
    });

  test("logs in by the token in a file, and goes on as the service", async () => {
    const file = join(home, "id-token");
    await writeFile(file, `${await forDeploy()}\n`);
    const login = await sallyport(["login", "deploy", "--workload-token-file", file]);
    expect({ status: login.status, stderr: login.stderr.toString() }).toMatchObject({ status: 0 });
    expect(login.stdout.toString()).toContain("as deploy");
    const profile = join(home, "job", "profiles", "default", "profile.json");
    expect((await stat(profile)).mode & 0o777).toBe(0o600);
    expect(await readFile(profile, "utf8")).not.toContain("eyJ");
    expect((await stat(join(home, "job", "profiles", "default", "login-cert.pub"))).isFile()).toBe(true);
    const request = await sallyport(["request", "--target", "web-1", "--role", "debug", "--for", "5m", "--reason", "roll out", "--json"]);
    expect({ status: request.status, stderr: request.stderr.toString() }).toEqual({ status: 0, stderr: "" });
  });

  test.each([
    ["standard input", async () => sallyport(["login", "deploy", "--workload-token-file", "-"], {}, await forDeploy())],
    ["the variable that GitLab sets", async () => sallyport(["login", "deploy", "--workload"], { SALLYPORT_ID_TOKEN: await forDeploy() })],
  ])("takes it from %s", async (_, login) => {
    const { status, stdout } = await login();
    expect([status, stdout.toString()]).toEqual([0, expect.stringContaining("as deploy")]);
  });

  test("is told the same whatever was wrong, in words that say where the reason is", async () => {
    const told = new Set<string>();
    const tokens = ["rubbish", await forDeploy({ sub: "repo:evil/shop" }), await forDeploy({ aud: "https://elsewhere.example" })];
    for (const token of tokens) {
      const { status, stderr } = await sallyport(["login", "deploy", "--workload"], { SALLYPORT_ID_TOKEN: token });
      expect(status).toBe(4);
      told.add(stderr.toString());
    }
    const { stderr } = await sallyport(["login", "no-such-service", "--workload"], { SALLYPORT_ID_TOKEN: await forDeploy() });
    told.add(stderr.toString());
    expect([...told]).toHaveLength(1);
    expect([...told][0]).toContain("login.failed");
  });

  test("a token of the real provider does as well", async () => {
    const token = await idTokenOf("nightly-job");
    expect(decodeJwt(token).aud).toBe("pipelines");
    const { status } = await sallyport(["login", "nightly", "--workload"], { SALLYPORT_ID_TOKEN: token });
    expect(status).toBe(0);
  });
});
