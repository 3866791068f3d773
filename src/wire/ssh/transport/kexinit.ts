/** SSH_MSG_KEXINIT and the choice of algorithms (RFC 4253 §7.1), with the markers of RFC 8308 and of strict key exchange. */
import { CIPHERS, MACS, type CipherSpec, type MacSpec } from "../algorithms/ciphers.ts";
import { KEY_EXCHANGES, type KeyExchangeMethod } from "../algorithms/key-exchange.ts";
import type { AlgorithmPreferences } from "../algorithms/preferences.ts";
import { Reader } from "../io/reader.ts";
import { Writer } from "../io/writer.ts";
import { TransportFailure } from "./failure.ts";
import { DISCONNECT, SSH_MSG_KEXINIT } from "./messages.ts";

export type Role = "server" | "client";

/** Pseudo-algorithms in the list of key exchange methods of the first KEXINIT. */
const STRICT = { client: "kex-strict-c-v00@openssh.com", server: "kex-strict-s-v00@openssh.com" } as const;
const EXT_INFO = { client: "ext-info-c", server: "ext-info-s" } as const;

const COOKIE_BYTES = 16;

export interface KexInit {
  readonly keyExchange: readonly string[];
  readonly hostKey: readonly string[];
  readonly cipherToServer: readonly string[];
  readonly cipherToClient: readonly string[];
  readonly macToServer: readonly string[];
  readonly macToClient: readonly string[];
  readonly compressionToServer: readonly string[];
  readonly compressionToClient: readonly string[];
  readonly firstPacketFollows: boolean;
}

export interface Direction {
  readonly cipherName: string;
  readonly cipher: CipherSpec;
  /** "" when the cipher has a tag of its own. */
  readonly macName: string;
  readonly mac: MacSpec | undefined;
}

export interface Negotiated {
  readonly keyExchangeName: string;
  readonly method: KeyExchangeMethod;
  readonly hostKey: string;
  readonly toServer: Direction;
  readonly toClient: Direction;
  /** The peer sent a packet of a method it only guessed, and guessed wrong: it is dropped (RFC 4253 §7). */
  readonly dropGuess: boolean;
}

/**
 *   byte 20, byte[16] cookie, 10 × name-list (kex, host key, cipher ×2, mac ×2, compression ×2, languages ×2),
 *   boolean first_kex_packet_follows, uint32 0
 */
export function encodeKexInit(role: Role, offer: AlgorithmPreferences, cookie: Uint8Array, first: boolean): Buffer {
  const markers = first ? [EXT_INFO[role], STRICT[role]] : [];
  const writer = new Writer(1024).byte(SSH_MSG_KEXINIT).raw(cookie);
  writer.nameList([...offer.keyExchange, ...markers]).nameList(offer.hostKey);
  writer.nameList(offer.cipher).nameList(offer.cipher).nameList(offer.mac).nameList(offer.mac);
  writer.nameList(["none"]).nameList(["none"]).nameList([]).nameList([]);
  return writer.boolean(false).uint32(0).toBuffer();
}

export function parseKexInit(payload: Buffer): KexInit {
  const reader = new Reader(payload);
  reader.readByte();
  reader.readRaw(COOKIE_BYTES);
  const [keyExchange, hostKey] = [reader.readNameList(), reader.readNameList()];
  const [cipherToServer, cipherToClient] = [reader.readNameList(), reader.readNameList()];
  const [macToServer, macToClient] = [reader.readNameList(), reader.readNameList()];
  const [compressionToServer, compressionToClient] = [reader.readNameList(), reader.readNameList()];
  reader.readNameList();
  reader.readNameList();
  const firstPacketFollows = reader.readBoolean();
  reader.readUint32();
  reader.end();
  const ciphers = { cipherToServer, cipherToClient, macToServer, macToClient };
  return { keyExchange, hostKey, ...ciphers, compressionToServer, compressionToClient, firstPacketFollows };
}

export function offersStrict(peer: KexInit, peerRole: Role): boolean {
  return peer.keyExchange.includes(STRICT[peerRole]);
}

export function offersExtInfo(peer: KexInit, peerRole: Role): boolean {
  return peer.keyExchange.includes(EXT_INFO[peerRole]);
}

/** The first name of the client's list that the server has too. Throws when there is none. */
export function negotiate(client: KexInit, server: KexInit, role: Role): Negotiated {
  const keyExchangeName = choose("key exchange method", client.keyExchange, server.keyExchange);
  const method = find(KEY_EXCHANGES, keyExchangeName);
  // Only a marker can be common to both lists and no method of ours.
  if (method === undefined) throw new TransportFailure(DISCONNECT.KEY_EXCHANGE_FAILED, "there is no common key exchange method");
  const hostKey = choose("host key algorithm", client.hostKey, server.hostKey);
  const toServer = chooseDirection(client.cipherToServer, server.cipherToServer, client.macToServer, server.macToServer);
  const toClient = chooseDirection(client.cipherToClient, server.cipherToClient, client.macToClient, server.macToClient);
  choose("compression", client.compressionToServer, server.compressionToServer);
  choose("compression", client.compressionToClient, server.compressionToClient);
  const peer = role === "server" ? client : server;
  const guessedRight = client.keyExchange[0] === server.keyExchange[0] && client.hostKey[0] === server.hostKey[0];
  return { keyExchangeName, method, hostKey, toServer, toClient, dropGuess: peer.firstPacketFollows && !guessedRight };
}

function chooseDirection(
  clientCiphers: readonly string[],
  serverCiphers: readonly string[],
  clientMacs: readonly string[],
  serverMacs: readonly string[],
): Direction {
  const cipherName = choose("cipher", clientCiphers, serverCiphers);
  const cipher = find(CIPHERS, cipherName);
  if (cipher === undefined) throw new TransportFailure(DISCONNECT.KEY_EXCHANGE_FAILED, "there is no common cipher");
  if (cipher.authenticated) return { cipherName, cipher, macName: "", mac: undefined };
  const macName = choose("MAC", clientMacs, serverMacs);
  const mac = find(MACS, macName);
  // Fails closed: a cipher without a tag of its own never goes without a MAC.
  if (mac === undefined) throw new TransportFailure(DISCONNECT.KEY_EXCHANGE_FAILED, "there is no common MAC");
  return { cipherName, cipher, macName, mac };
}

/** Untrusted names: only a table's own entries count, not what every object has. */
function find<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function choose(what: string, client: readonly string[], server: readonly string[]): string {
  const name = client.find((candidate) => server.includes(candidate));
  if (name !== undefined) return name;
  const offers = `the client offers ${client.join(",") || "none"}, the server ${server.join(",") || "none"}`;
  throw new TransportFailure(DISCONNECT.KEY_EXCHANGE_FAILED, `there is no common ${what}: ${offers}`);
}
