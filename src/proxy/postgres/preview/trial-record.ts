/** What is tried out, for who asks to see it or for who is to approve it, is on record before it is tried. */
import type { Denial } from "../../../kernel/result.ts";
import type { LiveSession } from "../../../session/live-session.ts";
import type { PostgresRecord } from "../postgres-facts.ts";
import { parametersOfRun, type Ran, type Runs } from "../statements/running-statement.ts";
import type { StatementRights } from "../statements/statement-rights.ts";

export interface TrialRecordDeps {
  readonly session: Pick<LiveSession, "act">;
  readonly record: PostgresRecord;
  readonly rights: StatementRights;
}

/** By the rights that running it takes, also where it would be held. */
export function recordTrial(
  number: number,
  what: Ran,
  asked: Runs,
  { session, record, rights }: TrialRecordDeps,
): Denial | undefined | Promise<Denial | undefined> {
  return session.act(
    rights.action(what.read.statements),
    () => record.preview(number, what, parametersOfRun(asked, what)),
    (refused) => record.refused(refused, what),
    true,
  );
}
