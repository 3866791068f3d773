/**
 * The client's half of a startup, at a door of this machine.
 *
 * Untrusted: everything until `requirePassword` is through, and what the client wants after it. Bounded: a startup packet
 * of 10,000 bytes, three packets before the startup, messages of 4 KiB.
 */
import type { Socket } from "node:net";
import { GateError } from "../../kernel/errors.ts";
import type { Random } from "../../kernel/random.ts";
import { encodeAuthenticationSaslFinal } from "../../wire/postgres/backend.ts";
import { readBytes, readMessage } from "../../wire/postgres/read.ts";
import { hearScram } from "../../wire/postgres/scram-hearing.ts";
import { deriveVerifier, newNonce, type Verifier } from "../../wire/postgres/scram.ts";
import { encodeNegotiateProtocolVersion, parseStartup, startupLength } from "../../wire/postgres/startup.ts";
import type { CancelKey } from "./gate-login.ts";

const MAX_PACKETS_BEFORE_STARTUP = 3;
const MAX_LOGIN_MESSAGE = 4096;
const SALT_BYTES = 16;
/** The password is random: no number of them makes it harder to guess. */
const ITERATIONS = 4096;

export type LocalStartup =
  | ({ readonly kind: "cancel" } & CancelKey)
  | {
      readonly kind: "startup";
      /** What the client wants; options of the protocol are not among it. */
      readonly parameters: ReadonlyMap<string, string>;
      /** The protocol is newer, or has options, than what is spoken here: the client has to hear it. */
      readonly beyond: { readonly options: readonly string[] } | undefined;
    };

/** SSLRequest and GSSENCRequest are answered with no: nothing leaves this machine. Throws `protocol-error`, `not-supported`. */
export async function readLocalStartup(client: Socket): Promise<LocalStartup> {
  for (let count = 0; count < MAX_PACKETS_BEFORE_STARTUP; count += 1) {
    const header = await readBytes(client, 4);
    const length = startupLength(header);
    const startup = parseStartup(Buffer.concat([header, await readBytes(client, length - 4)]));
    switch (startup.kind) {
      case "cancel-request":
        return { kind: "cancel", processId: startup.processId, secret: startup.secret };
      case "startup": {
        const { major, minor, parameters } = startup;
        if (major !== 3) throw new GateError("not-supported", `version ${major} of PostgreSQL's protocol`);
        const options = [...parameters.keys()].filter((name) => name.startsWith("_pq_."));
        return {
          kind: "startup",
          parameters: new Map([...parameters].filter(([name]) => !options.includes(name))),
          beyond: minor > 0 || options.length > 0 ? { options } : undefined,
        };
      }
      default:
        client.write("N");
    }
  }
  throw new GateError("protocol-error", "it asks on and does not begin");
}

export function announceVersion(client: Socket, { beyond }: Extract<LocalStartup, { kind: "startup" }>): void {
  if (beyond !== undefined) client.write(encodeNegotiateProtocolVersion(0, beyond.options));
}

/** What a door asks for: kept so that the password itself is not. */
export interface DoorPassword {
  readonly salt: Buffer;
  readonly verifier: Verifier;
}

export async function deriveDoorPassword(password: string, random: Random): Promise<DoorPassword> {
  const salt = random.bytes(SALT_BYTES);
  return { salt, verifier: await deriveVerifier(password, salt, ITERATIONS) };
}

/** SCRAM-SHA-256: another user of this machine who takes the port learns nothing from a client that tries it. Throws `not-authenticated`. */
export async function requirePassword(client: Socket, { salt, verifier }: DoorPassword, random: Random): Promise<void> {
  const proven = await hearScram(
    { read: () => readMessage(client, MAX_LOGIN_MESSAGE), write: (message) => void client.write(message) },
    { salt, iterations: ITERATIONS, candidates: [verifier], nonce: newNonce(random) },
  );
  if (proven === undefined) throw new GateError("not-authenticated", "the password of `sallyport connect` is another one");
  client.write(encodeAuthenticationSaslFinal(proven.serverFinal));
}
