/** The command line against a gate that `sallyport serve` runs and a host that is a real sshd: from nothing to a verified record, as a person would type it. */
import { spawn, type ChildProcess } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findFreePort } from "../kit/free-port.ts";
import { requirePeer } from "../kit/peers.ts";
import { run, type RunOptions, type RunResult } from "../kit/process.ts";
import { startSshd, type Sshd } from "../kit/sshd.ts";

const SALLYPORT = fileURLToPath(new URL("../../sallyport", import.meta.url));
const PASSWORD = "seven green doors, one key";
const ssh = requirePeer("OpenSSH client", "ssh");
const sshd = requirePeer("OpenSSH server", "sshd");
const rsync = requirePeer("rsync", "rsync");
const tmux = requirePeer("tmux", "tmux");
const missing = ssh.missing ? ssh : sshd;

describe.skipIf(missing.missing)(missing.title("from init to a verified record"), () => {
  let dir: string;
  let url: string;
  let serving: ChildProcess;
  let served = "";
  let host: Sshd;

  const environment = (): NodeJS.ProcessEnv => ({ ...process.env, HOME: dir, SALLYPORT_HOME: join(dir, "profiles"), NO_COLOR: "1" });

  /** One command line as that person; words are split at spaces, quotes keep them together. */
  async function as(person: string, line: string, options: RunOptions = {}): Promise<{ status: number | null; out: string; err: string }> {
    const args = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
    const { status, stdout, stderr } = await run(SALLYPORT, args, {
      env: { ...environment(), SALLYPORT_PROFILE: person },
      cwd: dir,
      timeoutMs: 60_000,
      ...options,
    });
    return { status, out: stdout.toString(), err: stderr.toString() };
  }

  async function must(person: string, line: string, options: RunOptions = {}): Promise<string> {
    const { status, out, err } = await as(person, line, options);
    if (status !== 0) throw new Error(`${line}: ${status}\n${out}${err}`);
    return out;
  }

  async function json(person: string, line: string, options: RunOptions = {}): Promise<Record<string, never>> {
    return JSON.parse(await must(person, `${line} --json`, options)) as Record<string, never>;
  }

  const plain = (program: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> =>
    run(program, args, { env: environment(), cwd: dir, ...options });

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "sallyport-cli-"));
    const [sshPort, httpPort] = [await findFreePort(), await findFreePort()];
    url = `http://127.0.0.1:${httpPort}`;
    await must("ada", "init --name cli.example --owner ada");
    const file = join(dir, "sallyport.yaml");
    const text = readFileSync(file, "utf8")
      .replace("127.0.0.1:7722", `127.0.0.1:${sshPort}`)
      .replace("127.0.0.1:7700", `127.0.0.1:${httpPort}`);
    writeFileSync(file, text);
    serving = spawn(SALLYPORT, ["serve"], { cwd: dir, env: environment(), stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [serving.stdout, serving.stderr]) stream?.on("data", (chunk: Buffer) => (served += chunk.toString()));
    for (let i = 0; i < 200 && !/this secret: \S+\n/.test(served); i += 1) await wait(50);

    const secret = /this secret: (\S+)/.exec(served)?.[1] ?? "";
    await must("ada", `login --url ${url} --setup ${secret} ada --password-stdin`, { input: PASSWORD });
    for (const person of ["ana", "lea"]) {
      const { reset } = await json("ada", `user create ${person}`);
      const { secret: once } = reset as unknown as { secret: string };
      await must(person, `login --url ${url} --reset ${once} ${person} --password-stdin`, { input: PASSWORD });
    }
  }, 60_000);

  afterAll(async () => {
    const ended = new Promise((resolve) => serving.once("exit", resolve));
    serving.kill("SIGTERM");
    await ended;
    await host?.[Symbol.asyncDispose]();
    rmSync(dir, { recursive: true, force: true });
  });

  test("a host is set up with what `host add` says, and `host check` finds it good", async () => {
    const script = (await as("ada", "host add web-1.prod --script")).out;
    const authority = /^ssh-ed25519 \S+$/m.exec(script)?.[0] ?? "";
    host = await startSshd({ trustedUserCaKey: authority, extraConfig: ["LogLevel ERROR"] });
    const added = await json("ada", `host add web-1.prod --address 127.0.0.1:${host.port} --label service=checkout`);
    const seen = (added["hostKeys"] as unknown as string[]).map((key) => key.split(" ")[1]);
    expect(seen).toEqual(expect.arrayContaining([host.hostKeys[0]?.split(" ")[1]]));

    const file = join(dir, "sallyport.yaml");
    const rules = `rules:
  - { name: oncall, who: ["group:oncall"], roles: [debug], targets: { labels: { service: checkout } }, max: 4h, approval: 1 of leads, selfExtensions: 1, breakGlass: true }
`;
    const text = readFileSync(file, "utf8")
      .replace("oncall: []", "oncall: [ana]")
      .replace("leads: []", "leads: [lea]")
      .replace("account: infra, shell: true", `account: ${host.user}, shell: true`)
      .replace(/^rules: \[\]$/m, rules)
      .replace(/^targets: \{\}$/m, String(added["yaml"]));
    writeFileSync(file, text);
    expect(await as("ada", "config check")).toMatchObject({ status: 0 });
    const diff = await as("ada", "config diff");
    expect([diff.status, diff.out]).toEqual([1, expect.stringContaining("web-1.prod")]);
    expect(await as("ada", "config reload")).toMatchObject({ status: 0, out: expect.stringContaining("Loaded") as string });
    expect(await as("ada", "config diff")).toMatchObject({ status: 0, out: "No change.\n" });
    const check = await as("ada", `host check web-1.prod --account ${host.user}`);
    expect(check.out).toContain("ok  ");
    expect((await as("ada", "targets test web-1.prod")).status).toBe(0);
  });

  test("why, targets and preview say what it takes", async () => {
    expect(await as("ana", "why me debug web-1.prod")).toMatchObject({ status: 0, out: expect.stringContaining("ask") as string });
    expect(await as("lea", "why me debug web-1.prod")).toMatchObject({ status: 3, out: expect.stringContaining("deny") as string });
    expect((await as("ana", "targets show web-1.prod")).out).toContain("1 of leads");
    const preview = await as("ana", "request --role debug -t web-1.prod --preview");
    expect([preview.status, preview.out]).toEqual([0, expect.stringContaining("lea")]);
  });

  test("without a grant ssh is refused, with status 3 where nothing is asked", async () => {
    const refused = await as("ana", "ssh --no-request web-1.prod true");
    expect([refused.status, refused.err]).toEqual([3, expect.stringContaining("No active grant")]);
  });

  test("asked by `ssh`, seen by `requests --watch`, approved: the command runs, and its status comes back", async () => {
    const watching = spawn(SALLYPORT, ["requests", "--watch"], { env: { ...environment(), SALLYPORT_PROFILE: "lea" }, cwd: dir });
    let watched = "";
    watching.stdout.on("data", (chunk: Buffer) => (watched += chunk.toString()));
    const asking = as("ana", 'ssh --reason "Checkout answers 500" --for 20m -T web-1.prod echo from-host; exit 7');
    for (let i = 0; i < 200 && !/approve (req-\w+)/.test(watched); i += 1) await wait(50);
    watching.kill();
    const id = /approve (req-\w+)/.exec(watched)?.[1] ?? "";
    expect(watched).toContain("ana: debug on web-1.prod for 20m: Checkout answers 500");

    const own = await as("ana", `approve ${id}`);
    expect([own.status, own.err]).toEqual([3, expect.stringContaining("sallyport: ")]);
    const approved = await as("lea", `approve ${id.slice(0, 7)}`);
    expect([approved.status, approved.out]).toEqual([0, expect.stringContaining("Approved. ana has debug on web-1.prod for ")]);
    expect(await asking).toMatchObject({ status: 7, out: "from-host\n" });
  });

  test("with ssh_config installed, plain ssh and scp, by either protocol, go through the gate", async () => {
    const sshDir = join(dir, ".ssh");
    expect((await as("ana", "ssh-config --install")).status).toBe(0);
    expect(statSync(join(sshDir, "sallyport/ana.conf")).mode & 0o777).toBe(0o600);
    // ssh looks for its own configuration in the home directory of the account, whatever HOME says.
    const config = ["-F", join(sshDir, "sallyport/ana.conf")];
    const shell = await plain("ssh", [...config, "-T", "web-1.prod", "cat; echo oops >&2; exit 5"], { input: "through\n" });
    expect([shell.status, shell.stdout.toString(), shell.stderr.toString()]).toEqual([5, "through\n", "oops\n"]);

    mkdirSync(join(dir, "there"));
    writeFileSync(join(dir, "file"), Buffer.alloc(300_000, "x\r\n\0"));
    for (const more of [[], ["-O"]]) {
      const copied = await plain("scp", [...config, ...more, "-q", "file", `web-1.prod:${dir}/there/file${more.join("")}`]);
      expect([copied.status, copied.stderr.toString()]).toEqual([0, ""]);
      expect(readFileSync(join(dir, `there/file${more.join("")}`)).equals(readFileSync(join(dir, "file")))).toBe(true);
    }
  });

  test.skipIf(rsync.missing)(rsync.title("rsync too"), async () => {
    const config = ["-F", join(dir, ".ssh/sallyport/ana.conf")];
    const synced = await plain("rsync", ["-e", `ssh ${config.join(" ")}`, "-a", "file", `web-1.prod:${dir}/there/synced`]);
    expect([synced.status, synced.stderr.toString()]).toEqual([0, ""]);
    expect(readFileSync(join(dir, "there/synced")).equals(readFileSync(join(dir, "file")))).toBe(true);
  });

  test("grants are extended and narrowed", async () => {
    const [grant] = (await json("ana", "grants"))["grants"] as unknown as { id: string; end: string }[];
    const id = grant?.id ?? "";
    expect(await as("ana", `extend ${id} --for 10m --reason more`)).toMatchObject({
      status: 0,
      out: expect.stringContaining("Extended") as string,
    });
    const [extended] = (await json("ana", "grants"))["grants"] as unknown as { end: string }[];
    expect(Date.parse(extended?.end ?? "")).toBeGreaterThan(Date.parse(grant?.end ?? ""));
    expect((await as("ada", `grants narrow ${id} --for 10m --reason enough`)).status).toBe(0);
  });

  test("the record: searched, replayed as text, exported", async () => {
    const found = await as("ada", "audit search from-host --kind ssh.exec");
    expect(found.out).toContain("echo from-host; exit 7");
    const { events } = (await json("ada", "audit search from-host --kind ssh.exec")) as unknown as {
      events: { session: string; time: string }[];
    };
    const session = events[0]?.session ?? "";
    expect(events[0]?.time).toMatch(/^\d{4}-\d\d-\d\dT/);
    const replayed = await as("ada", `replay ${session.slice(0, 7)}`);
    expect([replayed.status, replayed.out]).toEqual([0, expect.stringContaining("from-host\n")]);
    const hits = await as("ada", "audit search --output from-host");
    expect([hits.status, hits.out]).toEqual([0, expect.stringContaining(session)]);
    const exported = (await as("ada", "audit export --kind ssh.exec")).out.trim().split("\n");
    expect(exported.map((line) => (JSON.parse(line) as { kind: string }).kind)).toEqual(exported.map(() => "ssh.exec"));
    const cast = (await as("ada", `audit export --format asciicast --session ${session}`)).out.split("\n");
    expect(JSON.parse(cast[0] ?? "")).toMatchObject({ version: 3 });
    expect(await as("lea", `replay ${session}`)).toMatchObject({
      status: expect.toSatisfy((status) => status === 3 || status === 5) as number,
    });
  });

  describe.skipIf(tmux.missing)(tmux.title("replay on a terminal"), () => {
    test("plays, pauses, searches, and puts the terminal back", async () => {
      const { events } = (await json("ada", "audit search from-host --kind ssh.exec")) as unknown as { events: { session: string }[] };
      const socket = join(dir, "tmux");
      const at = (...args: string[]): Promise<RunResult> => run(tmux.path, ["-S", socket, ...args], { env: environment() });
      const command = `SALLYPORT_PROFILE=ada ${SALLYPORT} replay ${events[0]?.session}; echo "status $?$(stty -a | grep -o " echo ")"; sleep 60`;
      await at("new-session", "-d", "-x", "100", "-y", "24", command);
      const screen = async (part: string): Promise<string> => {
        let text = "";
        for (let i = 0; i < 100; i += 1) {
          text = (await at("capture-pane", "-p")).stdout.toString();
          if (text.includes(part)) break;
          await wait(50);
        }
        return text;
      };
      try {
        expect(await screen("from-host")).toContain("from-host");
        expect(await screen("· end ·")).toContain("space pause");
        await at("send-keys", "/", "nowhere", "Enter");
        expect(await screen("does not appear")).toContain('"nowhere" does not appear');
        await at("send-keys", "0");
        await at("send-keys", "/", "FROM-host", "Enter");
        expect(await screen('"FROM-host" at')).toContain("from-host");
        await at("send-keys", "q");
        const after = await screen("status 0 echo");
        // Below what was played, in place of the player's own line.
        expect(after.trimEnd().split("\n").at(-1)).toBe("status 0 echo");
        expect(after.split("\n").indexOf("status 0 echo")).toBeGreaterThan(19);
        expect(after).not.toContain("space pause");
      } finally {
        await at("kill-server");
      }
    });
  });

  test("verified: offline and running, against the head remembered before", async () => {
    const key = /cli\.example\/a\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+/.exec(served)?.[0] ?? "";
    const first = await json("ada", `audit verify --key ${key}`);
    expect(first).toMatchObject({ ok: true, signer: "verified", earlierCheckpoints: 0 });
    expect(Number(first["recordings"])).toBeGreaterThan(0);
    expect(await json("ada", "audit verify")).toMatchObject({ ok: true, signer: "verified", earlierCheckpoints: 1 });

    // A head of a longer log, as if this one had been cut since.
    const remembered = join(dir, "profiles/profiles/ada/checkpoint");
    const [origin, size, ...rest] = readFileSync(remembered, "utf8").split("\n");
    writeFileSync(remembered, [origin, Number(size) + 1000, ...rest].join("\n"));
    const cut = await as("ada", "audit verify");
    expect([cut.status, cut.out]).toEqual([7, expect.stringContaining("history-truncated")]);
    expect((await as("ada", "audit verify --forget")).status).toBe(0);
    expect(await as("ada", `audit verify sallyport-data/log --key ${key}`)).toMatchObject({ status: 0 });
    expect(await as("lea", "audit verify")).toMatchObject({ status: 3 });
  });

  test("a revoked grant lets nobody in, and says so through ssh", async () => {
    const [grant] = (await json("ana", "grants"))["grants"] as unknown as { id: string }[];
    expect((await as("ada", `revoke ${grant?.id} --reason "Enough"`)).status).toBe(0);
    const config = ["-F", join(dir, ".ssh/sallyport/ana.conf"), "-o", "BatchMode=yes"];
    const refused = await plain("ssh", [...config, "-T", "web-1.prod", "true"]);
    expect([refused.status, refused.stderr.toString()]).toEqual([255, expect.stringContaining("sallyport request")]);
  });

  test("denied, cancelled, break-glass and its review", async () => {
    const { request } = (await json("ana", "request --role debug -t web-1.prod --reason again")) as unknown as { request: { id: string } };
    expect((await as("lea", `deny ${request.id} --reason "Use the replica"`)).status).toBe(0);
    expect(await as("ana", `requests ${request.id} --wait`)).toMatchObject({
      status: 3,
      out: expect.stringContaining("Use the replica") as string,
    });
    const second = (await json("ana", "request --role debug -t web-1.prod --reason again")) as unknown as { request: { id: string } };
    expect((await as("ana", `requests ${second.request.id} --cancel`)).status).toBe(0);
    const glass = (await json("ana", "request --role debug -t web-1.prod --reason fire --break-glass")) as unknown as {
      grant: { id: string };
    };
    expect((await as("ada", "grants --unreviewed")).out).toContain(glass.grant.id);
    expect((await as("ada", `grants review ${glass.grant.id} --justified --note "It burned"`)).status).toBe(0);
  });

  test("a locked person is out at once, a disabled one too", async () => {
    const lock = await json("ada", 'locks add principal ana --reason "Laptop stolen"');
    expect((await as("ana", "ssh --no-request web-1.prod true")).status).not.toBe(0);
    expect((await as("ada", `locks lift ${String(lock["id"])} --reason found`)).status).toBe(0);
    expect((await as("ada", "user disable ana --reason gone")).status).toBe(0);
    expect(await as("ana", "status")).toMatchObject({ status: 4 });
  });

  test("logout ends the token everywhere", async () => {
    const file = join(dir, "profiles/profiles/lea/profile.json");
    const before = readFileSync(file, "utf8");
    expect((await as("lea", "logout")).status).toBe(0);
    expect((await as("lea", "status")).status).toBe(4);
    appendFileSync(file, "");
    writeFileSync(file, before);
    expect(await as("lea", "status")).toMatchObject({ status: 4 });
  });
});
