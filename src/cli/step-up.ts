/** Second factors at the command line: asked for, shown, and what was refused for want of one done again. */
import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "../contract/client.ts";
import { ProblemError, type Problem } from "../contract/problem.ts";
import { GateError } from "../kernel/errors.ts";
import type { Surroundings } from "./cli.ts";
import { openInBrowser } from "./open-in-browser.ts";
import type { Output } from "./output.ts";
import type { Prompts } from "./prompts.ts";

const TRIES = 3;
const POLL_MS = 1_000;
const PAGE_MS = 5 * 60_000;
/** A grant that takes one kind for its role and another for its target. */
const MOST_IN_A_ROW = 2;

interface Asking {
  readonly ask: Prompts;
  readonly out: Output;
  readonly at: Surroundings;
}

/** Calls as before; one that is refused for want of a second factor is made again once that was shown. */
export function steppingUp(client: Client, show: (problem: Problem) => Promise<boolean>): Client {
  return {
    async call(id, ...input) {
      for (let shown = 0; ; shown += 1) {
        try {
          return await client.call(id, ...input);
        } catch (error) {
          const wanted = error instanceof ProblemError && error.problem.stepUp !== undefined ? error.problem : undefined;
          if (wanted === undefined || shown >= MOST_IN_A_ROW || !(await show(wanted))) throw error;
        }
      }
    },
  };
}

/** `false`: nothing can be asked here, or the person has nothing that would do. */
export async function showFactor(client: Client, asking: Asking, wanted?: { readonly kinds: readonly string[] }): Promise<boolean> {
  if (!asking.ask.possible) return false;
  const { kinds } = await client.call("step-up.start");
  const fitting = kinds.filter((kind) => wanted?.kinds.includes(kind) ?? true);
  const kind = await choose(fitting, asking.ask);
  if (kind === undefined) return false;
  if (kind === "passkey") await showPasskey(client, asking);
  else await showCode(client, asking, kind);
  return true;
}

type Kind = "passkey" | "totp" | "recovery";

const CHOICES: Readonly<Record<Kind, string>> = {
  totp: "A code of the authenticator app",
  passkey: "A passkey, in the browser",
  recovery: "A recovery code",
};

async function choose(kinds: readonly string[], ask: Prompts): Promise<Kind | undefined> {
  const held = (Object.keys(CHOICES) as Kind[]).filter((kind) => kinds.includes(kind));
  if (held.length <= 1) return held[0];
  const chosen = await ask.select(
    "Second factor",
    "--code",
    held.map((kind) => ({ value: kind, label: CHOICES[kind] })),
  );
  return held.find((kind) => kind === chosen);
}

async function showCode(client: Client, { ask, out }: Asking, kind: "totp" | "recovery"): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    const code = await ask.secret(kind === "totp" ? "Code of the authenticator app" : "Recovery code", "--code");
    try {
      await client.call("step-up.finish", { body: kind === "totp" ? { totp: code } : { recovery: code } });
      return;
    } catch (error) {
      const again = error instanceof GateError && (error.code === "factor-refused" || error.code === "bad-request");
      if (!again || tried >= TRIES) throw error;
      out.note("That did not convince; a code is good once.");
    }
  }
}

/** The page is the gate's own; what is shown there counts for the login here. */
async function showPasskey(client: Client, { out, at }: Asking): Promise<void> {
  const before = await newestPasskey(client);
  const { url } = await client.call("step-up.open-page");
  const opened = await openInBrowser(url, at.env);
  out.note(
    opened ? `Show your passkey in the browser. If no page opens:\n\n  ${url}` : `Show your passkey here, this waits for it:\n\n  ${url}`,
  );
  for (const end = at.now() + PAGE_MS; at.now() < end;) {
    await delay(POLL_MS);
    if ((await newestPasskey(client)) !== before) return;
  }
  throw new GateError("timeout", "nobody showed a passkey");
}

async function newestPasskey(client: Client): Promise<number | undefined> {
  return (await client.call("step-up.start")).shown.find(({ kind }) => kind === "passkey")?.at;
}
