/**
 * Which statements may hold a secret: their texts and values are never recorded, whatever a role says (promise 6).
 *
 * By words, and on the whole statement: a text beside a column `api_token` is taken for a token. That withholds more
 * than is secret; a rule that followed the one value that is would some day miss one.
 */
import { namesOf, type Tree } from "./tree.ts";

/** In the name of a column, an option, a setting; or in a text that is SQL or a connection string itself. */
const WORDS =
  /passw|passphrase|secret|token|credential|jwt|bearer|private_?key|access_?key|api_?key|encryption_?key|scram-sha-256|:\/\/[^\s/?#]*@|(?:^|[^a-z])(?:pwd|passcode|otp|pin|cvv|cvc)(?:[^a-z]|$)/i;

/** Logins, and how to log in elsewhere. */
const KINDS: ReadonlySet<string> = new Set([
  "CreateRoleStmt",
  "AlterRoleStmt",
  "CreateUserMappingStmt",
  "AlterUserMappingStmt",
  "CreateForeignServerStmt",
  "AlterForeignServerStmt",
  "CreateSubscriptionStmt",
  "AlterSubscriptionStmt",
]);

/** dblink's, pgcrypto's, and what is made of a password before it is compared. */
const FUNCTIONS = /^(?:dblink\w*|pgp_\w+|crypt|(?:en|de)crypt\w*|hmac|digest|md5|sha\d+)$/;

/** Untrusted: a name or a text. */
export function speaksOfSecret(text: string): boolean {
  return WORDS.test(text);
}

/** By what a node is; its texts are looked at one by one. `type`: of the node. */
export function holdsSecret(type: string, node: Tree): boolean {
  if (KINDS.has(type)) return true;
  const { funcname } = node;
  return funcname !== undefined && FUNCTIONS.test(namesOf(funcname).at(-1) ?? "");
}
