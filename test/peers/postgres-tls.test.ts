/** TLS on both sides of the gate: Debian's psql with channel binding, and a server that has to prove who it is. */
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startDatabase, type Database } from "../kit/database.ts";
import { psqlAndServer } from "../kit/postgres.ts";
import { connectRaw } from "../kit/postgres-client.ts";
import { run } from "../kit/process.ts";
import { gateServices } from "../../src/main/services.ts";
import { encodeSslRequest, encodeStartup } from "../../src/wire/postgres/startup.ts";

const { missing, title } = psqlAndServer;

describe.skipIf(missing)(title("PostgreSQL with TLS"), () => {
  let database: Database;
  let password: string;
  const port = (): number => database.test.gate.postgres?.port ?? 0;
  beforeAll(async () => {
    database = await startDatabase({ tls: true });
    password = await database.password((await database.grant("read")).id);
  });
  afterAll(() => database[Symbol.asyncDispose]());

  const query = (more: string) =>
    database.psql(password, ["-Atc", "select ssl from pg_stat_ssl where pid = pg_backend_pid()"], { conninfo: database.conninfo(more) });

  test.each(["sslmode=require channel_binding=require", "sslmode=verify-full channel_binding=require"])("psql with %s", async (more) => {
    const root = more.includes("verify-full")
      ? ` sslrootcert=${join(database.server.dir, "ca.crt")} host=localhost hostaddr=127.0.0.1`
      : "";
    const { status, stdout, stderr } = await query(more + root);
    expect({ status, stdout: stdout.toString(), stderr: stderr.toString() }).toEqual({ status: 0, stdout: "t\n", stderr: "" });
  });

  test("sslmode=disable still works, and GSSAPI is answered with no", async () => {
    expect((await query("sslmode=disable")).status).toBe(0);
    const socket = await connectRaw(port());
    socket.write(Buffer.from([0, 0, 0, 8, 4, 0xd2, 0x16, 0x30]));
    expect(String(((await once(socket, "data")) as [Buffer])[0])).toBe("N");
    socket.destroy();
  });

  test("what is wrong with a startup is said under TLS, where it came under TLS", async () => {
    const secured = connectTls({ port: port(), host: "127.0.0.1", rejectUnauthorized: false, ALPNProtocols: ["postgresql"] });
    await once(secured, "secureConnect");
    secured.write(Buffer.from([0, 0, 0, 5, 0]));
    expect(String(((await once(secured, "data")) as [Buffer])[0])).toMatch(/FATAL.*\[protocol-error\]/s);
    secured.destroy();
  });

  test("direct TLS with ALPN is taken, without it is not", async () => {
    const startup = encodeStartup({ user: "ana", database: "shop-db" });
    const secured = connectTls({ port: port(), host: "127.0.0.1", rejectUnauthorized: false, ALPNProtocols: ["postgresql"] });
    await once(secured, "secureConnect");
    secured.write(startup);
    expect(String(((await once(secured, "data")) as [Buffer])[0])).toContain("SCRAM-SHA-256-PLUS");
    secured.destroy();
    const plain = connectTls({ port: port(), host: "127.0.0.1", rejectUnauthorized: false });
    plain.on("error", () => undefined);
    const closed = once(plain, "close");
    plain.on("secureConnect", () => plain.write(startup));
    let said = "";
    plain.on("data", (chunk: Buffer) => (said += chunk.toString("latin1")));
    await closed;
    expect(said).not.toContain("SCRAM");
  });

  test("what is sent in clear behind the request for TLS is not taken for what is said under it", async () => {
    const socket = await connectRaw(port());
    let said = "";
    socket.on("data", (chunk: Buffer) => (said += chunk.toString("latin1")));
    socket.write(Buffer.concat([encodeSslRequest(), encodeStartup({ user: "ana", database: "shop-db" })]));
    await once(socket, "close");
    expect(said).toContain("protocol-error");
    expect(said).not.toMatch(/^S/);
  });

  describe("a server that does not prove who it is", () => {
    const withTarget = async (change: (yaml: string) => string): Promise<string> => {
      const { gate, configPath } = database.test;
      const before = await readFile(configPath, "utf8");
      await writeFile(configPath, change(before));
      expect(await gate.configuration.reload("gate")).toMatchObject({ outcome: "loaded" });
      const fresh = await database.password((await database.grant("read")).id);
      const { stderr } = await database.psql(fresh, ["-c", "select 1"]);
      await writeFile(configPath, before);
      await gate.configuration.reload("gate");
      return stderr.toString();
    };

    test("with another name than it is reached by", async () => {
      expect(await withTarget((yaml) => yaml.replace("address: localhost:", "address: 127.0.0.1:"))).toContain("[target-untrusted]");
    });

    test("by another authority", async () => {
      const other = join(database.test.dir, "other.crt");
      const args = [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-subj",
        "/CN=other",
        "-keyout",
        "/dev/null",
      ];
      expect((await run("openssl", [...args, "-out", other])).status).toBe(0);
      expect(await withTarget((yaml) => yaml.replace(/authorityFile: .*/, `authorityFile: ${other}`))).toContain("[target-untrusted]");
    });

    test("verify-ca takes any name, require any authority", async () => {
      for (const tls of ["verify-ca", "require"]) {
        const said = await withTarget((yaml) =>
          yaml.replace("address: localhost:", "address: 127.0.0.1:").replace("tls: verify-full", `tls: ${tls}`),
        );
        expect(said).toBe("");
      }
    });
  });

  test("targets test says what works, and what does not", async () => {
    const { hosts, targets } = gateServices(database.test.gate, join(database.test.dir, "data"));
    const target = targets.findTarget("shop-db");
    if (!target) throw new Error("no target");
    const report = await hosts.test(target, "olga");
    expect(report).toMatchObject({
      ok: true,
      findings: [
        { check: "login as app", ok: true },
        { check: "login as admin", ok: true },
      ],
    });
    await database.server.sql("alter role app password 'another'");
    expect(await hosts.test(target, "olga")).toMatchObject({
      ok: false,
      findings: [{ ok: false, detail: expect.stringContaining('it says: password authentication failed for user "app"') }, { ok: true }],
    });
    // Whoever it is: the server knows, and the client is told no more than that the gate was refused.
    const fresh = await database.password((await database.grant("read")).id);
    expect((await database.psql(fresh, ["-c", "select 1"])).stderr.toString()).toContain(
      `does not take the login that the gate has for it [target-refused]`,
    );
  });
});

test.skipIf(missing)(title("a target without SCRAM is refused"), async () => {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    // AuthenticationCleartextPassword
    socket.once("data", () => socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3])));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  await using database = await startDatabase();
  const { configPath, gate } = database.test;
  const address = server.address();
  const yaml = (await readFile(configPath, "utf8")).replace(
    /address: 127.0.0.1:\d+\n    labels/,
    `address: 127.0.0.1:${typeof address === "object" ? address?.port : 0}\n    labels`,
  );
  await writeFile(configPath, yaml);
  await gate.configuration.reload("gate");
  const password = await database.password((await database.grant("read")).id);
  expect((await database.psql(password, ["-c", "select 1"])).stderr.toString()).toContain("[target-refused]");
  server.close();
});
