import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { signCheckpoint } from "../../../src/audit/log/checkpoint.ts";
import { signerOf, signNote } from "../../../src/audit/log/note.ts";
import { CHECKPOINT, NEUMANN, NOTE, TEXT } from "../../../test/vectors/log.ts";
import { toBase64, toHex } from "./bytes.ts";
import { checkNote, nodeOf, parseCheckpoint, parseNote, parseVerifierKey } from "./note.ts";

async function check(note: string, vkey = NEUMANN): Promise<string> {
  const [parsed, key] = [parseNote(note), await parseVerifierKey(vkey)];
  if (!key) return "no key";
  return parsed ? await checkNote(parsed, key) : "no note";
}

describe("signed notes", () => {
  test("the published example verifies, and not with one bit of text or signature flipped", async () => {
    expect(await check(NOTE)).toBe("verified");
    expect(await check(NOTE.replace("If you", "If You"))).toBe("forged");
    expect(await check(NOTE.replace("x08go/ZJ", "x08go/ZK"))).toBe("forged");
  });

  test("what the gate signs verifies; another key of the same name is unknown, and ignored beside the known one", async () => {
    const other = signerOf("PeterNeumann", generateKeyPairSync("ed25519").privateKey);
    const signed = await signNote(TEXT, other);
    expect(await check(signed, other.vkey)).toBe("verified");
    expect(await check(signed)).toBe("unknown-signer");
    expect(await check(NOTE + signed.slice(TEXT.length + 1))).toBe("verified");
    expect(await check(signed + NOTE.slice(TEXT.length + 1).replace("x08go/ZJ", "x08go/ZK"))).toBe("forged");
  });

  test.each([
    ["no signature", TEXT],
    ["no final newline", NOTE.slice(0, -1)],
    ["a control character", NOTE.replace("think", "th\u001bnk")],
    ["another dash", NOTE.replace("—", "-")],
    ["base64 with more bits than bytes", NOTE.replace("JnAM=", "JnAN=")],
    ["a signature line with a fourth part", NOTE.replace("PeterNeumann x", "PeterNeumann y x")],
    ["nothing", ""],
  ])("is no note: %s", async (_, note) => {
    expect(await check(note)).toBe("no note");
  });

  test.each(["", "a+b", NEUMANN.replace("c74f20a3", "c74f20a4"), NEUMANN.replace("+AR", "+AS"), "x y+00000000+AA=="])(
    "is no verifier key: %s",
    async (vkey) => {
      expect(await check(NOTE, vkey)).toBe("no key");
    },
  );
});

describe("checkpoints", () => {
  const root = Buffer.alloc(32, 5);
  const signer = signerOf("gate.example/a", generateKeyPairSync("ed25519").privateKey);

  test("are what the specification shows", () => {
    expect(parseCheckpoint(CHECKPOINT)).toMatchObject({ origin: "example.com/behind-the-sofa", size: 20852163 });
  });

  test("of the gate are read as it wrote them", async () => {
    const parsed = parseCheckpoint(await signCheckpoint({ origin: "gate.example/a", size: 7, root }, signer));
    expect(parsed).toMatchObject({ origin: "gate.example/a", size: 7 });
    expect(toHex(parsed?.root ?? new Uint8Array())).toBe(root.toString("hex"));
    expect(toBase64(parsed?.root ?? new Uint8Array())).toBe(root.toString("base64"));
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
    expect(parseCheckpoint(await signNote(text.replace("ROOT", root.toString("base64")), signer))).toBeUndefined();
  });
});
