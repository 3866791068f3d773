import { describe, expect, test } from "vitest";
import * as backend from "./backend.ts";
import { parseSaslInitialResponse, parseSaslResponse } from "./frontend.ts";
import { logInByScram, type ScramOutcome } from "./scram-login.ts";
import { deriveVerifier, SCRAM, SCRAM_PLUS, ScramServer } from "./scram.ts";

const salt = Buffer.from("a salt of a test");
const binding = Buffer.alloc(32, 7);
const refusal = backend.encodeErrorResponse({ severity: "FATAL", code: "28P01", message: "wrong" });

interface ServerOptions {
  readonly knows?: string;
  readonly offers?: readonly string[];
  readonly boundTo?: Buffer;
  /** In place of what it would say at this step. */
  readonly says?: Readonly<Partial<Record<0 | 1 | 2, Buffer>>>;
}

async function against(options: ServerOptions, more: { binding?: Buffer; plus?: "where offered" } = {}): Promise<ScramOutcome> {
  const { knows = "secret", offers = [SCRAM], boundTo, says = {} } = options;
  const verifier = await deriveVerifier(knows, salt, 4096);
  const server = new ScramServer({
    salt,
    iterations: 4096,
    candidates: [verifier],
    nonce: "the-server's-nonce",
    ...(boundTo && { binding: boundTo }),
  });
  let step = 0;
  let answer = backend.encodeAuthenticationSasl(offers);
  const talk = {
    read: async () => says[step as 0] ?? answer,
    write: (message: Buffer) => {
      step += 1;
      try {
        if (step === 1) {
          const { mechanism, response } = parseSaslInitialResponse(message);
          answer = backend.encodeAuthenticationSaslContinue(server.first(mechanism, response));
        } else {
          const proven = server.final(parseSaslResponse(message));
          answer = proven ? backend.encodeAuthenticationSaslFinal(proven.serverFinal) : refusal;
        }
      } catch {
        answer = refusal;
      }
    },
  };
  return logInByScram(talk, { password: "secret", nonce: "the-client's-nonce", plus: "required", ...more });
}

describe("a client's SCRAM", () => {
  test("proves its password, without TLS and bound to it", async () => {
    expect(await against({})).toEqual({ kind: "proven" });
    expect(await against({ offers: [SCRAM_PLUS, SCRAM], boundTo: binding }, { binding })).toEqual({ kind: "proven" });
  });

  test("under TLS a server that offers no binding gets nothing to try", async () => {
    expect(await against({ offers: [SCRAM] }, { binding })).toMatchObject({ kind: "not-scram" });
  });

  test("unless it need not; then one that could is told that the client could too", async () => {
    const how = { binding, plus: "where offered" } as const;
    expect(await against({ offers: [SCRAM] }, how)).toEqual({ kind: "proven" });
    expect(await against({ offers: [SCRAM, SCRAM_PLUS], boundTo: binding }, how)).toEqual({ kind: "proven" });
    expect(await against({ offers: [SCRAM, SCRAM_PLUS], boundTo: Buffer.alloc(32, 8) }, how)).toMatchObject({ kind: "refused" });
    // Somebody in between has taken PLUS out of the offer.
    expect(await against({ offers: [SCRAM], boundTo: binding }, how)).toMatchObject({ kind: "refused" });
  });

  test("somebody in between with another certificate is found out", async () => {
    expect(await against({ offers: [SCRAM_PLUS], boundTo: Buffer.alloc(32, 8) }, { binding })).toMatchObject({ kind: "refused" });
  });

  test.each([0, 1, 2] as const)("an error in place of answer %i is the server's refusal", async (step) => {
    expect(await against({ says: { [step]: refusal } })).toEqual({ kind: "refused", error: refusal });
  });

  test("no password at all, or one in clear, is not how the gate asks", async () => {
    const inClear = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]);
    for (const first of [backend.encodeAuthenticationOk(), inClear]) {
      expect(await against({ says: { 0: first } })).toEqual({ kind: "not-scram", asked: backend.parseAuthentication(first) });
    }
  });

  test("a server that lets anybody in without knowing the password is not genuine", async () => {
    const forged = backend.encodeAuthenticationSaslFinal(Buffer.from(`v=${Buffer.alloc(32).toString("base64")}`));
    for (const last of [forged, backend.encodeAuthenticationOk()]) {
      expect(await against({ says: { 2: last } })).toEqual({ kind: "not-genuine" });
    }
  });

  test("what has no place in a login ends it", async () => {
    const ready = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);
    for (const step of [0, 1, 2]) await expect(against({ says: { [step]: ready } })).rejects.toMatchObject({ code: "protocol-error" });
    await expect(against({ says: { 1: backend.encodeAuthenticationOk() } })).rejects.toMatchObject({ code: "protocol-error" });
  });
});
