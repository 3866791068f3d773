import {
  LITERAL_RECORDINGS,
  PARAMETER_RECORDINGS,
  RESULT_RECORDINGS,
  SQL_RECORDING_DEFAULT,
  type Role,
  type SqlRecording,
} from "./role.ts";

/**
 * What is recorded of statements under the role as it was approved and as it is now: of what people wrote, the less that
 * either says; of results, the more, because an approver may have counted on them.
 */
export function sqlRecording(approved: Role, now: Role | undefined): SqlRecording {
  const first = approved.recording.sql ?? SQL_RECORDING_DEFAULT;
  if (now === undefined) return first;
  const second = now.recording.sql ?? SQL_RECORDING_DEFAULT;
  return {
    literals: firstOf(LITERAL_RECORDINGS, first.literals, second.literals),
    parameters: firstOf(PARAMETER_RECORDINGS, first.parameters, second.parameters),
    results: firstOf(RESULT_RECORDINGS.toReversed(), first.results, second.results),
  };
}

function firstOf<T>(order: readonly T[], ...said: readonly [T, T]): T {
  return order.find((each) => said.includes(each)) ?? said[0];
}
