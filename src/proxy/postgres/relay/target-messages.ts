/**
 * What the target's messages mean: each is an answer to what was sent, or has its place between any two, and nothing else
 * is passed on. What is masked, withheld, refused or beyond a limit is replaced or left out on the way.
 *
 * Untrusted: unknown messages and answers to nothing throw GateError("protocol-error").
 */
import { GateError } from "../../../kernel/errors.ts";
import * as backend from "../../../wire/postgres/backend.ts";
import { encodeCutNotice } from "./client-warnings.ts";
import type { Pipeline } from "./pipeline.ts";
import type { LimitsGuard } from "./postgres-limits.ts";
import { encodeRefusal } from "../postgres-refuse.ts";
import type { PostgresStatements } from "../statements/postgres-statements.ts";
import { requirePinned } from "../postgres-upstream.ts";
import { withhold, withoutPayload, type Said } from "../masking/postgres-withheld.ts";
import type { Running } from "../statements/running-statement.ts";
import type { SessionMasking } from "../masking/session-masking.ts";

export interface TargetMessageDeps {
  readonly pipeline: Pipeline<Running>;
  readonly masking: SessionMasking;
  readonly limits: LimitsGuard;
  readonly statements: Pick<PostgresStatements, "ready">;
  readonly toClient: (bytes: Uint8Array) => void;
  /** Everything that was sent has its answer. `true`: the session has ended with it. */
  readonly idle: () => boolean;
}

export class TargetMessages {
  readonly #deps: TargetMessageDeps;

  constructor(deps: TargetMessageDeps) {
    this.#deps = deps;
  }

  /** One whole message. Hot path. */
  take(message: Buffer): void {
    const { pipeline, masking, limits, statements, toClient, idle } = this.#deps;
    pipeline.head?.statement?.results?.message(message);
    let said = message;
    switch (message[0]) {
      case backend.BACKEND.parseComplete:
        pipeline.completed("parse");
        break;
      case backend.BACKEND.bindComplete:
        pipeline.completed("bind");
        break;
      case backend.BACKEND.closeComplete:
        pipeline.completed("close");
        break;
      case backend.BACKEND.rowDescription: {
        const { head } = pipeline;
        if (head?.onDescribed) head.onDescribed(message);
        else head?.statement?.masks?.described(message);
        said = head?.describedAs ?? message;
        pipeline.described();
        break;
      }
      case backend.BACKEND.noData:
        pipeline.described();
        break;
      case backend.BACKEND.dataRow: {
        const running = pipeline.head?.statement;
        const row = running?.masks?.row(message) ?? message;
        running?.results?.bytes(row);
        return toClient(row);
      }
      case backend.BACKEND.commandComplete: {
        const running = pipeline.head?.statement;
        const ended = backend.parseCommandComplete(message);
        running?.completed(ended);
        pipeline.commandEnded();
        if (running?.isCutAt === ended.rows) toClient(encodeCutNotice(ended.rows));
        break;
      }
      case backend.BACKEND.emptyQuery:
      case backend.BACKEND.portalSuspended:
        pipeline.commandEnded();
        break;
      case backend.BACKEND.error: {
        const { head } = pipeline;
        const fields = this.#withheld(backend.parseErrorResponse(message));
        head?.statement?.failed(fields.said);
        const refusal = pipeline.failed();
        if (refusal !== undefined) {
          toClient(head?.refusalMessage ?? encodeRefusal(refusal, "ERROR"));
          return limits.step();
        }
        if (fields.isWithheld) said = backend.encodeErrorResponse(fields.said);
        break;
      }
      case backend.BACKEND.ready: {
        const status = backend.parseReadyForQuery(message);
        pipeline.ready();
        statements.ready(status);
        if (pipeline.isIdle && idle()) return undefined;
        break;
      }
      case backend.BACKEND.parameterStatus:
        requirePinned(backend.parseParameterStatus(message));
        break;
      case backend.BACKEND.notice: {
        const { said, isWithheld } = this.#withheld(backend.parseErrorResponse(message));
        if (isWithheld) return toClient(backend.encodeNoticeResponse(said));
        break;
      }
      case backend.BACKEND.notification:
        if (masking.masks) return toClient(withoutPayload(message));
        break;
      case backend.BACKEND.parameterDescription:
      case backend.BACKEND.copyIn:
        pipeline.copying();
        break;
      case backend.BACKEND.copyOut:
      case backend.BACKEND.copyDone:
        break;
      default:
        throw new GateError("protocol-error", `the target sent message ${JSON.stringify(String.fromCharCode(message[0] ?? 0))}`);
    }
    const shown = limits.show(said);
    if (shown !== undefined) toClient(shown);
    limits.step();
  }

  #withheld(fields: backend.ErrorFields): Said {
    if (!this.#deps.masking.masks) return { said: fields, isWithheld: false };
    return withhold(fields, this.#deps.pipeline.head?.statement?.masks);
  }
}
