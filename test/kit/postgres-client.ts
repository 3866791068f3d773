/** A client of the tests' own, for what no real one sends. */
import { connect, type Socket } from "node:net";
import { systemRandom } from "../../src/kernel/random.ts";
import { readBytes, readMessage } from "../../src/wire/postgres/read.ts";
import * as backend from "../../src/wire/postgres/backend.ts";
import { encodeSaslInitialResponse, encodeSaslResponse } from "../../src/wire/postgres/frontend.ts";
import { newNonce, SCRAM, ScramClient } from "../../src/wire/postgres/scram.ts";
import { encodeStartup } from "../../src/wire/postgres/startup.ts";

export interface PostgresClient {
  readonly socket: Socket;
  send(bytes: Uint8Array): void;
  /** The next message with its header. */
  read(): Promise<Buffer>;
  /** Messages up to and with the next of this type, as letters. */
  readTo(type: string): Promise<Buffer[]>;
  /** What it said before it closed, as text. */
  ended(): Promise<string>;
}

/** As long as what a target may send. */
const MAX_MESSAGE = 1024 ** 3;

export async function connectRaw(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  await new Promise((resolve) => socket.once("connect", resolve));
  return socket;
}

/** Logged in, the first ReadyForQuery read. Throws with the message of a refusal. */
export async function connectPostgres(
  port: number,
  password: string,
  parameters: Record<string, string> = { user: "ana", database: "shop-db" },
): Promise<PostgresClient & { readonly parameters: Buffer[] }> {
  const socket = await connectRaw(port);
  socket.write(encodeStartup(parameters));
  const read = async (): Promise<Buffer> => {
    const bytes = await readMessage(socket, MAX_MESSAGE);
    if (bytes[0] === backend.BACKEND.error && backend.parseErrorResponse(bytes).severity === "FATAL") {
      throw new Error(backend.parseErrorResponse(bytes).message);
    }
    return bytes;
  };
  const scram = new ScramClient(password, newNonce(systemRandom));
  await read();
  socket.write(encodeSaslInitialResponse(SCRAM, scram.first()));
  const challenge = backend.parseAuthentication(await read());
  if (challenge.kind !== "sasl-continue") throw new Error("no challenge");
  socket.write(encodeSaslResponse(await scram.final(challenge.data)));
  const readTo = async (type: string): Promise<Buffer[]> => {
    const found: Buffer[] = [];
    do found.push(await read());
    while (found.at(-1)?.[0] !== type.charCodeAt(0));
    return found;
  };
  const first = await readTo("Z");
  return {
    socket,
    parameters: first,
    send: (bytes) => void socket.write(bytes),
    read,
    readTo,
    ended: async () => {
      let text = "";
      try {
        for (;;) text += (await readBytes(socket, 1)).toString("latin1");
      } catch {
        return text;
      }
    },
  };
}
