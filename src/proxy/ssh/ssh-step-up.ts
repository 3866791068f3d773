/**
 * A second factor at the prompt of `ssh`: a code typed, or a passkey shown on a page of the gate while `ssh` waits. For people
 * who have one that would do; everybody else is refused without questions.
 */
import type { Authenticated } from "../../identity/model.ts";
import { withDeadline } from "../../kernel/deadline.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import type { Secret } from "../../kernel/secret.ts";
import type { ShownFactor, StepUp } from "../../kernel/step-up.ts";
import { whatFor, type StepUpWays } from "../../session/step-up.ts";
import type { PromptRound } from "../../wire/ssh/auth/messages.ts";
import type { AuthContext } from "../../wire/ssh/auth/server-auth.ts";
import type { Transport } from "../../wire/ssh/transport/transport.ts";

const ANSWER_TIMEOUT_MS = 300_000;
const TRIES = 3;
/** While somebody waits, often enough that no middlebox forgets the connection. */
const KEEPALIVE_MS = 15_000;

type Ask = (round: PromptRound) => Promise<readonly Secret[]>;

export class StepUpAsking {
  readonly #deps: StepUpWays;

  constructor(deps: StepUpWays) {
    this.#deps = deps;
  }

  async canShow(by: Authenticated, { kinds }: StepUp): Promise<boolean> {
    return (await this.#deps.kindsAt(by, kinds)).length > 0;
  }

  /** The same person with what they have shown, or the refusal. */
  async ask(
    by: Authenticated,
    refused: Denial,
    ask: Ask,
    context: AuthContext,
    transport: Pick<Transport, "sendIgnore">,
  ): Promise<Authenticated | Denial> {
    const kinds = await this.#deps.kindsAt(by, refused.stepUp?.kinds ?? []);
    const codes = (["totp", "recovery"] as const).filter((kind) => kinds.includes(kind));
    const hasPasskey = kinds.includes("passkey");
    const what = whatFor(refused);
    if (codes.length === 0) return this.#waitForPasskey(by, refused, what, ask, context, transport);
    let trouble = "";
    for (let tries = 0; tries < TRIES; tries += 1) {
      const code = await askCode(ask, trouble + questionOf(codes, hasPasskey));
      if (code.reveal().trim() === "") {
        if (!hasPasskey) return refused;
        return this.#waitForPasskey(by, refused, what, ask, context, transport);
      }
      const shown = await this.#showCode(by, codes, code);
      if (!isDenial(shown)) return { ...by, factors: shown };
      if (shown.code !== "factor-refused") return shown;
      trouble = "That did not convince; a code is good once.\n";
    }
    return deny("factor-refused", { ...(refused.stepUp && { stepUp: refused.stepUp }) });
  }

  /** Six digits are an app's, everything else is from paper. */
  #showCode(by: Authenticated, codes: readonly ("totp" | "recovery")[], code: Secret): Promise<readonly ShownFactor[] | Denial> {
    const looksLike = /^\s*\d{6}\s*$/.test(code.reveal()) ? "totp" : "recovery";
    if (!codes.includes(looksLike)) return Promise.resolve(deny("factor-refused"));
    return this.#deps.showCode(by, looksLike, code);
  }

  /** `ssh` shows a round without questions and answers it at once; then it waits for the gate. */
  async #waitForPasskey(
    by: Authenticated,
    refused: Denial,
    what: string,
    ask: Ask,
    context: AuthContext,
    transport: Pick<Transport, "sendIgnore">,
  ): Promise<Authenticated | Denial> {
    const page = this.#deps.openPage(by, what);
    if (isDenial(page)) return page;
    using _page = page;
    const keepalive = setInterval(() => transport.sendIgnore(), KEEPALIVE_MS);
    const { promise: left, resolve: leave } = Promise.withResolvers<Denial>();
    const gone = (): void => leave(refused);
    context.signal.addEventListener("abort", gone, { once: true });
    try {
      const text = `${refused.detail ?? ""}\nShow your passkey here, this waits for it: ${page.url}\n`;
      await withDeadline(ask({ name: "", instruction: text, prompts: [] }), ANSWER_TIMEOUT_MS, "nobody answered");
      const shown = await Promise.race([page.shown, left]);
      return isDenial(shown) ? shown : { ...by, factors: shown };
    } finally {
      clearInterval(keepalive);
      context.signal.removeEventListener("abort", gone);
    }
  }
}

function questionOf(codes: readonly ("totp" | "recovery")[], hasPasskey: boolean): string {
  const code = codes.includes("totp") ? "Code of your authenticator app" : "Recovery code";
  return `${code}${hasPasskey ? " (nothing: use your passkey)" : ""}: `;
}

/** The trouble with the last one stands before the question, in its own line. */
async function askCode(ask: Ask, text: string): Promise<Secret> {
  const lines = text.split("\n");
  const question = lines.pop() ?? "";
  const instruction = lines.map((line) => `${line}\n`).join("");
  const asked = ask({ name: "", instruction, prompts: [{ text: question, echo: false }] });
  const [code] = await withDeadline(asked, ANSWER_TIMEOUT_MS, "nobody typed a code");
  if (code === undefined) throw new TypeError("an answer without a question");
  return code;
}

function isDenial(value: unknown): value is Denial {
  return typeof value === "object" && value !== null && "allowed" in value && value.allowed === false;
}
