/** What a provider's claims mean here. Untrusted: they are signed, and still may have any form. */
import { GateError } from "../../kernel/errors.ts";
import { isName } from "../../kernel/ids.ts";
import type { ShownFactor } from "../model.ts";
import type { ProviderSettings } from "./provider.ts";

export type Claims = Readonly<Record<string, unknown>>;

const MAX_GROUPS = 2_000;
const MAX_GROUP_LENGTH = 512;
/** OpenID Connect Core §2: at most 255 ASCII characters. */
const SUBJECT = /^[\x20-\x7e]{1,255}$/;

export function requireSubject(claims: Claims): string {
  const { sub } = claims;
  if (typeof sub !== "string" || !SUBJECT.test(sub)) throw new GateError("provider-refused", "it names nobody (`sub`)");
  return sub;
}

/** By its whole name, and else by a path of names with dots: `realm_access.roles`. */
export function findClaim(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let at: unknown = claims;
  for (const part of name.split(".")) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Claims)[part];
  }
  return at;
}

/** `undefined` where it is no name here. An address that nobody verified names nobody. */
export function userNameOf(claims: Claims, { user, domain }: ProviderSettings["claims"]): string | undefined {
  const value = findClaim(claims, user);
  if (typeof value !== "string") return undefined;
  if (user === "email" && claims["email_verified"] !== true) return undefined;
  const at = domain === undefined ? -1 : value.length - domain.length - 1;
  const inDomain = at > 0 && value.slice(at).toLowerCase() === `@${domain?.toLowerCase()}`;
  const name = inDomain ? value.slice(0, at) : value;
  return isName(name) ? name : undefined;
}

/** One text or a list of them; absent: none. Throws `provider-refused` for anything else. */
export function groupsOf(claims: Claims, { groups }: ProviderSettings["claims"]): readonly string[] {
  const value = findClaim(claims, groups);
  if (value === undefined || value === null) return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const texts = list.filter((each) => typeof each === "string" && each.length <= MAX_GROUP_LENGTH);
  if (texts.length !== list.length || list.length > MAX_GROUPS) {
    throw new GateError("provider-refused", `its claim "${groups}" is not a list of at most ${MAX_GROUPS} texts`);
  }
  return texts as string[];
}

/**
 * A second factor that the provider saw, where the configuration counts what it says as one. Without `auth_time` nobody
 * knows when that was: then it is as old as can be.
 */
export function factorsOf(claims: Claims, { amr, acr }: ProviderSettings["secondFactor"]): readonly ShownFactor[] {
  const methods: readonly unknown[] = Array.isArray(claims["amr"]) ? claims["amr"] : [];
  const level = claims["acr"];
  const counts =
    methods.some((each) => typeof each === "string" && amr.includes(each)) || (typeof level === "string" && acr.includes(level));
  if (!counts) return [];
  const time = claims["auth_time"];
  return [{ kind: "provider", at: typeof time === "number" && Number.isSafeInteger(time) && time > 0 ? time * 1000 : 0 }];
}

/** The groups here that theirs stand for. What is not mapped is dropped. */
export function ourGroups(theirs: readonly string[], map: ProviderSettings["groups"]): readonly string[] {
  const ours = theirs.flatMap((each) => (Object.hasOwn(map, each) ? [map[each] ?? ""] : []));
  return [...new Set(ours)].sort();
}
