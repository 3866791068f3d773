/** SSH_MSG_EXT_INFO (RFC 8308 §2.3): `byte 7, uint32 count, count × (string name, string value)`. */
import { GateError } from "../../../kernel/errors.ts";
import { Reader } from "../io/reader.ts";
import { Writer } from "../io/writer.ts";
import { SSH_MSG_EXT_INFO } from "./messages.ts";

const MAX_EXTENSIONS = 64;

/** What the peer told of itself. */
export interface PeerExtensions {
  /** "server-sig-algs": the signature algorithms the server takes from users; undefined when it did not say. */
  readonly signatureAlgorithms: readonly string[] | undefined;
  /** "ping@openssh.com": the peer answers SSH_MSG_PING. */
  readonly ping: boolean;
}

export const NO_EXTENSIONS: PeerExtensions = { signatureAlgorithms: undefined, ping: false };

/** A server says which signatures it takes; both sides may say that they answer pings, only a server does. */
export function encodeServerExtensions(signatureAlgorithms: readonly string[]): Buffer {
  const writer = new Writer(512).byte(SSH_MSG_EXT_INFO).uint32(2);
  return writer.string("server-sig-algs").nameList(signatureAlgorithms).string("ping@openssh.com").string("0").toBuffer();
}

/** Unknown extensions are ignored, as RFC 8308 §2.5 asks; a repeated message replaces what an earlier one said. */
export function parseExtensions(payload: Buffer): PeerExtensions {
  const reader = new Reader(payload.subarray(1));
  const count = reader.readUint32();
  if (count > MAX_EXTENSIONS) throw new GateError("protocol-error", "the peer lists too many extensions");
  const values = new Map<string, string>();
  for (let i = 0; i < count; i += 1) {
    const name = reader.readString().toString("latin1");
    values.set(name, reader.readString().toString("latin1"));
  }
  reader.end();
  return { signatureAlgorithms: values.get("server-sig-algs")?.split(","), ping: values.get("ping@openssh.com") === "0" };
}
