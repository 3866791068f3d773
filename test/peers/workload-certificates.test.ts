/** Services log in by certificates over real TLS, with what OpenSSL made of several authorities; and attacks on that. */
import { chmod, copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { fetchShowing } from "../../src/cli/mutual-fetch.ts";
import { CertificateMaker, type MadeCertificate } from "../kit/certificates.ts";
import { run } from "../kit/process.ts";
import { startWorkloadGate, type WorkloadGate } from "../kit/workload-gate.ts";

const CLI = new URL("../../src/main/cli.ts", import.meta.url).pathname;
const URI = "spiffe://example.org/reporter";

let dir: string;
let made: CertificateMaker;
let mesh: MadeCertificate;
let other: MadeCertificate;
let between: MadeCertificate;
let reporter: MadeCertificate;
let world: WorkloadGate;
const trustedBefore = getCACertificates("default");
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "sallyport-mesh-"));
  made = new CertificateMaker(dir);
  mesh = await made.authority("mesh");
  other = await made.authority("other");
  between = await made.issue(mesh, { name: "between", isAuthority: true, purpose: "none" });
  reporter = await made.issue(mesh, { name: "reporter", alternativeNames: `URI:${URI}` });
  world = await startWorkloadGate({
    tls: true,
    workloads: () => `  reporter: { certificate: { authority: "file:${mesh.cert}", uri: "${URI}" } }
  under: { certificate: { authority: "file:${between.cert}", uri: spiffe://example.org/under } }
  named: { certificate: { authority: "file:${mesh.cert}", dns: worker.example.org } }
  elsewhere: { certificate: { authority: "file:${other.cert}", uri: "${URI}" } }`,
  });
  setDefaultCACertificates([...trustedBefore, await readFile(join(world.dir, "tls.crt"), "utf8")]);
  for (const name of ["reporter", "under", "named", "elsewhere"]) await world.add(name, "service");
}, 60_000);
afterAll(async () => {
  setDefaultCACertificates(trustedBefore);
  await world?.[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

const showing = (certificate: MadeCertificate | undefined, token?: string) => world.client(token, certificate && fetchShowing(certificate));
const logIn = (certificate: MadeCertificate | undefined, service = "reporter") =>
  showing(certificate).call("login.workload", { body: { service } });
const refusedFor = async (certificate: MadeCertificate | undefined, service?: string): Promise<string | undefined> => {
  await expect(logIn(certificate, service)).rejects.toMatchObject({ code: "workload-refused" });
  const after = await world.reasons();
  return after.at(-1);
};

describe("a certificate of the mapping's authority", () => {
  test("is a login that is bound to it, no longer than fifteen minutes", async () => {
    const { user, token, expiresAt } = await logIn(reporter);
    expect(user).toBe("reporter");
    expect(expiresAt).toBeLessThanOrEqual(Date.now() + 15 * 60_000);
    expect((await showing(reporter, token).call("status.show")).me.name).toBe("reporter");
    const [ok] = await world.gate.store.log.query({ kinds: ["login.ok"], principal: "reporter", limit: 10 });
    expect(ok?.body).toMatchObject({ method: "workload", workload: { name: URI } });
  });

  test("ends no later than the certificate", async () => {
    const soon = new Date(Math.floor(Date.now() / 1000) * 1000 + 120_000);
    const notAfter = `${soon.toISOString().slice(0, 19).replaceAll(/[-T:]/g, "")}Z`;
    const short = await made.issue(mesh, { name: "reporter", alternativeNames: `URI:${URI}`, notAfter });
    expect((await logIn(short)).expiresAt).toBe(soon.getTime());
  });

  test("may be issued by an authority under another, where the file names that one", async () => {
    const own = await made.issue(between, { name: "reporter", alternativeNames: "URI:spiffe://example.org/under" });
    expect((await logIn(own, "under")).user).toBe("under");
    // What is sent along makes nobody an authority of a mapping that does not name it.
    const alongside = await made.issue(between, { name: "reporter", alternativeNames: `URI:${URI}` });
    expect(await refusedFor(await made.chained(alongside, between))).toContain("its certificate is of another authority");
  });

  test("is named by one of its DNS names, where the mapping says so", async () => {
    const named = await made.issue(mesh, { name: "w", alternativeNames: "DNS:worker.example.org,DNS:other.example.org" });
    expect((await logIn(named, "named")).user).toBe("named");
  });
});

describe("refused", () => {
  test.each<[what: string, certificate: () => Promise<MadeCertificate>, service: string, reason: string]>([
    [
      "of another mapping's authority",
      () => made.issue(other, { name: "r", alternativeNames: `URI:${URI}` }),
      "reporter",
      "its certificate is of another authority",
    ],
    [
      "of this authority, for a mapping of another",
      () => made.issue(mesh, { name: "r", alternativeNames: `URI:${URI}` }),
      "elsewhere",
      "its certificate is of another authority",
    ],
    [
      "of an authority of the same name that nobody knows",
      async () => made.issue(await made.authority("mesh"), { name: "r", alternativeNames: `URI:${URI}` }),
      "reporter",
      "its certificate does not hold: ",
    ],
    [
      "expired",
      () => made.issue(mesh, { name: "r", alternativeNames: `URI:${URI}`, notAfter: "20200102000000Z" }),
      "reporter",
      "its certificate does not hold: CERT_HAS_EXPIRED",
    ],
    [
      "of the future",
      () => made.issue(mesh, { name: "r", alternativeNames: `URI:${URI}`, notBefore: "20900101000000Z", notAfter: "20910101000000Z" }),
      "reporter",
      "its certificate does not hold: CERT_NOT_YET_VALID",
    ],
    [
      "for servers",
      () => made.issue(mesh, { name: "r", alternativeNames: `URI:${URI}`, purpose: "serverAuth" }),
      "reporter",
      "its certificate does not hold: ",
    ],
    [
      "without a purpose",
      () => made.issue(mesh, { name: "r", alternativeNames: `URI:${URI}`, purpose: "none" }),
      "reporter",
      "its certificate is not for clients",
    ],
    [
      "issued by a certificate that is no authority's",
      async () => made.chained(await made.issue(reporter, { name: "r", alternativeNames: `URI:${URI}` }), reporter),
      "reporter",
      "its certificate does not hold: ",
    ],
    [
      "an authority's",
      () => made.issue(mesh, { name: "r", alternativeNames: `URI:${URI}`, isAuthority: true }),
      "reporter",
      "its certificate is",
    ],
    ["the authority itself", async () => mesh, "reporter", "its certificate is"],
    ["of nobody", () => made.issue(mesh, { name: "reporter" }), "reporter", "its certificate is somebody else's"],
    ...[
      ["of a longer name", `URI:${URI}/admin`],
      ["of a name in capitals", "URI:spiffe://example.org/Reporter"],
      ["of two URIs", `URI:${URI},URI:spiffe://example.org/admin`],
      ["whose DNS name looks like the list", `DNS:a\\, URI:${URI.replace("://", ".")}`],
      ["of an e-mail address of that text", "email:reporter@example.org"],
    ].map(([what = "", alternativeNames = ""]): [string, () => Promise<MadeCertificate>, string, string] => [
      what,
      () => made.issue(mesh, { name: "r", alternativeNames }),
      "reporter",
      "its certificate is somebody else's",
    ]),
    [
      "a wildcard for the DNS name",
      () => made.issue(mesh, { name: "w", alternativeNames: "DNS:*.example.org" }),
      "named",
      "its certificate is somebody else's",
    ],
  ])("%s", async (_, certificate, service, reason) => {
    expect(await refusedFor(await certificate(), service)).toContain(reason);
  });

  test("none at all, and the token route of a service that comes by certificates", async () => {
    expect(await refusedFor(undefined)).toContain("no certificate was shown");
    const byToken = world.client().call("login.workload", { body: { service: "reporter", token: "e30.e30.e30" } });
    await expect(byToken).rejects.toMatchObject({ code: "workload-refused" });
  });
});

describe("a bound token", () => {
  test("is worth nothing without its certificate, nor with another of the same name and authority", async () => {
    const { token } = await logIn(reporter);
    const again = await made.issue(mesh, { name: "reporter", alternativeNames: `URI:${URI}` });
    for (const certificate of [undefined, again]) {
      await expect(showing(certificate, token).call("status.show")).rejects.toMatchObject({ code: "not-authenticated" });
    }
    expect(await world.reasons()).toContain("without the certificate that it is bound to");
    expect((await showing(reporter, token).call("status.show")).me.name).toBe("reporter");
  });

  test("is worth nothing in the console's cookie, nor on its sockets", async () => {
    const { token } = await logIn(reporter);
    const cookie = `__Host-sallyport=${token}`;
    expect(await statusOf("/v1/status", { cookie, "sallyport-console": "1" })).toBe(401);
    expect(await statusOf("/v1/status", { cookie, "sallyport-console": "1" }, reporter)).toBe(200);
    const socket = new WebSocket(`${world.url.replace("https", "wss")}/v1/sessions/wall`, {
      headers: { cookie },
      origin: world.url,
      ca: await readFile(join(world.dir, "tls.crt")),
    });
    const refused = await new Promise((resolve) => {
      socket.once("error", resolve);
      socket.once("unexpected-response", (_, response) => resolve(response.statusCode));
      socket.once("open", () => resolve("open"));
    });
    expect(refused).not.toBe("open");
    socket.terminate();
  });

  test("ends when its mapping changes, and does not come back with it", async () => {
    const { token } = await logIn(reporter);
    const client = showing(reporter, token);
    await client.call("status.show");
    await world.reconfigure((text) => text.replace(`"${URI}" } }\n  under`, `"${URI}/2" } }\n  under`));
    await expect(client.call("status.show")).rejects.toMatchObject({ code: "not-authenticated" });
    await world.reconfigure((text) => text.replace(`"${URI}/2"`, `"${URI}"`));
    await expect(client.call("status.show")).rejects.toMatchObject({ code: "not-authenticated" });
    const ended = await world.gate.store.log.query({ kinds: ["login.ended"], limit: 100 });
    expect(ended.map(({ body }) => (body as { how: string }).how)).toContain("workload-changed");
    expect((await logIn(reporter)).user).toBe("reporter");
  });
});

describe("which authorities are known", () => {
  test("follows the configuration, for connections from then on", async () => {
    const third = await made.authority("third");
    const own = await made.issue(third, { name: "late", alternativeNames: "URI:spiffe://third/late" });
    await world.add("late", "service");
    expect(await refusedFor(own, "late")).toBeDefined();
    const line = `  late: { certificate: { authority: "file:${third.cert}", uri: "spiffe://third/late" } }\n`;
    await world.reconfigure((text) => text.replace("workloads:\n", `workloads:\n${line}`));
    expect((await logIn(own, "late")).user).toBe("late");
    await world.reconfigure((text) => text.replace(line, ""));
    await expect(logIn(own, "late")).rejects.toMatchObject({ code: "workload-refused" });
  });

  test("a file that others may write is believed nothing of", async () => {
    const file = join(dir, "open.pem");
    await copyFile(mesh.cert, file);
    await chmod(file, 0o666);
    await world.add("open", "service");
    const line = `  open: { certificate: { authority: "file:${file}", uri: "${URI}" } }\n`;
    await world.reconfigure((text) => text.replace("workloads:\n", `workloads:\n${line}`));
    expect(world.faults.splice(0).map(String).join()).toContain("may be changed by others");
    expect(await refusedFor(reporter, "open")).toContain("bad-config");
    await world.reconfigure((text) => text.replace(line, ""));
  });

  test("people are asked for no certificate by a gate without such mappings", async () => {
    const plain = await startWorkloadGate({ tls: true, workloads: () => "  {}" });
    try {
      const { stdout, stderr } = await run("openssl", ["s_client", "-connect", new globalThis.URL(plain.url).host, "-verify_quiet"]);
      expect(`${stdout.toString()}${stderr.toString()}`).toContain("No client certificate CA names sent");
    } finally {
      await plain[Symbol.asyncDispose]();
    }
  });
});

test("the command line shows the certificate with every call of the profile", async () => {
  const sallyport = (...args: string[]) =>
    run(process.execPath, [CLI, ...args], {
      cwd: dir,
      env: { PATH: process.env["PATH"] ?? "", HOME: dir, SALLYPORT_HOME: join(dir, "job"), SALLYPORT_URL: world.url },
    });
  const files = ["--client-cert", reporter.cert, "--client-key", reporter.key];
  const login = await sallyport("login", "reporter", ...files, "--ca", join(world.dir, "tls.crt"));
  expect({ status: login.status, stderr: login.stderr.toString() }).toEqual({ status: 0, stderr: "" });
  const status = await sallyport("status", "--json");
  expect(JSON.parse(status.stdout.toString())).toMatchObject({ me: { name: "reporter" } });
  const profile = join(dir, "job", "profiles", "default", "profile.json");
  const { clientCert: _, clientKey: __, ...without } = JSON.parse(await readFile(profile, "utf8")) as Record<string, unknown>;
  await writeFile(profile, JSON.stringify(without), { mode: 0o600 });
  expect((await sallyport("status", "--json")).status).toBe(4);
});

async function statusOf(path: string, headers: Record<string, string>, certificate?: MadeCertificate): Promise<number | undefined> {
  const shown = certificate && { cert: await readFile(certificate.cert), key: await readFile(certificate.key) };
  const agent = new Agent({ ...shown, ca: await readFile(join(world.dir, "tls.crt")) });
  return new Promise((resolve, reject) => {
    request(new globalThis.URL(path, world.url), { agent, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
      agent.destroy();
    })
      .on("error", reject)
      .end();
  });
}
