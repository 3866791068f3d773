/**
 * The server's side of RFC 4252 and RFC 4256: lets a user prove who it is, and asks the caller's policy whether that is enough.
 *
 * Owns: order of messages, signatures over the session id, limits of attempts. Never: decides who may come in.
 *
 * Invariants:
 *  - `publicKey` with phase "signed" is called only when the signature over this connection's session id is right.
 *  - Requests are handled one after the other; a decision may take minutes, and the connection can be kept alive and
 *    given banners meanwhile.
 *  - User and service cannot change on the way; every refusal looks the same, whether or not the user exists.
 *  - Fails closed: an unknown method, a policy that throws, or a limit is a refusal.
 */
import { GateError } from "../../../kernel/errors.ts";
import { Secret } from "../../../kernel/secret.ts";
import { parsePresentedKey, type PresentedKey } from "../algorithms/presented-key.ts";
import { assertsUserVerified, verifySignature } from "../keys/public-key.ts";
import { TransportFailure } from "../transport/failure.ts";
import { DISCONNECT, SSH_MSG_SERVICE_REQUEST } from "../transport/messages.ts";
import type { Transport } from "../transport/transport.ts";
import { KeyboardInteractive } from "./keyboard-interactive.ts";
import * as msg from "./messages.ts";

export type AuthMethod = "publickey" | "keyboard-interactive" | "password";

/** `partial`: this method is done and well, and one of `methods` must follow (RFC 4252 §5.1). */
export type AuthDecision = { readonly result: "accept" } | { readonly result: "reject" } | PartialDecision;
interface PartialDecision {
  readonly result: "partial";
  readonly methods: readonly AuthMethod[];
}

export interface AuthContext {
  /** Aborted when the connection ends or the attempt is abandoned. */
  readonly signal: AbortSignal;
  /** Shows a text to the user; for waiting, too. Lines end with \n here. */
  banner(text: string): void;
}

/** The caller's decisions. A method without a callback is not offered. May take minutes; a throw is a refusal that `onFault` is told. */
export interface ServerAuthPolicy {
  /** Phase "probe": would this key do? The user has proved nothing yet. Phase "signed": it holds the private key. */
  publicKey?(user: string, offer: PresentedKey, phase: "probe" | "signed", context: AuthContext): Promise<AuthDecision>;
  /** `ask` shows one round of questions and gives the answers in order; any number of rounds. */
  keyboardInteractive?(
    user: string,
    ask: (round: msg.PromptRound) => Promise<readonly Secret[]>,
    context: AuthContext,
  ): Promise<AuthDecision>;
  password?(user: string, password: Secret, context: AuthContext): Promise<AuthDecision>;
  /** FIDO keys must have verified their user by PIN or fingerprint, not only by touch. */
  readonly requireUserVerified?: boolean;
}

export interface ServerAuthEvents {
  /** The user is in. From here on `transport.onPayload` is the caller's: set it before returning. */
  onAuthenticated(user: string, method: AuthMethod): void;
  /** A decision threw; the user was refused. */
  onFault(error: unknown): void;
}

const MAX_FAILURES = 6;
const MAX_PROBES = 20;
/** Requests sent ahead while a decision is awaited. */
const MAX_WAITING = 8;
const MAX_WAITING_BYTES = 65_536;

const REJECT: AuthDecision = { result: "reject" };

export class ServerAuth {
  readonly #transport: Transport;
  readonly #policy: ServerAuthPolicy;
  readonly #events: ServerAuthEvents;
  readonly #ended = new AbortController();
  #state: "service" | "request" | "done" = "service";
  #methods: readonly AuthMethod[];
  #user: string | undefined;
  #failures = 0;
  #probes = 0;
  #busy = false;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #interactive: KeyboardInteractive | undefined;

  /** Takes over `transport.onPayload`. */
  constructor(transport: Transport, policy: ServerAuthPolicy, events: ServerAuthEvents) {
    this.#transport = transport;
    this.#policy = policy;
    this.#events = events;
    const callbacks = Object.entries({
      publickey: "publicKey",
      "keyboard-interactive": "keyboardInteractive",
      password: "password",
    } as const);
    this.#methods = callbacks.filter(([, callback]) => policy[callback] !== undefined).map(([method]) => method as AuthMethod);
    transport.onPayload = (payload) => this.#receive(payload);
  }

