import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { CHECKPOINT, NEUMANN, NEUMANN_PRIVATE, NOTE, TEXT } from "../../../test/vectors/log.ts";
import { encodeCheckpoint, nodeOf, parseCheckpoint, signCheckpoint } from "./checkpoint.ts";
import { checkNote, parseNote, parseVerifierKey, signerOf, signNote } from "./note.ts";

const SEED = Buffer.from(NEUMANN_PRIVATE, "base64").subarray(1);
const privateKey = createPrivateKey({
  key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), SEED]),
  format: "der",
  type: "pkcs8",
});
const neumann = signerOf("PeterNeumann", privateKey);
const known = [parseVerifierKey(NEUMANN)];

function check(note: string): string {
  const parsed = parseNote(note);
  return parsed ? checkNote(parsed, known) : "no note";
}

describe("signed notes", () => {
  test("key and signature are those of the published example", async () => {
    expect(neumann.vkey).toBe(NEUMANN);
    expect(await signNote(TEXT, neumann)).toBe(NOTE);
    expect(check(NOTE)).toBe("verified");
  });

  test("one flipped bit of text or signature is a forgery", () => {
    expect(check(NOTE.replace("If you", "If You"))).toBe("forged");
    expect(check(NOTE.replace("x08go/ZJ", "x08go/ZK"))).toBe("forged");
  });

  test("an unknown signer is ignored beside a known one, and not enough alone", async () => {
    const other = signerOf("witness", generateKeyPairSync("ed25519").privateKey);
    const alone = await signNote(TEXT, other);
    expect(check(alone)).toBe("unknown-signer");
    expect(check(NOTE + alone.slice(TEXT.length + 1))).toBe("verified");
    expect(check(alone + NOTE.slice(TEXT.length + 1).replace("x08go/ZJ", "x08go/ZK"))).toBe("forged");
  });

  test("the same name with another key is unknown, not trusted", async () => {
    expect(check(await signNote(TEXT, signerOf("PeterNeumann", generateKeyPairSync("ed25519").privateKey)))).toBe("unknown-signer");
  });

  test("a signer that answers for another key is refused", async () => {
    const wrong = signerOf("PeterNeumann", generateKeyPairSync("ed25519").privateKey);
    await expect(signNote(TEXT, { vkey: NEUMANN, sign: (text) => wrong.sign(text) })).rejects.toThrow(/does not verify/);
  });

  test.each([
    ["no signature", TEXT],
    ["no final newline", NOTE.slice(0, -1)],
    ["a control character", NOTE.replace("think", "th\u001bnk")],
    ["another dash", NOTE.replace("—", "-")],
    ["base64 with more bits than bytes", NOTE.replace("JnAM=", "JnAN=")],
    ["a signature line with a fourth part", NOTE.replace("PeterNeumann x", "PeterNeumann y x")],
    ["nothing", ""],
  ])("is no note: %s", (_, note) => {
    expect(check(note)).toBe("no note");
  });

  test.each([
    "",
    "a+b",
    "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    NEUMANN.replace("+AR", "+AS"),
    "x y+00000000+AA==",
  ])("is no verifier key: %s", (vkey) => {
    expect(() => parseVerifierKey(vkey)).toThrow(/verifier key/);
  });
});

describe("checkpoints", () => {
  const root = Buffer.alloc(32, 5);

  test("are what the specification shows", () => {
    const parsed = parseCheckpoint(CHECKPOINT);
    expect(parsed).toMatchObject({ origin: "example.com/behind-the-sofa", size: 20852163 });
    expect(parsed && encodeCheckpoint(parsed)).toBe(CHECKPOINT.slice(0, CHECKPOINT.indexOf("\n\n") + 1));
  });

  test("come back as they were signed", async () => {
    const signed = await signCheckpoint({ origin: "PeterNeumann", size: 0, root }, neumann);
    const parsed = parseCheckpoint(signed);
    expect(parsed).toMatchObject({ origin: "PeterNeumann", size: 0, root });
    expect(check(signed)).toBe("verified");
    expect(nodeOf("my gate/node-1")).toBe("node-1");
  });

  test.each([
    "o\n01\nROOT\n",
    "o\n-1\nROOT\n",
    "o\n1e3\nROOT\n",
    "o\n99999999999999999999\nROOT\n",
    "o\n1\nAAAA\n",
    "\n1\nROOT\n",
    "o\n1\n",
  ])("refuses %j", async (text) => {
    expect(parseCheckpoint(await signNote(text.replace("ROOT", root.toString("base64")), neumann))).toBeUndefined();
  });
});
