import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { GrantId, RequestId, SessionId, TokenId } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import { Secret } from "../kernel/secret.ts";
import { makeBackup } from "./backup.ts";
import { START } from "./contract/openers.ts";
import { ada, grant, note, request, session, token, user } from "./contract/samples.ts";
import { openSqlStore, type SqlStore, type StoreOptions } from "./open.ts";
import { restoreBackup, type RestoreOptions } from "./restore.ts";

let folder: string;
let options: StoreOptions;
let now: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-backup-"));
  now = START;
  options = {
    dataDir: join(folder, "data"),
    node: "n1",
    origin: "gate.test/n1",
    durability: "process",
    masterKey: new Secret(Buffer.alloc(32, 7)),
    clock: { now: () => now, elapsed: () => now, bootId: "test" },
    random: systemRandom,
    diskReserveBytes: 0,
  };
});
afterEach(() => rm(folder, { recursive: true }));

const to = (): string => join(folder, "backup");
const restored = (): string => join(folder, "restored");

function restore(more: Partial<RestoreOptions> = {}): ReturnType<typeof restoreBackup> {
  const { masterKey, clock, random } = options;
  const lastEvents: RestoreOptions["lastEvents"] =
    (_, recordings) =>
    async ({ id }) => [note(`${id} in ${relative(folder, recordings)}`)];
  return restoreBackup({ from: to(), dataDir: restored(), masterKey, clock, random, forget: ["log/signing-key"], lastEvents, ...more });
}

/** A gate in use: a grant with a live session, an ended grant, a pending request, two tokens, an open reset, a recording. */
async function fill(store: SqlStore): Promise<void> {
  await store.access.save({ request: request({ state: "approved" }), grant: grant() }, [note("one")]);
  await store.access.save({ grant: grant({ id: "gr-0000000002" as GrantId, state: "ended", endedHow: "expired" }) }, []);
  await store.access.save({ request: request({ id: "req-0000000002" as RequestId }) }, [note("two")]);
  await store.identity.saveUser(user({ passwordHash: "$argon2id$x", reset: { hash: "00", expiresAt: START + 1 } }), []);
  await store.identity.saveToken(token(), []);
  await store.identity.saveToken(token({ id: "tok-0000000002" as TokenId, revokedAt: START - 1 }), []);
  await store.sessions.start(session(), [note("three")]);
  await store.secrets.put("ca", new Secret(Buffer.from("private")), []);
  await mkdir(join(options.dataDir, "recordings"));
  await writeFile(join(options.dataDir, "recordings", "rec-1.rec"), "sealed bytes");
}

async function backUp(store: SqlStore): ReturnType<typeof makeBackup> {
  return makeBackup({ log: store.log, dataDir: options.dataDir, to: to(), principal: ada, clock: options.clock });
}

test("a backup holds the log up to one commit, while the gate goes on", async () => {
  await using store = await openSqlStore(options);
  await fill(store);
  const load = async (): Promise<void> => {
    for (let count = 0; count < 300; count += 1) await store.log.append([note("meanwhile")]);
  };
  const [manifest] = await Promise.all([backUp(store), load()]);
  expect(manifest.size).toBeGreaterThanOrEqual(3);
  expect(manifest.root).toBe((await store.logSource.root(manifest.size)).toString("base64"));
  expect(manifest.files.map(({ path }) => path)).toEqual(["sallyport.db", "recordings/rec-1.rec"]);
  expect((await readdir(to())).sort()).toEqual(["manifest.json", "recordings", "sallyport.db"]);
  expect((await stat(to())).mode & 0o077).toBe(0);
  const made = await store.log.query({ kinds: ["backup.made"], limit: 10 });
  expect(made).toMatchObject([{ principal: "ada", body: { size: manifest.size, root: manifest.root } }]);
  await expect(backUp(store)).rejects.toMatchObject({ code: "already-exists" });
});

test("without its event there is no backup", async () => {
  await using store = await openSqlStore(options);
  const principal = "a\nb" as typeof ada;
  const failing = makeBackup({ log: store.log, dataDir: options.dataDir, to: to(), principal, clock: options.clock });
  await expect(failing).rejects.toMatchObject({ code: "log-unavailable" });
  expect(await readdir(folder)).toEqual(["data"]);
});

