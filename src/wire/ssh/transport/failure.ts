import { GateError, type ErrorCode } from "../../../kernel/errors.ts";
import { DISCONNECT } from "./messages.ts";

/** A GateError that also knows the reason code of the DISCONNECT that answers it. */
export class TransportFailure extends GateError {
  /** RFC 4253 §11.1. */
  readonly reason: number;

  constructor(reason: number, detail: string, options: { cause?: unknown; code?: ErrorCode } = {}) {
    super(options.code ?? "protocol-error", detail, options);
    this.reason = reason;
  }
}

/** What the peer is told: only what it can do something about. Nothing here depends on secret state. */
export function describeReason(reason: number): string {
  switch (reason) {
    case DISCONNECT.KEY_EXCHANGE_FAILED:
      return "Key exchange failed: no algorithm in common, or a value that is not valid";
    case DISCONNECT.HOST_KEY_NOT_VERIFIABLE:
      return "Host key not verifiable";
    case DISCONNECT.MAC_ERROR:
      return "Corrupted packet";
    case DISCONNECT.PROTOCOL_VERSION_NOT_SUPPORTED:
      return "Protocol version not supported";
    case DISCONNECT.SERVICE_NOT_AVAILABLE:
      return "Service not available";
    case DISCONNECT.NO_MORE_AUTH_METHODS_AVAILABLE:
      return "Too many authentication failures";
    default:
      return "Protocol error";
  }
}
