/**
 * What a statement would change, found out under the session's permit, on its own connection where that is idle, and undone.
 *
 * Tried out is only what is known to have no effect outside of its transaction: rows of plain tables changed, and
 * definitions, without functions, triggers, rules, operators or casts that somebody defined, unless the target vouches
 * for them. For everything else an approver is told why there is no preview, and sees the plan and what it would lock.
 */
import { withDeadline } from "../../../kernel/deadline.ts";
import { asGateError, GateError } from "../../../kernel/errors.ts";
import type { Change } from "../../../policy/sql/change.ts";
import type { StatementFacts } from "../../../policy/sql/statement.ts";
import type { Permit } from "../../../session/gatekeeper.ts";
import type { Preview } from "../../../session/holds.ts";
import type { TrialBudgets, TrialKind, Trier } from "../../../session/trial-budgets.ts";
import type { ErrorFields } from "../../../wire/postgres/backend.ts";
import { dryRun } from "./dry-run.ts";
import { encodeStatement, type HeldStatement } from "./held-statement.ts";
import { stableColumns, worldOf, type StableColumns, type World } from "./trial-images.ts";
import { DEFINITION_MS, tryDefinition } from "./definition-trial.ts";
import type { CancelKey } from "../cancel-keys.ts";
import { overOwnConnection } from "../own-connection.ts";
import { Answer, must, type Exchange } from "../postgres-answer.ts";
import { TRIGGER, whyNot } from "./preview-effects.ts";
import type { OwnLine } from "./postgres-hold.ts";
import type { StatementPlaces } from "../statements/statement-places.ts";
import { readMessage } from "../../../wire/postgres/read.ts";
import type { Wire } from "../wire.ts";
import type { UpstreamDeps } from "../postgres-upstream.ts";
import { SHOWN_CHARACTERS, SHOWN_LINES, shownRun, type ShownDeps } from "./shown-run.ts";
import { watchedRun } from "./watched-run.ts";
import { ALONE, INSIDE, LOCK_MS, undone, type Ways } from "./trial-transaction.ts";

const TIMEOUT_MS = 20_000;
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
const SERIALIZATION_FAILURE = "40001";
/** Of a definition, by SQLSTATE: what says nothing of it but that it was given up. */
const GIVEN_UP: Readonly<Record<string, string>> = {
  "57014": `it takes longer than ${DEFINITION_MS} ms, and all that time it holds what it locks`,
  "55P03": `others hold what it has to lock: it was given up after ${LOCK_MS} ms, for which others waited behind it`,
};

export interface PreviewDeps extends ShownDeps {
  readonly permit: Permit;
  readonly upstream: UpstreamDeps;
  /** Functions of triggers and defaults that the target vouches for. */
  readonly vouched: readonly string[];
  readonly trials: Trials;
  /** Some rows may be others later: how many are will be asked. */
  readonly keepsEach: boolean;
  /** Those of the trial that it is compared with. */
  readonly stable?: StableColumns;
  /** What the role allows a statement to take. */
  readonly statementMs?: number;
  /** It is not wanted any more: what runs for it is stopped. */
  readonly signal: AbortSignal;
  /** Asks the target to stop what another connection of the gate's runs. */
  readonly stop: (key: CancelKey) => Promise<void>;
}

/** What keeps trials from being in others' way. */
export interface Trials {
  readonly budgets: TrialBudgets;
  /** Of definitions: one at a time at a target. */
  readonly turns: StatementPlaces;
  readonly trier: Trier;
}

export interface Previewed {
  readonly preview: Preview;
  /** What a later trial is compared with; absent where there is no preview, and of definitions. */
  readonly compared?: { readonly change: Change; readonly world: World; readonly stable: StableColumns };
}

/**
 * `line`: the session's own connection, where it is idle; else a connection of the gate's own, with the settings that a
 * session begins with. That it could not be found out is an answer too; throws only where `line` is then not what it was.
 */
export async function previewStatement(
  held: HeldStatement,
  statements: readonly StatementFacts[],
  deps: PreviewDeps,
  line?: OwnLine,
): Promise<Previewed> {
  const { permit, place, upstream, signal } = deps;
  if (line?.status === "E") return impossible("the transaction that it is in has failed");
  const found = await turnOf(statements, deps);
  if (found === "given up") return impossible("it was given up");
  using _turn = found;
  try {
    if (line) {
      const ways = line.status === "T" ? INSIDE : ALONE;
      const exchange: Exchange = (bytes) => withDeadline(line.exchange(bytes), TIMEOUT_MS, "the target does not answer");
      return await preview(exchange, ways, held, statements, deps);
    }
    const { target, account, database } = place;
    const startup = { application_name: `${permit.grant.id} preview` };
    return await overOwnConnection(
      { permit, target, user: account, database, startup, timeoutMs: TIMEOUT_MS },
      upstream,
      ({ socket, cancelKey }) =>
        stoppable(preview(exchangeOver(socket), ALONE, held, statements, deps), signal, () => deps.stop(cancelKey)),
    );
  } catch (error) {
    const { code, detail } = asGateError(error);
    // Refused by the target, and undone: the session's own connection is what it was.
    if (line && code !== "target-refused") throw error;
    return impossible(code === "internal" ? "it could not be tried out" : (detail ?? code));
  }
}

/** `undefined`: it needs none. */
async function turnOf(
  statements: readonly StatementFacts[],
  { trials: { turns, trier }, signal }: PreviewDeps,
): Promise<Disposable | undefined | "given up"> {
  if (trialKindOf(statements) !== "definition") return undefined;
  return turns.take(trier.target, 1) ?? (await turns.wait(trier.target, signal)) ?? "given up";
}

