import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { formatRelative } from "../duration.ts";
import { describeKeeping } from "../login-token.ts";
import { Profiles } from "../profile.ts";
import { UsageError } from "../usage-error.ts";
import { family, verb } from "../verb.ts";

export function addProfiles(program: Command, cli: Cli): void {
  const profiles = family(program, "profiles", "The gates and people this machine knows");

  verb(
    cli,
    profiles,
    {
      usage: "list",
      isDefault: true,
      summary: "Every profile; the one in use is marked",
      examples: [["sallyport profiles", "which gates, as whom"]],
    },
    () => undefined,
    ({ out, at }) => {
      const list = new Profiles(at.env, at.home).list();
      const shown = list.map(({ name, current, profile }) => {
        const { url, user, expiresAt } = profile;
        return { name, current, url, user, expiresAt, token: describeKeeping(profile) };
      });
      out.result({ profiles: shown }, () =>
        out.table(
          ["", "NAME", "GATE", "USER", "LOGIN ENDS", "TOKEN IN"],
          shown.map((each) => [
            each.current ? "*" : "",
            each.name,
            each.url,
            each.user,
            each.expiresAt === undefined ? "logged out" : formatRelative(each.expiresAt, at.now()),
            each.token,
          ]),
          "No profiles yet: sallyport login --url URL",
        ),
      );
    },
  );

  verb(
    cli,
    profiles,
    {
      usage: "use <name>",
      summary: "Take this profile from now on",
      examples: [["sallyport profiles use staging", "until you choose another"]],
    },
    () => undefined,
    ({ args, out, at }) => {
      const all = new Profiles(at.env, at.home);
      const name = args[0] ?? "";
      if (!all.find(name)) throw new UsageError(`There is no profile "${name}"`, `Make it: sallyport login --profile ${name} --url URL`);
      all.use(name);
      out.result({ current: name }, () => `Using "${name}".`);
    },
  );
}
