/** A gate in a process of its own, with a real PostgreSQL behind it; says over IPC how to reach both, and ends with its driver. */
import { once } from "node:events";
import { startDatabase } from "../test/kit/database.ts";

await using database = await startDatabase();
const grant = await database.grant("all", 4 * 3_600_000);
process.send?.({
  gate: { conninfo: database.conninfo(), password: await database.password(grant.id) },
  direct: database.direct("admin"),
});
await once(process, "disconnect");
