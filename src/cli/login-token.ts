/**
 * Where a profile's login token is: in the machine's key store, or in profile.json for its owner's eyes only.
 *
 * Invariants: what the key store has under a profile's name is of that folder and that gate, so neither two profiles nor
 * two gates mix, and a profile that was copied elsewhere has no token; a token that is in the one is not in the other.
 */
import { resolve } from "node:path";
import { GateError } from "../kernel/errors.ts";
import { Secret } from "../kernel/secret.ts";
import type { Environment } from "./cli.ts";
import type { KeyStore } from "./key-store/key-store.ts";
import type { Profile, Profiles } from "./profile.ts";
import { UsageError } from "./usage-error.ts";

/** `auto`: the key store where there is one, else the file. */
export const KEEPING = ["auto", "file", "os"] as const;
export type Keeping = (typeof KEEPING)[number];

interface Place {
  readonly profiles: Profiles;
  readonly profileName: string;
  readonly keyStore: KeyStore;
}

/** `--key-store`, else SALLYPORT_KEY_STORE, else `auto`. */
export function keepingOf(asked: Keeping | undefined, env: Environment): Keeping {
  const text = asked ?? (env["SALLYPORT_KEY_STORE"] || "auto");
  const found = KEEPING.find((each) => each === text);
  if (found === undefined) throw new UsageError(`SALLYPORT_KEY_STORE is "${text}"`, `Set it to one of ${KEEPING.join(", ")}`);
  return found;
}

/** What the key store knows it by: the profile's folder on this machine, and the gate. */
export function accountOf({ profiles, profileName }: Pick<Place, "profiles" | "profileName">, url: string): string {
  return `${resolve(profiles.folderOf(profileName))} ${new URL(url).origin}`;
}

/** Asked for when the first call needs it, and once: a verb that calls nobody waits for no key store. */
export function tokenOf(place: Place, profile: Profile): Secret | (() => Promise<Secret>) | undefined {
  if (profile.token !== undefined) return new Secret(profile.token);
  if (profile.keyStore === undefined) return undefined;
  let found: Promise<Secret> | undefined;
  return () => (found ??= findToken(place, profile.url));
}

async function findToken(place: Place, url: string): Promise<Secret> {
  const token = await place.keyStore.find(accountOf(place, url));
  if (token) return token;
  const where = `this machine's key store has no login of profile "${place.profileName}" in this folder at ${new URL(url).origin}`;
  throw new GateError("not-authenticated", where);
}

/** What the profile says of a token that is now in the key store, or must be in the file. Throws where it must be in the key store and cannot. */
export async function keepToken(
  place: Place,
  url: string,
  token: string,
  keeping: Keeping,
): Promise<Pick<Profile, "token" | "keyStore" | "noKeyStore">> {
  if (keeping === "file") return { token };
  try {
    await place.keyStore.keep(accountOf(place, url), new Secret(token));
    return { keyStore: "os" };
  } catch (error) {
    if (keeping === "os" || !(error instanceof GateError)) throw error;
    return { token, noKeyStore: error.detail ?? error.message };
  }
}

/** Takes it out of the key store. Throws `key-store-unavailable` where it is there, as far as the profile knows, and stays. */
export async function forgetToken(place: Place, profile: Profile, keeping: Keeping): Promise<void> {
  // Somebody may have logged in with the file since: what an earlier login left in the key store goes too.
  if (profile.keyStore === undefined && keeping === "file") return;
  try {
    await place.keyStore.forget(accountOf(place, profile.url));
  } catch (error) {
    if (profile.keyStore !== undefined) throw error;
  }
}

export function isLoggedIn({ token, keyStore }: Profile): boolean {
  return token !== undefined || keyStore !== undefined;
}

/** For people: where the token is, and why not in the key store. */
export function describeKeeping(profile: Profile): string | undefined {
  if (profile.keyStore !== undefined) return "key store";
  if (profile.token === undefined) return undefined;
  return profile.noKeyStore === undefined ? "file" : `file (key store: ${profile.noKeyStore})`;
}
