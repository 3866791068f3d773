/** Logins by client certificate: Debian's psql and the drivers with files of `connect --certificate`, and who must not come in. */
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { join } from "node:path";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { encodeStartup } from "../../src/wire/postgres/startup.ts";
import { encodeAuthorityCertificate, encodeClientCertificate, encodePem, type X509Authority } from "../../src/wire/x509/certificate.ts";
import type { Client } from "../../src/contract/client.ts";
import { openWorld, startConnecting, type CertificateDoors, type World } from "../kit/connecting.ts";
import { psqlAndServer } from "../kit/postgres.ts";
import { jdbc, psycopg } from "../kit/postgres-drivers.ts";
import { run, type RunResult } from "../kit/process.ts";
import { until } from "../kit/until.ts";

const { missing, title } = psqlAndServer;
const shown = ({ status, stdout, stderr }: RunResult) => ({ status, stdout: stdout.toString(), stderr: stderr.toString() });
const WHO = "select current_setting('application_name')";

function newKeys(): { privateKey: KeyObject; publicKey: Buffer; pem: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  return {
    privateKey,
    publicKey: publicKey.export({ format: "der", type: "spki" }),
    pem: privateKey.export({ format: "pem", type: "pkcs8" }) as string,
  };
}

describe.skipIf(missing)(title("a login by certificate"), () => {
  let world: World;
  let ana: Client;
  let lea: Client;
  let grant: Awaited<ReturnType<World["database"]["grant"]>>;
  beforeAll(async () => {
    world = await openWorld({ tls: true });
    ana = world.api.with(world.ana.token);
    lea = await world.api.logIn("lea");
    grant = await world.database.grant("read");
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const authority = (): string => join(world.database.server.dir, "ca.crt");
  const port = (): number => world.database.test.gate.postgres?.port ?? 0;
  const trusting = (): NodeJS.ProcessEnv => ({ NODE_EXTRA_CA_CERTS: authority() });
  const connecting = async (folder: string, ...args: string[]) => {
    const running = await startConnecting(world.ana, ["--certificate", folder, ...args, "--grant", grant.id, "shop-db"], trusting());
    return { ...running, doors: running.doors as unknown as CertificateDoors, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
  };

  /** A certificate for a key of the test's own, as the API gives it. */
  const certify = async (keys = newKeys(), ttlMs = 600_000) => {
    const body = { target: "shop-db", publicKey: keys.publicKey.toString("base64"), ttlMs };
    const answer = await ana.call("grants.certificate", { params: { id: grant.id }, body });
    return { ...keys, ...answer };
  };
  let files = 0;
  /** psql with this pair, and with nothing else to show. */
  const query = async (certificate: string, key: string, user = "ana", database = "shop-db", env: NodeJS.ProcessEnv = {}) => {
    const [sslcert, sslkey] = [join(world.ana.home, `c${(files += 1)}.crt`), join(world.ana.home, `c${files}.key`)];
    await writeFile(sslcert, certificate);
    await writeFile(sslkey, key, { mode: 0o600 });
    const place = `host=localhost port=${port()} user=${user} dbname=${database} sslmode=verify-full sslrootcert=${authority()}`;
    const args = ["-XAtw", `${place} sslcert=${sslcert} sslkey=${sslkey}`, "-c", WHO];
    return shown(await run("psql", args, { env: { ...process.env, ...env } }));
  };
  const NO_PASSWORD = "no password supplied";

  describe("with the files of sallyport connect", () => {
    test("psql is the person, under the grant; nobody else can read the files; after it they are gone", async () => {
      const folder = join(world.ana.home, "by-certificate");
      {
        await using running = await connecting(folder);
        const { url } = running.doors;
        expect(readdirSync(folder).sort()).toEqual(["ca.crt", "client.crt", "client.key", "client.pk8"]);
        expect(statSync(folder).mode & 0o777).toBe(0o700);
        for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
        const { status, stdout, stderr } = shown(await run("psql", ["-XAtw", url, "-c", WHO]));
        expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
        expect(stdout).toMatch(new RegExp(`^ana ${grant.id} s-`));
      }
      expect(existsSync(folder)).toBe(false);
    });

    describe("other clients", () => {
      let running: Awaited<ReturnType<typeof connecting>>;
      beforeAll(async () => {
        running = await connecting(join(world.ana.home, "for-drivers"));
      });
      afterAll(() => running[Symbol.asyncDispose]());

      test("pg", async () => {
        const { host, user, database, folder } = running.doors;
        const read = (name: string): Buffer => readFileSync(join(folder, name));
        const ssl = { ca: read("ca.crt"), cert: read("client.crt"), key: read("client.key") };
        const client = new pg.Client({ host, port: port(), user, database, ssl });
        await client.connect();
        expect((await client.query({ text: WHO, rowMode: "array" })).rows[0]).toEqual([expect.stringMatching(/^ana gr-/)]);
        await client.end();
      });

      test.skipIf(psycopg.peer.missing)(psycopg.peer.title("psycopg with libpq 18"), async () => {
        const { program, env } = psycopg.command(world.ana.home);
        const code = `import psycopg, sys; c = psycopg.connect(sys.argv[1]); print(psycopg.pq.version(), c.execute("${WHO}").fetchone()[0])`;
        const { stdout, stderr } = shown(await run(program, ["-c", code, running.doors.url], { env: { ...process.env, ...env } }));
        expect({ stdout, stderr }).toEqual({ stdout: expect.stringMatching(/^18\d{4} ana gr-/), stderr: "" });
      });

      test.skipIf(psycopg.peer.missing)(psycopg.peer.title("psycopg, TLS from the first byte"), async () => {
        const { program, env } = psycopg.command(world.ana.home);
        const code = `import psycopg, sys; print(psycopg.connect(sys.argv[1] + "&sslnegotiation=direct").execute("${WHO}").fetchone()[0])`;
        const { stdout, stderr } = shown(await run(program, ["-c", code, running.doors.url], { env: { ...process.env, ...env } }));
        expect({ stdout, stderr }).toEqual({ stdout: expect.stringMatching(/^ana gr-/), stderr: "" });
      });

      test.skipIf(jdbc.peer.missing)(jdbc.peer.title("JDBC"), async () => {
        const source = join(world.ana.home, "Who.java");
        await writeFile(
          source,
          `import java.sql.*; public class Who { public static void main(String[] a) throws Exception {
            try (Connection c = DriverManager.getConnection(a[0]); ResultSet r = c.createStatement().executeQuery("${WHO}")) {
              r.next(); System.out.println(r.getString(1)); } } }`,
        );
        const { program, args } = jdbc.command(world.ana.home);
        const { stdout, stderr } = shown(await run(program, [...args.slice(0, 2), source, running.doors.jdbc]));
        // It sets the name to its own once it is in.
        expect({ stdout, stderr }).toEqual({ stdout: "PostgreSQL JDBC Driver\n", stderr: "" });
      });
    });

    test("a file that is there already is left alone", async () => {
      const folder = join(world.ana.home, "taken");
      await run("mkdir", [folder]);
      await writeFile(join(folder, "client.key"), "somebody's own");
      await expect(connecting(folder)).rejects.toThrow("is there already");
      expect(readdirSync(folder)).toEqual(["client.key"]);
      expect(readFileSync(join(folder, "client.key"), "utf8")).toBe("somebody's own");
    });

    test("a gate whose certificate nobody trusts here is not believed", async () => {
      const running = startConnecting(world.ana, ["--certificate", join(world.ana.home, "untrusting"), "--grant", grant.id, "shop-db"]);
      await expect(running).rejects.toThrow(/unable to verify.*"code":"gate-unreachable"/);
      expect(existsSync(join(world.ana.home, "untrusting"))).toBe(false);
    });
  });

  describe("comes in, or does not", () => {
    test("with the certificate and its key", async () => {
      const { certificate, pem } = await certify();
      expect(await query(certificate, pem)).toMatchObject({ status: 0, stdout: expect.stringMatching(/^ana gr-/) as string });
    });

    test("not as somebody else", async () => {
      const { certificate, pem } = await certify();
      for (const user of ["lea", "nobody"]) {
        expect(await query(certificate, pem, user)).toMatchObject({
          status: 2,
          stderr: expect.stringContaining("[not-authenticated]") as string,
        });
      }
    });

    test("not to another target, nor under another grant", async () => {
      const { certificate, pem } = await certify();
      const other = await world.database.grant("all");
      for (const database of ["other-db", `shop-db%${other.id}`]) {
        const { status, stderr } = await query(certificate, pem, "ana", database);
        expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining("[no-grant]") });
      }
      expect((await query(certificate, pem, "ana", `shop-db%${grant.id}`)).stdout).toContain(grant.id);
    });

    test("nobody gets one for somebody else's grant", async () => {
      const body = { target: "shop-db", publicKey: newKeys().publicKey.toString("base64") };
      await expect(lea.call("grants.certificate", { params: { id: grant.id }, body })).rejects.toMatchObject({ code: "not-found" });
      const lost = { target: "other-db", publicKey: newKeys().publicKey.toString("base64") };
      await expect(ana.call("grants.certificate", { params: { id: grant.id }, body: lost })).rejects.toMatchObject({ code: "no-grant" });
    });

    test("not after its end", async () => {
      const { certificate, pem, expiresAt } = await certify(newKeys(), 2000);
      await until(() => Date.now() > expiresAt);
      expect(await query(certificate, pem)).toMatchObject({ status: 2, stderr: expect.stringContaining("[not-authenticated]") as string });
    });

    test("not without its key", async () => {
      const { certificate } = await certify();
      const thief = newKeys();
      expect(await query(certificate, thief.pem)).toMatchObject({
        status: 2,
        stdout: "",
        stderr: expect.stringContaining("key") as string,
      });
      // A client that does not look whether the two belong together is stopped by the handshake itself.
      const forged = await handshake({ cert: certificate, key: thief.pem }).catch((error: unknown) => error);
      expect(forged).toBeInstanceOf(Error);
    });

    test("not once it is revoked, and an open session is cut", async () => {
      const { certificate, pem, token } = await certify();
      const socket = await handshake({ cert: certificate, key: pem });
      socket.write(encodeStartup({ user: "ana", database: "shop-db" }));
      let said = "";
      socket.on("data", (chunk: Buffer) => (said += chunk.toString("latin1")));
      await until(() => said.includes("Z\0\0\0\u0005I"));
      const closed = once(socket, "close");
      await ana.call("tokens.revoke", { params: { id: token } });
      await closed;
      expect(said).toContain("FATAL");
      expect(await query(certificate, pem)).toMatchObject({ status: 2, stderr: expect.stringContaining("[not-authenticated]") as string });
    });

    describe("of a request", () => {
      const asked = async () => {
        const draft = { reason: "checkout is slow", role: "read", targets: ["shop-db"], durationMs: 3_600_000 };
        const { id } = (await ana.call("requests.create", { body: draft })).request;
        const keys = newKeys();
        const body = { target: "shop-db", publicKey: keys.publicKey.toString("base64") };
        const { certificate, token } = await ana.call("requests.certificate", { params: { id }, body });
        const socket = await handshake({ cert: certificate, key: keys.pem });
        let said = "";
        socket.on("data", (chunk: Buffer) => (said += chunk.toString("latin1")));
        socket.write(encodeStartup({ user: "ana", database: "shop-db" }));
        await until(() => said.includes(`request ${id} is with lea`));
        return { id, token, said: () => said, closed: once(socket, "close"), socket };
      };

      test("waits for the approval, and is in", async () => {
        const { id, said, closed, socket } = await asked();
        expect(said()).not.toContain("server_version");
        await lea.call("requests.approve", { params: { id } });
        await until(() => said().includes("Z\0\0\0\u0005I"));
        socket.destroy();
        await closed;
      });

      test("opens nothing that is approved after it was taken away", async () => {
        const { id, token, said, closed } = await asked();
        await ana.call("tokens.revoke", { params: { id: token } });
        await lea.call("requests.approve", { params: { id } });
        await closed;
        expect(said()).toContain("[locked]");
        expect(said()).not.toContain("server_version");
      });
    });

    test("an open session ends with its grant, as any other", async () => {
      const own = await world.database.grant("read");
      const keys = newKeys();
      const body = { target: "shop-db", publicKey: keys.publicKey.toString("base64") };
      const { certificate } = await ana.call("grants.certificate", { params: { id: own.id }, body });
      const socket = await handshake({ cert: certificate, key: keys.pem });
      socket.write(encodeStartup({ user: "ana", database: "shop-db" }));
      let said = "";
      socket.on("data", (chunk: Buffer) => (said += chunk.toString("latin1")));
      await until(() => said.includes("Z\0\0\0\u0005I"));
      const closed = once(socket, "close");
      await ana.call("grants.revoke", { params: { id: own.id }, body: { reason: "fixed" } });
      await closed;
      expect(said).toContain("[grant-ended]");
      expect(await query(certificate, keys.pem)).toMatchObject({ status: 2, stderr: expect.stringContaining("[no-grant]") as string });
    });

    test("not while the person is locked out", async () => {
      const { certificate, pem } = await certify();
      const olga = await world.api.logIn("olga");
      const body = { subject: { kind: "principal", name: "ana" }, reason: "a stolen laptop" } as const;
      const { id } = await olga.call("locks.create", { body });
      onTestFinished(async () => {
        await olga.call("locks.lift", { params: { id }, body: { reason: "found" } });
      });
      expect(await query(certificate, pem)).toMatchObject({ status: 2, stderr: expect.stringContaining("[locked]") as string });
    });
  });

  describe("certificates that the gate did not make prove nothing", () => {
    const signer = (keys: { privateKey: KeyObject; publicKey: Buffer }, commonName: string): X509Authority => ({
      commonName,
      publicKey: keys.publicKey,
      sign: (data) => Promise.resolve(sign("sha256", data, { key: keys.privateKey, dsaEncoding: "ieee-p1363" })),
    });
    const draftOf = (publicKey: Buffer) => ({
      publicKey,
      serial: Buffer.of(1),
      commonName: "ana+shop-db",
      organizationalUnit: grant.id,
      notBefore: Math.floor(Date.now() / 1000) - 60,
      notAfter: Math.floor(Date.now() / 1000) + 600,
    });

    test("of another authority with the gate's name, of none, of the host's own server, of the authority itself", async () => {
      const [other, keys] = [newKeys(), newKeys()];
      const foreign = await encodeClientCertificate(signer(other, "sallyport database login authority"), draftOf(keys.publicKey));
      const own = await encodeClientCertificate(signer(keys, "ana+shop-db"), draftOf(keys.publicKey));
      const root = await encodeAuthorityCertificate(signer(keys, "sallyport database login authority"));
      const { dir } = world.database.server;
      const shownOnes: [string, string][] = [
        [encodePem("CERTIFICATE", foreign), keys.pem],
        [encodePem("CERTIFICATE", own), keys.pem],
        [encodePem("CERTIFICATE", root), keys.pem],
        [readFileSync(join(dir, "gate.crt"), "utf8"), readFileSync(join(dir, "gate.key"), "utf8")],
      ];
      for (const [certificate, key] of shownOnes) {
        expect(await query(certificate, key)).toEqual({ status: 2, stdout: "", stderr: expect.stringContaining(NO_PASSWORD) });
      }
    });

    test("and stand in nobody's way who has a password", async () => {
      const keys = newKeys();
      const own = encodePem("CERTIFICATE", await encodeClientCertificate(signer(keys, "ana"), draftOf(keys.publicKey)));
      const PGPASSWORD = await world.database.password(grant.id);
      expect(await query(own, keys.pem, "ana", "shop-db", { PGPASSWORD })).toMatchObject({ status: 0 });
    });

    test("one that the gate's authority signed for no token is refused, whoever got it to sign", async () => {
      const keys = newKeys();
      const { authorities } = world.database.test.gate;
      const draft = { publicKey: keys.publicKey, person: "ana", target: "shop-db", under: grant.id, ttlMs: 60_000 };
      const { certificate } = await authorities.issueDatabase(draft);
      const { stderr } = await query(encodePem("CERTIFICATE", certificate), keys.pem);
      expect(stderr).toContain("[not-authenticated]");
    });
  });

  /** TLS from the first byte. */
  const handshake = async (options: ConnectionOptions): Promise<TLSSocket> => {
    const socket = connectTls({ port: port(), host: "localhost", rejectUnauthorized: false, ALPNProtocols: ["postgresql"], ...options });
    await once(socket, "secureConnect");
    return socket;
  };
  /** What the gate asks of who says to be ana. */
  const askedOf = async (socket: TLSSocket): Promise<string> => {
    let said = "";
    socket.on("error", () => undefined).on("data", (chunk: Buffer) => (said += chunk.toString("latin1")));
    socket.write(encodeStartup({ user: "ana", database: "shop-db" }));
    await until(() => said.length > 12 || socket.destroyed);
    socket.destroy();
    return said;
  };

  test.each(["TLSv1.2", "TLSv1.3"] as const)("a session of %s is not resumed, and a certificate is not remembered", async (version) => {
    const { certificate, pem } = await certify();
    const versions = { minVersion: version, maxVersion: version };
    const first = await handshake({ cert: certificate, key: pem, ...versions });
    const sessions: Buffer[] = [];
    first.on("session", (session: Buffer) => sessions.push(session));
    expect(await askedOf(first)).not.toContain("SCRAM");
    const session = sessions.at(-1) ?? first.getSession();
    // What it kept, without certificate and key.
    const again = await handshake({ ...(session && { session }), ...versions });
    expect(again.isSessionReused()).toBe(false);
    expect(await askedOf(again)).toContain("SCRAM");
  });

  test("nothing is negotiated anew within a connection", async () => {
    const { certificate, pem } = await certify();
    const socket = await handshake({ maxVersion: "TLSv1.2" });
    const refused = new Promise((resolve) => socket.renegotiate({ rejectUnauthorized: false }, resolve));
    const failed = once(socket, "error").then(([error]) => error as unknown);
    expect(String(await Promise.race([refused, failed]))).toContain("no renegotiation");
    socket.destroy();
    // The same pair is taken by a connection that begins with it.
    expect((await query(certificate, pem)).status).toBe(0);
  });

  test("each of them is in the log, with the person, the grant and the target", async () => {
    const { token } = await certify();
    const { log } = world.database.test.gate.store;
    const issued = await log.query({ kinds: ["certificate.issued"], limit: 1000 });
    expect(issued.at(-1) ?? issued[0]).toMatchObject({ principal: "ana" });
    const created = await log.query({ kinds: ["token.created"], limit: 1000 });
    expect(JSON.stringify(created)).toContain(token);
  });
});
