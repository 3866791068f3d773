import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import type { KeyId, LockId, TokenId } from "../../kernel/ids.ts";
import { Secret } from "../../kernel/secret.ts";
import { DIALECTS, START } from "./openers.ts";
import { ada, bob, lock, note, token, user, userKey } from "./samples.ts";

describe.each(DIALECTS)("users, keys and tokens on %s", (_, open) => {
  test("a name is taken once; changes follow version by version", async () => {
    await using opened = await open();
    const { identity, log } = opened.store;
    await identity.saveUser(user(), [note("created")]);
    await expect(identity.saveUser(user(), [note("again")])).rejects.toMatchObject({ code: "already-exists" });
    await identity.saveUser(user({ version: 2, disabled: { at: START, reason: "left" } }), [note("disabled")]);
    await expect(identity.saveUser(user({ version: 2 }), [note("stale")])).rejects.toMatchObject({ code: "conflict" });
    await expect(identity.saveUser(user({ name: bob, version: 2 }), [note("nobody")])).rejects.toMatchObject({ code: "conflict" });
    await identity.saveUser(user({ name: bob }), []);
    expect(await identity.findUser(ada)).toEqual(user({ version: 2, disabled: { at: START, reason: "left" } }));
    expect((await identity.listUsers()).map(({ name }) => name)).toEqual([ada, bob]);
    expect(await identity.findUser("carol" as typeof ada)).toBeUndefined();
    expect(log.head().size).toBe(2);
  });

  test("an identity at a provider belongs to one user", async () => {
    await using opened = await open();
    const { identity, log } = opened.store;
    const linked = { provider: "corp", subject: "42", linkedAt: START };
    await identity.saveUser(user({ identities: [linked, { ...linked, provider: "hub" }] }), [note("linked")]);
    expect((await identity.findUserByIdentity("corp", "42"))?.name).toBe(ada);
    expect((await identity.findUserByIdentity("hub", "42"))?.name).toBe(ada);
    expect(await identity.findUserByIdentity("corp", "43")).toBeUndefined();
    await expect(identity.saveUser(user({ name: bob, identities: [linked] }), [note("stolen")])).rejects.toMatchObject({
      code: "already-exists",
    });
    expect(await identity.findUser(bob)).toBeUndefined();
    await identity.saveUser(user({ version: 2, identities: [linked] }), []);
    expect(await identity.findUserByIdentity("hub", "42")).toBeUndefined();
    await identity.saveUser(user({ version: 3 }), []);
    await identity.saveUser(user({ name: bob, identities: [linked] }), []);
    expect((await identity.findUserByIdentity("corp", "42"))?.name).toBe(bob);
    expect(log.head().size).toBe(1);
  });

  test("one key belongs to one user", async () => {
    await using opened = await open();
    const { identity, log } = opened.store;
    const second = userKey({ id: "key-0000000002" as KeyId, fingerprint: "SHA256:two", addedAt: START + 1 });
    await identity.addKey(userKey(), [note("added")]);
    const stolen = userKey({ id: "key-0000000003" as KeyId, user: bob });
    await expect(identity.addKey(stolen, [note("stolen")])).rejects.toMatchObject({ code: "already-exists" });
    await identity.addKey(second, []);
    expect(await identity.findKey("SHA256:one")).toEqual(userKey());
    expect(await identity.listKeys(ada)).toEqual([userKey(), second]);
    expect(await identity.listKeys(bob)).toEqual([]);
    await identity.removeKey(userKey().id, [note("removed")]);
    await expect(identity.removeKey(userKey().id, [note("again")])).rejects.toMatchObject({ code: "not-found" });
    expect(await identity.findKey("SHA256:one")).toBeUndefined();
    expect(log.head().size).toBe(2);
  });

  test("a revoked token stays revoked", async () => {
    await using opened = await open();
    const { identity } = opened.store;
    const second = token({ id: "tok-0000000002" as TokenId, createdAt: START + 1 });
    await identity.saveToken(token(), [note("created")]);
    await identity.saveToken(token({ name: "renamed" }), []);
    await identity.saveToken(token({ revokedAt: START + 5 }), [note("revoked")]);
    await expect(identity.saveToken(token(), [note("revived")])).rejects.toMatchObject({ code: "conflict" });
    await identity.saveToken(second, []);
    expect(await identity.findToken(token().id)).toEqual(token({ revokedAt: START + 5 }));
    expect((await identity.listTokens(ada)).map(({ id }) => id)).toEqual([second.id, token().id]);
    expect((await identity.listTokens(ada, START + 1)).map(({ id }) => id)).toEqual([second.id]);
    expect(await identity.listTokens(ada, START + 2)).toEqual([]);
    expect(await identity.listTokens(bob)).toEqual([]);
  });
});

