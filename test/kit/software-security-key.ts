import { createHash, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { requireCurve, type KeyType } from "../../src/wire/ssh/keys/key-types.ts";
import { encodeEcdsa } from "../../src/wire/ssh/keys/signature.ts";
import { signerFromPrivateKey, type KeySigner } from "../../src/wire/ssh/keys/signer.ts";
import { Writer } from "../../src/wire/ssh/io/writer.ts";

/** An authenticator in software: signs what PROTOCOL.u2f says, with these flags. */
export function fido(
  type: KeyType,
  privateKey: KeyObject,
  application: string,
  data: Buffer,
  flags: number,
): { blob: Buffer; signature: Buffer } {
  const plain = signerFromPrivateKey(privateKey).blob;
  const plainTypeLength = 4 + plain.readUInt32BE(0);
  const blob = new Writer().string(type).raw(plain.subarray(plainTypeLength)).string(application).toBuffer();
  const hash = (bytes: Buffer | string) => createHash("sha256").update(bytes).digest();
  const signed = new Writer().raw(hash(application)).byte(flags).uint32(7).raw(hash(data)).toBuffer();
  const curve = requireCurve("ecdsa-sha2-nistp256");
  const raw =
    type === "sk-ssh-ed25519@openssh.com"
      ? sign(null, signed, privateKey)
      : encodeEcdsa(sign("sha256", signed, { key: privateKey, dsaEncoding: "ieee-p1363" }), curve);
  return { blob, signature: new Writer().string(type).string(raw).byte(flags).uint32(7).toBuffer() };
}

/** A security key that signs with these flags, as a client's key. The real `ssh-keygen` makes none without a device. */
export function securityKey(flags: number): KeySigner {
  const type = "sk-ssh-ed25519@openssh.com";
  const { privateKey } = generateKeyPairSync("ed25519");
  return {
    blob: fido(type, privateKey, "ssh:", Buffer.alloc(0), flags).blob,
    algorithms: [type],
    sign: (data) => Promise.resolve(fido(type, privateKey, "ssh:", Buffer.from(data), flags).signature),
  };
}
