/**
 * The door of the API: a Fastify server built from the contract.
 *
 * Owns: who calls, whether they may, parsing what comes in, encoding what goes out, live streams, rate limits.
 * Never: decides about a request, grant or user; that is the services'. Never holds a secret longer than the call.
 * Invariants: a route exists only through the contract (or is a file of the console) and always passes `refuseCaller` before its
 * body is read; what a handler answers goes out through the contract's schema, so a field that is not in it cannot leave; plain HTTP stays on loopback.
 */
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import cookies from "@fastify/cookie";
import rateLimit from "@fastify/rate-limit";
import websocket from "@fastify/websocket";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type RouteOptions } from "fastify";
import type { WebSocket } from "ws";
import type { Route } from "../contract/route.ts";
import { ROUTE_IDS, ROUTES, type RouteId } from "../contract/routes.ts";
import { MAX_FRAME_BYTES, type Conversation } from "../contract/socket.ts";
import { asGateError, GateError } from "../kernel/errors.ts";
import { randomText, type Random } from "../kernel/random.ts";
import { deny, type Denial } from "../kernel/result.ts";
import { callerOf, refuseCaller } from "./admit.ts";
import { peerCertificateOf, tlsOptions, type ServerTls } from "./client-certificates.ts";
import { answer, type AnswerContext } from "./answer.ts";
import { browserOf, refuseOrigin, tokenOfCookie, type Browser, type BrowserSettings } from "./browser.ts";
import { answerConsole, type ConsoleFiles } from "./console-files.ts";
import { guardHeaders } from "./guard-headers.ts";
import { isRefusal, type Caller, type Handlers } from "./handler.ts";
import { countedAs, limitConnections } from "./connection-limit.ts";
import { isKnownHost, isLoopback, knownHosts } from "./host-check.ts";
import { converse } from "./socket.ts";
import { boundBody, isUpload, letGo } from "./request-body.ts";
import { isOurs, problemOf, refuse, refuseInput, sendProblem } from "./refuse.ts";
import type { LockGuard } from "./services/gate.ts";
import type { TokenGuard } from "./services/logins.ts";
import { STREAM_TIMES, type StreamTimes } from "./stream.ts";
import { answerUnreadable } from "./unreadable.ts";

const BODY_LIMIT = 1024 * 1024;
/** Of what anybody may send. */
const PUBLIC_BODY_LIMIT = 32 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;
const LAST_WORDS_MS = 500;
const CONNECTIONS = 4_096;
const CONNECTIONS_PER_ADDRESS = 256;
const STREAMS_PER_PERSON = 32;

export interface ApiOptions {
  readonly handlers: Handlers;
  readonly guard: TokenGuard;
  readonly locks: LockGuard;
  readonly random: Random;
  readonly listenHost: string;
  readonly publicUrl: string;
  readonly tls?: ServerTls;
  /** Requests a minute, for each token, and for each address without one. */
  readonly rates?: { readonly token: number; readonly address: number };
  readonly times?: StreamTimes;
  /** How long a body may take to come; of an upload, the next bytes of it. */
  readonly bodyMs?: number;
  /** Absent: this gate has no console. */
  readonly console?: ConsoleFiles;
  /** What nobody could be told: for the gate's own log, under the id the client was given. */
  readonly onFailure: (thrown: unknown, about: { readonly request: string; readonly route: string }) => void;
  /** Every route as Fastify registers it. */
  readonly onRoute?: (route: RouteOptions) => void;
}

declare module "fastify" {
  interface FastifyRequest {
    /** A denial where a token was shown and did not hold. */
    caller: Caller | Denial | undefined;
  }
  interface FastifyContextConfig {
    routeId?: RouteId;
    console?: true;
  }
}

