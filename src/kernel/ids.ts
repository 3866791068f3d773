import { randomText, type Random } from "./random.ts";

declare const brand: unique symbol;
/** A string that was checked or made to be one particular kind of name. */
export type Branded<Name extends string> = string & { readonly [brand]: Name };

export type RequestId = Branded<"RequestId">;
export type GrantId = Branded<"GrantId">;
export type SessionId = Branded<"SessionId">;
export type RecordingId = Branded<"RecordingId">;
export type TokenId = Branded<"TokenId">;
export type LockId = Branded<"LockId">;
export type KeyId = Branded<"KeyId">;
export type FactorId = Branded<"FactorId">;
export type HoldId = Branded<"HoldId">;

/** Names of people, services, agents, targets, roles, rules, groups. Principals and targets share one namespace. */
export type PrincipalName = Branded<"PrincipalName">;
export type TargetName = Branded<"TargetName">;

/** Prefix of an id → its type. Ids read `<prefix>-<10 characters of base32>` (50 bits, unguessable is not needed: ids are not secrets). */
interface IdOf {
  req: RequestId;
  gr: GrantId;
  s: SessionId;
  rec: RecordingId;
  tok: TokenId;
  lock: LockId;
  key: KeyId;
  hold: HoldId;
  fac: FactorId;
}

export function newId<P extends keyof IdOf>(prefix: P, random: Random): IdOf[P] {
  return `${prefix}-${randomText(random, 10)}` as unknown as IdOf[P];
}

/** `undefined` unless the text has the form of an id with this prefix. */
export function parseId<P extends keyof IdOf>(prefix: P, text: string): IdOf[P] | undefined {
  return new RegExp(`^${prefix}-[0-9a-hjkmnp-tv-z]{10}$`).test(text) ? (text as unknown as IdOf[P]) : undefined;
}

/** Letters, digits, `.`, `_`, `-`; starts with a letter or digit; ≤ 64. Excludes the separators `+ % @ : /` of login names. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export function isName(text: string): boolean {
  return NAME.test(text);
}