  /** The user named, once there is one. Untrusted until onAuthenticated. */
  get user(): string | undefined {
    return this.#user;
  }

  /** May be called at any time before the end, also while a decision is awaited (RFC 4252 §5.4). */
  banner(text: string): void {
    if (this.#state !== "done") this.#transport.send(msg.encodeBanner(text.replaceAll(/\r?\n/g, "\r\n")));
  }

  /** The connection has ended: whoever still decides is told by its signal. */
  close(): void {
    this.#state = "done";
    this.#waiting = [];
    this.#ended.abort();
    this.#interactive?.abandon();
  }

  #receive(payload: Buffer): void {
    const type = payload[0] ?? 0;
    if (this.#state === "service") return this.#acceptService(type, payload);
    if (this.#state === "done") return;
    if (type === msg.SSH_MSG_USERAUTH_INFO_RESPONSE) {
      if (this.#interactive === undefined) throw refuse("answers came without a question");
      return this.#interactive.receive(payload);
    }
    if (type !== msg.SSH_MSG_USERAUTH_REQUEST) throw refuse(`message ${type} came before the user was known`);
    // RFC 4252 §5.1: a new request abandons one that waits for answers.
    this.#interactive?.abandon();
    this.#waitingBytes += payload.length;
    if (this.#waiting.length >= MAX_WAITING || this.#waitingBytes > MAX_WAITING_BYTES) throw refuse("too many requests at once");
    this.#waiting.push(Buffer.from(payload));
    void this.#work();
  }

  #acceptService(type: number, payload: Buffer): void {
    if (type !== SSH_MSG_SERVICE_REQUEST) throw refuse(`message ${type} came before a service was asked for`);
    if (msg.parseService(payload) !== msg.USERAUTH_SERVICE) {
      throw new TransportFailure(DISCONNECT.SERVICE_NOT_AVAILABLE, "the peer asks for a service that there is not");
    }
    this.#state = "request";
    this.#transport.send(msg.encodeServiceAccept(msg.USERAUTH_SERVICE));
  }

  async #work(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let payload = this.#waiting.shift(); payload !== undefined; payload = this.#waiting.shift()) {
        this.#waitingBytes -= payload.length;
        await this.#handle(payload);
      }
    } catch (thrown) {
      this.#end(thrown);
    } finally {
      this.#busy = false;
    }
  }

