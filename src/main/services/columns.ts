/** Which columns of a database look as if they should be masked, and what of its configuration's masks applies. */
import type { ColumnService, ScannedColumns } from "../../api/services/targets.ts";
import type { Target } from "../../access/model.ts";
import type { Config } from "../../config/model.ts";
import { asGateError, GateError } from "../../kernel/errors.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import { columnName, type CatalogueRelation } from "../../policy/sql/masking/catalogue.ts";
import { guessColumn } from "../../policy/sql/masking/detect.ts";
import { maskedColumns } from "../../policy/sql/masking/masks.ts";
import type { Lens, OutputMask } from "../../policy/sql/masking/trace.ts";
import { SqlParser } from "../../policy/sql/parser.ts";
import { quoted } from "../../proxy/postgres/quoting.ts";
import { scanColumns } from "../../proxy/postgres/masking/postgres-scan.ts";
import type { UpstreamDeps } from "../../proxy/postgres/postgres-upstream.ts";
import type { Gatekeeper } from "../../session/gatekeeper.ts";
import { shareCatalogue } from "../../session/shared-catalogue.ts";

export interface ColumnsDeps {
  readonly config: () => Config;
  readonly gatekeeper: Pick<Gatekeeper, "authorizeErrand">;
  readonly upstream: UpstreamDeps;
}

/** Of each view's column the masked columns below it, as a session would be shown it. What is not proven is left out. */
async function columnsBelow(
  views: readonly CatalogueRelation[],
  masking: Omit<Lens, "id" | "path">,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const below = new Map<string, readonly string[]>();
  if (views.length === 0) return below;
  await using parser = new SqlParser();
  const lens: Lens = { id: 1, path: [], ...masking };
  for (const { schema, name, columns } of views) {
    const parsed = await parser.parse(`select * from ${quoted(schema)}.${quoted(name)}`, { lens });
    const traced = parsed.ok ? parsed.traced?.[0] : undefined;
    if (!traced?.ok || !Array.isArray(traced.outputs)) continue;
    for (const [index, output] of (traced.outputs as readonly (OutputMask | undefined)[]).entries()) {
      const column = columns[index];
      if (column && output) below.set(columnName({ schema, name }, column.name), output.columns);
    }
  }
  return below;
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
    const { columns: rules = [], functions: vouched = [] } = config().masking.get(target.name) ?? {};
    const masked = maskedColumns(catalogue, rules, []);
    const proposed = columns.flatMap(({ relation, column, guess }) =>
      guess && relation.definition === undefined
        ? [{ columns: columnName(relation, column.name), class: guess.class, mask: guess.mask, compare: "deny" as const }]
        : [],
    );
    const { bytes: shared } = await shareCatalogue(catalogue);
    const mended = {
      catalogue: shared,
      activeTypes: catalogue.castTypeOids ?? [],
      masked: maskedColumns(catalogue, [...rules, ...proposed], []),
      vouched,
    };
    const views = columns.flatMap(({ relation, guess }) => (guess && relation.definition !== undefined ? [relation] : []));
    const below = await columnsBelow([...new Set(views)], mended);
    return {
      database: opens,
      account: login,
      looked: columns.length,
      columns: columns.flatMap(({ relation, column, guess }) => {
        const mask = masked.get(relation.oid)?.get(column.number);
        if (!mask && !guess) return [];
        const name = columnName(relation, column.name);
        const through = mask ? undefined : below.get(name);
        return [
          {
            column: name,
            ...(guess && { guess }),
            ...(mask && { masked: { class: mask.class, mask: mask.mask, compare: mask.compare } }),
            ...(through && { through }),
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
