/**
 * Texts that ask to see what a statement would change: it is tried out, undone, and told as rows, with the rights that
 * running it takes. In a pipeline the target is sent a stand-in, so that names and parameters are its own to know.
 */
import { deny, type Denial } from "../../../kernel/result.ts";
import type { Preview } from "../../../session/holds.ts";
import type { TransactionStatus } from "../../../wire/postgres/backend.ts";
import { encodeParse, type Parse } from "../../../wire/postgres/frontend.ts";
import type { Portal, Text } from "./connection-names.ts";
import { heldOf } from "../preview/held-statement.ts";
import { CANCELED } from "../postgres-refuse.ts";
import { standInFor } from "../preview/preview-stand-in.ts";
import { describePreview, encodePreview } from "../preview/preview-text.ts";
import { Running, type Ran } from "./running-statement.ts";
import type { StatementRunDeps, StatementRuns } from "./statement-runs.ts";
import { recordTrial } from "../preview/trial-record.ts";

export interface AskedPreviewDeps extends StatementRunDeps {
  readonly runs: Pick<StatementRuns, "settingsChanged">;
  /** Of the session's own connection. */
  readonly status: () => TransactionStatus;
}

export class AskedPreviews {
  readonly #deps: AskedPreviewDeps;

  constructor(deps: AskedPreviewDeps) {
    this.#deps = deps;
  }

  /** `asked`: the text to try out, or why it cannot be; `from`: the text that asks for it. */
  async query(asked: string | Denial, from: Text): Promise<void> {
    const text = await this.#textToPreview(asked, from);
    if ("allowed" in text) return this.#deps.refusals.refuse("query", text, from);
    return this.#preview("query", text);
  }

  async parse(asked: string | Denial, from: Text, { name, parameterTypes }: Pick<Parse, "name" | "parameterTypes">): Promise<void> {
    const { refusals, rights, pipeline, names, line } = this.#deps;
    const text = await this.#textToPreview(asked, from);
    if ("allowed" in text) return refusals.refuse("parse", text, from, name);
    const denial = rights.denied(text.read);
    if (denial) return refusals.refuse("parse", denial, text, name);
    const standIn = text.sql === from.sql ? standInFor(text.sql, text.read.statements) : standInFor("", []);
    pipeline.asked({ asked: "parse", onAnswer: names.prepare(name, { ...text, parameterTypes }) });
    line.forward(encodeParse(name, standIn, parameterTypes));
  }

  /** What is masked may have changed since it was prepared. */
  async portal(bound: Portal): Promise<void> {
    const text = await this.#textToPreview(bound.sql, bound);
    if ("allowed" in text) return this.#deps.refusals.refuse("execute", text, bound);
    return this.#preview("execute", { ...bound, ...text });
  }

  async #textToPreview(asked: string | Denial, from: Text): Promise<Text | Denial> {
    const { masking } = this.#deps;
    if (typeof asked !== "string") return asked;
    const isRead = asked === from.sql && from.lens === masking.lens;
    const read = isRead ? from.read : await masking.parse(asked);
    if (!read.ok) return deny("bad-request", { detail: `the text to preview: ${read.message}` });
    return { sql: asked, read, lens: masking.lens, isPreview: true };
  }

  /** Whether it would run at once or be held. */
  async #preview(asked: "query" | "execute", what: Ran): Promise<void> {
    const { session, record, pipeline, line, names, rights, refusals, settled, runs, status } = this.#deps;
    const { statements } = what.read;
    const denied = rights.denied(what.read, what.lens) ?? line.holding.trialRefused(statements);
    if (denied) return refusals.refuse(asked, denied, what);
    line.listen();
    const own = asked === "query" ? await line.own() : undefined;
    if (!own) await settled.answered();
    if (session.ended) return undefined;
    if (!own && pipeline.isSkipping) return pipeline.asked({ asked });
    const number = record.nextNumber();
    const denial = await recordTrial(number, what, asked, this.#deps);
    if (session.ended) return undefined;
    if (denial) return refusals.send(asked, denial);
    const decision = rights.decide(statements);
    const viewer = { unmasked: decision.allowed === false ? [] : (decision.unmasked ?? []), mayRead: rights.mayRead(statements) };
    const isBeside = !own && status() === "T";
    const found = !own && runs.settingsChanged ? AFTER_SETTINGS : await line.holding.show(heldOf(what), statements, viewer, own);
    if (session.ended) return undefined;
    if (!found) return refusals.send(asked, deny("bad-request"), { fields: CANCELED });
    const preview = found.possible && isBeside ? { ...found, note: [found.note, BESIDE].filter(Boolean).join(" ") } : found;
    const statement = new Running(number, { keepsError: false, masks: undefined, results: undefined, isCutAt: undefined });
    const ended = (): void => {
      if (own) names.endUnnamed();
    };
    pipeline.asked({ asked, statement, onAnswer: { ended } });
    line.replay([...(own ? [describePreview()] : []), ...encodePreview(preview)], own?.status);
  }
}

/** It would be tried out on a connection of the gate's own, with the settings that sessions begin with. */
const AFTER_SETTINGS: Preview = {
  possible: false,
  why: "this session has changed settings, and it came by the extended protocol; ask for it with a simple query",
};
const BESIDE = "It was tried out beside your transaction: what that has changed is not in it.";