test("a restored gate is locked, and nobody holds anything any more", async () => {
  {
    await using store = await openSqlStore(options);
    await fill(store);
    await backUp(store);
  }
  now += 86_400_000;
  const result = await restore();
  expect(result).toMatchObject({ origin: "gate.test/n1", size: 3, grants: 1, requests: 1, tokens: 1, sessions: 1 });
  await using store = await openSqlStore({ ...options, dataDir: restored() });
  expect(await store.locks.listLocks()).toMatchObject([{ subject: { kind: "gate" }, by: "gate", createdAt: now }]);
  expect(await store.access.listGrants({ state: "active", limit: 10 })).toEqual([]);
  expect(await store.access.findGrant(grant().id)).toMatchObject({ version: 2, endedHow: "restored", endedAt: now });
  expect(await store.access.listRequests({ state: "pending", limit: 10 })).toEqual([]);
  expect((await store.identity.listTokens(ada)).map(({ revokedAt }) => revokedAt)).toEqual(expect.arrayContaining([now, START - 1]));
  expect(await store.identity.findUser(ada)).toEqual(
    user({ certificatesAfter: expect.any(Number) as number, version: 2, passwordHash: "$argon2id$x" }),
  );
  expect(await store.sessions.find("s-0000000001" as SessionId)).toMatchObject({ ended: { how: "lost" } });
  expect(await store.recoverSessions(async () => [])).toEqual([]);
  expect((await store.secrets.find("ca"))?.reveal().toString()).toBe("private");
  expect(await readFile(join(restored(), "recordings", "rec-1.rec"), "utf8")).toBe("sealed bytes");
  const after = await store.log.query({ from: 3, limit: 10 });
  expect(after[1]).toMatchObject({ body: { reason: "s-0000000001 in restored.restoring/recordings" } });
  const kinds = after.map(({ kind }) => kind);
  expect(kinds).toEqual([
    "backup.restored",
    "gate.stopped",
    "session.ended",
    "grant.ended",
    "request.cancelled",
    "token.revoked",
    "lock.created",
  ]);
});

test("the gap to the anchor is in the record", async () => {
  let past: Buffer;
  let head: Buffer;
  {
    await using store = await openSqlStore(options);
    await fill(store);
    await backUp(store);
    await store.log.append([note("lost"), note("lost too")]);
    past = await store.logSource.root(2);
    head = await store.logSource.root(6);
  }
  const again = async (anchor: RestoreOptions["anchor"]): Promise<string> => {
    await rm(restored(), { recursive: true, force: true });
    return (await restore(anchor === undefined ? {} : { anchor })).gap;
  };
  expect(await again(undefined)).toMatch(/^Unknown: no anchor.*entry is number 2 of 2030-01-01T00:00:00.000Z$/);
  expect(await again({ anchor: "mount", size: 2, root: past })).toMatch(/^None up to the 2 entries/);
  expect(await again({ anchor: "mount", size: 2, root: head })).toMatch(/^This is another log/);
  expect(await again({ anchor: "mount", size: 6, root: head })).toMatch(/^Entries 3 to 5 are missing: anchor "mount" holds a log of 6/);
  await using store = await openSqlStore({ ...options, dataDir: restored() });
  const logged = await store.log.query({ kinds: ["backup.restored"], limit: 1 });
  expect(logged).toMatchObject([{ seq: 3, body: { size: 3, gap: expect.stringContaining("3 to 5") as string } }]);
});

test.each([
  ["an altered database", (path: string) => flip(join(path, "sallyport.db"))],
  ["an altered recording", (path: string) => flip(join(path, "recordings", "rec-1.rec"))],
  ["a missing recording", (path: string) => rm(join(path, "recordings", "rec-1.rec"))],
  ["no manifest", (path: string) => rm(join(path, "manifest.json"))],
  ["a manifest of another log", (path: string) => edit(join(path, "manifest.json"), '"size": 3', '"size": 2')],
  ["a path that leads out", (path: string) => edit(join(path, "manifest.json"), "recordings/rec-1.rec", "recordings/../../x")],
  ["an unknown format", (path: string) => edit(join(path, "manifest.json"), '"format": 1', '"format": 2')],
])("%s is refused, and nothing is left behind", async (_, spoil) => {
  {
    await using store = await openSqlStore(options);
    await fill(store);
    await backUp(store);
  }
  await spoil(to());
  await expect(restore()).rejects.toMatchObject({ code: "bad-backup" });
  expect((await readdir(folder)).sort()).toEqual(["backup", "data"]);
});

test("another master key, and a directory in use, are refused", async () => {
  {
    await using store = await openSqlStore(options);
    await fill(store);
    await backUp(store);
  }
  await expect(restore({ masterKey: new Secret(Buffer.alloc(32, 8)) })).rejects.toMatchObject({ code: "bad-master-key" });
  await expect(restore({ dataDir: options.dataDir })).rejects.toMatchObject({ code: "already-exists" });
  await mkdir(restored());
  await expect(restore()).resolves.toMatchObject({ size: 3 });
});

async function flip(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  await writeFile(path, bytes);
}

async function edit(path: string, from: string, by: string): Promise<void> {
  const text = await readFile(path, "utf8");
  expect(text).toContain(from);
  await writeFile(path, text.replace(from, by));
}
