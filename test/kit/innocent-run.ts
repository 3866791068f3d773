/**
 * Statements sent to a server twice, as the same account: past the gate, and through it. What masked columns are in reach
 * of one is not its file's to say: the server's own locks tell which tables it read, and the marks in its answer whether
 * it showed one.
 */
import * as backend from "../../src/wire/postgres/backend.ts";
import * as frontend from "../../src/wire/postgres/frontend.ts";
import type { Database } from "./database.ts";
import { answer, ask, type Asked, compare, errorOf, messagesOf, showsMarks, type Way } from "./innocent-answers.ts";
import { MASKED_COLUMNS } from "./innocent-database.ts";
import type { InnocentStatement } from "./innocent-statements.ts";
import { connectPostgres, type PostgresClient } from "./postgres-client.ts";
import { SUPERUSER } from "./postgres.ts";

/**
 * `none`: it reads no table that has masked columns. `reach`: it does, and neither shows nor asks for their values.
 * `shows`: masked values are in the server's answer, or what is made of them. `asks`: it compares, sorts or changes by them.
 */
export type InnocentClass = "none" | "reach" | "shows" | "asks";

export interface Outcome extends InnocentStatement {
  readonly class: InnocentClass;
  /** `same`: every byte. `masked`: masks where the server shows marked values, and every other byte the same. */
  readonly became: "same" | "masked" | "refused" | "changed" | "leaked" | "fails by itself" | "differs by itself" | "misfiled";
  readonly hint?: string;
  readonly why: string;
}

export interface InnocentRun extends Disposable {
  outcome(client: PostgresClient, statement: InnocentStatement): Promise<Outcome>;
}

const TABLES = new Set(MASKED_COLUMNS.map((column) => column.slice(0, column.lastIndexOf("."))));
const NAMED = new RegExp(`\\b(?:${MASKED_COLUMNS.map((column) => column.slice(column.lastIndexOf(".") + 1)).join("|")})\\b|\\*`, "i");

export async function startInnocentRun(database: Database): Promise<InnocentRun> {
  const { port } = database.server;
  const direct = await connectPostgres(port, database.direct().password, { user: "app", database: "shop" });
  const overseer = await connectPostgres(port, SUPERUSER.password, { user: SUPERUSER.name, database: "shop" });
  const key = direct.parameters.find((message) => message[0] === backend.BACKEND.backendKeyData);
  const { processId } = backend.parseBackendKeyData(key ?? Buffer.alloc(0));

  const oversee = async (sql: string): Promise<readonly string[]> =>
    messagesOf(await ask(overseer, frontend.encodeQuery(sql)))
      .filter((message) => message[0] === backend.BACKEND.dataRow)
      .map((message) => String(backend.parseDataRow(message)[0]));

  const relations = (): Promise<readonly string[]> =>
    oversee(`select distinct n.nspname || '.' || c.relname || case when c.relkind = 'S' then ' sequence' else '' end
               from pg_locks l join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace where l.pid = ${processId}`);

  /** Past the gate; numbers that were taken from a sequence are given back. */
  const bySelf = async (way: Way, asked: Asked): Promise<{ bytes: Buffer; locked: readonly string[]; putBack: () => Promise<void> }> => {
    let locked: readonly string[] = [];
    const before = await oversee(
      "select format('select setval(%L, %s)', format('%I.%I', schemaname, sequencename), last_value) from pg_sequences",
    );
    const bytes = await answer(direct, way, asked, async () => void (locked = await relations()));
    const taken = locked.some((name) => name.endsWith(" sequence"));
    const putBack = async (): Promise<void> => void (taken && (await oversee(before.join(";"))));
    await putBack();
    return { bytes, locked, putBack };
  };

  const outcome = async (client: PostgresClient, statement: InnocentStatement): Promise<Outcome> => {
    const { kind, sql } = statement;
    let known: readonly number[] | undefined;
    let is: InnocentClass = "none";
    let became: Outcome["became"] = "same";
    for (const way of ["simple", "binary"] as const) {
      const { bytes, locked, putBack } = await bySelf(way, statement);
      const failure = errorOf(bytes);
      // Several statements in one text are only for the simple way.
      if (way === "binary" && failure?.message.startsWith("cannot insert multiple commands") === true) break;
      const shows = showsMarks(bytes);
      is = classOf(kind, locked, shows || is === "shows");
      const say = (end: Outcome["became"], why = "", hint?: string): Outcome => ({
        ...statement,
        class: is,
        became: end,
        why: `${way}: ${why.replaceAll(/[^\x20-\x7e]/g, ".").slice(0, 400)}`,
        ...(hint !== undefined && { hint }),
      });
      if (failure) return say("fails by itself", failure.message);
      if (shows && !/^(?:shows|asks)/.test(kind)) return say("misfiled", "it shows what is masked");
      if (kind.startsWith("shows masks") && way === "simple" && !shows) return say("misfiled", "it shows nothing that is masked");
      if (/^(?:shows|asks)/.test(kind) && !NAMED.test(sql)) return say("misfiled", "it names no masked column");
      const seen = await answer(client, way, statement);
      await putBack();
      const refusal = errorOf(seen);
      if (refusal) return say("refused", refusal.message, refusal.hint ?? "");
      if (seen.equals(bytes)) {
        if (shows) return say("leaked", "it shows what is masked");
        continue;
      }
      if (!(await bySelf(way, statement)).bytes.equals(bytes)) return say("differs by itself");
      const { leaked, overMasked, masked, otherwise } = compare(bytes, seen, known);
      if (leaked || showsMarks(seen)) return say("leaked", "it shows what is masked");
      if (otherwise) return say("changed", seen.toString("latin1"));
      if (overMasked.length > 0 && !kind.startsWith("shows what is made of"))
        return say("changed", `columns ${overMasked.join(", ")} are masked too`);
      if (way === "simple") known = [...masked, ...overMasked];
      became = "masked";
    }
    return { ...statement, class: is, became, why: "" };
  };

  return {
    outcome,
    [Symbol.dispose]: () => {
      for (const each of [direct, overseer]) each.socket.destroy();
    },
  };
}

function classOf(kind: string, locked: readonly string[], shows: boolean): InnocentClass {
  if (!locked.some((name) => TABLES.has(name))) return "none";
  if (kind.startsWith("asks")) return "asks";
  return shows || kind.startsWith("shows") ? "shows" : "reach";
}
