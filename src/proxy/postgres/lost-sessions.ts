/**
 * What sessions left running at their targets when the gate went down: no server notices before the end of a statement
 * that nobody waits for it, and their grants cannot cut them any more. After the start their connections are looked for
 * by the name that the gate gave them, and ended. Roles of a session's own are swept up by SessionRoles.
 */
import type { Grant } from "../../access/model.ts";
import { asGateError } from "../../kernel/errors.ts";
import type { GrantId } from "../../kernel/ids.ts";
import type { Gatekeeper } from "../../session/gatekeeper.ts";
import type { SessionRow } from "../../session/port.ts";
import { literal } from "./quoting.ts";
import { overOwnConnection } from "./own-connection.ts";
import { queryTarget } from "./postgres-query.ts";
import type { UpstreamDeps } from "./postgres-upstream.ts";

const TIMEOUT_MS = 10_000;
/** A target that cannot be reached for so long has ended them by itself, or is gone. */
const MAX_TRIES = 60;
/** Of a name that a server keeps (NAMEDATALEN). */
const MAX_NAME_BYTES = 63;

export interface LostSessionsDeps {
  readonly grant: (id: GrantId) => Promise<Grant | undefined>;
  readonly gatekeeper: Pick<Gatekeeper, "authorizeErrand">;
  readonly upstream: UpstreamDeps;
}

/** By which the server's own log and its list of connections tell sessions apart. A long name of a person gives way. */
export function connectionName({ principal, grant, id }: Pick<SessionRow, "principal" | "grant" | "id">): string {
  const which = ` ${grant} ${id}`;
  return principal.slice(0, MAX_NAME_BYTES - which.length) + which;
}

export class LostSessions {
  readonly #deps: LostSessionsDeps;
  /** With how often it was tried. */
  readonly #left: Map<SessionRow, number>;

  constructor(rows: readonly SessionRow[], deps: LostSessionsDeps) {
    this.#deps = deps;
    this.#left = new Map(rows.filter(({ protocol }) => protocol === "postgres").map((row) => [row, 0]));
  }

  /** Called at the start and every minute; does nothing once all are looked for. */
  async tick(): Promise<void> {
    for (const [row, tries] of this.#left) {
      if (tries >= MAX_TRIES || (await this.#end(row))) this.#left.delete(row);
      else this.#left.set(row, tries + 1);
    }
  }

  /** `false`: its target could not be asked. */
  async #end(row: SessionRow): Promise<boolean> {
    const { grant, gatekeeper, upstream } = this.#deps;
    const scoped = (await grant(row.grant))?.scope.find(({ target }) => target.name === row.target);
    const { postgres } = scoped?.target ?? {};
    if (scoped === undefined || postgres === undefined || postgres.ephemeral !== undefined) return true;
    const { target, account } = scoped;
    try {
      const permit = await gatekeeper.authorizeErrand("session.cleanup", target.address, "gate");
      const startup = { search_path: "pg_catalog" };
      const connection = { permit, target, user: account, database: postgres.database, startup, timeoutMs: TIMEOUT_MS };
      await overOwnConnection(connection, upstream, ({ socket }) => queryTarget(socket, endConnections(connectionName(row))));
      return true;
    } catch (error) {
      // A login that is refused now is refused the next time too.
      return asGateError(error).code !== "target-unreachable" && asGateError(error).code !== "timeout";
    }
  }
}

function endConnections(name: string): string {
  return `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
    WHERE application_name OPERATOR(pg_catalog.=) ${literal(name)} AND pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()`;
}
