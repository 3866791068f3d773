/** What we offer, best first. A list may be shortened or reordered by configuration; a name not in the tables is refused at start. */
import { GateError } from "../../../kernel/errors.ts";
import { KEY_TYPES, publicKeyAlgorithms, type KeyType } from "../keys/key-types.ts";
import { CIPHERS, MACS } from "./ciphers.ts";
import { KEY_EXCHANGES } from "./key-exchange.ts";

export interface AlgorithmPreferences {
  readonly keyExchange: readonly string[];
  /** For a client: what it accepts. A server offers what its keys can do, in this order. */
  readonly hostKey: readonly string[];
  readonly cipher: readonly string[];
  readonly mac: readonly string[];
}

/** FIDO keys are held by people, not by hosts. */
const HOST_KEY_TYPES: readonly KeyType[] = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa"];
const USER_KEY_TYPES = Object.keys(KEY_TYPES) as KeyType[];

/** Certificates before plain keys: a host that has one needs no pinned key. */
const HOST_KEY_ALGORITHMS = [true, false].flatMap((certified) => HOST_KEY_TYPES.flatMap((type) => publicKeyAlgorithms(type, certified)));

/** Signature algorithms accepted from users, for the extension "server-sig-algs" (RFC 8308 §3.1). */
export const USER_SIGNATURE_ALGORITHMS: readonly string[] = USER_KEY_TYPES.flatMap((type) => publicKeyAlgorithms(type, false));

export const DEFAULT_ALGORITHMS: AlgorithmPreferences = {
  keyExchange: Object.keys(KEY_EXCHANGES),
  hostKey: HOST_KEY_ALGORITHMS,
  cipher: Object.keys(CIPHERS),
  mac: Object.keys(MACS),
};

/** Throws GateError("bad-config") when a name is unknown or a list is empty. */
export function requireKnownAlgorithms(preferences: AlgorithmPreferences): void {
  for (const [kind, known] of Object.entries(DEFAULT_ALGORITHMS) as [keyof AlgorithmPreferences, readonly string[]][]) {
    const unknown = preferences[kind].find((name) => !known.includes(name));
    if (unknown !== undefined) throw new GateError("bad-config", `SSH algorithm "${unknown}" is not one of ${known.join(", ")}`);
    if (preferences[kind].length === 0) throw new GateError("bad-config", `no SSH ${kind} algorithm is left`);
  }
}

/** The names that a server's keys can do, in the order of preference. Throws GateError("bad-config") when there is none. */
export function offeredHostKeys(preferred: readonly string[], keys: readonly { algorithms: readonly string[] }[]): readonly string[] {
  const offered = preferred.filter((name) => keys.some((key) => key.algorithms.includes(name)));
  if (offered.length === 0) throw new GateError("bad-config", "no SSH host key fits the host key algorithms");
  return offered;
}
