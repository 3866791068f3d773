/** What an sftp status means to the person: a refusal of the gate as it is, one of the host in words. */
import { GateError } from "../../kernel/errors.ts";
import * as fxp from "../../wire/ssh/sftp/messages.ts";
import type { SftpAnswer } from "./sftp-client.ts";

type Of<K extends SftpAnswer["kind"]> = Extract<SftpAnswer, { kind: K }>;

/** The answer, where it is of this kind; else it is thrown as what it says. */
export function requireAnswer<K extends SftpAnswer["kind"]>(answer: SftpAnswer, kind: K, path: Buffer): Of<K> {
  if (answer.kind === kind && !(answer.kind === "status" && answer.code !== fxp.SSH_FX_OK)) return answer as Of<K>;
  throw answer.kind === "status"
    ? failureOf(answer, path)
    : new GateError("protocol-error", "an SFTP answer is not of the kind that was asked for");
}

export function failureOf({ code, message, refusal }: Of<"status">, path: Buffer): GateError {
  if (refusal) return new GateError(refusal.code, refusal.detail);
  const name = JSON.stringify(fxp.displayPath(path).slice(0, 200));
  switch (code) {
    case fxp.SSH_FX_NO_SUCH_FILE:
      return new GateError("not-found", `${name} is not on the host`);
    case fxp.SSH_FX_PERMISSION_DENIED:
      return new GateError("file-denied", name);
    case fxp.SSH_FX_OP_UNSUPPORTED:
      return new GateError("file-failed", `${name}: the host does not support this`);
    case fxp.SSH_FX_EOF:
      return new GateError("file-failed", `${name}: it ended early`);
    default:
      // Untrusted: the host wrote the message.
      return new GateError("file-failed", `${name}: ${fxp.displayPath(Buffer.from(message.slice(0, 200)))} (sftp status ${code})`);
  }
}

/** Whether an answer is a status with this code. */
export function isStatus(answer: SftpAnswer, code: number): boolean {
  return answer.kind === "status" && answer.code === code;
}
