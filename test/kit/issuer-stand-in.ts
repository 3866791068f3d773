/**
 * A stand-in for the issuers of platforms: its description, its keys, and whatever tokens a test wants it to sign, also those that no
 * real one would. Real tokens of a real provider are in workload-login.test.ts.
 */
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from "jose";

export interface IssuerStandIn extends AsyncDisposable {
  readonly issuer: string;
  readonly publicKey: CryptoKey;
  readonly privateKey: CryptoKey;
  /** `/jwks`, `/.well-known/openid-configuration`, as they are asked for. */
  readonly asked: string[];
  /** What the answers of a path are instead of its own. */
  readonly instead: Map<string, RequestListener>;
  /** An ID token of now, for five minutes; what a test gives is in place of that. */
  sign(
    claims: Readonly<Record<string, unknown>>,
    how?: { header?: object; key?: CryptoKey | Uint8Array; alg?: string; kid?: string },
  ): Promise<string>;
}

let tokens = 0;

/** `now`: Unix milliseconds, by which its tokens are made. */
export async function startIssuer({
  alg = "ES256",
  now = () => Date.now(),
}: { alg?: string; now?: () => number } = {}): Promise<IssuerStandIn> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: "one", alg, use: "sig" };
  const asked: string[] = [];
  const instead: IssuerStandIn["instead"] = new Map();
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    asked.push(path);
    const other = instead.get(path);
    if (other) return other(request, response);
    const answer = path === "/jwks" ? { keys: [jwk] } : { issuer, jwks_uri: `${issuer}/jwks` };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(answer));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    publicKey,
    privateKey,
    asked,
    instead,
    sign: (claims, { header = {}, key = privateKey, alg: other = alg, kid = "one" } = {}) => {
      const seconds = Math.floor(now() / 1000);
      const usual = { iss: issuer, iat: seconds, nbf: seconds, exp: seconds + 300, jti: `token-${++tokens}` };
      // What is set to `undefined` is left out.
      const payload = JSON.parse(JSON.stringify({ ...usual, ...claims })) as JWTPayload;
      return new SignJWT(payload).setProtectedHeader({ alg: other, kid, typ: "JWT", ...header }).sign(key);
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
