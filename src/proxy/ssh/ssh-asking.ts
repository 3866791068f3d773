/**
 * Asking for access at the prompt of `ssh`: three questions at most, then the wait. For people without a grant whom
 * some rule lets ask; everybody else is refused without questions.
 */
import type { AccessRequest, Grant, Target } from "../../access/model.ts";
import type { Authenticated, Principal } from "../../identity/model.ts";
import { withDeadline } from "../../kernel/deadline.ts";
import type { RequestId } from "../../kernel/ids.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import type { Secret } from "../../kernel/secret.ts";
import { formatDuration, parseDuration } from "../../kernel/units.ts";
import type { Waiting } from "../../session/waiting.ts";
import type { PromptRound } from "../../wire/ssh/auth/messages.ts";
import type { AuthContext } from "../../wire/ssh/auth/server-auth.ts";
import type { Transport } from "../../wire/ssh/transport/transport.ts";

const MAX_ANSWER_BYTES = 1000;
const ANSWER_TIMEOUT_MS = 300_000;
/** While somebody waits, often enough that no middlebox forgets the connection. */
const KEEPALIVE_MS = 15_000;
const DEFAULT_DURATION_MS = 3_600_000;

export interface AskingDeps {
  /** Roles this person may ask for on this target, best known first, with the longest time the rule gives. */
  readonly askable: (principal: Principal, target: Target["name"]) => readonly { readonly role: string; readonly maxDurationMs: number }[];
  readonly request: (
    principal: Principal,
    draft: { reason: string; role: string; targets: readonly string[]; durationMs: number },
  ) => Promise<{ readonly allowed: true; readonly request: AccessRequest; readonly grant?: Grant } | Denial>;
  /** Who could approve, for the line shown while waiting. */
  readonly approvers: (request: AccessRequest) => readonly string[];
  readonly waiting: Waiting;
}

type Ask = (round: PromptRound) => Promise<readonly Secret[]>;

export class Asking {
  readonly #deps: AskingDeps;

  constructor(deps: AskingDeps) {
    this.#deps = deps;
  }

  mayAsk(principal: Principal, target: Target["name"]): boolean {
    return this.#deps.askable(principal, target).length > 0;
  }

  async ask(
    { principal }: Authenticated,
    target: Target["name"],
    ask: Ask,
    context: AuthContext,
    transport: Pick<Transport, "sendIgnore">,
  ): Promise<"approved" | Denial> {
    const roles = this.#deps.askable(principal, target);
    const [first] = roles;
    if (!first) return deny("no-rule");
    const usualMs = Math.min(DEFAULT_DURATION_MS, first.maxDurationMs);
    const instruction = `Ask for access to ${target} (an empty reason gives up).\n`;
    const [reason = ""] = await answered(ask, instruction, ["Reason: "]);
    if (reason === "") return deny("no-grant", { detail: "nothing was asked for" });
    if (Buffer.byteLength(reason) > MAX_ANSWER_BYTES) return deny("bad-request", { detail: "the reason is too long" });
    const which = roles.length > 1 ? [`Role (${roles.map(({ role }) => role).join(", ")}) [${first.role}]: `] : [];
    const [duration = "", wanted = ""] = await answered(ask, "", [`For how long [${formatDuration(usualMs)}]: `, ...which]);
    const durationMs = duration === "" ? usualMs : parseDuration(duration);
    if (durationMs === undefined) return deny("bad-request", { detail: `"${duration.slice(0, 20)}" is no duration; write 90m or 4h` });
    const role = wanted === "" ? first.role : wanted;
    if (!roles.some((each) => each.role === role)) return deny("no-rule", { detail: `role "${role.slice(0, 64)}"` });

    const filed = await this.#deps.request(principal, { reason, role, targets: [target], durationMs });
    if (!filed.allowed) return filed;
    if (filed.grant) return "approved";
    const approvers = this.#deps.approvers(filed.request);
    context.banner(
      `sallyport: request ${filed.request.id} is with ${approvers.join(", ") || "nobody who could approve it"}; waiting for the answer\n`,
    );
    return this.#wait(filed.request.id, principal, context, transport);
  }

  async #wait(
    id: RequestId,
    principal: Principal,
    context: AuthContext,
    transport: Pick<Transport, "sendIgnore">,
  ): Promise<"approved" | Denial> {
    const keepalive = setInterval(() => transport.sendIgnore(), KEEPALIVE_MS);
    try {
      const answer = await this.#deps.waiting.forRequest(id, principal.name, context.signal);
      if (answer === "approved") context.banner(`sallyport: approved\n`);
      return answer;
    } finally {
      clearInterval(keepalive);
    }
  }
}

/** One round of questions with visible answers. */
async function answered(ask: Ask, instruction: string, questions: readonly string[]): Promise<readonly string[]> {
  const answering = ask({ name: "", instruction, prompts: questions.map((text) => ({ text, echo: true })) });
  const answers = await withDeadline(answering, ANSWER_TIMEOUT_MS, "nobody answered the questions");
  return answers.map((answer) => answer.reveal().trim());
}
