/** Messages of the authentication protocol: RFC 4252 and, for keyboard-interactive, RFC 4256. */
import { GateError } from "../../../kernel/errors.ts";
import { Reader } from "../io/reader.ts";
import { Writer } from "../io/writer.ts";
import { SSH_MSG_SERVICE_ACCEPT, SSH_MSG_SERVICE_REQUEST } from "../transport/messages.ts";

export const SSH_MSG_USERAUTH_REQUEST = 50;
export const SSH_MSG_USERAUTH_FAILURE = 51;
export const SSH_MSG_USERAUTH_SUCCESS = 52;
export const SSH_MSG_USERAUTH_BANNER = 53;
/** 60 means PK_OK, PASSWD_CHANGEREQ or INFO_REQUEST, by the method that is going on. */
export const SSH_MSG_USERAUTH_PK_OK = 60;
export const SSH_MSG_USERAUTH_INFO_REQUEST = 60;
export const SSH_MSG_USERAUTH_INFO_RESPONSE = 61;

export const USERAUTH_SERVICE = "ssh-userauth";
export const CONNECTION_SERVICE = "ssh-connection";

const MAX_USER_BYTES = 1024;
const MAX_PROMPTS = 16;

/** `byte 50, string user, string service, string method, …method's own` */
export interface UserauthRequest {
  readonly user: string;
  readonly service: string;
  readonly method: string;
  /** The method's own fields, unread. */
  readonly rest: Buffer;
}

/** One question of a keyboard-interactive round. */
export interface Prompt {
  readonly text: string;
  /** Whether what is typed may be shown. */
  readonly echo: boolean;
}

export interface PromptRound {
  readonly name: string;
  readonly instruction: string;
  readonly prompts: readonly Prompt[];
}

/** The service asked for or granted: `byte 5 or 6, string service` (RFC 4253 §10). */
export function parseService(payload: Buffer): string {
  const reader = new Reader(payload.subarray(1));
  const service = reader.readString().toString("latin1");
  reader.end();
  return service;
}

export function encodeServiceRequest(service: string): Buffer {
  return new Writer(32).byte(SSH_MSG_SERVICE_REQUEST).string(service).toBuffer();
}

export function encodeServiceAccept(service: string): Buffer {
  return new Writer(32).byte(SSH_MSG_SERVICE_ACCEPT).string(service).toBuffer();
}

/** `rest` is a view. */
export function parseUserauthRequest(payload: Buffer): UserauthRequest {
  const reader = new Reader(payload.subarray(1));
  const user = reader.readUtf8();
  if (Buffer.byteLength(user) > MAX_USER_BYTES) throw new GateError("protocol-error", "a user name is too long");
  const service = reader.readString().toString("latin1");
  const method = reader.readString().toString("latin1");
  return { user, service, method, rest: reader.rest() };
}

export function startUserauthRequest(user: string, method: string): Writer {
  return new Writer(1024).byte(SSH_MSG_USERAUTH_REQUEST).string(user).string(CONNECTION_SERVICE).string(method);
}

/** `boolean signed, string algorithm, string blob [, string signature]` (RFC 4252 §7). Views. */
export function parsePublicKeyFields(rest: Buffer): { algorithm: string; blob: Buffer; signature: Buffer | undefined } {
  const reader = new Reader(rest);
  const signed = reader.readBoolean();
  const algorithm = reader.readString().toString("latin1");
  const blob = reader.readString();
  const signature = signed ? reader.readString() : undefined;
  reader.end();
  return { algorithm, blob, signature };
}

/**
 * What a user signs (RFC 4252 §7): `string session_id` and the request up to the blob. The session id ties the
 * signature to this one connection.
 */
export function encodeSignedRequest(sessionId: Buffer, user: string, algorithm: string, blob: Buffer): Buffer {
  const request = startUserauthRequest(user, "publickey").boolean(true).string(algorithm).string(blob).toBuffer();
  return new Writer(request.length + sessionId.length + 4).string(sessionId).raw(request).toBuffer();
}

/** `boolean FALSE, string password`; a change of password (TRUE) is not offered. */
export function parsePasswordFields(rest: Buffer): { password: string; isChange: boolean } {
  const reader = new Reader(rest);
  const isChange = reader.readBoolean();
  const password = reader.readUtf8();
  if (isChange) reader.readUtf8();
  reader.end();
  return { password, isChange };
}

/** `byte 51, name-list methods that can continue, boolean partial success` */
export function encodeFailure(methods: readonly string[], partial: boolean): Buffer {
  return new Writer(64).byte(SSH_MSG_USERAUTH_FAILURE).nameList(methods).boolean(partial).toBuffer();
}

export function parseFailure(payload: Buffer): { methods: string[]; partial: boolean } {
  const reader = new Reader(payload.subarray(1));
  const methods = reader.readNameList();
  const partial = reader.readBoolean();
  reader.end();
  return { methods, partial };
}

/** `byte 53, string message, string language` */
export function encodeBanner(message: string): Buffer {
  return new Writer(128).byte(SSH_MSG_USERAUTH_BANNER).string(message).string("").toBuffer();
}

/** Untrusted text: whoever shows it must filter control characters. */
export function parseBanner(payload: Buffer): string {
  return new Reader(payload.subarray(1)).readString().toString("utf8");
}

/** `byte 60, string algorithm, string blob` */
export function encodePublicKeyOk(algorithm: string, blob: Buffer): Buffer {
  return new Writer(blob.length + 64).byte(SSH_MSG_USERAUTH_PK_OK).string(algorithm).string(blob).toBuffer();
}

/** `byte 60, string name, string instruction, string language, uint32 count, count × (string prompt, boolean echo)` (RFC 4256 §3.2) */
export function encodeInfoRequest(round: PromptRound): Buffer {
  const writer = new Writer(256).byte(SSH_MSG_USERAUTH_INFO_REQUEST).string(round.name).string(round.instruction).string("");
  writer.uint32(round.prompts.length);
  for (const { text, echo } of round.prompts) writer.string(text).boolean(echo);
  return writer.toBuffer();
}

/** `byte 61, uint32 count, count × string` (RFC 4256 §3.4); one answer for each question, or it is refused. */
export function parseInfoResponse(payload: Buffer, expected: number): string[] {
  const reader = new Reader(payload.subarray(1));
  const count = reader.readUint32();
  if (count !== expected || count > MAX_PROMPTS) throw new GateError("protocol-error", "the answers do not fit the questions");
  const answers = Array.from({ length: count }, () => reader.readUtf8());
  reader.end();
  return answers;
}
