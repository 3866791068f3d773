/**
 * Who is it: a certificate that the gate made, whose key TLS has proven, or a password by SCRAM. That they are refused is
 * an answer; what does not keep to the protocol throws.
 *
 * Untrusted: everything until SCRAM is through. Bounded: messages of 4 KiB.
 */
import { TLSSocket } from "node:tls";
import type { Authenticated } from "../../../identity/model.ts";
import type { TokenId } from "../../../kernel/ids.ts";
import type { Random } from "../../../kernel/random.ts";
import type { Denial } from "../../../kernel/result.ts";
import { encodeAuthenticationSaslFinal } from "../../../wire/postgres/backend.ts";
import { readMessage } from "../../../wire/postgres/read.ts";
import { hearScram } from "../../../wire/postgres/scram-hearing.ts";
import { newNonce } from "../../../wire/postgres/scram.ts";
import type { Wire } from "../wire.ts";
import type { FrontTls } from "./client-startup.ts";

const MAX_LOGIN_MESSAGE = 4096;

/** Where somebody comes from. */
interface LoginContext {
  readonly door: "postgres";
  readonly remote: string;
}

export interface ClientLoginDeps {
  readonly identity: {
    accessChallenge(claimed: string): Promise<{
      readonly salt: Buffer;
      readonly iterations: number;
      readonly candidates: readonly { readonly token: TokenId; readonly storedKey: Buffer; readonly serverKey: Buffer }[];
    }>;
    /** `undefined`: the gate did not make it. */
    authenticateAccessCertificate(claimed: string, certificate: Buffer, context: LoginContext): Promise<Authenticated | Denial | undefined>;
    authenticateAccess(claimed: string, proven: TokenId | undefined, context: LoginContext): Promise<Authenticated | Denial>;
  };
  readonly tls: FrontTls | undefined;
  readonly random: Random;
}

/**
 * By a certificate that the gate made, whose key TLS has proven. Others do not count: libpq shows the one in its folder to
 * every server that asks.
 */
export async function authenticateClient(wire: Wire, user: string, remote: string, deps: ClientLoginDeps): Promise<Authenticated | Denial> {
  const certificate = certificateOf(wire);
  const shown = certificate && (await deps.identity.authenticateAccessCertificate(user, certificate, { door: "postgres", remote }));
  return shown ?? (await hearPassword(wire, user, remote, deps));
}

/** DER. Fails closed: of a session that was resumed nobody has proven a key on this connection. */
function certificateOf(wire: Wire): Buffer | undefined {
  if (!(wire instanceof TLSSocket) || wire.isSessionReused()) return undefined;
  return wire.getPeerX509Certificate()?.raw;
}

async function hearPassword(wire: Wire, user: string, remote: string, deps: ClientLoginDeps): Promise<Authenticated | Denial> {
  const challenge = await deps.identity.accessChallenge(user);
  const binding = wire instanceof TLSSocket ? deps.tls?.binding : undefined;
  const proven = await hearScram(
    { read: () => readMessage(wire, MAX_LOGIN_MESSAGE), write: (message) => void wire.write(message) },
    { ...challenge, nonce: newNonce(deps.random), ...(binding !== undefined && { binding }) },
  );
  const authenticated = await deps.identity.authenticateAccess(user, proven?.candidate.token, { door: "postgres", remote });
  if (!("allowed" in authenticated) && proven) wire.write(encodeAuthenticationSaslFinal(proven.serverFinal));
  return authenticated;
}
