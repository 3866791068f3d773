/**
 * Must be equal: each case runs once straight to the host and once through the gate, and everything a user could notice
 * is compared: stdout, stderr, exit status, and the files that are there afterwards with their modes and times.
 */
import { chmod, mkdir, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createHash, randomBytes } from "node:crypto";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findFreePort } from "../kit/free-port.ts";
import { requirePeer } from "../kit/peers.ts";
import { run, type RunResult } from "../kit/process.ts";
import { listTree, startWays, type Way, type Ways } from "../kit/ssh-ways.ts";
import { talk } from "../kit/talk.ts";

const sshd = requirePeer("OpenSSH server", "sshd");
const rsync = requirePeer("rsync", "rsync");
const MiB100 = 100 * 1024 * 1024;

type Outcome = Record<string, unknown>;
type Case = (way: Way, shared: string) => Promise<Outcome>;

/** What a run showed. Long output by its hash. */
function shown(result: RunResult, way: Way): Outcome {
  const text = (bytes: Buffer): string =>
    bytes.length > 100_000
      ? `${bytes.length} bytes ${createHash("sha256").update(bytes).digest("hex")}`
      : bytes.toString("latin1").replaceAll(way.dir, "DIR").replaceAll(way.host, "HOST");
  return { status: result.status, signal: result.signal, stdout: text(result.stdout), stderr: text(result.stderr) };
}

const command =
  (text: string, options: { args?: string[]; input?: string | Buffer; env?: NodeJS.ProcessEnv } = {}): Case =>
  async (way) => {
    const { args = [], ...rest } = options;
    return shown(await way.ssh(args, [text.replaceAll("DIR", way.dir)], { timeoutMs: 60_000, ...rest }), way);
  };

/** A shell line in which SSH stands for the program, its options and its destination. */
const line =
  (text: string, input = ""): Case =>
  async (way, shared) => {
    const ssh = (more: string): string => ["ssh", ...way.args, ...(more ? [more] : []), way.host].map((word) => `'${word}'`).join(" ");
    const script = text
      .replaceAll(/SSH(?:\[([^\]]*)\])?/g, (_, more: string | undefined) => ssh(more ?? ""))
      .replaceAll("SHAREDBIG", join(shared, "big"))
      .replaceAll("DIR", way.dir);
    return shown(await run("bash", ["-c", script], { input, timeoutMs: 60_000 }), way);
  };

const sftp =
  (batch: string, options: { times?: boolean; args?: string[] } = {}): Case =>
  async (way, shared) => {
    await seed(join(way.dir, "remote"));
    await seed(join(way.dir, "local"));
    const text = `cd ${way.dir}/remote\nlcd ${way.dir}/local\n${batch.replaceAll("SHARED", shared)}\n`;
    const result = shown(await way.sftp(text, options.args), way);
    return { ...result, files: await listTree(way.dir, { times: options.times === true }) };
  };

const scp =
  (...args: string[]): Case =>
  async (way, shared) => {
    await seed(join(way.dir, "remote"));
    await seed(join(way.dir, "local"));
    const words = args.map((word) => word.replace("REMOTE", `${way.host}:${way.dir}/remote`).replace("LOCAL", `${way.dir}/local`));
    const result = shown(await way.scp(...words.map((word) => word.replace("SHARED", shared))), way);
    return { ...result, files: await listTree(way.dir, { times: args.includes("-p") || args.includes("-rp") }) };
  };

const sync =
  (...args: string[]): Case =>
  async (way, shared) => {
    await seed(join(way.dir, "remote"));
    await seed(join(way.dir, "local"));
    const words = args.map((word) => word.replace("REMOTE", `${way.host}:${way.dir}/remote`).replace("LOCAL", `${way.dir}/local`));
    const result = await way.rsync(...words.map((word) => word.replace("SHARED", shared)));
    return { ...shown(result, way), files: await listTree(way.dir, { times: true }) };
  };

