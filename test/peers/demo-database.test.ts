/** The database of the demo on every PostgreSQL that is here: npm's and the machine's. */
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startDatabase, type ShopDatabase } from "../../src/main/demo/database.ts";
import { findPostgres, NO_POSTGRES } from "../../src/main/demo/find-postgres.ts";
import { SHOP_LOGINS, type ShopLogin } from "../../src/main/demo/shop.ts";
import { findFreePort } from "../kit/free-port.ts";
import { requirePeer } from "../kit/peers.ts";
import { run, type RunResult } from "../kit/process.ts";

const psql = requirePeer("psql", "psql");
const places = findPostgres(process.env["PATH"] ?? "");
const npm = places.filter(({ packed }) => packed);
const machine = places.filter(({ packed }) => !packed).slice(0, 1);

function scratch(): string {
  return mkdtempSync(join(tmpdir(), "sallyport-shop-"));
}

test("npm has installed a server for this machine", () => {
  expect(npm.length).toBe(1);
});

describe.skipIf(psql.missing).each([...npm, ...machine])(psql.title("the shop on $bin"), (place) => {
  const folder = scratch();
  let shop: ShopDatabase;
  beforeAll(async () => {
    const started = await startDatabase({ folder, port: await findFreePort(), places: [place] });
    if ("why" in started) throw new Error(started.why);
    shop = started;
  }, 60_000);
  afterAll(async () => {
    await shop[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const password = (login: ShopLogin): string => readFileSync(shop.logins[login], "utf8").trim();
  const ask = (login: string, sql: string, secret = password(login as ShopLogin)): Promise<RunResult> =>
    run("psql", ["-XAtqc", sql, `host=127.0.0.1 port=${shop.port} user=${login} dbname=shop`], {
      env: { ...process.env, PGPASSWORD: secret },
    });
  const rows = async (sql: string): Promise<string> => (await ask("sallyport_read", sql)).stdout.toString().trim();

  test("has the rows of a shop, the same each time", async () => {
    const counts = ["customers", "products", "orders", "payments"].map((name) => `(select count(*) from ${name})`).join(", ");
    expect(await rows(`select ${counts}`)).toBe("600|40|2400|2400");
    expect(await rows("select name, email from customers order by id limit 2")).toBe(
      "Ines Ivers|ines.ivers1@example.org\nFarid Keller|farid.keller2@example.org",
    );
    expect(await rows("select count(*) from stuck_payments")).toBe("30");
    expect(await rows("select count(*) from payments where amount <> order_total(order_id)")).toBe("0");
    expect(await rows("select sum(payments) = (select count(*) from payments where status = 'captured') from daily_revenue")).toBe("t");
    expect(Number(await rows("select count(*) from refunds"))).toBeGreaterThan(50);
  });

  test("has card numbers that a form would take", async () => {
    const cards = (await rows("select card_number from customers")).split("\n");
    expect(cards.length).toBe(600);
    for (const card of cards) expect([card, luhn(card)]).toEqual([expect.stringMatching(/^400000\d{10}$/), 0]);
  });

  test("lets nobody in without the password, and each login do what it is for", async () => {
    for (const login of [...SHOP_LOGINS, "shop_owner", "postgres"]) {
      const { status, stderr } = await ask(login, "select 1", "guess");
      expect([status, stderr.toString()]).toEqual([2, expect.stringContaining("password authentication failed")]);
    }
    const reading = await ask("sallyport_read", "update orders set status = 'paid' where id = 1");
    expect(reading.stderr.toString()).toContain("permission denied for table orders");
    const writing = await ask("sallyport_write", "update payments set status = 'captured' where id = 2361");
    expect([writing.status, writing.stderr.toString()]).toEqual([0, ""]);
    expect(await rows("select payment_id, changed_by, status_before, status_after from payment_audit")).toBe(
      "2361|sallyport_write|timed_out|captured",
    );
    expect(await rows("select updated_at > created_at from payments where id = 2361")).toBe("t");
    const forging = await ask("sallyport_write", "delete from payment_audit");
    expect(forging.stderr.toString()).toContain("permission denied for table payment_audit");
  });

  test("keeps its passwords to those who own them, in no log, and listens on no socket file", async () => {
    const log = readFileSync(join(folder, "database/log"), "utf8");
    for (const login of SHOP_LOGINS) {
      expect(statSync(shop.logins[login]).mode & 0o777).toBe(0o600);
      expect(log).not.toContain(password(login));
    }
    expect(await rows("show unix_socket_directories")).toBe("");
    expect(await rows("show listen_addresses")).toBe("127.0.0.1");
  });
});

function luhn(digits: string): number {
  const doubled = digits
    .split("")
    .toReversed()
    .map((digit, index) => Number(digit) * (index % 2 === 0 ? 1 : 2));
  return doubled.reduce((sum, each) => sum + (each > 9 ? each - 9 : each), 0) % 10;
}

test.skipIf(npm.length === 0)(
  "npm's server runs the same where install scripts have linked its libraries already",
  { timeout: 60_000 },
  async () => {
    const folder = scratch();
    try {
      const native = join(folder, "native");
      cpSync(join(npm[0]?.bin ?? "", ".."), native, { recursive: true });
      for (const link of ["libpq.so.5", "libicuuc.so.60"]) symlinkSync("/absent", join(native, "lib", link));
      const places = [{ bin: join(native, "bin"), packed: true }];
      const started = await startDatabase({ folder, port: await findFreePort(), places });
      expect(started).toMatchObject({ version: expect.stringMatching(/^18\./), passedOver: [] });
      if (!("why" in started)) await started[Symbol.asyncDispose]();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

describe("where no server can be had", () => {
  test("says so, and what each that was tried said", async () => {
    const folder = scratch();
    try {
      await chmod(folder, 0o700);
      const options = { folder, port: await findFreePort() };
      expect(await startDatabase({ ...options, places: [] })).toEqual({ why: NO_POSTGRES });
      const places = [
        { bin: "/absent/npm/bin", packed: true },
        { bin: "/absent/machine", packed: false },
      ];
      expect(await startDatabase({ ...options, places })).toEqual({
        why: expect.stringMatching(/^\/absent\/npm\/bin: .*ENOENT.*; \/absent\/machine: .*ENOENT/),
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
