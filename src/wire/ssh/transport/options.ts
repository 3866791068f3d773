/** What a transport is made of, and what it tells its owner. */
import type { GateError } from "../../../kernel/errors.ts";
import type { Random } from "../../../kernel/random.ts";
import type { AlgorithmPreferences } from "../algorithms/preferences.ts";
import type { PresentedKey } from "../algorithms/presented-key.ts";
import type { KeySigner } from "../keys/signer.ts";
import type { BufferPool } from "../../../kernel/buffer-pool.ts";
import type { PeerExtensions } from "./ext-info.ts";
import type { Negotiated } from "./kexinit.ts";
import type { Output } from "./packet-writer.ts";

export type TransportOptions = CommonOptions & (ServerOptions | ClientOptions);

interface ServerOptions {
  readonly role: "server";
  /** One or more; certificates as signers of their own. Offered in the order of `algorithms.hostKey`. */
  readonly hostKeys: readonly KeySigner[];
}

interface ClientOptions {
  readonly role: "client";
  /**
   * Is this the host that was meant? Asked in every key exchange, after the host has proved that it holds the key.
   * Fails closed: `false` and a rejection end the connection with GateError("target-untrusted").
   */
  readonly verifyHostKey: (key: PresentedKey) => Promise<boolean>;
}

interface CommonOptions {
  /** For the version line, e.g. "Sallyport". */
  readonly software: string;
  readonly output: Output;
  readonly events: TransportEvents;
  readonly algorithms?: AlgorithmPreferences;
  readonly rekey?: Partial<RekeyLimits>;
  readonly random?: Random;
  /** Milliseconds that only go up, for the age of keys. Asked once a turn with traffic, so it must be cheap. Default: performance.now. */
  readonly monotonicMs?: () => number;
  /** Give all connections of a process the same one: each keeps 128 KiB of its own otherwise. */
  readonly pool?: BufferPool;
  /** Calls `flush` soon: what is sent within one turn goes out as one write. Default: queueMicrotask. */
  readonly schedule?: (flush: () => void) => void;
}

export interface RekeyLimits {
  /** In either direction. */
  readonly bytes: number;
  readonly packets: number;
  readonly elapsedMs: number;
}

/** RFC 4253 §9: "each gigabyte or each hour"; RFC 4344 §3.1: before 2^31 packets. */
export const DEFAULT_REKEY_LIMITS: RekeyLimits = { bytes: 2 ** 30, packets: 2 ** 31, elapsedMs: 3_600_000 };

export interface KeyExchangeDone {
  readonly first: boolean;
  readonly keyExchange: string;
  readonly hostKey: string;
  readonly cipherToServer: string;
  readonly cipherToClient: string;
  readonly macToServer: string;
  readonly macToClient: string;
  readonly strict: boolean;
}

export function describeExchange(agreed: Negotiated, first: boolean, strict: boolean): KeyExchangeDone {
  const { keyExchangeName: keyExchange, hostKey, toServer, toClient } = agreed;
  const ciphers = { cipherToServer: toServer.cipherName, cipherToClient: toClient.cipherName };
  return { first, strict, keyExchange, hostKey, ...ciphers, macToServer: toServer.macName, macToClient: toClient.macName };
}

/** None of these may throw. The first two to fire of onError and onDisconnect end it: nothing follows either. */
export interface TransportEvents {
  /** The connection is over because of the peer, a limit, or a fault; a DISCONNECT has been sent where it made sense. */
  onError(error: GateError): void;
  /** The peer said goodbye. */
  onDisconnect(reason: number, description: string): void;
  /** New keys are in use in both directions. */
  onKeyExchange?(done: KeyExchangeDone): void;
  /** `send` returned false earlier; there is room again. */
  onDrain?(): void;
  /** `receive` returned false earlier; more is wanted again. */
  onWantInput?(): void;
  onExtensions?(extensions: PeerExtensions): void;
  /** The answer to `ping`, with its data (valid during the call). */
  onPong?(data: Buffer): void;
  onDebug?(message: string, alwaysDisplay: boolean): void;
  /** The peer did not know the message with this sequence number. */
  onUnimplemented?(sequence: number): void;
}

/** `version`: lines are exchanged. `key-exchange`: the first one. `open`: payloads flow (also while rekeying). */
export type TransportPhase = "version" | "key-exchange" | "open" | "closed";
