/**
 * Secrets that a person types once: `<purpose>-<32 characters of base32>`, 160 random bits. The purpose is part of
 * what is hashed, so one kind cannot be passed off as another.
 */
import { randomText, type Random } from "../kernel/random.ts";
import { Secret } from "../kernel/secret.ts";
import { hashSecret } from "./tokens.ts";

export type OneTimePurpose = "setup" | "reset" | "recovery";

/** The text to hand over, and what to keep. */
export function newOneTimeSecret(purpose: OneTimePurpose, random: Random): { text: Secret; hash: string } {
  const text = `${purpose}-${randomText(random, 32)}`;
  return { text: new Secret(text), hash: hashSecret(text) };
}

/** Says which kind a text claims to be; only a matching hash makes that true. */
export function purposeOf(secret: Secret): OneTimePurpose {
  const text = secret.reveal();
  if (text.startsWith("recovery-")) return "recovery";
  return text.startsWith("setup-") ? "setup" : "reset";
}

/** As a person types it: without the spaces around it. */
export function typedSecret(secret: Secret): Secret {
  return new Secret(secret.reveal().slice(0, 256).trim());
}
