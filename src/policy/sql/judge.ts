/**
 * What a role says of one effect of a statement: of a class on a relation, of a function, of a class alone.
 *
 * Invariants: of the entries that match, the most restrictive decides (deny, then hold, then allow), whatever their order;
 * what none allows or holds is denied; an entry that may match denies and holds, but allows nothing: a name whose schema
 * nobody knows is not in the one where it is allowed. Pure.
 */
import type { PostgresPermissions } from "../role.ts";
import { ownName } from "./relations.ts";
import {
  CLASSES,
  isAny,
  parseRule,
  partMatches,
  RELATION_CLASSES,
  splitName,
  type AllowedClass,
  type RelationClass,
  type SqlRule,
} from "./rules.ts";
import type { SqlRelation, StatementFacts } from "./statement.ts";

/** One thing that a statement does. */
export type Effect =
  | { readonly on: "class"; readonly of: AllowedClass }
  /** `schema` undefined: not known. `name` undefined: may be any relation. `isSure` false: another schema may be meant. */
  | {
      readonly on: "relation";
      readonly of: RelationClass;
      readonly schema?: string | undefined;
      readonly name?: string;
      readonly isSure: boolean;
    }
  /** Of a class that is on relations, and there is none. */
  | { readonly on: "nothing"; readonly of: RelationClass }
  /** `name` undefined: may be any function. */
  | { readonly on: "function"; readonly schema?: string; readonly name?: string };

export type Judged =
  | { readonly says: "allow" }
  | { readonly says: "hold" | "deny"; /** None: nothing names it. */ readonly entry?: string };

export const LISTS = ["allow", "hold", "deny"] as const;

interface Entry {
  readonly text: string;
  /** Fails closed: what cannot be read denies everything. */
  readonly rule: SqlRule | undefined;
}

export interface Rules {
  readonly allow: readonly Entry[];
  readonly hold: readonly Entry[];
  readonly deny: readonly Entry[];
  /** The role tells relations apart for anything; it minds what is read even where a statement only writes. */
  readonly tells: { readonly reading: boolean; readonly relations: boolean };
}

export function rulesOf({ allow, hold = [], deny = [], functions = [] }: PostgresPermissions): Rules {
  const named = functions.map((name) => `function ${name}`);
  const lists = { allow: [...allow, ...named].map(entryOf), hold: hold.map(entryOf), deny: deny.map(entryOf) };
  const unread = [...lists.allow, ...lists.hold].filter(({ rule }) => rule === undefined);
  const all = [...lists.allow, ...lists.hold, ...lists.deny].flatMap(({ rule }) => (rule?.on === "relation" ? [rule.of] : []));
  const reading = all.includes("read") || deny.includes("read");
  return { ...lists, deny: [...lists.deny, ...unread], tells: { reading, relations: all.length > 0 } };
}

const OF_CLASSES: ReadonlyMap<string, Entry> = new Map(CLASSES.map((of) => [of, { text: of, rule: { on: "class", of } }]));

/** With every statement: what is a class alone is not read again. */
function entryOf(text: string): Entry {
  const known = OF_CLASSES.get(text);
  if (known) return known;
  const parsed = parseRule(text);
  return { text, rule: parsed.ok ? parsed.rule : undefined };
}

export function judge({ allow, hold, deny }: Rules, effect: Effect): Judged {
  const restricts = ({ rule }: Entry): boolean => rule === undefined || matches(rule, effect, "restricts") !== "no";
  const permits = ({ rule }: Entry): boolean => rule !== undefined && matches(rule, effect, "permits") === "surely";
  const denied = deny.find(restricts);
  if (denied) return { says: "deny", entry: denied.text };
  const isAllowed = allow.some(permits);
  if (!isAllowed && !hold.some(permits)) return { says: "deny" };
  const held = hold.find(isAllowed ? restricts : permits);
  return held ? { says: "hold", entry: held.text } : { says: "allow" };
}

type Match = "surely" | "maybe" | "no";
/** What an entry is asked for. One of `hold` does both. */
type Use = "permits" | "restricts";