/** Not listening yet. */
export async function buildApi(options: ApiOptions): Promise<FastifyInstance> {
  if (!options.tls && !isLoopback(options.listenHost)) {
    throw new GateError("bad-config", `the API listens on "${options.listenHost}" without TLS; only loopback may`);
  }
  const app = Fastify({
    ...(options.tls && {
      https: { ...tlsOptions(options.tls), handshakeTimeout: REQUEST_TIMEOUT_MS },
    }),
    bodyLimit: BODY_LIMIT,
    // How long a body may take is each route's: an upload takes as long as it comes.
    requestTimeout: 0,
    http: { headersTimeout: REQUEST_TIMEOUT_MS },
    genReqId: () => randomText(options.random, 10),
    logger: false,
    trustProxy: false,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    clientErrorHandler: (thrown: Error, socket: Socket) => answerUnreadable(thrown, socket, options.tls !== undefined),
    // What the framework refuses before any hook: a path that cannot be read.
    frameworkErrors: (thrown: Error, request: FastifyRequest, reply: FastifyReply) => {
      addHeaders(reply, options.tls !== undefined);
      return sendProblem(reply, problemOf(thrown, request.id));
    },
  } as object) as FastifyInstance;
  // Who listens; the name bounds how many streams one person has.
  const streams = new Map<AbortController, string>();
  app.server.maxConnections = CONNECTIONS;
  limitConnections(app.server, CONNECTIONS_PER_ADDRESS);
  // A process without file descriptors cannot accept; it goes on with those it has.
  app.server.on("error", (thrown) => options.onFailure(thrown, { request: "", route: "" }));
  app.decorateRequest("caller", undefined);
  app.removeContentTypeParser("text/plain");
  // Read by the one handler that takes it; for every other route it is a body of the wrong type.
  app.addContentTypeParser("application/octet-stream", (request, body, done) => {
    if (isUpload(request)) return done(null, body);
    done(Object.assign(new Error("the body is of another type"), { code: "FST_ERR_CTP_INVALID_MEDIA_TYPE", statusCode: 415 }));
  });
  app.addHook("onRequest", (request, reply, done) => {
    reply.raw.once("finish", () => letGo(request, { bodyMs: options.bodyMs ?? REQUEST_TIMEOUT_MS, byCaller: isCaller(request.caller) }));
    done();
  });
  app.addHook("preParsing", (request, _reply, body, done) => {
    boundBody(request, body, options.bodyMs ?? REQUEST_TIMEOUT_MS);
    done(null, body);
  });
  app.addHook("onRoute", (route) => {
    if (!route.config?.routeId && route.config?.console !== true) throw new TypeError(`Route "${route.url}" is not in the contract`);
    options.onRoute?.(route);
  });
  app.addHook("preClose", async () => {
    for (const stream of streams.keys()) stream.abort(new GateError("gate-stopping"));
    // A moment for the message to leave; then every connection is closed, whoever still reads.
    for (let waited = 0; streams.size > 0 && waited < LAST_WORDS_MS; waited += 10) await wait(10);
    await wait(10);
  });
  addForms(app);
  await app.register(cookies);
  await app.register(rateLimit, { global: false });
  await app.register(websocket, { options: { maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false, skipUTF8Validation: false } });
  addAdmission(app, options);
  addRefusals(app, options);
  for (const id of ROUTE_IDS) addRoute(app, id, options, streams);
  if (options.console) addConsole(app, options.console);
  return app;
}

/** Forms are what any page of any site may send without asking: only where the contract says so is one read. */
function addForms(app: FastifyInstance): void {
  app.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (request, body, done) => {
    const id = request.routeOptions.config.routeId;
    if (id === undefined || (ROUTES[id] as Route).form !== true)
      return done(new GateError("bad-request", "send the body as application/json"));
    const fields: Record<string, string> = {};
    for (const [name, value] of new URLSearchParams(String(body))) {
      // RFC 6749 §3.1: a parameter that comes twice is none.
      if (Object.hasOwn(fields, name)) return done(new GateError("bad-request", "a field of the form comes twice"));
      Object.defineProperty(fields, name, { value, enumerable: true });
    }
    return done(null, fields);
  });
}

/** Before anything is read: which host, who, how often, whether they may. */
function addAdmission(app: FastifyInstance, options: ApiOptions): void {
  const { guard, locks, listenHost, publicUrl, tls, rates } = options;
  const hosts = knownHosts(listenHost, publicUrl);
  const { token, address } = rates ?? { token: 1_200, address: 240 };
  // By token where one holds, so that nobody spends somebody else's share; everything else by address.
  const limit = app.createRateLimit({
    timeWindow: 60_000,
    max: (request) => (isCaller(request.caller) ? token : address),
    keyGenerator: (request) =>
      request.caller !== undefined && !isRefusal(request.caller)
        ? `token ${request.caller.authenticated.credential}`
        : `address ${countedAs(request.ip)}`,
  });
  // A share of its own: nobody behind the same address spends that of others' logins, nor has theirs spent.
  const limitSigned = app.createRateLimit({
    timeWindow: 60_000,
    max: address,
    keyGenerator: (request) => `signed ${countedAs(request.ip)}`,
  });
  app.addHook("onRequest", async (request, reply) => {
    addHeaders(reply, tls !== undefined);
    if (!isKnownHost(request.headers.host, hosts)) return refuse(reply, deny("wrong-host"));
    // Files that anybody may have, a page of them many at once.
    if (!request.is404 && request.routeOptions.config.console === true) return undefined;
    const id = request.is404 ? undefined : request.routeOptions.config.routeId;
    const settings = browserSettings(options);
    const navigated = id !== undefined && (ROUTES[id] as Route).navigated === true;
    // Whoever it says it is: nothing of ours calls from another page.
    if (request.headers.origin !== undefined && !navigated) {
      const refusal = refuseOrigin(request, settings);
      if (refusal) return refuse(reply, refusal);
    }
    request.caller = await identify(request, guard, settings, navigated);
    const use = await useOf(id && ROUTES[id], { slowed: limit, signed: limitSigned }, request);
    if (use && !use.isAllowed && use.isExceeded) {
      void reply.header("retry-after", use.ttlInSeconds);
      return refuse(reply, deny("rate-limited", { detail: `try again in ${use.ttlInSeconds} s` }));
    }
    if (request.is404) return undefined;
    // Fails closed: what is not in the contract is not there.
    if (id === undefined) return refuse(reply, deny("not-found"));
    const refusal = refuseCaller(id, ROUTES[id], request.caller, locks);
    return refusal && refuse(reply, refusal);
  });
}

