/** `sallyport connect`: Debian's psql and pgbench through doors on this machine, a real gate and a real server. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, statSync } from "node:fs";
import { connect as connectSocket, createServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { connect as connectTls, TLSSocket } from "node:tls";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { PrincipalName } from "../../src/kernel/ids.ts";
import { openGateConnection } from "../../src/cli/connect/gate-login.ts";
import type { GrantId } from "../../src/kernel/ids.ts";
import { systemRandom } from "../../src/kernel/random.ts";
import { encodeAuthenticationOk } from "../../src/wire/postgres/backend.ts";
import { cString, int32 } from "../../src/wire/postgres/fields.ts";
import { encodeCancelRequest, encodeSslRequest, encodeStartup } from "../../src/wire/postgres/startup.ts";
import { openWorld, startConnecting, type Connecting, type World } from "../kit/connecting.ts";
import { requirePeer } from "../kit/peers.ts";
import { psqlAndServer } from "../kit/postgres.ts";
import { connectRaw } from "../kit/postgres-client.ts";
import { run, type RunResult } from "../kit/process.ts";
import { until } from "../kit/until.ts";

const { missing, title } = psqlAndServer;
const shown = ({ status, stdout, stderr }: RunResult) => ({ status, stdout: stdout.toString(), stderr: stderr.toString() });

describe.skipIf(missing)(title("sallyport connect"), () => {
  let world: World;
  let connecting: Connecting;
  beforeAll(async () => {
    world = await openWorld();
    const { id } = await world.database.grant("all");
    connecting = await startConnecting(world.ana, ["--grant", id, "shop-db"]);
  });
  afterAll(async () => {
    await connecting[Symbol.asyncDispose]();
    await world[Symbol.asyncDispose]();
  });

  const atTarget = (marker: string): Promise<string> =>
    world.database.server.sql(
      `select count(*) from pg_stat_activity where state = 'active' and query like '%${marker}%' and pid <> pg_backend_pid()`,
    );

  /** How often somebody has come to the gate, let in or not. */
  const visits = async (): Promise<number> => {
    const { log } = world.database.test.gate.store;
    const kinds = ["login.ok", "login.failed", "session.started", "session.refused"] as const;
    return (await log.query({ kinds, limit: 10_000 })).length;
  };

  describe.each(["socket", "port"] as const)("by the %s", (door) => {
    test("psql names nobody and nothing, and is the person at the target's own database", async () => {
      const sql = "select current_database(), current_setting('application_name')";
      const { status, stdout, stderr } = shown(await connecting.psql(door, ["-Atc", sql]));
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(stdout).toMatch(new RegExp(String.raw`^shop\|ana ${connecting.doors.grant} s-`));
    });

    test("whoever a client says it is, it is the person; another database is the gate's to allow", async () => {
      const other = await connecting.psql(door, ["-Atc", "select current_database()"], { conninfo: "user=somebody dbname=postgres" });
      expect(shown(other)).toEqual({ status: 0, stdout: "postgres\n", stderr: "" });
      const denied = await connecting.psql(door, ["-c", "select 1"], { conninfo: "dbname=template1" });
      expect(shown(denied)).toMatchObject({ status: 2, stderr: expect.stringContaining("[role-denies]") });
    });

    test("settings of the client go on; what the gate refuses is refused in its words", async () => {
      const zone = await connecting.psql(door, ["-Atc", "show timezone"], { env: { PGTZ: "Asia/Tokyo" } });
      expect(shown(zone)).toMatchObject({ stdout: "Asia/Tokyo\n" });
      const refused = await connecting.psql(door, ["-c", "select 1"], { conninfo: "options='-c work_mem=1MB'" });
      expect(shown(refused).stderr).toMatch(/the startup parameter "options" \[not-supported\]/);
    });

    test("20 MB each way, byte for byte", async () => {
      const file = join(world.ana.home, `bulk-${door}`);
      const table = `bulk_${door}`;
      const made = await connecting.psql(door, [
        "-c",
        `create unlogged table ${table} as select n, repeat(md5(n::text), 32) as text from generate_series(1, 20000) n`,
        "-c",
        `\\copy ${table} to '${file}'`,
        "-c",
        `create unlogged table ${table}_2 (like ${table})`,
        "-c",
        `\\copy ${table}_2 from '${file}'`,
        "-Atc",
        `select count(*) from (table ${table} except table ${table}_2) as differing`,
      ]);
      expect(shown(made)).toMatchObject({ status: 0, stdout: expect.stringMatching(/\n0\n$/) });
      expect(statSync(file).size).toBeGreaterThan(20_000_000);
    });

    test("Ctrl-C in psql stops the statement at the target, and the session goes on", async () => {
      const { socket, loopback } = connecting.doors;
      const place = door === "socket" ? `host=${socket.folder}` : `host=127.0.0.1 port=${loopback.port}`;
      const child = spawn("psql", ["-X", place, "-c", `select pg_sleep(60) as by_${door}`], {
        env: { ...process.env, PGPASSWORD: loopback.password },
        stdio: ["ignore", "ignore", "pipe"],
      });
      let said = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
      await until(async () => (await atTarget(`by_${door}`)) === "1");
      child.kill("SIGINT");
      await once(child, "close");
      expect(said).toContain("canceling statement due to user request");
    });
  });

  test("what is printed is what works: the URL, and the connection is told", async () => {
    const { status, stdout } = shown(await run("psql", ["-X", connecting.doors.url, "-Atc", "select 7"]));
    expect({ status, stdout }).toEqual({ status: 0, stdout: "7\n" });
    await until(() => /connection \d+ of psql to shop is open; \d+ open, .* left\n[\s\S]*connection \d+ is closed/.test(connecting.said()));
    expect(connecting.doors.jdbc).toMatch(/^jdbc:postgresql:\/\/127\.0\.0\.1:\d+\/shop\?user=ana&password=[\w-]{32}&/);
  });

  test("its remarks hold no password, and the gate's is not printed at all", async () => {
    const passwords = [connecting.doors.loopback.password, "sp_"];
    for (const each of passwords) expect(connecting.said()).not.toContain(each);
  });

  const pgbench = requirePeer("pgbench", "pgbench");
  test.skipIf(pgbench.missing)(pgbench.title("pgbench with eight clients, and a connection for each transaction"), async () => {
    const { socket } = connecting.doors;
    const bench = (...args: string[]): Promise<RunResult> =>
      run(pgbench.path, ["-h", socket.folder, "-n", "-S", ...args, "shop"], { timeoutMs: 60_000 });
    const { server } = world.database;
    const init = await run(pgbench.path, ["-i", "-q", world.database.direct("admin").conninfo], {
      env: { ...process.env, PGPASSWORD: world.database.direct("admin").password },
    });
    expect(init.status).toBe(0);
    const steady = shown(await bench("-c", "8", "-j", "2", "-t", "200"));
    expect(steady).toMatchObject({ status: 0, stdout: expect.stringContaining("number of transactions actually processed: 1600/1600") });
    const anew = shown(await bench("-C", "-c", "8", "-j", "2", "-t", "10"));
    expect(anew).toMatchObject({ status: 0, stdout: expect.stringContaining("number of transactions actually processed: 80/80") });
    // A hundred connections, and a password or two.
    const { tokens } = await world.api.with(world.ana.token).call("tokens.list");
    expect(tokens.filter(({ type }) => type === "access").length).toBeLessThan(10);
    await server.sql("drop table pgbench_accounts, pgbench_branches, pgbench_tellers, pgbench_history", "shop");
  });

  describe("who may use the doors", () => {
    test("the port takes its own password, no other, and none before anything is said to the gate", async () => {
      const before = await visits();
      const wrong = await connecting.psql("port", ["-c", "select 1"], { env: { PGPASSWORD: "a guess" } });
      expect(shown(wrong)).toMatchObject({ status: 2, stderr: expect.stringContaining("[not-authenticated]") });
      expect(await visits()).toBe(before);
      expect(world.database.server.log()).not.toContain("a guess");
    });

    test("the port does not take the gate's own password either", async () => {
      const password = await world.database.password((await world.database.grant("read")).id);
      const other = await connecting.psql("port", ["-c", "select 1"], { env: { PGPASSWORD: password } });
      expect(shown(other).stderr).toContain("[not-authenticated]");
    });

    test.skipIf(process.getuid?.() !== 0)("another user of this machine cannot open the socket", async () => {
      const { folder, port } = connecting.doors.socket;
      expect([statSync(folder).mode & 0o777, statSync(join(folder, `.s.PGSQL.${port}`)).mode & 0o777]).toEqual([0o700, 0o600]);
      // Its way there is open, so that it is the folder itself that stops them.
      chmodSync(world.ana.home, 0o755);
      chmodSync(join(world.ana.home, "connect"), 0o755);
      const other = await connecting.psql("socket", ["-c", "select 1"], { uid: 65_534, gid: 65_534 });
      expect(shown(other)).toMatchObject({ status: 2, stderr: expect.stringContaining("Permission denied") });
    });

    test("a folder that others may enter is not used", async () => {
      const folder = mkdtempSync(join(world.ana.home, "open-"));
      chmodSync(folder, 0o755);
      await expect(startConnecting(world.ana, ["--grant", connecting.doors.grant, "--socket", folder, "shop-db"])).rejects.toThrow(
        /others cannot enter/,
      );
    });
  });

  describe("hostile clients", () => {
    const HOSTILE: Readonly<Record<string, Buffer>> = {
      "a length of nothing": int32(0),
      "a length of two gigabytes": int32(0x7fff_ffff),
      "a negative length": int32(-1),
      noise: Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
      "a TLS handshake": Buffer.from("160301020001", "hex"),
      "only requests for TLS": Buffer.concat(Array.from({ length: 50 }, encodeSslRequest)),
      "a parameter without an end": Buffer.concat([int32(20), int32(196_608), Buffer.from("user\0anauser")]),
      "a parameter twice": Buffer.concat([
        int32(19),
        int32(196_608),
        cString("a"),
        cString("b"),
        cString("a"),
        cString(""),
        Buffer.alloc(4),
      ]),
      "version 2": Buffer.concat([int32(8), int32(131_072)]),
      "a startup and a password that is none": Buffer.concat([encodeStartup({ user: "x" }), Buffer.from("p\0\0\0\u0008abcd", "latin1")]),
      "a startup and a password of a gigabyte": Buffer.concat([encodeStartup({ user: "x" }), Buffer.from("p\u0040\0\0\0", "latin1")]),
      "a startup and a query": Buffer.concat([encodeStartup({ user: "x" }), Buffer.from("Q\0\0\0\u000dselect 1\0", "latin1")]),
    };

    test.each(Object.entries(HOSTILE))("%s: refused, nothing reaches the gate, and others go on", async (_name, bytes) => {
      const before = await visits();
      const socket = await connectRaw(connecting.doors.loopback.port);
      const said: Buffer[] = [];
      socket.on("data", (chunk: Buffer) => said.push(chunk));
      socket.end(bytes);
      await once(socket, "close");
      expect(Buffer.concat(said).includes(encodeAuthenticationOk())).toBe(false);
      expect(await visits()).toBe(before);
      expect(shown(await connecting.psql("socket", ["-Atc", "select 1"])).stdout).toBe("1\n");
    });

    test("many that stay silent push each other out, and nobody else", async () => {
      const silent: Socket[] = [];
      for (let count = 0; count < 100; count += 1) silent.push((await connectRaw(connecting.doors.loopback.port)).resume());
      expect(shown(await connecting.psql("port", ["-Atc", "select 1"])).stdout).toBe("1\n");
      await until(() => silent.filter((each) => each.destroyed).length >= 60);
      for (const each of silent) each.destroy();
    });

    test("a cancel key that is none of ours does not reach the gate", async () => {
      const folder = connecting.doors.socket.folder;
      const child = spawn("psql", ["-X", "-h", folder, "-c", "select pg_sleep(60) as by_guess"], { stdio: "ignore" });
      await until(async () => (await atTarget("by_guess")) === "1");
      for (let guess = 1; guess < 30; guess += 1) {
        const socket = connectSocket(join(folder, ".s.PGSQL.5432"));
        socket.write(encodeCancelRequest(guess, Buffer.from([1, 2, 3, guess])));
        await once(socket.resume(), "close");
      }
      expect(await atTarget("by_guess")).toBe("1");
      const gone = once(child, "close");
      child.kill("SIGTERM");
      await gone;
    });
  });
});

