/** A gate whose disk fills up while sessions of databases run: what is refused, in the client's own form, and that all of it goes on by itself. */
import { spawnSync } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { asGateError } from "../../src/kernel/errors.ts";
import * as backend from "../../src/wire/postgres/backend.ts";
import { encodeQuery } from "../../src/wire/postgres/frontend.ts";
import { PEER_MISSING, requirePeer } from "../kit/peers.ts";
import { postgresServer, startPostgres } from "../kit/postgres.ts";
import type { PostgresClient } from "../kit/postgres-client.ts";
import { serveDatabase } from "../kit/serve-database.ts";
import { until } from "../kit/until.ts";

const MIB = 1024 * 1024;
const isRoot = process.getuid?.() === 0;
const sshd = requirePeer("OpenSSH server", "sshd");
const WHY = isRoot ? "" : ` [${PEER_MISSING} root rights, for a small tmpfs]`;
const PASSWORD = "what no client ever sees";
const SQL = `create role app login password '${PASSWORD}'; create table marks (mark text); create table held (id int primary key, n int);
insert into held values (1, 1); grant all on marks, held to app;`;

/** Leaves about `bytes` free on the mount. */
function fill(mount: string, bytes: number): void {
  const file = openSync(join(mount, "filler"), "w");
  const block = Buffer.alloc(64 * 1024, 1);
  while (Number(spawnSync("stat", ["-f", "-c", "%a", mount]).stdout.toString()) * 4096 > bytes) writeSync(file, block);
  closeSync(file);
}

test.skipIf(!isRoot || sshd.missing || postgresServer.missing)(
  postgresServer.title(`sessions of databases on a disk that fills up${WHY}`),
  { timeout: 60_000 },
  async () => {
    const mount = await mkdtemp(join(tmpdir(), "sallyport-full-"));
    expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=64m,mode=0700", "tmpfs", mount]).status).toBe(0);
    try {
      await using server = await startPostgres();
      await server.sql(SQL);
      await using served = await serveDatabase(server, {
        dataDir: join(mount, "data"),
        gateLines: "  limits: { diskReserve: 16MiB }",
        roles: {
          free: "{ postgres: { account: app, allow: [read, write, transaction] } }",
          held: "{ postgres: { account: app, allow: [read], hold: [write] } }",
        },
        logins: { app: PASSWORD },
      });
      const { gate, connect } = served;
      /** What it is told: the words of an error, or the tag. */
      const told = async (client: PostgresClient): Promise<string> =>
        (await client.readTo("Z"))
          .map((each) => {
            if (each[0] === backend.BACKEND.error) return backend.parseErrorResponse(each).message;
            return each[0] === backend.BACKEND.commandComplete ? backend.parseCommandComplete(each).tag : "";
          })
          .join("");
      const say = (client: PostgresClient, sql: string): Promise<string> => {
        client.send(encodeQuery(sql));
        return told(client);
      };
      const [working, idle, holding] = [await connect("free"), await connect("free"), await connect("held")];
      expect(await say(working, "begin")).toBe("BEGIN");
      expect(await say(working, "insert into marks values ('before')")).toBe("INSERT 0 1");
      holding.send(encodeQuery("update held set n = 2"));
      const waiting = async () => (await gate.client("lea").call("holds.list")).holds.find(({ state }) => state === "waiting");
      await until(async () => (await waiting()) !== undefined);

      fill(mount, 12 * MIB);
      await until(async () => (await say(idle, "select 1")).includes("[disk-reserve]"));
      // Nothing runs that the log does not have, the end of a transaction neither; the connection bears it.
      expect(await say(working, "insert into marks values ('during')")).toContain("[disk-reserve]");
      expect(await say(working, "commit")).toMatch(/disk-reserve|ROLLBACK/);
      expect(await server.sql("select count(*) from marks")).toBe("0");
      // Somebody may still say yes, and what they said yes to does not run.
      const hold = await waiting();
      await gate.client("lea").call("holds.approve", { params: { id: hold?.id ?? "" } });
      expect(await told(holding)).toContain("[disk-reserve]");
      expect(await server.sql("select n from held")).toBe("1");

      await rm(join(mount, "filler"));
      await until(async () => (await say(idle, "select 1")) === "SELECT 1");
      expect(await say(working, "rollback")).toBe("ROLLBACK");
      expect(await say(working, "insert into marks values ('after')")).toBe("INSERT 0 1");
      expect(await server.sql("select mark from marks")).toBe("after");
      // What sessions record and what the log takes look at the disk each for themselves, a moment apart.
      let again = idle;
      await until(async () => {
        try {
          again = await connect("free");
          return true;
        } catch (error) {
          if (asGateError(error).code !== "disk-reserve") throw error;
          return false;
        }
      });
      expect(await say(again, "select 1")).toBe("SELECT 1");
      for (const client of [working, idle, holding, again]) client.socket.destroy();
      const { log } = await gate.client("nobody").call("authorities.show");
      const verified = await gate.cli("audit", "verify", "--key", log, "--json");
      expect(JSON.parse(verified.stdout.toString())).toMatchObject({ ok: true, signer: "verified" });
    } finally {
      spawnSync("umount", ["-l", mount]);
      await rm(mount, { recursive: true, force: true });
    }
  },
);
