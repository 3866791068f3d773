/**
 * `sallyport connect`: doors on the engineer's own machine, for clients that cannot fetch a password of minutes
 * themselves. A client that comes through one gets a connection of its own to the gate.
 *
 * Owns: who may use the doors, how many connections there are, which cancel key belongs to which of them.
 * Never: decides about access, reads or changes what goes through once a connection stands.
 * Invariants: nothing is said to the gate for a client that has not shown the door's password; the gate's password and
 * the door's never meet (a client knows the one, the gate the other); every byte a client sends before it is through
 * is bounded in number and in time.
 *
 *   open-doors       which doors there are                      doors            a socket file and a port of the loopback
 *   local-login      the client's half of a startup             gate-login       the gate's half
 *   gate-password    the password the gate gave                 refusal          errors as PostgreSQL's clients read them
 *   connection-info  what to paste into a client                grant-watch      how long it may last
 *
 * `--certificate` is the other way, without doors: by-certificate.
 */
import { once } from "node:events";
import type { Socket } from "node:net";
import { GateError } from "../../kernel/errors.ts";
import type { Random } from "../../kernel/random.ts";
import { secretsEqual } from "../../kernel/secret.ts";
import { noticeEnd } from "../../wire/postgres/read.ts";
import { Handshakes } from "./handshakes.ts";
import { askForCancel, openGateConnection, type CancelKey, type GateAddress, type GateConnection } from "./gate-login.ts";
import type { Access, GatePassword } from "./gate-password.ts";
import { announceVersion, readLocalStartup, requirePassword, type DoorPassword, type LocalStartup } from "./local-login.ts";
import { encodeFailure } from "./refusal.ts";

/** As PostgreSQL's own `max_connections`; the gate has its bounds besides. */
const MAX_CONNECTIONS = 100;
/** How long last words may take to leave. */
const LINGER_MS = 1000;

export type ConnectorEvent =
  | { readonly kind: "opened"; readonly number: number; readonly application: string; readonly database: string }
  | { readonly kind: "closed"; readonly number: number }
  /** `reason`: for the person; whoever was refused has read it too. */
  | { readonly kind: "refused"; readonly reason: string };

export interface ConnectorDeps {
  readonly gatePassword: GatePassword;
  /** What is opened for a client that names no database. */
  readonly database: string;
  readonly random: Random;
  readonly onEvent: (event: ConnectorEvent) => void;
}

export class Connector implements Disposable {
  readonly #deps: ConnectorDeps;
  readonly #handshakes = new Handshakes();
  /** By number; without a value while the gate has not said yes. */
  readonly #open = new Map<number, { readonly key: CancelKey | undefined; readonly address: GateAddress } | undefined>();
  readonly #sockets = new Set<Socket>();
  #count = 0;
  #isOver = false;

  constructor(deps: ConnectorDeps) {
    this.#deps = deps;
  }

