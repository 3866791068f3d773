import { describe, expect, test } from "vitest";
import { systemRandom } from "../../kernel/random.ts";
import { deriveVerifier, MAX_ITERATIONS, newNonce, SCRAM, SCRAM_PLUS, ScramClient, ScramServer } from "./scram.ts";

const failure = expect.objectContaining({ code: "protocol-error" });
const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");

test("the example of RFC 7677 §3, as its server", async () => {
  const salt = Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64");
  const [client, own] = ["rOprNGfwEbeRWgbNEkqO", "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"];
  const serverFirst = `r=${client}${own},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`;
  const verifier = await deriveVerifier("pencil", salt, 4096);
  const server = new ScramServer({ salt, iterations: 4096, candidates: [verifier], nonce: own });
  expect(server.first(SCRAM, latin1(`n,,n=user,r=${client}`)).toString("latin1")).toBe(serverFirst);
  const final = `c=biws,r=${client}${own},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`;
  expect(server.final(latin1(final))?.serverFinal.toString("latin1")).toBe("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
  // Ours leaves the name out, as PostgreSQL's clients do, so that its proof is another; the keys are the example's.
  expect(verifier.storedKey.toString("base64")).toBe("WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=");
  expect(verifier.serverKey.toString("base64")).toBe("wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
});

const salt = Buffer.from("0123456789abcdef");
async function pair(
  options: { passwords?: string[]; shown?: string; serverBinding?: Buffer; clientBinding?: Buffer; canBind?: boolean } = {},
) {
  const { passwords = ["one", "two", "three"], shown = "two", serverBinding, clientBinding, canBind } = options;
  const candidates = await Promise.all(passwords.map(async (name) => Object.assign(await deriveVerifier(name, salt, 4096), { name })));
  const server = new ScramServer({
    salt,
    iterations: 4096,
    candidates,
    nonce: newNonce(systemRandom),
    ...(serverBinding && { binding: serverBinding }),
  });
  const client = new ScramClient(shown, newNonce(systemRandom), {
    ...(clientBinding && { binding: clientBinding }),
    ...(canBind !== undefined && { canBind }),
  });
  return { server, client, mechanism: clientBinding ? SCRAM_PLUS : SCRAM };
}

test("our client refuses more work than a login is worth, and says so", async () => {
  for (const [count, code] of [
    [MAX_ITERATIONS + 1, "not-supported"],
    [999_999_999, "not-supported"],
  ] as const) {
    const client = new ScramClient("pencil", newNonce(systemRandom));
    const nonce = /r=(.*)$/.exec(client.first().toString("latin1"))?.[1] ?? "";
    await expect(client.final(latin1(`r=${nonce}more,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=${count}`))).rejects.toMatchObject({ code });
  }
});

describe("our client with our server", () => {
  test.each([
    ["without TLS", {}],
    ["bound to the connection", { serverBinding: Buffer.alloc(32, 7), clientBinding: Buffer.alloc(32, 7) }],
  ])("%s: the password is found among several, and each knows that the other has it", async (_name, options) => {
    const { server, client, mechanism } = await pair(options);
    const done = server.final(await client.final(server.first(mechanism, client.first())));
    expect(done?.candidate.name).toBe("two");
    expect(client.verify(done?.serverFinal ?? Buffer.alloc(0))).toBe(true);
    expect(client.verify(latin1(`v=${Buffer.alloc(32).toString("base64")}`))).toBe(false);
  });

  test.each([
    ["a wrong password", { shown: "four" }],
    ["nobody's at all", { passwords: [] }],
  ])("%s is nobody's", async (_name, options) => {
    const { server, client, mechanism } = await pair(options);
    expect(server.final(await client.final(server.first(mechanism, client.first())))).toBeUndefined();
  });

  test("bound to another connection: refused", async () => {
    const { server, client, mechanism } = await pair({ serverBinding: Buffer.alloc(32, 7), clientBinding: Buffer.alloc(32, 8) });
    const final = await client.final(server.first(mechanism, client.first()));
    expect(() => server.final(final)).toThrow(failure);
  });

  test("a client that could bind and was told that we cannot: somebody is in between", async () => {
    const { server, client, mechanism } = await pair({ serverBinding: Buffer.alloc(32, 7), canBind: true });
    expect(() => server.first(mechanism, client.first())).toThrow(failure);
  });
});

test.each([
  "",
  "n,,",
  "n,,n=,r=",
  "n,,n=,r=short",
  "n,a=olga,n=,r=01234567890",
  "n,,m=ext,n=,r=01234567890",
  "n,,n=,r=01234567890,x=more",
  "p=tls-unique,,n=,r=01234567890",
  "p=tls-server-end-point,,n=,r=01234567890",
  "n,,n=,r=0123\x0045678",
  `n,,n=,r=${"x".repeat(3000)}`,
])("a first message that is not as it has to be is refused: %j", async (text) => {
  const { server } = await pair();
  expect(() => server.first(SCRAM, latin1(text))).toThrow(failure);
});

test("a mechanism that was not offered is refused", async () => {
  const { server, client } = await pair();
  expect(() => server.first("SCRAM-SHA-1", client.first())).toThrow(failure);
  expect(() => server.first(SCRAM_PLUS, client.first())).toThrow(failure);
});

test("a final message with another nonce, another header or more behind it is refused", async () => {
  const { server, client } = await pair();
  const final = (await client.final(server.first(SCRAM, client.first()))).toString("latin1");
  for (const bad of [final.replace(/r=./, "r=!"), final.replace("c=biws", "c=eSws"), `${final},x=1`, final.slice(0, -2), ""]) {
    expect(() => server.final(latin1(bad))).toThrow(failure);
  }
});

test.each([
  ["a nonce that is not ours", "r=abcdefgh,s=QSXCR+Q6sek8bf92,i=4096"],
  ["too little work", "r=NONCEx,s=QSXCR+Q6sek8bf92,i=1"],
  ["an extension", "m=x,r=NONCEx,s=QSXCR+Q6sek8bf92,i=4096"],
])("our client refuses %s", async (_name, text) => {
  const { client } = await pair();
  const nonce = client.first().toString("latin1").split("r=")[1] ?? "";
  await expect(client.final(latin1(text.replace("NONCE", nonce)))).rejects.toThrow(failure);
});
