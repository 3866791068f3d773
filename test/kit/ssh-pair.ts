/** Two SSH transports, connected in memory: what one writes the other receives, through a link that a test can bend. */
import { signerFromPrivateKey, type KeySigner } from "../../src/wire/ssh/keys/signer.ts";
import { generateEd25519 } from "../../src/wire/ssh/keys/private-key.ts";
import type { PresentedKey } from "../../src/wire/ssh/algorithms/presented-key.ts";
import type { AlgorithmPreferences } from "../../src/wire/ssh/algorithms/preferences.ts";
import type { KeyExchangeDone, RekeyLimits, TransportEvents } from "../../src/wire/ssh/transport/options.ts";
import { Transport } from "../../src/wire/ssh/transport/transport.ts";

export interface PairOptions {
  readonly algorithms?: AlgorithmPreferences;
  readonly clientAlgorithms?: AlgorithmPreferences;
  readonly hostKeys?: readonly KeySigner[];
  readonly verifyHostKey?: (key: PresentedKey) => Promise<boolean>;
  readonly rekey?: Partial<RekeyLimits>;
  readonly elapsed?: () => number;
  /** Splits or changes what crosses the link. */
  readonly link?: (bytes: Buffer, to: "server" | "client") => Buffer[];
}

/** One end and everything it reported. */
export interface End {
  readonly transport: Transport;
  readonly payloads: Buffer[];
  readonly errors: { code: string; detail: string | undefined }[];
  readonly disconnects: { reason: number; description: string }[];
  readonly exchanges: KeyExchangeDone[];
  /** Names of the other events, in order. */
  readonly events: string[];
  /** Chunks written. */
  writes: number;
}

interface Crossing {
  readonly to: "server" | "client";
  readonly bytes: Buffer;
}

export interface Pair {
  readonly server: End;
  readonly client: End;
  /** Delivers until both ends have nothing more to say. */
  settle(): Promise<void>;
  /** A signer that `settle` waits for. */
  tracked(signer: KeySigner): KeySigner;
}

export function connectPair(options: PairOptions = {}): Pair {
  const queue: Crossing[] = [];
  let pending = 0;
  const track = async <T>(work: Promise<T>): Promise<T> => {
    pending += 1;
    try {
      return await work;
    } finally {
      pending -= 1;
    }
  };
  const tracked = (signer: KeySigner): KeySigner => ({
    blob: signer.blob,
    algorithms: signer.algorithms,
    sign: (data, algorithm) => track(signer.sign(data, algorithm)),
  });
  const hostKeys = (options.hostKeys ?? [signerFromPrivateKey(generateEd25519())]).map((key) => tracked(key));
  const verify = options.verifyHostKey ?? (() => Promise.resolve(true));
  const link = options.link ?? ((bytes) => [bytes]);

  const build = (role: "server" | "client"): End => {
    const to = role === "server" ? "client" : "server";
    const end = { payloads: [], errors: [], disconnects: [], exchanges: [], events: [], writes: 0 } as Omit<End, "transport">;
    const events: TransportEvents = {
      onError: ({ code, detail }) => void end.errors.push({ code, detail }),
      onDisconnect: (reason, description) => void end.disconnects.push({ reason, description }),
      onKeyExchange: (done) => void end.exchanges.push(done),
      onDrain: () => void end.events.push("drain"),
      onWantInput: () => void end.events.push("want-input"),
      onExtensions: () => void end.events.push("extensions"),
      onPong: (data) => void end.events.push(`pong ${data.toString()}`),
      onDebug: (message) => void end.events.push(`debug ${message}`),
      onUnimplemented: (sequence) => void end.events.push(`unimplemented ${sequence}`),
    };
    const output = {
      write: (bytes: Buffer, release: () => void): void => {
        end.writes += 1;
        for (const part of link(bytes, to)) queue.push({ to, bytes: Buffer.from(part) });
        release();
      },
    };
    const common = {
      software: "Test",
      output,
      events,
      monotonicMs: options.elapsed ?? (() => 0),
      ...(options.rekey && { rekey: options.rekey }),
    };
    const algorithms = role === "client" ? (options.clientAlgorithms ?? options.algorithms) : options.algorithms;
    const both = { ...common, ...(algorithms && { algorithms }) };
    const transport =
      role === "server"
        ? new Transport({ ...both, role, hostKeys })
        : new Transport({ ...both, role, verifyHostKey: (key) => track(verify(key)) });
    transport.onPayload = (payload) => void end.payloads.push(Buffer.from(payload));
    return Object.assign(end, { transport });
  };

  const ends = { server: build("server"), client: build("client") };
  return { ...ends, tracked, settle: () => settle(queue, ends, () => pending) };
}

async function settle(queue: Crossing[], ends: { server: End; client: End }, pending: () => number): Promise<void> {
  // Two turns of the event loop with nothing under way: promises have run, microtasks have flushed.
  for (let quiet = 0; quiet < 2; quiet += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    if (pending() > 0) quiet = -1;
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      ends[next.to].transport.receive(next.bytes);
      quiet = -1;
    }
  }
}
