/**
 * A stand-in for GitHub, not GitHub: the few addresses of its OAuth and API that the gate uses, in the form of GitHub
 * Enterprise Server, as GitHub documents them. What the real one does beyond that is not tested by it.
 */
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface GitHubAccount {
  readonly id: number;
  login: string;
  orgs: readonly string[];
  /** `org/slug`. */
  teams: readonly string[];
  suspended?: boolean;
}

export interface GitHubStandIn extends AsyncDisposable {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly accounts: Map<string, GitHubAccount>;
  /** Whoever is signed in there: it asks nobody. */
  signedIn: string;
}

export async function startGitHubStandIn(redirectUri: string): Promise<GitHubStandIn> {
  const accounts = new Map<string, GitHubAccount>();
  const codes = new Map<string, { account: string; challenge: string }>();
  const tokens = new Map<string, string>();
  const [clientId, clientSecret] = ["Iv1.standin", "the stand-in's secret"];
  const state = { signedIn: "" };
  const json = (response: ServerResponse, status: number, value: unknown): void => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(value));
  };

  const authorize = (query: URLSearchParams, response: ServerResponse): void => {
    const isOurs = query.get("client_id") === clientId && query.get("redirect_uri") === redirectUri;
    if (!isOurs || query.get("code_challenge_method") !== "S256") return json(response, 400, { error: "bad request" });
    const code = randomBytes(10).toString("hex");
    codes.set(code, { account: state.signedIn, challenge: query.get("code_challenge") ?? "" });
    const back = new URL(redirectUri);
    back.search = new URLSearchParams({ code, state: query.get("state") ?? "" }).toString();
    response.writeHead(302, { location: back.href }).end();
  };
  const exchange = (form: URLSearchParams, response: ServerResponse): void => {
    const found = codes.get(form.get("code") ?? "");
    codes.delete(form.get("code") ?? "");
    const challenge = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    // As the real one: 200, with the error in it.
    if (!found || found.challenge !== challenge || form.get("client_secret") !== clientSecret) {
      return json(response, 200, { error: "bad_verification_code", error_description: "The code passed is incorrect or expired." });
    }
    const token = `gho_${randomBytes(18).toString("hex")}`;
    tokens.set(token, found.account);
    return json(response, 200, { access_token: token, scope: "read:org", token_type: "bearer" });
  };
  const api = (path: string, query: URLSearchParams, request: IncomingMessage, response: ServerResponse): void => {
    const account = accounts.get(tokens.get((request.headers.authorization ?? "").replace("Bearer ", "")) ?? "");
    if (account === undefined || account.suspended === true) return json(response, 401, { message: "Bad credentials" });
    const [size, page] = [Number(query.get("per_page")), Number(query.get("page"))];
    const part = <T>(all: readonly T[]): readonly T[] => all.slice((page - 1) * size, page * size);
    if (path === "/user") return json(response, 200, { id: account.id, login: account.login });
    if (path === "/user/orgs") return json(response, 200, part(account.orgs.map((login) => ({ login }))));
    const teams = account.teams.map((team) => ({ slug: team.split("/")[1], organization: { login: team.split("/")[0] } }));
    return path === "/user/teams" ? json(response, 200, part(teams)) : json(response, 404, {});
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    if (url.pathname === "/login/oauth/authorize") return authorize(url.searchParams, response);
    if (url.pathname.startsWith("/api/v3/")) return api(url.pathname.slice("/api/v3".length), url.searchParams, request, response);
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => exchange(new URLSearchParams(body), response));
    return undefined;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(state, {
    issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    clientId,
    clientSecret,
    accounts,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  });
}
