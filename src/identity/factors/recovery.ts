/** Recovery codes: for the day the telephone is lost. 80 random bits each, kept as hashes, each good once. Pure. */
import { randomText, type Random } from "../../kernel/random.ts";
import { Secret } from "../../kernel/secret.ts";
import { hashSecret } from "../tokens.ts";

export const CODES = 10;
const LENGTH = 16;
const FORM = /^[0-9a-hjkmnp-tv-z]{16}$/;

/** Four groups of four, easy to write down. */
export function newRecoveryCodes(random: Random): { readonly codes: readonly Secret[]; readonly hashes: readonly string[] } {
  const plain = Array.from({ length: CODES }, () => randomText(random, LENGTH));
  return { codes: plain.map((code) => new Secret(code.match(/.{4}/g)?.join("-") ?? code)), hashes: plain.map(hashCode) };
}

/** Untrusted: as somebody reads it off paper. `undefined` where it cannot be one. */
export function typedCode(typed: Secret): Secret | undefined {
  const text = typed.reveal().slice(0, 64).replaceAll(/[\s-]/g, "").toLowerCase().replaceAll("o", "0").replaceAll(/[il]/g, "1");
  return FORM.test(text) ? new Secret(text) : undefined;
}

/** The hashes without that of this code; `undefined`: it is none of them. Which one it is shows in no time: hashes are compared, not codes. */
export function withoutCode(hashes: readonly string[], code: Secret): readonly string[] | undefined {
  const hash = hashCode(code.reveal());
  return hashes.includes(hash) ? hashes.filter((each) => each !== hash) : undefined;
}

/** With its purpose, so that no other secret can pass for one. */
function hashCode(code: string): string {
  return hashSecret(`recovery-code ${code}`);
}
