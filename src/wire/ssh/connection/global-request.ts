/**
 * Global requests (RFC 4254 §4): byte 80, string name, boolean want reply, … answered by 81 or 82, in order.
 */
import { Writer } from "../io/writer.ts";
import { readerOf, SSH_MSG_GLOBAL_REQUEST, SSH_MSG_REQUEST_FAILURE, SSH_MSG_REQUEST_SUCCESS } from "./messages.ts";

export interface GlobalRequest {
  /** "tcpip-forward", "keepalive@openssh.com", "hostkeys-00@openssh.com", … */
  readonly name: string;
  readonly wantReply: boolean;
  readonly specific: Buffer;
}

export function parseGlobalRequest(payload: Buffer): GlobalRequest {
  const reader = readerOf(payload, SSH_MSG_GLOBAL_REQUEST);
  return { name: reader.readString().toString("latin1"), wantReply: reader.readBoolean(), specific: reader.rest() };
}

export function encodeGlobalRequest({ name, wantReply, specific }: GlobalRequest): Buffer {
  return new Writer(64 + specific.length).byte(SSH_MSG_GLOBAL_REQUEST).string(name).boolean(wantReply).raw(specific).toBuffer();
}

/** `specific`: what the request's own definition puts into the answer, e.g. the port that was bound. */
export function encodeRequestSuccess(specific: Uint8Array = Buffer.alloc(0)): Buffer {
  return new Writer(1 + specific.length).byte(SSH_MSG_REQUEST_SUCCESS).raw(specific).toBuffer();
}

export function encodeRequestFailure(): Buffer {
  return Buffer.of(SSH_MSG_REQUEST_FAILURE);
}
