import { createHash, randomBytes } from "node:crypto";
import type { Client } from "../../contract/client.ts";
import { ERRORS, GateError, type ErrorCode } from "../../kernel/errors.ts";
import type { Surroundings } from "../cli.ts";
import { openInBrowser } from "../open-in-browser.ts";
import type { Output } from "../output.ts";
import { UsageError } from "../usage-error.ts";
import { openLoopback } from "./loopback.ts";

export interface GivenLogin {
  readonly user: string;
  readonly token: string;
  readonly expiresAt: number;
}

/** Opens the browser at the identity provider, and waits for it to come back. `wanted`: its name; `true`: the only one there is. */
export async function logInByProvider(
  client: Client,
  wanted: string | true,
  { out, at }: { out: Output; at: Surroundings },
): Promise<GivenLogin> {
  const provider = await chooseProvider(client, wanted);
  const [state, verifier] = [randomBytes(16).toString("base64url"), randomBytes(32).toString("base64url")];
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  await using loopback = await openLoopback(state);
  const begun = await client.call("login.beginProgram", { params: { provider }, body: { port: loopback.port, state, challenge } });
  const opened = !out.json && (await openInBrowser(begun.url, at.env));
  out.note(
    opened
      ? `Log in by "${provider}" in the browser that opens. If none does, open this on this machine:\n\n  ${begun.url}\n`
      : `Open this in a browser on this machine, and log in by "${provider}":\n\n  ${begun.url}\n\nWithout a browser here: sallyport login --device`,
  );
  const answer = await loopback.answer(Math.max(1_000, begun.expiresAt - at.now()));
  if ("error" in answer) throw new GateError(Object.hasOwn(ERRORS, answer.error) ? (answer.error as ErrorCode) : "provider-refused");
  return client.call("login.redeem", { body: { code: answer.code, verifier } });
}

async function chooseProvider(client: Client, wanted: string | true): Promise<string> {
  const { providers } = await client.call("providers.offered");
  const names = providers.map(({ name }) => name);
  const [only, ...others] = names;
  if (only === undefined) throw new UsageError("This gate has no identity provider", "Log in with a password: sallyport login --user NAME");
  if (wanted === true && others.length === 0) return only;
  const found = names.find((name) => name === wanted);
  if (found !== undefined) return found;
  const what = wanted === true ? "This gate has several identity providers" : `This gate has no identity provider "${wanted}"`;
  throw new UsageError(what, `Name one of them: --provider ${names.join(", --provider ")}`);
}
