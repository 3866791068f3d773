import { describe, expect, test } from "vitest";
import type { AuditEvent, LoggedEvent } from "../../audit/event.ts";
import { bodyHash, parseEnvelope } from "../../audit/log/envelope.ts";
import { Frontier, leafHash } from "../../audit/log/merkle.ts";
import { lock, note } from "./samples.ts";
import { DIALECTS, START } from "./openers.ts";

async function collect<T>(from: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of from) all.push(one);
  return all;
}

describe.each(DIALECTS)("the log on %s", (_, open) => {
  test("gives places without gaps, in the order of calls", async () => {
    await using opened = await open();
    const { log } = opened.store;
    expect(log.head()).toEqual({ size: 0, lastTime: 0, clockBehindMs: 0 });
    const places = await Promise.all([log.append([note("a"), note("b")]), log.append([]), log.append([note("c")])]);
    expect(places.map((batch) => batch.map(({ seq }) => seq))).toEqual([[0, 1], [], [2]]);
    expect(log.head()).toEqual({ size: 3, lastTime: START, clockBehindMs: 0 });
    const logged = await log.query({ limit: 10 });
    expect(logged.map((event) => (event.body as { reason: string }).reason)).toEqual(["a", "b", "c"]);
    expect(logged[0]).toEqual({ ...note("a"), seq: 0, time: START });
  });

  test("what is recorded is durable when it is said to be, in order with the rest, and found by whoever asks", async () => {
    await using opened = await open();
    const { log } = opened.store;
    const told: number[] = [];
    log.subscribe(({ seq }) => told.push(seq));
    expect(log.record([note("a"), note("b")])).toBeUndefined();
    const appended = log.append([note("c")]);
    await log.record([note("d")], "reserved");
    const texts = async (): Promise<string[]> =>
      (await opened.store.log.query({ limit: 10 })).map((event) => (event.body as { reason: string }).reason);
    expect(await texts()).toEqual(["a", "b", "c", "d"]);
    expect(await appended).toEqual([{ seq: 2, time: START }]);
    expect(told).toEqual([0, 1, 2, 3]);
    expect(log.record([note("e")])).toBeUndefined();
    await opened.reopen();
    expect(await texts()).toEqual(["a", "b", "c", "d", "e"]);
    // Not synced: not durable enough.
    const synced = await opened.reopen({ durability: "power" });
    await expect(synced.log.record([note("f")])).resolves.toBeDefined();
    expect(await texts()).toEqual(["a", "b", "c", "d", "e", "f"]);
  });

  test("never stores a time before the last; says by how much the clock is behind", async () => {
    await using opened = await open();
    const { clock, store } = opened;
    await store.log.append([note("a")]);
    clock.time -= 5000;
    expect(store.log.head().clockBehindMs).toBe(0);
    clock.time -= 1;
    expect(store.log.head().clockBehindMs).toBe(5001);
    expect(await store.log.append([note("b")])).toEqual([{ seq: 1, time: START }]);
    const again = await opened.reopen();
    expect(again.log.head()).toEqual({ size: 2, lastTime: START, clockBehindMs: 5001 });
  });

  test("seals each entry: what is stored is what verifying needs", async () => {
    await using opened = await open();
    const { log, logSource } = opened.store;
    await log.append(Array.from({ length: 700 }, (_, index) => note(`echo ${index}`)));
    const store = await opened.reopen();
    await store.log.append([note("after a restart")]);
    const envelopes = await collect(store.logSource.envelopes(0, 701));
    expect(envelopes).toHaveLength(701);
    const tree = new Frontier();
    for (const [index, bytes] of envelopes.entries()) {
      tree.append(leafHash(bytes));
      const envelope = parseEnvelope(bytes);
      expect(envelope).toMatchObject({ seq: index, node: "n1", principal: "ada" });
      const stored = await store.logSource.body(index);
      if (typeof envelope === "string" || stored === "erased") throw new Error("not sealed");
      expect(bodyHash(stored.salt, stored.body)).toBe(envelope.bodyHash);
    }
    expect(await store.logSource.root(701)).toEqual(tree.root());
    expect(await collect(store.logSource.leafHashes(3, 5))).toEqual(envelopes.slice(3, 5).map((bytes) => leafHash(bytes)));
    await expect(store.logSource.root(702)).rejects.toThrow(RangeError);
    expect(logSource.size()).toBe(700);
  });

  test.each([1, 2, 255, 256, 257, 511, 512, 513, 600])("the root at %i entries is that of RFC 6962", async (size) => {
    await using opened = await open();
    await opened.store.log.append(Array.from({ length: 600 }, (_, index) => note(`echo ${index}`)));
    const tree = new Frontier();
    for await (const leaf of opened.store.logSource.leafHashes(0, size)) tree.append(leaf);
    expect(await opened.store.logSource.root(size)).toEqual(tree.root());
  });

  test("refuses an event that does not fit the format, and only that one", async () => {
    await using opened = await open();
    const { log } = opened.store;
    const bad: AuditEvent = note("x", { principal: "a\u001bb" });
    const settled = await Promise.allSettled([log.append([note("a")]), log.append([note("b"), bad]), log.append([note("c")])]);
    expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    await expect(log.append([bad])).rejects.toMatchObject({ code: "log-unavailable" });
    const uncloneable = { ...note("x"), body: { reason: () => 1 } } as unknown as AuditEvent;
    await expect(log.append([uncloneable])).rejects.toMatchObject({ code: "log-unavailable" });
    expect((await log.query({ limit: 10 })).map((event) => (event.body as { reason: string }).reason)).toEqual(["a", "c"]);
  });

  test("refuses more than may wait, and goes on afterwards", async () => {
    await using opened = await open();
    const { log } = opened.store;
    const many = Array.from({ length: 25_000 }, () => note("x"));
    const waiting = [log.append(many), log.append(many)];
    await expect(log.append([note("y")])).rejects.toMatchObject({ code: "store-unavailable" });
    await Promise.all(waiting);
    expect(await log.append([note("z")])).toMatchObject([{ seq: 50_000 }]);
  });

  test("finds by subject, kind, place, time and words", async () => {
    await using opened = await open();
    const { clock, store } = opened;
    const { log } = store;
    await log.append([note("rm -rf /srv/cache", { target: "web-1" })]);
    clock.time += 1000;
    await log.append([note("ls /SRV", { principal: "bob", grant: "gr-1", request: "req-1", decision: "deny" })]);
    clock.time += 1000;
    await log.append([{ kind: "notify.failed", body: { channel: "hook", detail: 'quote " AND NOT (star*' } }]);
    const found = async (query: Omit<Parameters<typeof log.query>[0], "limit">): Promise<number[]> =>
      (await log.query({ ...query, limit: 10 })).map(({ seq }) => seq);
    expect(await found({ principal: "bob" })).toEqual([1]);
    expect(await found({ grant: "gr-1", request: "req-1", decision: "deny" })).toEqual([1]);
    expect(await found({ target: "web-1" })).toEqual([0]);
    expect(await found({ session: "s-0000000000", order: "desc" })).toEqual([1, 0]);
    expect(await found({ kinds: ["notify.failed", "gate.started"] })).toEqual([2]);
    expect(await found({ kinds: [] })).toEqual([]);
    expect(await found({ from: 1, to: 2 })).toEqual([1]);
    expect(await found({ since: START + 1000 })).toEqual([1, 2]);
    expect(await found({ since: START + 1, until: START + 2000 })).toEqual([1]);
    expect(await found({ until: START })).toEqual([]);
    expect(await found({ since: START + 9999 })).toEqual([]);
    expect(await found({ words: "srv" })).toEqual([0, 1]);
    expect(await found({ words: "SRV/cache rm" })).toEqual([0]);
    expect(await found({ words: '" AND NOT (star*' })).toEqual([2]);
    expect(await found({ words: "srv nothing" })).toEqual([]);
    // Nothing typed is a fault of the gate's: a zero byte ends a text for SQLite.
    expect(await found({ words: "srv\u0000nothing" })).toEqual([]);
    expect(await found({ words: "srv\u0000" })).toEqual([0, 1]);
    await expect(log.query({ words: " && ", limit: 1 })).rejects.toMatchObject({ code: "bad-request" });
    expect(await log.query({ limit: 1, order: "desc" })).toMatchObject([{ seq: 2 }]);
  });

  test("tells subscribers each event once, in order, after it is durable; a faulty one disturbs nobody", async () => {
    await using opened = await open();
    const { log, settings, locks } = opened.store;
    const told: LoggedEvent[] = [];
    const warned = new Promise((resolve) => process.once("warning", resolve));
    using _faulty = log.subscribe(() => {
      throw new Error("faulty listener");
    });
    const subscription = log.subscribe((event) => told.push(event));
    await Promise.all([log.append([note("a")]), settings.put("b", 1, [note("b")]), log.append([note("c"), note("d")])]);
    await expect(locks.removeLock(lock().id, [note("never")])).rejects.toThrow(/no such thing/);
    subscription[Symbol.dispose]();
    await log.append([note("e")]);
    expect(told.map((event) => [event.seq, (event.body as { reason: string }).reason])).toEqual([
      [0, "a"],
      [1, "b"],
      [2, "c"],
      [3, "d"],
    ]);
    expect(told).toEqual(await log.query({ to: 4, limit: 10 }));
    expect(await warned).toMatchObject({ message: "faulty listener" });
  });

  test("finds statements by the tables and columns they name, and by no other words", async () => {
    await using opened = await open();
    const { log } = opened.store;
    const statement = (text: string, relations: readonly string[], columns: readonly string[]): AuditEvent => ({
      kind: "sql.statement",
      body: { number: 1, statement: text, protocol: "simple", classes: ["read"], functions: [], relations, columns },
    });
    await log.append([
      statement("select Email from orders", ["orders"], ["orders.email"]),
      statement("update public.orders", ["public.orders (write)"], ["public.orders.email", "public.orders.paid"]),
      statement("orders_archive", ["orders_archive", "shop.orders"], ["email", "orders_archive.orders"]),
      statement("select 'orders', 'email' -- public.orders", ["mail"], []),
      note("orders email"),
    ]);
    const found = async (query: Omit<Parameters<typeof log.query>[0], "limit">): Promise<number[]> =>
      (await log.query({ ...query, limit: 10 })).map(({ seq }) => seq);
    expect(await found({ table: "orders" })).toEqual([0, 1, 2]);
    expect(await found({ table: "ORDERS" })).toEqual([0, 1, 2]);
    expect(await found({ table: "public.orders" })).toEqual([0, 1]);
    expect(await found({ table: "shop.orders" })).toEqual([0, 2]);
    expect(await found({ table: "order" })).toEqual([]);
    expect(await found({ column: "email" })).toEqual([0, 1, 2]);
    expect(await found({ column: "orders.email" })).toEqual([0, 1, 2]);
    expect(await found({ column: "public.orders.paid" })).toEqual([1]);
    expect(await found({ column: "mail.email" })).toEqual([2]);
    expect(await found({ table: "public.orders", column: "paid", words: "update" })).toEqual([1]);
    expect(await found({ table: "orders", words: "nothing" })).toEqual([]);
    expect(await found({ table: '") OR "x', column: "\u0000" })).toEqual([]);
    await log.erase(1, { kind: "audit.erased", principal: "ada", body: { seq: 1, reason: "asked for" } });
    expect(await found({ table: "public.orders" })).toEqual([0]);
    expect(await found({ column: "paid" })).toEqual([]);
  });

  test("erases a body and its words for good, proven by an event in the same commit", async () => {
    await using opened = await open();
    const { log, logSource } = opened.store;
    await log.append([note("mail ada@example.org"), note("mail bob@example.org")]);
    const before = await collect(logSource.envelopes(0, 2));
    const erased: AuditEvent = { kind: "audit.erased", body: { seq: 0, reason: "asked for" } };
    await expect(log.erase(1, erased)).rejects.toMatchObject({ code: "bad-request" });
    await log.erase(0, erased);
    expect(await logSource.body(0)).toBe("erased");
    expect(await collect(logSource.bodies(0, 2))).toMatchObject(["erased", { salt: expect.any(Buffer) as Buffer }]);
    expect((await log.query({ limit: 1 }))[0]).not.toHaveProperty("body");
    expect(await log.query({ words: "ada", limit: 10 })).toEqual([]);
    expect(await log.query({ words: "mail", limit: 10 })).toHaveLength(1);
    expect(await collect(logSource.envelopes(0, 2))).toEqual(before);
    await expect(log.erase(0, erased)).rejects.toMatchObject({ code: "wrong-state" });
    await expect(log.erase(2, { ...erased, body: { seq: 2, reason: "hide it" } })).rejects.toMatchObject({ code: "wrong-state" });
    await expect(log.erase(9, { ...erased, body: { seq: 9, reason: "none" } })).rejects.toMatchObject({ code: "not-found" });
    expect(log.head().size).toBe(3);
    await expect(opened.reopen()).resolves.toBeDefined();
  });

  test("says whether rows stand as they were logged", async () => {
    await using opened = await open();
    const { log, logSource } = opened.store;
    await log.append(Array.from({ length: 300 }, (_, index) => note(`echo ${index}`)));
    const seen: Buffer[] = [];
    await logSource.requireRows(0, 300, (seq, envelope) => (seen[seq] = envelope));
    expect(seen).toEqual(await collect(logSource.envelopes(0, 300)));
    await expect(logSource.requireRows(0, 301, () => undefined)).rejects.toMatchObject({ code: "log-damaged" });
  });

  test("takes nothing more once it is closed", async () => {
    await using opened = await open();
    const last = opened.store.log.append([note("a")]);
    await opened.store[Symbol.asyncDispose]();
    expect(await last).toMatchObject([{ seq: 0 }]);
    await expect(opened.store.log.append([note("b")])).rejects.toMatchObject({ code: "gate-stopping" });
  });
});