describe.each(DIALECTS)("secrets, locks and settings on %s", (_, open) => {
  const value = new Secret(Buffer.from("the private key"));

  test("a secret is found as it was put, and nowhere in the clear", async () => {
    await using opened = await open();
    const { secrets, log } = opened.store;
    expect(await secrets.find("ca")).toBeUndefined();
    await secrets.put("ca", new Secret(Buffer.from("first")), [note("made")]);
    await secrets.put("ca", value, [note("replaced")]);
    expect((await secrets.find("ca"))?.reveal()).toEqual(value.reveal());
    const store = await opened.reopen();
    expect((await store.secrets.find("ca"))?.reveal().toString()).toBe("the private key");
    const rows = await store.db.selectFrom("secrets").selectAll().execute();
    expect(rows).toHaveLength(1);
    expect(Buffer.from(rows[0]?.sealed ?? []).includes("private")).toBe(false);
    await store.secrets.remove("ca", [note("removed")]);
    expect(await store.secrets.find("ca")).toBeUndefined();
    await expect(store.secrets.remove("ca", [note("again")])).rejects.toMatchObject({ code: "not-found" });
    expect(log.head().size).toBe(2);
    expect(store.log.head().size).toBe(3);
  });

  test("a secret moved to another name is refused", async () => {
    await using opened = await open();
    const { secrets, db, writer } = opened.store;
    await secrets.put("mine", value, []);
    await secrets.put("theirs", value, []);
    const mine = await db.selectFrom("secrets").selectAll().where("name", "=", "mine").executeTakeFirstOrThrow();
    const { sql, parameters } = db.updateTable("secrets").set({ sealed: mine.sealed }).where("name", "=", "theirs").compile();
    await writer.submit({ writes: [{ sql, parameters }], events: [] });
    await expect(secrets.find("theirs")).rejects.toMatchObject({ code: "bad-master-key" });
  });

  test("another master key, node or origin is refused", async () => {
    await using opened = await open();
    await opened.store.log.append([note("a")]);
    await expect(opened.reopen({ masterKey: new Secret(Buffer.alloc(32, 8)) })).rejects.toMatchObject({ code: "bad-master-key" });
    await expect(opened.reopen({ node: "n2", origin: "gate.test/n2" })).rejects.toMatchObject({ code: "bad-config" });
    expect((await opened.reopen()).log.head().size).toBe(1);
  });

  test("the keys of recordings are wrapped for one recording", async () => {
    await using opened = await open();
    const { keyWrap } = opened.store;
    const wrapped = await keyWrap.wrap(Buffer.alloc(32, 3), "recording:rec-1");
    expect(await keyWrap.unwrap(wrapped, "recording:rec-1")).toEqual(Buffer.alloc(32, 3));
    expect(() => keyWrap.unwrap(wrapped, "recording:rec-2")).toThrow(/key/);
  });

  test("locks are added once and lifted once", async () => {
    await using opened = await open();
    const { locks, log } = opened.store;
    const second = lock({ id: "lock-0000000002" as LockId, subject: { kind: "principal", name: "ada" }, createdAt: START + 1 });
    await locks.addLock(second, [note("locked")]);
    await locks.addLock(lock(), []);
    await expect(locks.addLock(lock(), [note("again")])).rejects.toMatchObject({ code: "already-exists" });
    expect(await locks.listLocks()).toEqual([lock(), second]);
    await locks.removeLock(lock().id, [note("lifted")]);
    await expect(locks.removeLock(lock().id, [note("again")])).rejects.toMatchObject({ code: "not-found" });
    expect(log.head().size).toBe(2);
  });

  test("settings are kept with their events", async () => {
    await using opened = await open();
    const { settings } = opened.store;
    expect(await settings.get("anchor")).toBeUndefined();
    await settings.put("anchor", { size: 3, roots: ["a", null] }, []);
    await settings.put("anchor", { size: 4 }, [note("changed")]);
    expect(await settings.get("anchor")).toEqual({ size: 4 });
    expect((await opened.reopen()).log.head().size).toBe(1);
  });
});

test("the contract names every method of every port", async () => {
  const tested = ["log", "access", "identity"].map((name) => readFile(new URL(`./${name}.test.ts`, import.meta.url), "utf8"));
  const text = (await Promise.all(tested)).join("\n");
  await using opened = await (DIALECTS[0]?.[1] ?? fail)();
  const { log, logSource, access, identity, secrets, locks, sessions, settings } = opened.store;
  const ports = [log, logSource, access, identity, secrets, locks, sessions, settings];
  const methods = ports.flatMap((port) => Object.getOwnPropertyNames(Object.getPrototypeOf(port))).filter((name) => name !== "constructor");
  expect(methods.length).toBeGreaterThan(30);
  expect(methods.filter((name) => !text.includes(`.${name}(`))).toEqual([]);
});

function fail(): never {
  throw new Error("no dialect");
}
