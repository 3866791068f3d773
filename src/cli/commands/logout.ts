import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { forgetCertificate } from "../identity.ts";
import { forgetToken, isLoggedIn, keepingOf } from "../login-token.ts";
import { verb } from "../verb.ts";
import { GateError } from "../../kernel/errors.ts";

export function addLogout(program: Command, cli: Cli): void {
  verb<{ forget?: true }>(
    cli,
    program,
    {
      usage: "logout",
      summary: "End the login: the token stops working everywhere",
      details:
        "It leaves this machine's key store and the profile. Where the key store cannot be asked, the profile stays as it is, unless --forget removes it.",
      examples: [
        ["sallyport logout", "keep the profile for the next login"],
        ["sallyport logout --profile staging --forget", "remove the profile with its key too"],
      ],
    },
    (command) => command.option("--forget", "remove the profile from this machine"),
    async ({ options, openGate, out, at }) => {
      const gate = openGate({ anonymous: true });
      // What the next lines may fail at, the certificate does not wait for.
      forgetCertificate(gate);
      let ended = true;
      try {
        if (gate.profile && isLoggedIn(gate.profile)) await gate.client.call("login.end");
      } catch (error) {
        // Whatever the gate says, the token leaves this machine; only that it may live on elsewhere must be said.
        ended = error instanceof GateError && (error.code === "token-expired" || error.code === "not-authenticated");
        if (error instanceof GateError && error.code === "key-store-unavailable" && !options.forget) throw error;
        if (!ended) out.note(`The gate did not confirm it (${(error as Error).message}): the token may stay valid until it expires.`);
      }
      const kept = options.forget ? gate.profiles.find(gate.profileName) : gate.profile;
      if (kept) {
        await forgetToken({ ...gate, keyStore: at.keyStore }, kept, keepingOf(undefined, at.env)).catch((error: Error) => {
          if (!options.forget) throw error;
          ended = false;
          out.note(`What the key store has of this login stays there: ${error.message}.`);
        });
      }
      if (options.forget) gate.profiles.remove(gate.profileName);
      else if (gate.profile) {
        const { token: _token, keyStore: _keyStore, noKeyStore: _noKeyStore, expiresAt: _expiresAt, ...rest } = gate.profile;
        gate.profiles.save(gate.profileName, rest);
      }
      out.result({ profile: gate.profileName, loggedOut: ended }, () => `Logged out of ${gate.url} (profile "${gate.profileName}").`);
      return ended ? 0 : 1;
    },
  );
}
