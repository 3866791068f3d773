/**
 * A gate in a process of its own, with a real PostgreSQL behind it, in the durability of its argument. Says over IPC how
 * to reach both, pgbouncer, and the gate with a column masked; ends with its driver.
 */
import { once } from "node:events";
import { startDatabase } from "../test/kit/database.ts";
import { startPgbouncer } from "../test/kit/pgbouncer.ts";

await using database = await startDatabase({
  durability: process.argv[2] === "power" ? "power" : "process",
  sql: "create table wide as select n, md5(n::text) as secret, repeat('x', 100) as filler from generate_series(1, 1000000) n; grant select on wide to app",
  masking: `
      columns:
        - { columns: "public.wide.secret", class: secret, mask: last4 }`,
  roles: {
    clear: '{ postgres: { account: admin, allow: [read, copy, transaction, session], unmasked: ["*"] } }',
    masked: "{ postgres: { account: admin, allow: [read, transaction, session] } }",
  },
});
const direct = database.direct("admin");
await using pgbouncer = await startPgbouncer(direct.conninfo, direct.password);
const gate = async (role: string) => ({
  conninfo: database.conninfo(),
  password: await database.password((await database.grant(role, 4 * 3_600_000)).id),
});
process.send?.({
  direct,
  gate: await gate("clear"),
  masked: await gate("masked"),
  ...(pgbouncer && { pgbouncer: { conninfo: pgbouncer.conninfo, password: direct.password } }),
});
await once(process, "disconnect");
