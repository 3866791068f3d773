/** Which columns of a database look as if they should be masked, and what of its configuration's masks applies. */
import type { ColumnService, ScannedColumns } from "../../api/services.ts";
import type { Target } from "../../access/model.ts";
import type { Config } from "../../config/model.ts";
import { asGateError, GateError } from "../../kernel/errors.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import { columnName } from "../../policy/sql/masking/catalogue.ts";
import { guessColumn } from "../../policy/sql/masking/detect.ts";
import { maskedColumns } from "../../policy/sql/masking/masks.ts";
import { scanColumns } from "../../proxy/postgres/postgres-scan.ts";
import type { UpstreamDeps } from "../../proxy/postgres/postgres-upstream.ts";
import type { Gatekeeper } from "../../session/gatekeeper.ts";

export interface ColumnsDeps {
  readonly config: () => Config;
  readonly gatekeeper: Pick<Gatekeeper, "authorizeErrand">;
  readonly upstream: UpstreamDeps;
}

export function columnService({ config, gatekeeper, upstream }: ColumnsDeps): ColumnService {
  return {
    scan: async (target, by, { account, database }) => {
      try {
        return await scan(target, by, account, database);
      } catch (error) {
        const { code, detail } = asGateError(error);
        if (code === "internal") throw error;
        return deny(code, detail === undefined ? {} : { detail }) satisfies Denial;
      }
    },
  };

  async function scan(target: Target, by: string, account: string | undefined, database: string | undefined): Promise<ScannedColumns> {
    const logins = [...(config().logins.get(target.name)?.keys() ?? [])];
    if (target.kind !== "postgres") throw new GateError("bad-request", `"${target.name}" is no database`);
    const login = account ?? logins[0];
    if (login === undefined || !logins.includes(login))
      throw new GateError("bad-request", `"${target.name}" has no login "${login ?? ""}": it has ${logins.join(", ")}`);
    const permit = await gatekeeper.authorizeErrand("columns.scan", target.address, by);
    const opens = database ?? target.postgres?.database ?? "";
    const { catalogue, columns } = await scanColumns({ permit, target, user: login, database: opens }, upstream, guessColumn);
    const rules = config().masking.get(target.name)?.columns ?? [];
    const masked = maskedColumns(catalogue, rules, []);
    return {
      database: opens,
      account: login,
      looked: columns.length,
      columns: columns.flatMap(({ relation, column, guess }) => {
        const mask = masked.get(relation.oid)?.get(column.number);
        if (!mask && !guess) return [];
        return [
          {
            column: columnName(relation, column.name),
            ...(guess && { guess }),
            ...(mask && { masked: { class: mask.class, mask: mask.mask, compare: mask.compare } }),
          },
        ];
      }),
      // A rule that matches nothing is a typing error, or what it meant is gone.
      unmatched: rules.flatMap((rule, index) =>
        maskedColumns(catalogue, [rule], [])
          .values()
          .some((each) => each.values().some((mask) => mask.class === rule.class))
          ? []
          : [index],
      ),
    };
  }
}