function matches(rule: SqlRule, effect: Effect, use: Use): Match {
  if (rule.on === "class") return rule.of === (effect.on === "function" ? "function" : effect.of) ? "surely" : "no";
  if (rule.on === "function") return effect.on === "function" ? functionMatches(rule, effect, use) : "no";
  if ((effect.on !== "relation" && effect.on !== "nothing") || effect.of !== rule.of) return "no";
  // What reads no relation is let through wherever any may be read, and kept back by none.
  if (effect.on === "nothing") return use === "permits" ? "surely" : "no";
  return both(partOf(rule.schema, effect.schema), partOf(rule.name, effect.name));
}

/** Without a schema an entry permits what is written without one, or is PostgreSQL's own; it restricts that name in every schema. */
function functionMatches(rule: Extract<SqlRule, { on: "function" }>, { schema, name }: Effect & { on: "function" }, use: Use): Match {
  const named = partOf(rule.name, name);
  if (rule.schema !== undefined) return both(partOf(rule.schema, schema), named);
  return use === "permits" && schema !== undefined && schema !== "pg_catalog" ? "no" : named;
}

function partOf(part: readonly string[], name: string | undefined): Match {
  if (isAny(part)) return "surely";
  if (name === undefined) return "maybe";
  return partMatches(part, name) ? "surely" : "no";
}

function both(one: Match, other: Match): Match {
  if (one === "no" || other === "no") return "no";
  return one === "maybe" || other === "maybe" ? "maybe" : "surely";
}

/**
 * Everything that a statement does, as far as a role tells it apart. `path`: schemas that a name alone is looked for in,
 * if they are known for sure; each of them may be the one.
 */
export function effectsOf(statement: StatementFacts, rules: Rules, path: readonly string[] | undefined): readonly Effect[] {
  const effects = statement.classes.flatMap((each) => (each === "unknown" ? [] : ofClass(statement, each, rules, path)));
  if (statement.classes.includes("read")) return effects;
  // Without a SELECT in it: `UPDATE … FROM others` reads those, and on the way the rows that it writes.
  const { reading, relations } = rules.tells;
  const read = statement.relations.filter(({ access, both }) => (access === "read" ? relations || reading : reading && both));
  return [...effects, ...read.flatMap((relation) => onRelation("read", relation, path))];
}

function ofClass(statement: StatementFacts, each: AllowedClass, { tells }: Rules, path: readonly string[] | undefined): readonly Effect[] {
  if (each === "function") {
    const { functions } = statement;
    // Fails closed: an effect without a name may be any.
    return functions.length === 0 ? [{ on: "function" }] : functions.map(functionOf);
  }
  const of = RELATION_CLASSES.find((one) => one === each);
  if (of === undefined || !tells.relations) return [{ on: "class", of: each }];
  const access = of === "read" ? "read" : "write";
  const touched = statement.relations.filter((relation) => relation.access === access || relation.both === true);
  const effects = touched.flatMap((relation) => onRelation(of, relation, path));
  if (statement.beyond?.includes(access) === true) effects.push({ on: "relation", of, isSure: false });
  if (effects.length > 0) return effects;
  return of === "read" ? [{ on: "nothing", of }] : [{ on: "relation", of, isSure: false }];
}

function onRelation(of: RelationClass, relation: SqlRelation, path: readonly string[] | undefined): Effect[] {
  return placesOf(relation, path).map(({ schema, name, isSure }) => ({ on: "relation", of, schema, name, isSure }));
}

/** PostgreSQL's own relations are found before others, and all begin with `pg_`: other names are not looked for there. */
function placesOf(relation: SqlRelation, path: readonly string[] | undefined): readonly Place[] {
  const name = ownName(relation);
  if (relation.schema !== undefined) return [{ schema: relation.schema, name, isSure: true }];
  const schemas = path?.filter((each) => each !== "pg_catalog" || name.startsWith("pg_")) ?? [];
  if (schemas.length === 0) return [{ name, isSure: false }];
  return schemas.map((schema) => ({ schema, name, isSure: schemas.length === 1 }));
}

type Place = Pick<Effect & { on: "relation" }, "schema" | "isSure"> & { readonly name: string };

function functionOf(written: string): Effect {
  const [name = "", schema] = splitName(written).toReversed();
  return { on: "function", ...(schema !== undefined && { schema }), name };
}