/** What is tried out of a text; `undefined`: nothing. */
export function trialKindOf([only]: readonly StatementFacts[]): TrialKind | undefined {
  const { change, definition } = only?.trial ?? {};
  return definition ? "definition" : change && "change";
}

function impossible(why: string): Previewed {
  return { preview: { possible: false, why } };
}

/** A server does not notice by itself that nobody waits for what it runs. */
async function stoppable<T>(work: Promise<T>, signal: AbortSignal, stop: () => Promise<void>): Promise<T> {
  const given = Promise.withResolvers<never>();
  const giveUp = (): void => {
    void stop().finally(() => given.reject(givenUp()));
  };
  signal.addEventListener("abort", giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    return await Promise.race([work, given.promise]);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

function givenUp(): GateError {
  return new GateError("target-refused", "it was given up");
}

function exchangeOver(wire: Wire): Exchange {
  return async (bytes) => {
    wire.write(bytes);
    const answer = new Answer();
    while (!answer.add(await readMessage(wire, MAX_MESSAGE_BYTES)));
    return answer;
  };
}

async function preview(
  exchange: Exchange,
  ways: Ways,
  held: HeldStatement,
  statements: readonly StatementFacts[],
  deps: PreviewDeps,
): Promise<Previewed> {
  const startedAt = performance.now();
  const { signal, vouched, statementMs, viewer, trials } = deps;
  const { change, definition, locks } = statements[0]?.trial ?? {};
  /** It locks as the real thing does, as long as it takes. */
  const locking = async <T>(kind: TrialKind, work: () => Promise<T>): Promise<T> => {
    const from = performance.now();
    try {
      return await work();
    } finally {
      trials.budgets.spend(kind, trials.trier, performance.now() - from);
    }
  };
  const attempt = async <T>(work: (exchange: Exchange) => Promise<T>): Promise<T> => {
    if (signal.aborted) throw givenUp();
    return await undone(exchange, ways, work);
  };
  const without = (why: string, plan: readonly string[] = []): Previewed => ({
    preview: { possible: false, why, ...(plan.length > 0 && { plan }), ...(statements.length === 1 && locks && { locks }) },
  });
  // In a transaction of its own, where the client has none: now() is the time at which one began.
  const earlier = await untilSerial(
    () =>
      attempt(async (inside) =>
        change && (await whyNot(inside, statements, vouched)) === undefined
          ? locking("change", () => dryRun(inside, held, change, statementMs))
          : undefined,
      ),
    (images) => images?.answer.error,
  );
  const found = await untilSerial(
    () =>
      attempt(async (inside): Promise<Found> => {
        const why = await whyNot(inside, statements, vouched);
        // A plan runs what is immutable, whoever wrote it: nothing is planned that might call such a thing.
        const plan = change && viewer.mayRead && (why === undefined || why.startsWith(TRIGGER)) ? await planOf(inside, held) : [];
        if (why !== undefined) return { previewed: without(why, plan) };
        const tookMs = (): number => performance.now() - startedAt;
        if (definition) {
          const defined = await locking("definition", () => tryDefinition(inside, held, definition.bytes, statementMs ?? Infinity));
          const { error } = defined.answer;
          if (error && !signal.aborted && GIVEN_UP[error.code] !== undefined) return { previewed: without(GIVEN_UP[error.code] ?? "") };
          const images = { rows: 0, description: undefined, before: [], after: [], answer: defined.answer, returned: [] };
          const shown = await shownRun(inside, held, deps, { ...defined, images, columns: [], walBytes: 0, sequences: [] }, new Set());
          return { previewed: { preview: { possible: true, ...shown, definition: defined.definition, plan, tookMs: tookMs() } } };
        }
        if (change === undefined || earlier === undefined) return { previewed: without("it changed while it was looked at", plan) };
        if (signal.aborted) throw givenUp();
        const run = await locking("change", () => watchedRun(inside, held, change, statementMs));
        const stable = stableColumns(run.images, earlier);
        const shown = await shownRun(inside, held, deps, run, stable);
        const world = worldOf(run.images, deps.stable ?? stable, deps.keepsEach);
        const preview = { possible: true as const, ...shown, plan, tookMs: tookMs() };
        return { error: run.images.answer.error, previewed: { preview, compared: { change, stable, world } } };
      }),
    ({ error }) => error,
  );
  return found.previewed;
}

interface Found {
  readonly previewed: Previewed;
  /** What a change failed with. */
  readonly error?: ErrorFields | undefined;
}

/** How often rows may be changed by others under a trial. */
const MAX_ATTEMPTS = 5;

/** Others have changed the same rows since its snapshot: what is undone anyway is tried again in another. */
async function untilSerial<T>(work: () => Promise<T>, errorOf: (result: T) => ErrorFields | undefined): Promise<T> {
  for (let left = MAX_ATTEMPTS; ; left -= 1) {
    const result = await work();
    if (left === 1 || errorOf(result)?.code !== SERIALIZATION_FAILURE) return result;
  }
}

/** Planned, not run. */
async function planOf(exchange: Exchange, held: HeldStatement): Promise<string[]> {
  await must(exchange, "savepoint sallyport_plan");
  const explained = await exchange(encodeStatement(held, `explain ${held.sql}`));
  await must(exchange, "rollback to savepoint sallyport_plan; release savepoint sallyport_plan");
  return explained.rows.map(([line]) => (line ?? "").slice(0, SHOWN_CHARACTERS)).slice(0, SHOWN_LINES);
}