describe.skipIf(missing)(title("the end of sallyport connect"), () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(() => world[Symbol.asyncDispose]());

  const sleeping = async ({ doors }: Connecting): Promise<{ ended: Promise<string> }> => {
    const child = spawn("psql", ["-X", "-h", doors.socket.folder, "-c", "select pg_sleep(60) as asleep"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    const running = "select count(*) from pg_stat_activity where query like '%asleep%' and pid <> pg_backend_pid()";
    await until(async () => (await world.database.server.sql(running)) === "1");
    return { ended: once(child, "close").then(() => said) };
  };

  test("the grant's time: connections are cut with the reason, and it ends itself", async () => {
    await world.database.grant("all", 10_000);
    const connecting = await startConnecting(world.ana);
    const { ended } = await sleeping(connecting);
    expect(await ended).toContain("[grant-ended]");
    expect(await connecting.ended()).toBe(3);
    expect(connecting.said()).toMatch(/The grant has ended: gr-\w+: its time was up/);
    expect(existsSync(connecting.doors.socket.folder)).toBe(false);
  });

  test("a grant that is taken away", async () => {
    const { id } = await world.database.grant("all");
    const connecting = await startConnecting(world.ana);
    const { ended } = await sleeping(connecting);
    await world.api.with(world.ana.token).call("grants.revoke", { params: { id }, body: { reason: "found it" } });
    expect(await ended).toMatch(/\[grant-(ended|revoked)\]/);
    expect(await connecting.ended()).toBe(3);
    expect(connecting.said()).toContain("found it");
  });

  test("Ctrl-C: doors and connections are closed, and its folder is gone", async () => {
    const grant = await world.database.grant("all");
    const connecting = await startConnecting(world.ana);
    const { ended } = await sleeping(connecting);
    connecting.child.kill("SIGINT");
    expect(await connecting.ended()).toBe(0);
    expect(await ended).toContain("server closed the connection unexpectedly");
    expect(existsSync(connecting.doors.socket.folder)).toBe(false);
    // What ran runs on at the target, and its session with it.
    await world.database.test.gate.access.revoke(grant.id, { name: "ana" as PrincipalName, groups: ["oncall"] }, "done");
    await until(() => world.database.test.gate.registry.list().length === 0);
  });

  test("kill -9 leaves a socket, which the next one removes; beside one that runs it takes another", async () => {
    await world.database.grant("all");
    const first = await startConnecting(world.ana);
    const path = join(first.doors.socket.folder, ".s.PGSQL.5432");
    first.child.kill("SIGKILL");
    await first.ended();
    expect(existsSync(path)).toBe(true);
    await using second = await startConnecting(world.ana);
    await using third = await startConnecting(world.ana);
    expect([second.doors.socket.port, third.doors.socket.port]).toEqual([5432, 5433]);
    for (const each of [second, third]) expect(shown(await each.psql("socket", ["-Atc", "select 1"])).stdout).toBe("1\n");
  });

  test("a gate that is gone: a new connection is told so, in the client and beside it", async () => {
    await world.database.grant("all");
    await using connecting = await startConnecting(world.ana);
    expect(shown(await connecting.psql("socket", ["-Atc", "select 1"])).status).toBe(0);
    await world.database.test.gate[Symbol.asyncDispose]();
    const { status, stderr } = shown(await connecting.psql("socket", ["-c", "select 1"]));
    expect(status).toBe(2);
    expect(stderr).toMatch(/FATAL: {2}sallyport: The gate could not be reached: .*\[gate-unreachable\]\nHINT: {2}Check its address/);
    expect(connecting.said()).toContain("a connection was refused: The gate could not be reached");
  });
});

describe.skipIf(missing)(title("sallyport connect to a gate with TLS"), () => {
  let world: World;
  let id: GrantId;
  beforeAll(async () => {
    world = await openWorld({ tls: true });
    ({ id } = await world.database.grant("all"));
  });
  afterAll(() => world[Symbol.asyncDispose]());

  test("a statement, and Ctrl-C", async () => {
    await using connecting = await startConnecting(world.ana);
    const sleeping = spawn("psql", ["-X", "-h", connecting.doors.socket.folder, "-c", "select pg_sleep(60) as asleep"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    sleeping.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    const running = "select count(*) from pg_stat_activity where query like '%asleep%' and pid <> pg_backend_pid()";
    await until(async () => (await world.database.server.sql(running)) === "1");
    sleeping.kill("SIGINT");
    await once(sleeping, "close");
    expect(said).toContain("canceling statement due to user request");
  });

  test.each([
    ["the gate's own certificate", "gate", "open"],
    ["a certificate of its own", "other", "refused"],
  ] as const)("somebody in between with %s (%s): %s", async (_name, certificate, outcome) => {
    await using opened = new AsyncDisposableStack();
    const { dir } = world.database.server;
    const make = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost"];
    const files = ["-keyout", join(dir, "other.key"), "-out", join(dir, "other.crt")];
    expect((await run("openssl", [...make, ...files])).status).toBe(0);
    const [cert, key] = [readFileSync(join(dir, `${certificate}.crt`)), readFileSync(join(dir, `${certificate}.key`))];
    // It answers as the gate does, ends TLS, and says everything again to the gate.
    const between = createServer((plain) => {
      plain
        .on("error", () => undefined)
        .once("data", () => {
          plain.write("S");
          const client = new TLSSocket(plain, { isServer: true, cert, key, ALPNProtocols: ["postgresql"] });
          const gate = connectTls({
            port: world.database.test.gate.postgres?.port ?? 0,
            ALPNProtocols: ["postgresql"],
            rejectUnauthorized: false,
          });
          for (const each of [client, gate]) each.on("error", () => undefined);
          client.pipe(gate).pipe(client);
        });
    });
    await new Promise<void>((resolve) => between.listen(0, "127.0.0.1", resolve));
    opened.defer(() => void between.close());
    const ana = world.api.with(world.ana.token);
    const access = await ana.call("grants.password", { params: { id }, body: { target: "shop-db" } });
    const { port } = between.address() as AddressInfo;
    const asked = { ...access, host: "127.0.0.1", port };
    const got = await openGateConnection(asked, { user: access.user, database: "shop" }, systemRandom, new PassThrough());
    expect(got.kind).toBe(outcome);
    if (got.kind === "open") got.socket.destroy();
  });
});