type RateLimit = ReturnType<FastifyInstance["createRateLimit"]>;

function useOf(route: Route | undefined, limits: { slowed: RateLimit; signed: RateLimit }, request: FastifyRequest) {
  if (route?.nothingToGuess === true) return limits.signed(request);
  return route !== undefined && slowsItself(route) ? undefined : limits.slowed(request);
}

/**
 * Where a secret is tried without a token, identity slows guessers down by network and person. The share of an address is
 * no part of that: whoever used it up could keep everybody behind the same address from logging in.
 */
function slowsItself({ permission, effect }: Route): boolean {
  return permission === "public" && effect === "changes";
}

function addHeaders(reply: FastifyReply, tls: boolean): void {
  void reply.headers({ "request-id": reply.request.id, ...guardHeaders(tls) });
}

/** `undefined`: no token was shown. */
async function identify(
  request: FastifyRequest,
  guard: TokenGuard,
  settings: BrowserSettings,
  navigated: boolean,
): Promise<Caller | Denial | undefined> {
  const header = request.headers.authorization;
  const token = header === undefined ? tokenOfCookie(request, settings, { navigated }) : tokenOfHeader(header);
  if (token === undefined || typeof token !== "string") return token;
  const context = { door: "api", remote: remoteOf(request), certificate: () => peerCertificateOf(request) } as const;
  const authenticated = await guard.authenticateToken(token, context);
  return "allowed" in authenticated ? authenticated : callerOf(authenticated, guard);
}

function browserSettings({ publicUrl, tls }: ApiOptions): BrowserSettings {
  return { publicUrl, tls: tls !== undefined };
}

function tokenOfHeader(header: string): string | Denial {
  const token = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(header)?.[1];
  return token ?? deny("not-authenticated", { detail: "expected `Authorization: Bearer <token>`" });
}

function isCaller(caller: Caller | Denial | undefined): caller is Caller {
  return caller !== undefined && !("allowed" in caller);
}

function remoteOf(request: FastifyRequest): string {
  return `${request.ip.includes(":") ? `[${request.ip}]` : request.ip}:${request.socket.remotePort ?? 0}`;
}

function addRefusals(app: FastifyInstance, { onFailure }: ApiOptions): void {
  app.setNotFoundHandler((request, reply) => refuse(reply, deny("not-found", { detail: `${request.method} on this path` })));
  app.setErrorHandler((thrown, request, reply) => {
    const problem = problemOf(thrown, request.id);
    if (isOurs(problem)) onFailure(thrown, { request: request.id, route: request.routeOptions.config.routeId ?? "" });
    return sendProblem(reply, problem);
  });
}