  async #handle(payload: Buffer): Promise<void> {
    const request = msg.parseUserauthRequest(payload);
    if (request.service !== msg.CONNECTION_SERVICE) throw refuse("the peer asks for a service that there is not");
    this.#user ??= request.user;
    // RFC 4252 §5: a server that does not start over must disconnect.
    if (request.user !== this.#user) throw refuse("the user changed while proving who it is");
    const method = this.#methods.find((name) => name === request.method);
    // "none" asks what there is (RFC 4252 §5.2): no failure, but not without end either.
    if (request.method === "none") return this.#failProbe();
    if (method === undefined) return this.#fail(1);
    if (method === "publickey") return this.#publicKey(request);
    const decision = await this.#decide(method, request);
    if (decision !== undefined) return this.#conclude(method, decision);
    this.#failures += 1;
    if (this.#failures >= MAX_FAILURES) throw tooMany();
    return undefined;
  }

  async #publicKey(request: msg.UserauthRequest): Promise<void> {
    const { algorithm, blob, signature } = msg.parsePublicKeyFields(request.rest);
    const offer = tryParseKey(algorithm, blob);
    if (signature === undefined) {
      const decision =
        offer === undefined ? REJECT : await this.#ask((context) => this.#policy.publicKey?.(request.user, offer, "probe", context));
      if (this.#isDone()) return;
      if (decision.result === "reject" || offer === undefined) return this.#failProbe();
      return void this.#transport.send(msg.encodePublicKeyOk(algorithm, offer.blob));
    }
    const signed = msg.encodeSignedRequest(this.#transport.sessionId, request.user, algorithm, blob);
    const requireUserVerified = this.#policy.requireUserVerified ?? false;
    // Untrusted: the order matters. No policy sees phase "signed" before the proof.
    if (offer === undefined || !verifySignature(offer.key, signed, signature, offer.signatureAlgorithm, { requireUserVerified })) {
      return this.#fail(1);
    }
    const shown: PresentedKey = assertsUserVerified(signature) ? { ...offer, userVerified: true } : offer;
    const decision = await this.#ask((context) => this.#policy.publicKey?.(request.user, shown, "signed", context));
    return this.#conclude("publickey", decision);
  }

  /** Undefined: the attempt was abandoned, which is not answered (RFC 4252 §5.1) but counts. */
  async #decide(method: "keyboard-interactive" | "password", request: msg.UserauthRequest): Promise<AuthDecision | undefined> {
    if (method === "password") {
      const { password, isChange } = msg.parsePasswordFields(request.rest);
      if (isChange) return REJECT;
      return this.#ask((context) => this.#policy.password?.(request.user, new Secret(password), context));
    }
    const interactive = new KeyboardInteractive((round) => this.#transport.send(msg.encodeInfoRequest(round)));
    this.#interactive = interactive;
    try {
      const decision = await this.#ask((context) =>
        this.#policy.keyboardInteractive?.(request.user, (round) => interactive.ask(round), context),
      );
      return interactive.isAbandoned ? undefined : decision;
    } finally {
      this.#interactive = undefined;
    }
  }

  async #ask(decide: (context: AuthContext) => Promise<AuthDecision> | undefined): Promise<AuthDecision> {
    const signal = this.#interactive === undefined ? this.#ended.signal : AbortSignal.any([this.#ended.signal, this.#interactive.signal]);
    try {
      return (await decide({ signal, banner: (text) => this.banner(text) })) ?? REJECT;
    } catch (thrown) {
      if (!signal.aborted) this.#events.onFault(thrown);
      return REJECT;
    }
  }

  #conclude(method: AuthMethod, decision: AuthDecision): void {
    if (this.#isDone()) return;
    switch (decision.result) {
      case "accept":
        this.#state = "done";
        this.#waiting = [];
        this.#transport.markAuthenticated();
        this.#transport.onPayload = ignoreLateRequests;
        this.#transport.send(Buffer.of(msg.SSH_MSG_USERAUTH_SUCCESS));
        return this.#events.onAuthenticated(this.#user ?? "", method);
      case "partial":
        this.#methods = decision.methods.filter((name) => this.#methods.includes(name));
        return void this.#transport.send(msg.encodeFailure(this.#methods, true));
      default:
        return this.#fail(1);
    }
  }

  #fail(weight: number): void {
    if (this.#isDone()) return;
    this.#failures += weight;
    if (this.#failures >= MAX_FAILURES) throw tooMany();
    this.#transport.send(msg.encodeFailure(this.#methods, false));
  }

  #failProbe(): void {
    this.#probes += 1;
    if (this.#probes > MAX_PROBES) throw tooMany();
    this.#fail(0);
  }

  #isDone(): boolean {
    return this.#state === "done" || this.#transport.phase === "closed";
  }

  #end(thrown: unknown): void {
    this.close();
    this.#transport.fail(thrown);
  }
}

/** A key that cannot be used is a refusal like any other: agents offer kinds of keys that we do not know. */
function tryParseKey(algorithm: string, blob: Buffer): PresentedKey | undefined {
  try {
    return parsePresentedKey(algorithm, blob);
  } catch (thrown) {
    if (thrown instanceof GateError && thrown.code === "protocol-error") return undefined;
    throw thrown;
  }
}

/** RFC 4252 §5.1: requests after SUCCESS are ignored. Anything else has nobody to take it yet. */
function ignoreLateRequests(payload: Buffer): void {
  if (payload[0] !== msg.SSH_MSG_USERAUTH_REQUEST) throw refuse("a message came before anybody asked for it");
}

function refuse(detail: string): TransportFailure {
  return new TransportFailure(DISCONNECT.PROTOCOL_ERROR, detail);
}

function tooMany(): TransportFailure {
  const options = { code: "too-many-attempts" } as const;
  return new TransportFailure(DISCONNECT.NO_MORE_AUTH_METHODS_AVAILABLE, "the limit of one connection", options);
}
