/** What a client's statements can be done with: the relay's side of a connection, as they see it. */
import type { TransactionStatus } from "../../../wire/postgres/backend.ts";
import type { OwnLine, PostgresHolding } from "../preview/postgres-hold.ts";

export interface StatementLine {
  readonly holding: PostgresHolding;
  /** For SELECTs that have none, at this moment. */
  limit(): number | undefined;
  forward(bytes: Uint8Array): void;
  /** A statement is the target's turn now, whatever is waited for before the client's next message is taken. */
  began(): void;
  /** While somebody decides, the client is listened to: it may go away. */
  listen(): void;
  /** Resolves when nothing is on its way; from then on, and until what was asked is answered, the target talks to the gate. */
  own(): Promise<OwnLine>;
  /** As if the target said it now; with `status`, a ReadyForQuery behind it. */
  replay(messages: readonly Buffer[], status?: TransactionStatus): void;
}
