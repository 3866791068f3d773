/** Files of a host in the browser: over sftp as every other, by the same rules and with the same record. */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createHash, randomBytes } from "node:crypto";
import { userInfo } from "node:os";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { request, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ProblemError } from "../../src/contract/problem.ts";
import type { Client } from "../../src/contract/client.ts";
import type { GrantId } from "../../src/kernel/ids.ts";
import { startEstate, type Estate } from "../kit/estate.ts";
import { openEstateApi, type EstateApi } from "../kit/estate-api.ts";
import { othersPass } from "../kit/meanwhile.ts";
import { PEER_MISSING, requirePeer } from "../kit/peers.ts";
import { until } from "../kit/until.ts";

const sshd = requirePeer("OpenSSH server", "sshd");
const isRoot = process.getuid?.() === 0;
const WHY = isRoot ? "" : ` [${PEER_MISSING} root rights, for a small tmpfs]`;
const params = { name: "web-1.prod" } as const;
const ODD_NAMES = [
  "with space",
  "ünïcödé ☃",
  "new\nline",
  "quo\"te's",
  "back\\slash",
  "semi;colon & <b>",
  "%41",
  "..dots..",
  "-rf",
  " ",
  "#?",
];

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(sshd.missing)(sshd.title("files of a host in the browser"), () => {
  let estate: Estate;
  let api: EstateApi;
  let ana: Client;
  let token: string;
  let grant: GrantId;
  let dir: string;

  beforeAll(async () => {
    const account = userInfo().username;
    estate = await startEstate({
      sshd: { extraConfig: ["LogLevel ERROR"] },
      roles: `  reader: { ssh: { account: ${account}, files: read } }\n  shell: { ssh: { account: ${account}, shell: true } }
  bound: { ssh: { account: ${account}, files: read }, secondFactor: { use: none, address: bound } }`,
      rules: `  - { name: more, who: ["group:oncall"], roles: [reader, shell, bound], targets: { labels: { service: checkout } }, max: 4h, approval: 1 of leads }`,
    });
    api = await openEstateApi(estate.test);
    token = await api.token("ana");
    ana = api.with(token);
    grant = (await estate.grant()).id;
    dir = await mkdtemp(join(estate.sshd.dir, "files-"));
  });
  afterAll(async () => {
    await api?.[Symbol.asyncDispose]();
    await estate?.[Symbol.asyncDispose]();
  });

  const at = (path: string, more: { grant?: GrantId } = {}) => ({ path: join(dir, path), grant, ...more });
  const list = async (path = "") => ana.call("files.list", { params, query: at(path) });
  const download = async (path: string): Promise<Buffer> => {
    const parts: Uint8Array[] = [];
    for await (const part of await ana.call("files.download", { params, query: at(path) })) parts.push(part);
    return Buffer.concat(parts);
  };
  const upload = async (path: string, content: Uint8Array | AsyncIterable<Uint8Array>, replace = false) =>
    ana.call("files.upload", { params, query: { ...at(path), replace }, content });
  const raw = async (path: string, init: { method?: string; headers?: Record<string, string>; body?: string } = {}): Promise<Response> =>
    fetch(`${api.url}/v1/targets/web-1.prod/files/content?${new URLSearchParams({ path: join(dir, path), grant }).toString()}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, ...init.headers },
    });
  const code = async (call: Promise<unknown>): Promise<string> => {
    try {
      await call;
      return "ok";
    } catch (thrown) {
      return thrown instanceof ProblemError ? thrown.code : String(thrown);
    }
  };
  const drain = async (all: AsyncIterable<unknown>): Promise<void> => {
    for await (const each of all) void each;
  };
  const eventsSince = async (from: number) => estate.test.gate.store.log.query({ from, limit: 1_000 });
  const head = (): number => estate.test.gate.store.log.head().size;
  const parts = async (): Promise<string[]> => (await readdir(dir)).filter((name) => name.endsWith(".part"));

  test("where the role binds it to its address, a session that is open there is of no use from another", async () => {
    const { id } = await estate.grant({ role: "bound" });
    const query = new URLSearchParams({ path: dir, grant: id });
    const from = async (localAddress: string): Promise<number | undefined> => {
      const asked = request(`${api.url}/v1/targets/web-1.prod/files?${query.toString()}`, {
        localAddress,
        headers: { authorization: `Bearer ${token}` },
      });
      const [response] = (await once(asked.end(), "response")) as [IncomingMessage];
      response.resume();
      return response.statusCode;
    };
    expect(await from("127.0.0.1")).toBe(200);
    expect(await from("127.0.0.2")).toBe(403);
    expect(await from("127.0.0.1")).toBe(200);
  });

  test("a directory is listed with what is known of each, links and odd names among it, and names that are no UTF-8", async () => {
    const folder = await mkdtemp(join(dir, "list-"));
    for (const name of ODD_NAMES) await writeFile(join(folder, name), "x");
    await mkdir(join(folder, "folder"));
    await symlink("folder", join(folder, "link"));
    await chmod(join(folder, "-rf"), 0o640);
    await writeFile(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0x41])]), "bytes");
    const listed = await ana.call("files.list", { params, query: { path: folder, grant } });
    expect(listed.path).toBe(folder);
    expect(new Set(listed.files.map(({ name }) => name))).toEqual(new Set([...ODD_NAMES, "folder", "link", "\ufffdA"]));
    expect(listed.files.find(({ name }) => name === "-rf")).toMatchObject({ type: "file", size: 1, mode: "0640" });
    expect(listed.files.find(({ name }) => name === "folder")?.type).toBe("directory");
    expect(listed.files.find(({ name }) => name === "link")?.type).toBe("link");
    const bytes = listed.files.find(({ base64 }) => base64 !== undefined);
    const path = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(bytes?.base64 ?? "", "base64")]).toString("base64");
    const found: Uint8Array[] = [];
    for await (const part of await ana.call("files.download", { params, query: { path, base64: true, grant } })) found.push(part);
    expect(Buffer.concat(found).toString()).toBe("bytes");
  });

  test.each(ODD_NAMES)("%j goes up and comes down with equal bytes, under its own name", async (name) => {
    const content = randomBytes(70_000);
    const done = await upload(name, content);
    expect(done).toEqual({ path: join(dir, name), size: content.length, sha256: createHash("sha256").update(content).digest("hex") });
    expect((await readFile(join(dir, name))).equals(content)).toBe(true);
    expect((await download(name)).equals(content)).toBe(true);
    const answer = await raw(name);
    await answer.body?.cancel();
    const header = answer.headers.get("content-disposition") ?? "";
    expect(header).toMatch(/^attachment; filename="[^"\\]*"; filename\*=UTF-8''\S*$/);
    expect(decodeURIComponent(header.slice(header.indexOf("''") + 2))).toBe(name.replaceAll("\\", "_"));
    await rm(join(dir, name));
  });

  test.each([0, 1, 32_767, 32_768, 32_769, 262_144, 5_000_000])("%i bytes are whole both ways", async (size) => {
    const content = randomBytes(size);
    await upload("sized", content, true);
    expect((await readFile(join(dir, "sized"))).equals(content)).toBe(true);
    expect((await download("sized")).equals(content)).toBe(true);
  });

  test("what the system makes up as it is read comes whole too; what is no file is refused", async () => {
    const found: Uint8Array[] = [];
    for await (const part of await ana.call("files.download", { params, query: { path: "/proc/self/status", grant } })) found.push(part);
    expect(Buffer.concat(found).toString()).toContain("VmRSS");
    expect(await code(ana.call("files.download", { params, query: { path: "/dev/zero", grant } }))).toBe("bad-request");
    expect(await code(ana.call("files.download", { params, query: { path: dir, grant } }))).toBe("bad-request");
  });

  test("is kept and never shown, whatever is in it", async () => {
    await writeFile(join(dir, "page.html"), "<script>alert(1)</script>");
    const answer = await raw("page.html");
    expect(await answer.text()).toContain("<script>");
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "application/octet-stream",
      "content-length": "25",
      "x-content-type-options": "nosniff",
      "content-security-policy": expect.stringContaining("sandbox"),
      "cache-control": "no-store",
    });
  });

  test("the log tells of each as of sftp, with its hash, and of one session for them all", async () => {
    const from = head();
    const content = randomBytes(100_000);
    await upload("told", content);
    await download("told");
    await ana.call("files.rename", { params, body: { ...at("told"), to: join(dir, "told.old") } });
    await ana.call("files.remove", { params, query: at("told.old") });
    const told = async () => (await eventsSince(from)).filter(({ body }) => (body as { path?: string }).path?.includes("told") === true);
    await until(async () => (await told()).filter(({ kind }) => kind === "file.close").length === 2);
    const events = await told();
    const sha256 = createHash("sha256").update(content).digest("hex");
    const closed = events.filter(({ kind }) => kind === "file.close").map(({ body }) => body);
    expect(closed).toEqual([
      expect.objectContaining({
        bytesWritten: 100_000,
        outcome: "complete",
        sha256,
        path: expect.stringMatching(/told\.[0-9a-z]{6}\.part$/),
      }),
      expect.objectContaining({ bytesRead: 100_000, outcome: "complete", sha256, path: join(dir, "told") }),
    ]);
    const changes = events.filter(({ kind }) => kind === "file.change").map(({ body }) => (body as { operation: string }).operation);
    expect(changes).toEqual(["rename", "rename", "remove"]);
    expect(new Set(events.map(({ session }) => session).filter((session) => session !== undefined)).size).toBe(1);
  });

  test("nothing is overwritten unasked; asked, it is replaced at once, keeps its permissions, and a link stays a link", async () => {
    await writeFile(join(dir, "target"), "old");
    await chmod(join(dir, "target"), 0o640);
    await symlink("target", join(dir, "by-link"));
    expect(await code(upload("target", Buffer.from("new")))).toBe("already-exists");
    expect(await readFile(join(dir, "target"), "utf8")).toBe("old");
    await upload("by-link", Buffer.from("new"), true);
    expect(await readFile(join(dir, "target"), "utf8")).toBe("new");
    expect((await stat(join(dir, "target"))).mode & 0o777).toBe(0o640);
    expect((await list()).files.find(({ name }) => name === "by-link")?.type).toBe("link");
    await writeFile(join(dir, "other"), "other");
    expect(await code(ana.call("files.rename", { params, body: { ...at("other"), to: join(dir, "target") } }))).toBe("already-exists");
    expect(await code(ana.call("files.mkdir", { params, body: at("target") }))).toBe("already-exists");
    await ana.call("files.mkdir", { params, body: at("made") });
    await writeFile(join(dir, "made", "full"), "x");
    expect(await code(ana.call("files.remove", { params, query: at("made") }))).toBe("file-failed");
    await ana.call("files.remove", { params, query: at("made/full") });
    await ana.call("files.remove", { params, query: at("made") });
    expect(await parts()).toEqual([]);
  });

  test.each([
    ["what is not there", "not-found", { path: "/nowhere/at/all" }],
    ["a NUL in a path", "bad-request", { path: "/etc/passwd\0.txt" }],
    ["a path without end", "bad-request", { path: `/${"x".repeat(5_000)}` }],
    ["half a character", "bad-request", { path: "/\ud800" }],
    ["base64 that is none", "bad-request", { path: "/etc/passwd", base64: true }],
    ["another target", "no-grant", { path: "/etc" }, { name: "nowhere" }],
  ])("%s → %s", async (_, expected, query, where: { readonly name: string } = params) => {
    for (const route of ["files.list", "files.download", "files.remove"] as const) {
      const call = ana.call(route, { params: where, query: where === params ? { ...query, grant } : query });
      // A lone surrogate cannot be said in an address: it arrives as U+FFFD, which is a name like another.
      expect([expected, ...(query.path === "/\ud800" ? ["not-found"] : [])]).toContain(await code(call));
    }
  });

  test("a role that only reads looks and fetches, and is refused everything else before a byte of it reaches the host", async () => {
    const { id } = await estate.grant({ role: "reader" });
    await writeFile(join(dir, "readable"), "content");
    const by = { grant: id };
    expect(await code(ana.call("files.download", { params, query: at("readable", by) }).then((all) => drain(all)))).toBe("ok");
    expect(await code(ana.call("files.upload", { params, query: at("mine", by), content: Buffer.from("x") }))).toBe("role-denies");
    expect(await code(ana.call("files.remove", { params, query: at("readable", by) }))).toBe("role-denies");
    expect(await code(ana.call("files.mkdir", { params, body: at("mine", by) }))).toBe("role-denies");
    expect(await code(ana.call("files.rename", { params, body: { ...at("readable", by), to: join(dir, "mine") } }))).toBe("role-denies");
    expect(await readdir(dir)).toContain("readable");
    expect((await readdir(dir)).some((name) => name.startsWith("mine"))).toBe(false);
  });

  test("a role without files is refused with its reason", async () => {
    const { id } = await estate.grant({ role: "shell" });
    expect(await code(ana.call("files.list", { params, query: { path: "/", grant: id } }))).toBe("role-denies");
  });

  test("where several grants cover the target one is to be named", async () => {
    expect(await code(ana.call("files.list", { params, query: { path: "/" } }))).toBe("several-grants");
  });

  test("many transfers at once, each with its own bytes", async () => {
    const contents = Array.from({ length: 8 }, () => randomBytes(1_000_000));
    await Promise.all(contents.map((content, number) => upload(`many-${number}`, content)));
    const back = await Promise.all(contents.map((_, number) => download(`many-${number}`)));
    expect(back.map((each, number) => each.equals(contents[number] ?? Buffer.alloc(0)))).toEqual(contents.map(() => true));
  });

  test("an upload that breaks off leaves nothing behind", async () => {
    const { hostname, port } = new URL(api.url);
    const query = new URLSearchParams({ path: join(dir, "broken"), grant }).toString();
    const sending = request({
      host: hostname,
      port,
      method: "POST",
      path: `/v1/targets/web-1.prod/files/content?${query}`,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/octet-stream", "content-length": "10000000" },
    });
    sending.on("error", () => undefined);
    sending.write(randomBytes(500_000));
    await until(async () => (await parts()).length > 0);
    sending.destroy();
    await until(async () => (await parts()).length === 0);
    expect(await readdir(dir)).not.toContain("broken");
  });

  test("a body of another kind, or none, is no upload", async () => {
    const json = await raw("json", { method: "POST", headers: { "content-type": "application/json" }, body: "{}" });
    expect(await json.json()).toMatchObject({ code: "bad-request" });
    const none = await raw("none", { method: "POST" });
    expect(await none.json()).toMatchObject({ code: "bad-request" });
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/octet-stream" };
    const elsewhere = await fetch(`${api.url}/v1/logout`, { method: "POST", headers, body: "x" });
    expect(await elsewhere.json()).toMatchObject({ code: "bad-request" });
  });

  test("a download cut in the middle does not look whole, and a slow reader holds only its own", async () => {
    await writeFile(join(dir, "big"), Buffer.alloc(50_000_000, 1));
    const answer = await raw("big");
    const reader = answer.body?.getReader();
    await reader?.read();
    const session = estate.test.gate.registry.list().find(({ permit }) => permit.grant.id === grant);
    const sent = (): number => session?.bytesOut ?? 0;
    let before = -1;
    await until(async () => {
      before = sent();
      await othersPass(estate);
      return sent() === before;
    });
    // What waits is what sockets and a few blocks hold.
    expect(before).toBeLessThan(25_000_000);
    expect((await download("readable")).toString()).toBe("content");
    await estate.test.gate.registry.kill(session?.id as never, "olga", "looks odd");
    const rest = (async () => {
      for (;;) if ((await reader?.read())?.done !== false) return "whole";
    })();
    await expect(rest).rejects.toThrow("terminated");
  });

  test("an upload cut in the middle is refused with the reason, and is no file", async () => {
    let begun = false;
    async function* slowly() {
      yield randomBytes(500_000);
      await until(async () => (begun = (await parts()).length > 0));
      const session = estate.test.gate.registry.list().find(({ permit }) => permit.grant.id === grant);
      await estate.test.gate.registry.kill(session?.id as never, "olga", "looks odd");
      for (let each = 0; each < 50; each += 1) yield randomBytes(100_000);
    }
    expect(await code(upload("cut", slowly()))).toBe("session-killed");
    expect(begun).toBe(true);
    expect(await readdir(dir)).not.toContain("cut");
    // The session that would remove it is gone: what is left says by its name what it is.
    expect((await parts()).every((name) => name.startsWith("cut."))).toBe(true);
  });

  test("a login that ends takes its file session with it, and another login has its own", async () => {
    const other = await api.token("ana");
    ana = api.with(other);
    token = other;
    await list();
    const mine = estate.test.gate.registry.list().length;
    expect(mine).toBeGreaterThan(0);
    const body = { name: "second", scopes: ["all"], ttlMs: 600_000 };
    const { secret } = await ana.call("tokens.create", { body });
    await api.with(secret).call("files.list", { params, query: at("") });
    expect(estate.test.gate.registry.list().length).toBe(mine + 1);
    await api.with(secret).call("tokens.list");
    await api.with(other).call("login.end");
    await until(() => estate.test.gate.registry.list().length <= 1);
    token = await api.token("ana");
    ana = api.with(token);
  });

  // oxlint-disable-next-line vitest/valid-title -- it says what is missing
  test.skipIf(!isRoot)(`a full disk on the host fails the upload, says so, and leaves nothing${WHY}`, async () => {
    const mount = await mkdtemp(join(dir, "full-"));
    expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", mount]).status).toBe(0);
    try {
      const call = ana.call("files.upload", { params, query: { path: join(mount, "large"), grant }, content: randomBytes(5_000_000) });
      expect(await code(call)).toBe("file-failed");
      expect(await readdir(mount)).toEqual([]);
    } finally {
      expect(spawnSync("umount", [mount]).status).toBe(0);
    }
  });

  test("nothing went wrong inside the gate meanwhile", () => {
    expect(estate.test.faults).toEqual([]);
  });
});
