import { deny, type Denial } from "../kernel/result.ts";
import type { Decision, SqlAction } from "./action.ts";
import type { PostgresPermissions, Role } from "./role.ts";
import { PINNED_SETTINGS } from "./sql/classify.ts";
import { effectsOf, judge, rulesOf, type Effect, type Rules } from "./sql/judge.ts";
import { isReadOnly, READ_ONLY_SETTINGS } from "./sql/read-only.ts";
import type { SqlClass, StatementFacts } from "./sql/statement.ts";
import { ON_RELATION, WORDS } from "./sql/words.ts";

/** What may be asked of a database: every effect of every statement must be one that the role names, and none that it denies. */
export function sqlDecider({ name, postgres }: Role): (action: SqlAction) => Decision {
  if (postgres === undefined) return () => deny("role-denies", { rule: `${name}.postgres`, detail: "databases" });
  let said: Said | undefined;
  return (action) => {
    if (action.kind === "sql.connect") return decideConnect(name, postgres, action);
    said ??= { at: `${name}.postgres`, rules: rulesOf(postgres), isLooker: isReadOnly(postgres), unmasked: postgres.unmasked ?? [] };
    return decideStatements(said, action);
  };
}

/** What a role says of statements. */
interface Said {
  readonly at: string;
  readonly rules: Rules;
  readonly isLooker: boolean;
  readonly unmasked: readonly string[];
}

function decideStatements({ at, rules, isLooker, unmasked }: Said, action: Extract<SqlAction, { kind: "sql.statement" }>): Decision {
  let held: string | undefined;
  // What one of a text does may decide where names of the next are looked for.
  const path = action.path !== undefined && action.statements.some(changesPath) ? undefined : action.path;
  for (const statement of action.statements) {
    const what = refuseAlways(statement, isLooker);
    if (what !== undefined) return deny("role-denies", { rule: `${at}.allow`, detail: what });
    for (const effect of effectsOf(statement, rules, path)) {
      const judged = judge(rules, effect);
      if (judged.says === "deny") return refused(at, effect, judged.entry);
      if (judged.says === "hold") held ??= judged.entry;
    }
  }
  return held === undefined
    ? { allowed: true, rule: `${at}.allow`, unmasked }
    : { allowed: "hold", rule: `${at}.hold${shownEntry(held)}`, unmasked };
}

/** Whether names without a schema may mean something else from then on. */
export function changesPath({ kind, classes, settings }: StatementFacts): boolean {
  return kind === "DiscardStmt" || settings.some((name) => PATHS.has(name)) || classes.some((each) => RUNS_CODE.has(each));
}

/** Settings that decide it: what is reset all at once has no name. */
const PATHS: ReadonlySet<string> = new Set(["search_path", "*", ""]);

/** They may set anything, or become somebody else, whose path is another. */
const RUNS_CODE: ReadonlySet<SqlClass> = new Set(["function", "opaque", "dcl", "unknown"]);

/** A server holds other databases than the one that was approved: they must be named. Byte for byte, as PostgreSQL does. */
function decideConnect(
  role: string,
  { databases }: PostgresPermissions,
  { database, configured }: Extract<SqlAction, { kind: "sql.connect" }>,
): Decision {
  const rule = `${role}.postgres.databases`;
  if (database !== "" && (database === configured || databases.includes(database))) return { allowed: true, rule };
  return deny("role-denies", {
    rule,
    detail: `the database "${shown(database)}", where "${configured}" was approved`,
    next: `the database "${configured}", or none by name`,
  });
}

/** What no role allows, or none that only reads. */
function refuseAlways({ classes, settings }: StatementFacts, isLooker: boolean): string | undefined {
  // No role gives this: with another encoding or other quotes the server would read what nobody has judged.
  const pinned = settings.find((name) => PINNED_SETTINGS.has(name));
  if (pinned !== undefined) return `changing ${pinned}`;
  if (isLooker && settings.some((name) => READ_ONLY_SETTINGS.has(name))) return "a transaction that writes (this role only reads)";
  // Fails closed: a statement in which nothing was found is not harmless, it was not understood.
  return classes.length === 0 || classes.includes("unknown") ? WORDS.unknown : undefined;
}

function refused(at: string, effect: Effect, entry: string | undefined): Denial {
  const rule = entry === undefined ? `${at}.allow` : `${at}.deny${shownEntry(entry)}`;
  const detail = inWords(effect);
  const bare = nameAlone(effect, entry);
  return deny("role-denies", { rule, detail, ...(bare !== undefined && { next: `with its schema: <schema>.${shown(bare)}` }) });
}

/** A name that the schema may save. */
function nameAlone(effect: Effect, entry: string | undefined): string | undefined {
  if (effect.on === "relation") return effect.isSure ? undefined : effect.name;
  return effect.on === "function" && effect.schema === undefined && entry?.includes(".") === true ? effect.name : undefined;
}

function inWords(effect: Effect): string {
  switch (effect.on) {
    case "function":
      return effect.name === undefined
        ? WORDS.function
        : `the function ${shown(effect.schema === undefined ? effect.name : `${effect.schema}.${effect.name}`)}`;
    case "class":
    case "nothing":
      return WORDS[effect.of];
    case "relation": {
      const { of, schema, name, isSure } = effect;
      if (name === undefined) return `${WORDS[of]} that the statement does not name`;
      const full = shown(schema === undefined ? name : `${schema}.${name}`);
      return isSure
        ? `${ON_RELATION[of]} ${full}`
        : `${ON_RELATION[of]} ${shown(name)}, in whatever schema it is${schema === undefined ? "" : `: ${full} may be it`}`;
    }
  }
}

/** An entry that says more than the classes of the statement do. */
function shownEntry(entry: string): string {
  return entry.includes(" ") ? `[${entry}]` : "";
}

/** Untrusted: a name from the client, made safe to print in a refusal. */
function shown(name: string): string {
  return name.replaceAll(/[^\x20-\x7E]/g, "?").slice(0, 128);
}
