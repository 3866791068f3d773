/**
 * A client proving its password by SASL (§53.3.1), from AuthenticationSASL to what the server says last of it. Without
 * I/O of its own: it asks for the next message and says what goes back.
 */
import { GateError } from "../../kernel/errors.ts";
import { BACKEND, parseAuthentication, type Authentication } from "./backend.ts";
import { encodeSaslInitialResponse, encodeSaslResponse } from "./frontend.ts";
import { SCRAM, SCRAM_PLUS, ScramClient } from "./scram.ts";

export interface Conversation {
  /** The other side's next message, whole. */
  read(): Promise<Buffer>;
  write(message: Buffer): void;
}

export type ScramOutcome =
  | { readonly kind: "proven" }
  /** The server's ErrorResponse. */
  | { readonly kind: "refused"; readonly error: Buffer }
  /** It asks for no password, for one in another way, or offers no PLUS where it has to. */
  | { readonly kind: "not-scram"; readonly asked: Authentication }
  /** It does not know the password itself, or is not who holds the certificate. */
  | { readonly kind: "not-genuine" };

export interface ScramLoginOptions {
  readonly password: string;
  readonly nonce: string;
  /** Of the TLS connection. Absent: there is no TLS, or its certificate names nothing to bind to. */
  readonly binding?: Buffer;
  /** With a binding: whether a server that offers no PLUS will do. One that does is told so, and finds out who left it out. */
  readonly plus: "required" | "where offered";
}

/** Untrusted: throws `protocol-error` for what has no place in this conversation. */
export async function logInByScram(talk: Conversation, { password, nonce, binding, plus }: ScramLoginOptions): Promise<ScramOutcome> {
  const first = await talk.read();
  if (first[0] === BACKEND.error) return { kind: "refused", error: first };
  const asked = authentication(first);
  if (asked.kind !== "sasl") return { kind: "not-scram", asked };
  const binds = binding !== undefined && (plus === "required" || asked.mechanisms.includes(SCRAM_PLUS));
  const mechanism = binds ? SCRAM_PLUS : SCRAM;
  if (!asked.mechanisms.includes(mechanism)) return { kind: "not-scram", asked };
  const client = new ScramClient(password, nonce, { ...(binds && { binding }), canBind: binding !== undefined });
  talk.write(encodeSaslInitialResponse(mechanism, client.first()));

  const second = await talk.read();
  if (second[0] === BACKEND.error) return { kind: "refused", error: second };
  const challenge = authentication(second);
  if (challenge.kind !== "sasl-continue") throw new GateError("protocol-error", "the server does not go on with SCRAM");
  talk.write(encodeSaslResponse(await client.final(challenge.data)));

  const third = await talk.read();
  if (third[0] === BACKEND.error) return { kind: "refused", error: third };
  const outcome = authentication(third);
  return outcome.kind === "sasl-final" && client.verify(outcome.data) ? { kind: "proven" } : { kind: "not-genuine" };
}

function authentication(message: Buffer): Authentication {
  if (message[0] !== BACKEND.authentication) throw new GateError("protocol-error", "the server says something that is no part of a login");
  return parseAuthentication(message);
}
