/**
 * What the parameters of a client's startup ask for: who it claims to be, where to, and which settings go on to the target.
 * Untrusted: all of them. Pure.
 */
import { GateError } from "../../../kernel/errors.ts";
import type { PrincipalName } from "../../../kernel/ids.ts";
import { deny, type Denial } from "../../../kernel/result.ts";
import { parseClaimed, type Claimed } from "../../../session/claimed.ts";

/** Startup parameters that go on to the target as they came; as for the server, in upper case and lower case alike. */
const PASSED = new Set([
  "datestyle",
  "timezone",
  "intervalstyle",
  "extra_float_digits",
  "geqo",
  "statement_timeout",
  "lock_timeout",
  "idle_in_transaction_session_timeout",
]);
/** The gate sets these itself, or looks at their values below. */
const TAKEN = new Set(["user", "database", "application_name", "client_encoding", "standard_conforming_strings"]);

/**
 * `user` is `person`, with the target as the database, or `person+target`, as for ssh, with a database of the target.
 * Untrusted. Throws `bad-request`.
 */
export function parseClaims(parameters: ReadonlyMap<string, string>): {
  claimed: Claimed & { readonly user: PrincipalName };
  database: string | undefined;
} {
  const user = parameters.get("user") ?? "";
  const database = parameters.get("database");
  const namesTarget = user.includes("+");
  const parsed = parseClaimed(namesTarget ? user : `${user}+${database ?? ""}`);
  if ("allowed" in parsed || parsed.user === undefined) {
    throw new GateError("bad-request", "the user reads person+target, or the database is the target's name");
  }
  const { user: person, ...rest } = parsed;
  // Drivers send the user's name where no database was given.
  const own = namesTarget && database !== user && database !== person && database !== rest.target ? database : undefined;
  return { claimed: { ...rest, user: person }, database: own };
}

/** What would make the server read texts in another way, or begin something that is not a session, is not passed on. */
export function refuseParameters(parameters: ReadonlyMap<string, string>): Denial | undefined {
  for (const name of parameters.keys()) {
    // Left out in silence, `search_path` would be another table under the same name.
    if (PASSED.has(name.toLowerCase()) || TAKEN.has(name) || name.startsWith("_pq_.")) continue;
    return deny("not-supported", { detail: `the startup parameter "${name}"`, next: "connect without it, and SET it afterwards" });
  }
  if ((parameters.get("standard_conforming_strings") ?? "on") !== "on") {
    return deny("not-supported", { detail: "standard_conforming_strings other than on" });
  }
  const encoding = parameters.get("client_encoding") ?? "UTF8";
  if (/^'?utf-?8'?$/i.test(encoding)) return undefined;
  return deny("not-supported", { detail: "a client encoding other than UTF8" });
}

/** What goes on to the target as it came. */
export function passedOn(parameters: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  return Object.fromEntries([...parameters].filter(([name]) => PASSED.has(name.toLowerCase())));
}
