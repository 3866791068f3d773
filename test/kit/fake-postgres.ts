/**
 * A PostgreSQL server of the tests' own, where a test has to see what reaches the target and when: it takes a password by
 * SCRAM, writes down each statement, and answers it with one row. `hold` in a statement is never answered.
 */
import { createServer, type Socket } from "node:net";
import * as backend from "../../src/wire/postgres/backend.ts";
import { Framer } from "../../src/wire/postgres/framer.ts";
import * as frontend from "../../src/wire/postgres/frontend.ts";
import { message, cString, int16, int32 } from "../../src/wire/postgres/fields.ts";
import { deriveVerifier, newNonce, SCRAM, ScramServer } from "../../src/wire/postgres/scram.ts";
import { parseStartup } from "../../src/wire/postgres/startup.ts";
import { systemRandom } from "../../src/kernel/random.ts";

export interface FakePostgres extends AsyncDisposable {
  readonly port: number;
  connections: number;
  open: number;
  /** Statements of clients, in order; not what the gate sends in their place. */
  readonly actions: string[];
  onAction: ((action: string) => void) | undefined;
  /** In place of what it would say to a statement. */
  answer: ((sql: string) => Buffer | undefined) | undefined;
  /** In place of its settings, its key and that it is ready, once a password was right. */
  greeting: Buffer | undefined;
  /** Rounds of SCRAM that it asks for. */
  iterations: number;
}

export async function startFakePostgres(password: string): Promise<FakePostgres> {
  const sockets = new Set<Socket>();
  const fake: FakePostgres = {
    port: 0,
    connections: 0,
    open: 0,
    actions: [],
    onAction: undefined,
    answer: undefined,
    greeting: undefined,
    iterations: 4096,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const server = createServer((socket) => {
    fake.connections += 1;
    fake.open += 1;
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => {
      fake.open -= 1;
      sockets.delete(socket);
    });
    void serve(socket, password, fake);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  return Object.assign(fake, { port: typeof bound === "object" && bound !== null ? bound.port : 0 });
}

const READY = message("Z", Buffer.from("I"));

async function serve(socket: Socket, password: string, fake: FakePostgres): Promise<void> {
  const salt = Buffer.from("salt of the tests");
  const verifier = await deriveVerifier(password, salt, 4096);
  const scram = new ScramServer({ salt, iterations: fake.iterations, candidates: [verifier], nonce: newNonce(systemRandom) });
  let step: "startup" | "first" | "final" | "open" = "startup";
  const say = (...messages: Buffer[]): void => void socket.write(Buffer.concat(messages));
  const framer = new Framer({
    maxWholeBytes: 1_000_000,
    take: () => "whole",
    onPass: () => undefined,
    onMessage: (_type, bytes) => {
      if (step === "first") {
        const { mechanism, response } = frontend.parseSaslInitialResponse(bytes);
        say(backend.encodeAuthenticationSaslContinue(scram.first(mechanism, response)));
        step = "final";
      } else if (step === "final") {
        const found = scram.final(frontend.parseSaslResponse(bytes));
        if (!found) return void socket.end(backend.encodeErrorResponse({ severity: "FATAL", code: "28P01", message: "wrong" }));
        const status = (name: string, value: string): Buffer => message("S", cString(name), cString(value));
        const settings = [status("client_encoding", "UTF8"), status("standard_conforming_strings", "on"), status("server_version", "15.0")];
        say(backend.encodeAuthenticationSaslFinal(found.serverFinal), backend.encodeAuthenticationOk());
        say(fake.greeting ?? Buffer.concat([...settings, backend.encodeBackendKeyData(4711, Buffer.from("key!")), READY]));
        step = "open";
      } else if (bytes[0] === frontend.FRONTEND.query) {
        const sql = frontend.parseQuery(bytes);
        if (sql.startsWith("sallyport ")) {
          return say(backend.encodeErrorResponse({ severity: "ERROR", code: "42601", message: "no SQL" }), READY);
        }
        fake.actions.push(sql);
        fake.onAction?.(sql);
        const answer = fake.answer?.(sql);
        if (answer) say(answer);
        else if (!sql.includes("hold")) say(...oneRow("done"), READY);
      }
    },
  });
  socket.on("data", (chunk: Buffer) => {
    if (step !== "startup") return void framer.push(chunk);
    const length = chunk.readInt32BE(0);
    if (parseStartup(chunk.subarray(0, length)).kind !== "startup") return void socket.destroy();
    step = "first";
    say(backend.encodeAuthenticationSasl([SCRAM]));
    framer.push(chunk.subarray(length));
  });
}

/** RowDescription, DataRow, CommandComplete of one text. */
function oneRow(text: string): Buffer[] {
  const field = [cString("answer"), int32(0), int16(0), int32(25), int16(0xffff), int32(-1), int16(0)];
  const value = Buffer.from(text);
  return [message("T", int16(1), ...field), message("D", int16(1), int32(value.length), value), message("C", cString("SELECT 1"))];
}
