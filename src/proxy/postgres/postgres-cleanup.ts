/**
 * What a session that was cut has left running at its target is ended: by a cancel, which needs no login, and then by
 * ending its connection, for a statement that catches its cancel. The gate's own errand: the grant may have ended.
 */
import type { Gatekeeper, Permit } from "../../session/gatekeeper.ts";
import { overOwnConnection } from "./own-connection.ts";
import { queryTarget } from "./postgres-query.ts";
import { cancelTarget, type Upstream, type UpstreamDeps } from "./postgres-upstream.ts";

const TIMEOUT_MS = 5000;

export interface CleanupOptions {
  readonly permit: Permit;
  readonly database: string;
  readonly upstream: Pick<Upstream, "cancelKey" | "localPort">;
  readonly dial: UpstreamDeps;
  readonly gatekeeper: Pick<Gatekeeper, "authorizeErrand">;
}

/** Throws what the errand and the login throw; the cancel was sent then, unless it is the errand that was refused. */
export async function cleanUp({ permit, database, upstream, dial, gatekeeper }: CleanupOptions): Promise<void> {
  const { target, account } = permit.scoped;
  const { cancelKey, localPort } = upstream;
  const errand = await gatekeeper.authorizeErrand("session.cleanup", target.address, "gate");
  await cancelTarget(errand, target, cancelKey, dial);
  // A role of the session's own is dropped, and with it its connection.
  if (target.postgres?.ephemeral !== undefined || localPort === undefined) return;
  const connection = { permit: errand, target, user: account, database, startup: { search_path: "pg_catalog" }, timeoutMs: TIMEOUT_MS };
  await overOwnConnection(connection, dial, ({ socket }) => queryTarget(socket, endConnection(cancelKey.processId, localPort)));
}

/** Both numbers: behind a pooler the first is the pooler's own, and here somebody else's. */
function endConnection(processId: number, port: number): string {
  return `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
    WHERE pid OPERATOR(pg_catalog.=) ${processId} AND client_port OPERATOR(pg_catalog.=) ${port}`;
}
