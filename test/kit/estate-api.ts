import type { RouteOptions } from "fastify";
import { join } from "node:path";
import { buildHandlers } from "../../src/api/handlers.ts";
import { startApi } from "../../src/api/start.ts";
import { openClient, type Client } from "../../src/contract/client.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { systemRandom } from "../../src/kernel/random.ts";
import { Secret } from "../../src/kernel/secret.ts";
import { gateServices } from "../../src/main/services.ts";
import { OWNER_PASSWORD, type TestGate } from "./gate.ts";

export interface EstateApi extends AsyncDisposable {
  readonly url: string;
  /** As Fastify registered them. */
  readonly registered: readonly RouteOptions[];
  /** Without a token. */
  readonly nobody: Client;
  with(token: string): Client;
  /** Resets the password of somebody who exists and logs in; the client carries the login's token. */
  logIn(person: string): Promise<Client>;
  /** As `logIn`, for the token itself. */
  token(person: string): Promise<string>;
}

/** The API of a gate in this process, as `serve` runs it. */
export async function openEstateApi({ gate, dir, faults }: TestGate, clock?: Clock): Promise<EstateApi> {
  const registered: RouteOptions[] = [];
  const { handlers } = buildHandlers(gateServices(gate, join(dir, "data"), clock), systemRandom);
  const api = await startApi({
    handlers,
    guard: gate.identity,
    locks: gate.locks,
    random: systemRandom,
    listenHost: "127.0.0.1",
    port: 0,
    publicUrl: "http://localhost:7700",
    rates: { token: 100_000, address: 100_000 },
    onRoute: (route) => registered.push(route),
    onFailure: (thrown) => faults.push(thrown),
  });
  const url = `http://127.0.0.1:${api.port}`;
  const nobody = openClient({ url });
  const withToken = (token: string): Client => openClient({ url, token: new Secret(token) });
  const tokenWith = async (user: string, password: string): Promise<string> =>
    (await nobody.call("login.password", { body: { user, password } })).token;
  const owner = withToken(await tokenWith("olga", OWNER_PASSWORD));
  const token = async (person: string): Promise<string> => {
    if (person === "olga") return tokenWith("olga", OWNER_PASSWORD);
    const { secret } = await owner.call("users.reset", { params: { name: person } });
    const password = `a password long enough for ${person}`;
    await nobody.call("password.reset", { body: { user: person, secret, password } });
    return tokenWith(person, password);
  };
  return {
    url,
    registered,
    nobody,
    with: withToken,
    token,
    logIn: async (person) => (person === "olga" ? owner : withToken(await token(person))),
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  };
}