/** A few files of every sort, the same each time. */
async function seed(dir: string): Promise<void> {
  await mkdir(join(dir, "tree", "sub"), { recursive: true });
  const files: [string, string, number][] = [
    ["plain.txt", "plain\n", 0o644],
    ["secret", "s".repeat(70_000), 0o600],
    ["script.sh", "#!/bin/sh\necho hi\n", 0o755],
    ["empty", "", 0o640],
    ["tree/one", "1", 0o644],
    ["tree/sub/two", "22", 0o444],
    ["with space", "space", 0o644],
    ["new\nline", "newline", 0o644],
    ["-dash", "dash", 0o644],
    ["ünïcödé ☃", "snowman", 0o644],
    ["quote'\"$x", "quote", 0o644],
  ];
  for (const [name, content, mode] of files) {
    await writeFile(join(dir, name), content);
    await chmod(join(dir, name), mode);
    await utimes(join(dir, name), 1_500_000_000, 1_600_000_000);
  }
  await symlink("plain.txt", join(dir, "link"));
  for (const folder of ["tree/sub", "tree", ""]) await utimes(join(dir, folder), 1_500_000_000, 1_600_000_000);
}

/** Talks to a terminal: `says` is answered as soon as it is seen. */
const terminal =
  (text: string, steps: readonly (readonly [seen: string | RegExp, say: string])[]): Case =>
  async (way) => {
    const session = talk("ssh", [...way.args, "-tt", way.host, text]);
    for (const [seen, say] of steps) {
      await session.seen(seen);
      session.say(say);
    }
    const { status, stdout, stderr } = await session.ended;
    return { status, stdout, stderr: stderr.replaceAll(/Connection to \S+ closed/g, "Connection closed") };
  };

/** In a terminal of our own, so that its modes and its size are there to be passed on. */
const inTerminal =
  (before: string, text: string): Case =>
  async (way) => {
    const ssh = ["ssh", ...way.args, "-t", way.host, text].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
    // `script` types the end of its own input into the terminal, at a moment of its own: so its input does not end.
    const result = await run("script", ["-qec", `${before} ${ssh}`, "/dev/null"], { timeoutMs: 30_000, keepsInput: true });
    return { ...shown(result, way), stdout: result.stdout.toString().replaceAll(/Connection to \S+ closed/g, "Connection closed") };
  };

const PROMPT = "exec env PS1='READY> ' bash --noprofile --norc -i";
const utf8 = { ...process.env, LANG: "C.UTF-8" };

