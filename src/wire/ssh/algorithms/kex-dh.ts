/** Finite-field Diffie-Hellman over fixed groups: RFC 4253 §8 with the groups and hashes of RFC 8268. */
import { createDiffieHellmanGroup, type DiffieHellmanGroup } from "node:crypto";
import { GateError } from "../../../kernel/errors.ts";
import type { KeyExchangeMethod } from "./key-exchange.ts";

function group(name: "modp14" | "modp16", hash: KeyExchangeMethod["hash"]): KeyExchangeMethod {
  /** RFC 4253 §8: values outside [1, p-1] MUST NOT be accepted; 1 and p-1 give the secret away, so they go as well. */
  const agree = (own: DiffieHellmanGroup, value: Buffer): Buffer => {
    const prime = own.getPrime();
    const number = BigInt(`0x0${value.toString("hex")}`);
    const limit = BigInt(`0x${prime.toString("hex")}`) - 1n;
    if (value.length > prime.length || number <= 1n || number >= limit) {
      throw new GateError("protocol-error", "a Diffie-Hellman value is outside of its group");
    }
    return own.computeSecret(value);
  };
  return {
    hash,
    values: "mpint",
    secret: "mpint",
    initiate: () => {
      const own = createDiffieHellmanGroup(name);
      return { init: own.generateKeys(), finish: (reply) => agree(own, reply) };
    },
    respond: (init) => {
      const own = createDiffieHellmanGroup(name);
      return { reply: own.generateKeys(), secret: agree(own, init) };
    },
  };
}

export const GROUP14_SHA256 = group("modp14", "sha256");
export const GROUP16_SHA512 = group("modp16", "sha512");
