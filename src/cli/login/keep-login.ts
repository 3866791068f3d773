import { openClient } from "../../contract/client.ts";
import { Secret } from "../../kernel/secret.ts";
import type { Surroundings } from "../cli.ts";
import type { Gate } from "../client.ts";
import { forgetToken, keepToken, type Keeping } from "../login-token.ts";
import type { Output } from "../output.ts";
import type { Profile } from "../profile.ts";
import type { GivenLogin } from "./by-provider.ts";

/** Puts a new login's token where it belongs. Where it must be in the key store and cannot, the login is ended: nobody would have it. */
export async function keepLogin(
  gate: Gate,
  login: GivenLogin,
  keeping: Keeping,
  { out, at }: { out: Output; at: Surroundings },
): Promise<Pick<Profile, "token" | "keyStore" | "noKeyStore">> {
  const place = { ...gate, keyStore: at.keyStore };
  const before = gate.profiles.find(gate.profileName);
  const kept = await keepToken(place, gate.url, login.token, keeping).catch(async (error: unknown) => {
    const client = openClient({ url: gate.url, fetch: at.fetch, token: new Secret(login.token) });
    // It ends by itself too: the reason to be told is the key store's.
    await client.call("login.end").catch(() => undefined);
    throw error;
  });
  if (kept.noKeyStore !== undefined) out.note(`The token is in a file that only you can read, not in a key store: ${kept.noKeyStore}.`);
  const replaced = kept.keyStore !== undefined && before !== undefined && new URL(before.url).origin === gate.url;
  if (before?.keyStore !== undefined && !replaced) {
    await forgetToken(place, before, keeping).catch((error: Error) =>
      out.note(`The token of the login before stays in the key store until it ends: ${error.message}.`),
    );
  }
  return kept;
}