const CASES: Record<string, Case> = {
  // ── commands and their ends ──
  "a command's output": command("echo out; echo err >&2"),
  "exit status 0": command("true"),
  "exit status 1": command("false"),
  "exit status 42": command("exit 42"),
  "exit status 255": command("exit 255"),
  "killed by SIGTERM": command("kill -TERM $$"),
  "killed by SIGSEGV": command("kill -SEGV $$"),
  "killed by SIGKILL": command("kill -KILL $$"),
  "a program that does not exist": command("/nonexistent/program"),
  "no output at all": command(":"),
  "output without a newline": command("printf 'no newline'"),
  "interleaved stdout and stderr": command("for i in 1 2 3 4 5; do echo o$i; echo e$i >&2; done"),
  "an argument of 100 KB": command(`echo ${"x".repeat(100_000)} | wc -c`),
  "quotes, blanks and a newline in a command": command(`printf '%s|' "a b" 'c"d' $'e\\nf' "\\$HOME"\necho second line`),
  "a command that is not UTF-8": line(`SSH "$(printf 'printf %%s "\\377\\376" | od -c')"`),
  // ── input ──
  "stdin to the end, then output (cat)": command("cat", { input: randomText(300_000) }),
  "stdin half-closed (wc -c)": command("wc -c", { input: Buffer.alloc(1_000_003, 7) }),
  "stdin that is empty": command("wc -c", { input: "" }),
  "stdin that nobody reads": command("echo done; exit 3", { input: Buffer.alloc(3_000_000) }),
  "ssh -n": command("cat; echo end", { args: ["-n"], input: "not read" }),
  "stdin from /dev/null": line("SSH 'wc -c' < /dev/null"),
  "a shell without a terminal": command("", { args: ["-T"], input: "echo from the shell; seq 1 100000 | tail -1; exit 9\n" }),
  "every byte value both ways": command("cat", { input: Buffer.from(Array.from({ length: 65_536 }, (_, index) => index & 255)) }),
  // ── bulk ──
  "100 MB down": async (way, shared) => command(`cat ${shared}/big`)(way, shared),
  "100 MB up": line("SSH sha256sum < SHAREDBIG"),
  "100 MB through cat, both ways at once": line("SSH cat < SHAREDBIG | sha256sum"),
  "100 MB on stdout and 100 MB on stderr at once": line(
    `SSH 'head -c ${MiB100} /dev/zero >&2 & head -c ${MiB100} /dev/zero; wait' 2> >(sha256sum > DIR/err) | sha256sum; sleep 0.2; cat DIR/err`,
  ),
  "100 MB with a new key every 4 MB": line("SSH[-oRekeyLimit=4M] sha256sum < SHAREDBIG"),
  "100 MB down with a new key every 4 MB": line("SSH[-oRekeyLimit=4M] cat SHAREDBIG | sha256sum"),
  // ── environment and options ──
  "SetEnv and SendEnv": command("echo $TEST_A $TEST_B $LC_X $LANG", {
    args: ["-o", "SetEnv=TEST_A=one", "-o", "SendEnv=LC_* LANG"],
    env: { ...utf8, LC_X: "x y" },
  }),
  "Compression=yes": command("seq 1 20000", { args: ["-o", "Compression=yes"] }),
  "ServerAliveInterval=1 over three seconds": command("sleep 3.2; echo still here", {
    args: ["-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=2"],
  }),
  "ControlMaster, eight sessions at once": line(
    `SSH[-oControlPath=DIR/c] -MNf -o ControlPersist=yes; for i in 1 2 3 4 5 6 7 8; do SSH[-oControlPath=DIR/c] "head -c $((i*1000000)) /dev/zero | sha256sum; exit $i" > DIR/out.$i & pids="$pids $!"; done; for p in $pids; do wait $p; echo $?; done; cat DIR/out.*; SSH[-oControlPath=DIR/c] -O exit`,
  ),
  // ── who closes first ──
  "the client goes first (head -1)": line("SSH yes 2> /dev/null | head -n 1; echo ${PIPESTATUS[1]}"),
  "output closed before the end": command("exec >&-; sleep 0.2; echo err >&2; exit 4"),
  "a background process that holds the output": command("(sleep 0.5; echo late) & echo early"),
  "ssh -s sftp, by hand": line("(printf '\\0\\0\\0\\5\\1\\0\\0\\0\\3'; sleep 3) | SSH[-s] sftp | od -c"),
  // ── terminals ──
  "a terminal's modes without one here": terminal("stty -a", []),
  "a terminal's modes": inTerminal("stty rows 33 cols 111 -ixon erase ^H susp undef;", "stty -a; tty -s; echo $?"),
  "a terminal's type and size": inTerminal("stty rows 20 cols 77; TERM=vt220", "stty size; echo $TERM"),
  resizing: inTerminal(
    "stty rows 24 cols 80; (sleep 1; stty rows 50 cols 132 < /dev/tty) &",
    `trap "stty size; exit 5" WINCH; stty size; for i in 1 2 3 4 5 6 7 8; do sleep 0.5; done`,
  ),
  "a shell, typed into": terminal(PROMPT, [
    ["READY> ", "echo $((6*7))\r"],
    ["42\r\n", ""],
    ["READY> ", "exit 3\r"],
  ]),
  "^C": terminal(`trap 'echo got INT; exit 7' INT; echo ready; while :; do read -t 1 _; done`, [["ready", "\u0003"]]),
  "^\\": terminal(`trap 'echo got QUIT; exit 8' QUIT; echo ready; while :; do read -t 1 _; done`, [["ready", "\u001C"]]),
  "^Z and fg": terminal(PROMPT, [
    ["READY> ", "sh -c 'echo $((1+1))up; exec cat'\r"],
    ["2up", "\u001A"],
    ["Stopped", ""],
    ["READY> ", "fg\r"],
    ["exec cat'\r\n", "still here\r"],
    ["still here\r\nstill here", "\u0004"],
    ["READY> ", "exit\r"],
  ]),
  "^D ends a shell": terminal(PROMPT, [["READY> ", "\u0004"]]),
  "much output on a terminal": terminal("seq 1 200000", []),
  // ── sftp ──
  "sftp put and get": sftp("put plain.txt up.txt\nput secret up.secret\nget secret got.secret\nget empty got.empty"),
  "sftp -p keeps modes and times": sftp("put -p script.sh up.sh\nget -p secret got.secret\nget -p tree/sub/two got.two", { times: true }),
  "sftp put -r and get -r": sftp("put -r tree up.tree\nget -r tree got.tree"),
  "sftp rename, rm, mkdir, rmdir": sftp("rename plain.txt moved\nrm secret\nmkdir made\nmkdir made/in\nrmdir made/in\nls -1"),
  "sftp chmod, symlink, hard link": sftp("chmod 711 plain.txt\nsymlink plain.txt sym\nln script.sh hard\nls -1n tree"),
  "sftp ls, in every form": sftp("ls\nls -la\nls -1\nls -lt\nls -Sr tree\nls *.txt\npwd\nls nothing"),
  "sftp errors, and on": sftp("-get nothing\n-rm nothing\n-put nothing\n-mkdir tree\n-rmdir tree\n-cd nothing\n-chmod 600 nothing\npwd"),
  "sftp ends at an error": sftp("get nothing\nput plain.txt never"),
  "sftp cp on the host": sftp("cp secret copy\n-cp nothing copy2"),
  "sftp df": async (way, shared) => {
    const outcome = await sftp("df -i")(way, shared);
    // How full the disk is changes from one moment to the next.
    return { ...outcome, stdout: String(outcome["stdout"]).replaceAll(/[ \d]+/g, "N ") };
  },
  "sftp reget and reput": sftp(
    `!head -c 30000 secret > part\n!head -c 30000 secret > ../remote/part\nreget secret part\nreput secret part\n!rm -f never`,
  ),
  "sftp odd names": sftp(
    `put "with space" "up space"\nput "ünïcödé ☃"\nput ./-dash up-dash\nget "quote'\\"$x" got-quote\nget "with space"\nput "quote'\\"$x" "up'q"\nls -1`,
  ),
  "sftp of 100 MB, both ways": sftp("put SHARED/big up.big\nget up.big got.big"),
  "sftp with small buffers and one request at a time": sftp("put secret up\nget secret got", { args: ["-B", "1000", "-R", "1"] }),
  "sftp with thousands of requests at once": sftp("put SHARED/big up.big\nget up.big got.big", { args: ["-B", "8192", "-R", "4000"] }),
  "sftp of many small files": sftp("put -r SHARED/many up.many\nget -r up.many got.many"),
  // ── scp ──
  "scp up": scp("LOCAL/secret", "REMOTE/up"),
  "scp down": scp("REMOTE/secret", "LOCAL/down"),
  "scp -rp up": scp("-rp", "LOCAL/tree", "REMOTE/up"),
  "scp -rp down": scp("-rp", "REMOTE/tree", "LOCAL/down"),
  "scp -O up": scp("-O", "LOCAL/secret", "REMOTE/up"),
  "scp -O down": scp("-O", "REMOTE/secret", "LOCAL/down"),
  "scp -O -rp up": scp("-O", "-rp", "LOCAL/tree", "REMOTE/up"),
  "scp -O -rp down": scp("-O", "-rp", "REMOTE/tree", "LOCAL/down"),
  "scp odd names": scp("LOCAL/with space", "LOCAL/new\nline", "LOCAL/ünïcödé ☃", "LOCAL/-dash", "REMOTE/tree"),
  "scp of what is not there": scp("REMOTE/nothing", "LOCAL/nothing"),
  "scp -O of what is not there": scp("-O", "REMOTE/nothing", "LOCAL/nothing"),
  "scp with a pattern": scp("REMOTE/*.txt", "REMOTE/s*", "LOCAL/tree"),
  "scp of 100 MB up and scp -O of 100 MB down": async (way, shared) => ({
    up: await scp("SHARED/big", "REMOTE/up")(way, shared),
    down: shown(await way.scp("-O", `${way.host}:${way.dir}/remote/up`, `${way.dir}/local/down`), way),
    files: await listTree(way.dir),
  }),
};