  get open(): number {
    return [...this.#open.values()].filter((each) => each !== undefined).length;
  }

  /** Untrusted: `client` is whoever reached the door. Never throws. `password`: what the door asks for; none where the file system has asked. */
  async serve(client: Socket, password: DoorPassword | undefined): Promise<void> {
    if (this.#isOver) return void client.destroy();
    this.#sockets.add(client);
    client.on("error", () => undefined).once("close", () => this.#sockets.delete(client));
    try {
      const startup = await this.#begin(client, password);
      if (startup.kind === "cancel") {
        client.destroy();
        await this.#cancel(startup);
      } else await this.#connect(client, startup);
    } catch (error) {
      // Who closed before it said anything looked whether the door is there, as programs that wait for it do.
      if (client.destroyed || client.readableEnded) return void client.destroy();
      const { bytes, reason } = encodeFailure(error);
      this.#refuse(client, bytes, reason);
    }
  }

  /** Resolves when nobody is connected any more, or after this long. */
  async idle(timeoutMs: number): Promise<void> {
    const end = new AbortController();
    const timer = setTimeout(() => end.abort(), timeoutMs);
    while (this.#sockets.size > 0 && !end.signal.aborted) {
      const gone = [...this.#sockets].map((socket) => once(socket, "close", { signal: end.signal }));
      await Promise.all(gone).catch(() => undefined);
    }
    clearTimeout(timer);
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Up to where it is known that the client may use the door: within a deadline, among few others. */
  async #begin(client: Socket, password: DoorPassword | undefined): Promise<LocalStartup> {
    using _handshake = this.#handshakes.add(client);
    const startup = await readLocalStartup(client);
    if (startup.kind === "cancel") return startup;
    announceVersion(client, startup);
    if (password !== undefined) await requirePassword(client, password, this.#deps.random);
    return startup;
  }

  async #connect(client: Socket, { parameters }: Extract<LocalStartup, { kind: "startup" }>): Promise<void> {
    if (this.#open.size >= MAX_CONNECTIONS) throw new GateError("too-many-connections", `${MAX_CONNECTIONS} go through this one already`);
    const { gatePassword, onEvent } = this.#deps;
    const number = (this.#count += 1);
    const application = parameters.get("application_name") ?? "a client";
    const database = this.#databaseOf(parameters);
    // Its place is taken from here on; the gate may take its time.
    this.#open.set(number, undefined);
    try {
      const access = await gatePassword.get();
      const wanted = { ...Object.fromEntries(parameters), user: access.user, database };
      const gate = await this.#openGate(client, access, wanted);
      if (gate.kind === "refused") {
        if (gate.isPassword) gatePassword.forget();
        return this.#refuse(client, gate.error, gate.reason);
      }
      const { host, port, tls } = access;
      this.#open.set(number, { key: gate.cancelKey, address: { host, port, tls } });
      this.#sockets.add(gate.socket);
      gate.socket.once("close", () => this.#sockets.delete(gate.socket));
      onEvent({ kind: "opened", number, application, database });
      await joined(client, gate.socket);
      this.#open.delete(number);
      onEvent({ kind: "closed", number });
    } finally {
      this.#open.delete(number);
    }
  }

  /** It may take as long as an approval does: a client that leaves meanwhile takes the gate's side with it. */
  async #openGate(client: Socket, access: Access, wanted: Readonly<Record<string, string>>): Promise<GateConnection> {
    using _noticing = noticeEnd(client, () => client.destroy());
    return await openGateConnection(access, wanted, this.#deps.random, client);
  }

  /** A client that names none, or its user as libpq does then, gets the one that was announced; the gate decides about any other. */
  #databaseOf(parameters: ReadonlyMap<string, string>): string {
    const named = parameters.get("database") ?? "";
    return named === "" || named === parameters.get("user") ? this.#deps.database : named;
  }

  /** Untrusted: anybody may ask; what fits no connection of ours does not reach the gate. As PostgreSQL, nobody is told. */
  async #cancel({ processId, secret }: CancelKey): Promise<void> {
    for (const connection of this.#open.values()) {
      const { key, address } = connection ?? {};
      if (key && address && key.processId === processId && secretsEqual(key.secret, secret)) return askForCancel(address, key);
    }
  }

  #refuse(client: Socket, lastWords: Buffer, reason: string): void {
    this.#deps.onEvent({ kind: "refused", reason });
    // What it still sends is thrown away, so that it reads the last words before a reset.
    client.resume().end(lastWords);
    destroySoon(client);
  }
}

/** Bytes both ways, each side read only as fast as the other takes them, until one of them is gone and the other has heard it. */
function joined(client: Socket, gate: Socket): Promise<void> {
  client.pipe(gate);
  gate.pipe(client);
  return new Promise((resolve) => {
    let left = 2;
    const closes = (socket: Socket, other: Socket): void => {
      const closed = (): void => {
        left -= 1;
        if (left === 0) return resolve();
        other.end();
        destroySoon(other);
      };
      if (socket.destroyed) closed();
      else socket.once("close", closed);
    };
    closes(client, gate);
    closes(gate, client);
  });
}

function destroySoon(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once("close", () => clearTimeout(timer));
}
