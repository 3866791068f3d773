/**
 * A client asked for its password by SASL (§53.3.1): the server's half of scram-login, up to the proof. Without I/O of its
 * own. AuthenticationSASLFinal is left to who asks, who may have more to look at before it says yes.
 */
import { GateError } from "../../kernel/errors.ts";
import { encodeAuthenticationSasl, encodeAuthenticationSaslContinue } from "./backend.ts";
import { FRONTEND, parseSaslInitialResponse, parseSaslResponse } from "./frontend.ts";
import type { Conversation } from "./scram-login.ts";
import { SCRAM, SCRAM_PLUS, ScramServer, type ScramServerOptions, type Verifier } from "./scram.ts";

/**
 * Untrusted: throws `protocol-error` for what has no place in this conversation. With a binding PLUS is offered too. Whose
 * password it was, and what AuthenticationSASLFinal says; `undefined`: nobody's.
 */
export async function hearScram<Candidate extends Verifier>(
  talk: Conversation,
  options: ScramServerOptions<Candidate>,
): Promise<{ readonly candidate: Candidate; readonly serverFinal: Buffer } | undefined> {
  const scram = new ScramServer(options);
  talk.write(encodeAuthenticationSasl(options.binding === undefined ? [SCRAM] : [SCRAM_PLUS, SCRAM]));
  const first = parseSaslInitialResponse(await readPassword(talk));
  talk.write(encodeAuthenticationSaslContinue(scram.first(first.mechanism, first.response)));
  return scram.final(parseSaslResponse(await readPassword(talk)));
}

async function readPassword(talk: Conversation): Promise<Buffer> {
  const message = await talk.read();
  if (message[0] !== FRONTEND.password) throw new GateError("protocol-error", "a password was expected");
  return message;
}