const RSYNC_CASES: Record<string, Case> = {
  "rsync -a up": sync("-a", "LOCAL/", "REMOTE/up"),
  "rsync -a down": sync("-a", "REMOTE/", "LOCAL/down"),
  "rsync -aH --delete --checksum": sync("-aH", "--delete", "--checksum", "LOCAL/tree/", "REMOTE/tree"),
  "rsync --inplace --partial of 100 MB": sync("-a", "--inplace", "--partial", "SHARED/big", "REMOTE/secret"),
  "rsync -az": sync("-az", "LOCAL/", "REMOTE/z"),
  "rsync of what is not there": sync("-a", "REMOTE/nothing", "LOCAL/"),
};

describe.skipIf(sshd.missing)(sshd.title("through the gate as direct"), () => {
  let ways: Ways;

  beforeAll(async () => {
    ways = await startWays();
    await writeFile(join(ways.shared, "big"), randomBytes(MiB100));
    for (const folder of ["a", "b"]) {
      await mkdir(join(ways.shared, "many", folder), { recursive: true });
      for (let index = 0; index < 100; index += 1) await writeFile(join(ways.shared, "many", folder, `file-${index}`), `${index}`);
    }
  });
  afterAll(() => ways[Symbol.asyncDispose]());

  const both = async (title: string, work: Case): Promise<{ direct: Outcome; gate: Outcome }> => {
    const label = title.replaceAll(/[^a-z0-9]+/gi, "-");
    const once = async (name: Way["name"]): Promise<Outcome> => work(await ways.make(name, label), ways.shared);
    const [direct, gate] = await Promise.all([once("direct"), once("gate")]);
    // Alike both ways for want of a login would prove nothing.
    if (/Permission denied \(|Host key verification/.test(JSON.stringify(direct))) throw new Error(JSON.stringify(direct));
    return { direct, gate };
  };

  test.each(Object.entries(CASES))("%s", async (title, work) => {
    const { direct, gate } = await both(title, work);
    expect(gate).toEqual(direct);
  });

  describe.skipIf(rsync.missing)(rsync.title("rsync"), () => {
    test.each(Object.entries(RSYNC_CASES))("%s", async (title, work) => {
      const { direct, gate } = await both(title, work);
      expect(gate).toEqual(direct);
    });
  });

  /*
   * What differs, and why:
   *  - SSH_CONNECTION and SSH_CLIENT on the host name the gate: it is the host's client.
   *  - A host that breaks the connection off: the client is told by whom, in the gate's words; its exit status is equal.
   *  - Forwardings, agent, X11 and other subsystems are refused, with the reason on stderr.
   *  - `no-more-sessions@openssh.com` and the host's other keys (`hostkeys-00`) end at the gate.
   */
  test("a host that breaks off: equal but for the words", async () => {
    const { direct, gate } = await both("breaks off", command("seq 1 3000; sleep 0.3; kill -9 $PPID"));
    expect({ ...gate, stderr: "" }).toEqual({ ...direct, stderr: "" });
    expect(gate["stderr"]).toContain("sallyport: the target closed the connection");
  });

  test.each([
    ["-R", ["-R", "0:127.0.0.1:9"], "remote port forwarding failed", "port forwarding [not-supported]"],
    ["-A", ["-A"], "", "agent forwarding [not-supported]"],
    ["-X", ["-X"], "", "X11 forwarding [not-supported]"],
  ])("%s is refused in words, and the session goes on", async (name, args, own, said) => {
    const way = await ways.make("gate", `refused${name}`);
    const env = { ...process.env, DISPLAY: "127.0.0.1:99", SSH_AUTH_SOCK: ways.agent };
    const result = await way.ssh(["-o", "ForwardX11Trusted=yes", ...args], ["echo goes on"], { env });
    expect(result).toMatchObject({ status: 0, stdout: Buffer.from("goes on\n") });
    expect(result.stderr.toString()).toContain(own);
    expect(result.stderr.toString()).toContain(said);
  });

  test("-L: each connection is refused, and the session goes on", async () => {
    const way = await ways.make("gate", "refused-L");
    const port = await findFreePort();
    const session = talk("ssh", [...way.args, "-L", `127.0.0.1:${port}:127.0.0.1:9`, way.host, "echo ready; read line; echo got $line"]);
    await session.seen("ready");
    const local = connect(port, "127.0.0.1").resume();
    await new Promise((resolve) => local.on("close", resolve));
    session.say("more\n");
    const { status, stdout, stderr } = await session.ended;
    expect({ status, stdout }).toEqual({ status: 0, stdout: "ready\ngot more\n" });
    expect(stderr).toContain("administratively prohibited: sallyport: The gate does not support this: port forwarding [not-supported]");
  });

  test("-W and -D end at the gate, with the reason", async () => {
    const way = await ways.make("gate", "refused-W");
    const result = await way.ssh(["-W", "127.0.0.1:22"]);
    expect(result.status).not.toBe(0);
    expect(result.stderr.toString()).toContain("port forwarding [not-supported]");
  });

  test("another subsystem is denied, with the reason", async () => {
    const way = await ways.make("gate", "refused-s");
    const result = await way.ssh(["-s"], ["netconf"]);
    expect(result.status).toBe(255);
    expect(result.stderr.toString()).toContain('subsystem "netconf" [not-supported]');
  });

  test("the gate met no fault of its own", () => {
    expect(ways.estate.test.faults).toEqual([]);
  });
});

/** Reproducible, printable, and without a period that a window could hide behind. */
function randomText(bytes: number): string {
  return Array.from({ length: bytes / 10 }, (_, index) => `${(index * 2_654_435_761) % 1_000_000_007}`.padStart(10, "0")).join("");
}