function addRoute(app: FastifyInstance, id: RouteId, options: ApiOptions, streams: Map<AbortController, string>): void {
  const route: Route = ROUTES[id];
  const { response } = route;
  // The map of handlers says for each id what goes in and out; here, where any id passes, the schemas do.
  const handle = options.handlers[id] as (call: object) => unknown;
  const identified = (request: FastifyRequest): ReturnType<typeof identify> =>
    identify(request, options.guard, browserSettings(options), route.navigated === true);
  const stillMay = async (request: FastifyRequest): Promise<Denial | undefined> =>
    refuseCaller(id, route, await identified(request), options.locks);
  const call = async (request: FastifyRequest, abort: AbortController, browser?: Browser): Promise<unknown> => {
    const input = parseInput(route, request);
    if (isRefusal(input)) return input;
    const { caller } = request;
    if (goesOn(route) && count(streams, ownerOf(caller)) >= STREAMS_PER_PERSON)
      return deny("too-many-connections", { detail: "live streams" });
    const lastEventId = request.headers["last-event-id"];
    return await handle({
      ...input,
      caller: isCaller(caller) ? caller : undefined,
      remote: remoteOf(request),
      signal: abort.signal,
      lastEventId: typeof lastEventId === "string" && lastEventId.length <= 128 ? lastEventId : undefined,
      browser,
      certificate: () => peerCertificateOf(request),
      recheck: () => stillMay(request),
    });
  };
  const times = options.times ?? STREAM_TIMES;
  const failed = (request: FastifyRequest, thrown: unknown): void => options.onFailure(thrown, { request: request.id, route: id });
  app.route({
    method: route.method,
    url: route.path,
    config: { routeId: id },
    bodyLimit: route.permission === "public" ? PUBLIC_BODY_LIMIT : BODY_LIMIT,
    handler: async (request, reply) => {
      if (response.kind === "socket") return refuse(reply, deny("bad-request", { detail: "this is a WebSocket" }));
      const abort = new AbortController();
      const result = await call(request, abort, browserOf(request, reply, browserSettings(options)));
      if (isRefusal(result)) return refuse(reply, result);
      const context: AnswerContext = {
        abort,
        streams,
        owner: ownerOf(request.caller),
        times,
        recheck: async () => {
          const now = await identified(request);
          return refuseCaller(id, route, now, options.locks) ?? (sameRights(request.caller, now) ? undefined : "again");
        },
        onFailure: (thrown) => failed(request, thrown),
      };
      return answer(response, result, reply, context);
    },
    ...(response.kind === "socket" && {
      wsHandler: async (ws: WebSocket, request: FastifyRequest) => {
        const abort = new AbortController();
        // Counted before the first wait; frames that come meanwhile are not read.
        ws.pause();
        const mayHave = count(streams, ownerOf(request.caller)) < STREAMS_PER_PERSON;
        streams.set(abort, ownerOf(request.caller));
        ws.once("close", () => streams.delete(abort));
        const result = mayHave
          ? await call(request, abort).catch((thrown: unknown) => {
              if (isOurs(problemOf(thrown, request.id))) failed(request, thrown);
              return denialOf(thrown);
            })
          : deny("too-many-connections", { detail: "live streams" });
        converse(ws, response, conversationOf(result), {
          times,
          instance: request.id,
          abort,
          recheck: () => stillMay(request),
          onFailure: (thrown) => failed(request, thrown),
        });
        ws.resume();
      },
    }),
  });
}

/** Pages and files of the console; what is under `/v1` is the API's alone. */
function addConsole(app: FastifyInstance, files: ConsoleFiles): void {
  app.route({
    method: "GET",
    url: "/*",
    config: { console: true },
    handler: (request, reply) => {
      const isApi = /^\/v1(?:\/|\?|$)/.test(request.url);
      return (isApi ? undefined : answerConsole(files, request, reply)) ?? refuse(reply, deny("not-found", { detail: "GET on this path" }));
    },
  });
}

/** A refusal is a conversation of one word. */
function conversationOf(result: unknown): Conversation<unknown, unknown> {
  if (!isRefusal(result)) return result as Conversation<unknown, unknown>;
  return (peer) => {
    peer.refuse(result);
    return { bytes: () => undefined, frame: () => undefined, closed: () => undefined };
  };
}

function denialOf(thrown: unknown): Denial {
  const { code, detail } = asGateError(thrown);
  return deny(code, detail === undefined ? {} : { detail });
}

function ownerOf(caller: Caller | Denial | undefined): string {
  return isCaller(caller) ? caller.principal.name : "";
}

function goesOn({ response }: Route): boolean {
  return response.kind === "events" || response.kind === "lines" || response.kind === "download" || response.kind === "file";
}

function count(streams: ReadonlyMap<AbortController, string>, owner: string): number {
  return [...streams.values()].filter((each) => each === owner).length;
}

/** What a stream shows was chosen by these when it began. */
function sameRights(before: Caller | Denial | undefined, now: Caller | Denial | undefined): boolean {
  if (!isCaller(before) || !isCaller(now)) return false;
  const [a, b] = [before.permissions, now.permissions];
  return (
    a.symmetricDifference(b).size === 0 && new Set(before.principal.groups).symmetricDifference(new Set(now.principal.groups)).size === 0
  );
}

function parseInput(
  route: Route,
  request: FastifyRequest,
): Denial | { params?: unknown; query?: unknown; body?: unknown; content?: unknown } {
  if (route.upload === true && !(request.body instanceof Readable)) {
    return deny("bad-request", { detail: "send the file as application/octet-stream" });
  }
  if (route.body === undefined && route.upload === undefined && request.body !== undefined && request.body !== null) {
    return deny("bad-request", { detail: "this takes no body" });
  }
  if (route.query === undefined && Object.keys(request.query as object).length > 0) {
    return deny("bad-request", { detail: "this takes no query parameters" });
  }
  const input: Record<string, unknown> = route.upload === true ? { content: request.body } : {};
  for (const part of ["params", "query", "body"] as const) {
    const schema = route[part];
    if (schema === undefined) continue;
    const parsed = schema.safeParse(request[part]);
    if (!parsed.success) return refuseInput(part, parsed.error);
    input[part] = parsed.data;
  }
  return input;
}
