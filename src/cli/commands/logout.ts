import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { forgetCertificate } from "../identity.ts";
import { verb } from "../verb.ts";
import { GateError } from "../../kernel/errors.ts";

export function addLogout(program: Command, cli: Cli): void {
  verb<{ forget?: true }>(
    cli,
    program,
    {
      usage: "logout",
      summary: "End the login: the token stops working everywhere",
      examples: [
        ["sallyport logout", "keep the profile for the next login"],
        ["sallyport logout --profile staging --forget", "remove the profile with its key too"],
      ],
    },
    (command) => command.option("--forget", "remove the profile from this machine"),
    async ({ options, openGate, out }) => {
      const gate = openGate({ anonymous: true });
      let ended = true;
      try {
        if (gate.profile?.token !== undefined) await gate.client.call("login.end");
      } catch (error) {
        // Whatever the gate says, the token leaves this machine; only that it may live on elsewhere must be said.
        ended = error instanceof GateError && (error.code === "token-expired" || error.code === "not-authenticated");
        if (!ended) out.note(`The gate did not confirm it (${(error as Error).message}): the token may stay valid until it expires.`);
      }
      forgetCertificate(gate);
      if (options.forget) gate.profiles.remove(gate.profileName);
      else if (gate.profile) {
        const { token: _token, expiresAt: _expiresAt, ...rest } = gate.profile;
        gate.profiles.save(gate.profileName, rest);
      }
      out.result({ profile: gate.profileName, loggedOut: ended }, () => `Logged out of ${gate.url} (profile "${gate.profileName}").`);
      return ended ? 0 : 1;
    },
  );
}
