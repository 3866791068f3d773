/**
 * The client's half: who is it, may they pass, and — when no grant covers the target — the questions that file a request
 * and the wait for its answer, or for the second factor that the role or the target takes. SUCCESS is sent only when the target stands ready: every refusal before that reaches the
 * person as a banner and a DISCONNECT, which ssh, scp and BatchMode all print.
 *
 * Never: lets a byte of the connection protocol through before `onReady` or `onConsole`.
 */
import type { AuditEvent } from "../../audit/event.ts";
import type { Authenticated } from "../../identity/model.ts";
import { asGateError } from "../../kernel/errors.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import type { Secret } from "../../kernel/secret.ts";
import type { Inside } from "../../session/inside.ts";
import { GATE_TARGET, parseClaimed, type Claimed } from "../../session/claimed.ts";
import type { Gatekeeper } from "../../session/gatekeeper.ts";
import type { LiveSession } from "../../session/live-session.ts";
import type { SessionRegistry } from "../../session/registry.ts";
import type { PromptRound } from "../../wire/ssh/auth/messages.ts";
import { ServerAuth, type AuthContext, type AuthDecision } from "../../wire/ssh/auth/server-auth.ts";
import type { PresentedKey } from "../../wire/ssh/algorithms/presented-key.ts";
import type { Asking } from "./ssh-asking.ts";
import type { StepUpAsking } from "./ssh-step-up.ts";
import type { SshLink } from "./ssh-link.ts";
import { disconnectReason, refusalLine, refusalText } from "./ssh-refuse.ts";
import { openTarget, type UpstreamDeps } from "./ssh-upstream.ts";

interface LoginContext {
  readonly door: "ssh";
  readonly remote: string;
}

export interface FrontDeps {
  readonly identity: {
    knowsKey(claimed: string | undefined, keyBlob: Buffer): Promise<boolean>;
    authenticateKey(claimed: string | undefined, keyBlob: Buffer, context: LoginContext): Promise<Authenticated | Denial>;
    authenticateCertificate(claimed: string | undefined, blob: Buffer, context: LoginContext): Promise<Authenticated | Denial>;
    countSecurityKey(by: Authenticated, keyBlob: Buffer, context: LoginContext): Promise<Authenticated>;
    authenticatePassword(claimed: string, password: Secret, context: LoginContext): Promise<Authenticated | Denial>;
  };
  readonly gatekeeper: Gatekeeper;
  readonly registry: SessionRegistry;
  readonly asking: Asking;
  readonly stepUp: StepUpAsking;
  readonly upstream: UpstreamDeps;
  readonly log: { append(events: readonly AuditEvent[]): Promise<unknown> };
  /** Faults that are the gate's own; never shown to the client. */
  readonly onFault: (error: unknown) => void;
}

export interface FrontEvents {
  /** The client is known: the handshake's deadline no longer applies, a person may be typing or waiting. */
  onKnown(): void;
  /** The client has to say something again before it is through: it has as long as for the handshake. */
  onExpectAnswer(): void;
  onReady(session: LiveSession, target: SshLink): void;
  onConsole(authenticated: Authenticated): void;
}

/** A grant, then a factor for the role, then one for the target. */
const MAX_ROUNDS = 3;

const REJECT: AuthDecision = { result: "reject" };

export class SshFront {
  readonly #link: SshLink;
  readonly #remote: string;
  readonly #inside: Inside | undefined;
  readonly #deps: FrontDeps;
  readonly #events: FrontEvents;
  readonly #auth: ServerAuth;
  /** Proven by key, still without a grant: the questions come next. */
  #known: { readonly authenticated: Authenticated; readonly claimed: Claimed } | undefined;
  #isKnown = false;
  #ready: { readonly session: LiveSession; readonly target: SshLink } | { readonly console: Authenticated } | undefined;

  /** `inside`: the client is a part of the gate. It is told refusals as they are, and asked no questions. */
  constructor(
    link: SshLink,
    { remote, inside }: { readonly remote: string; readonly inside: Inside | undefined },
    deps: FrontDeps,
    events: FrontEvents,
  ) {
    this.#link = link;
    this.#remote = remote;
    this.#inside = inside;
    this.#deps = deps;
    this.#events = events;
    this.#auth = new ServerAuth(
      link.transport,
      {
        publicKey: (user, offer, phase, context) => this.#told(context, () => this.#publicKey(user, offer, phase, context)),
        keyboardInteractive: (user, ask, context) => this.#told(context, () => this.#interactive(user, ask, context)),
      },
      { onAuthenticated: () => this.#accepted(), onFault: deps.onFault },
    );
  }

  /** The connection ended: whoever still decides is told. */
  close(): void {
    this.#auth.close();
    if (this.#ready && "session" in this.#ready) {
      this.#ready.target.destroy();
      void this.#ready.session.close("the client went away during the login");
    }
  }

  /** A failure that has a name, as a full disk, is told like a refusal; only what has none is a fault of the gate. */
  async #told(context: AuthContext, decide: () => Promise<AuthDecision>): Promise<AuthDecision> {
    try {
      const decision = await decide();
      if (this.#isKnown && decision.result !== "accept") this.#events.onExpectAnswer();
      return decision;
    } catch (error) {
      if (this.#isKnown) this.#events.onExpectAnswer();
      const { code, detail } = asGateError(error);
      // Another attempt takes the place of one that was given up.
      if (context.signal.aborted) return REJECT;
      if (code === "internal") throw error;
      return this.#refuse(deny(code, detail === undefined ? {} : { detail }), context);
    }
  }

  async #publicKey(user: string, offer: PresentedKey, phase: "probe" | "signed", context: AuthContext): Promise<AuthDecision> {
    const claimed = parseClaimed(user);
    if ("allowed" in claimed) return this.#refuse(claimed, context);
    const { identity } = this.#deps;
    if (phase === "probe") {
      // A certificate is judged when it is signed with: asking here would tell which are good.
      const known = offer.certificate !== undefined || (await identity.knowsKey(claimed.user, offer.blob));
      return known ? { result: "accept" } : REJECT;
    }
    const login: LoginContext = { door: "ssh", remote: this.#remote };
    const authenticated =
      offer.certificate === undefined
        ? await identity.authenticateKey(claimed.user, offer.blob, login)
        : await identity.authenticateCertificate(claimed.user, offer.blob, login);
    if ("allowed" in authenticated) return REJECT;
    // A security key that verified its owner is a second factor, and this signature is fresh.
    const proven = offer.userVerified === true ? await identity.countSecurityKey(authenticated, offer.key.blob, login) : authenticated;
    return this.#admit(proven, claimed, context, undefined);
  }

  async #interactive(user: string, ask: (round: PromptRound) => Promise<readonly Secret[]>, context: AuthContext): Promise<AuthDecision> {
    if (this.#known) return this.#admit(this.#known.authenticated, this.#known.claimed, context, ask);
    const claimed = parseClaimed(user);
    if ("allowed" in claimed) return this.#refuse(claimed, context);
    // A password needs to know whose: without a name in the login there is nobody to ask for it.
    if (claimed.user === undefined) return REJECT;
    const [password] = await ask({ name: "", instruction: "", prompts: [{ text: `Password for ${claimed.user}: `, echo: false }] });
    if (password === undefined) return REJECT;
    const authenticated = await this.#deps.identity.authenticatePassword(claimed.user, password, { door: "ssh", remote: this.#remote });
    if ("allowed" in authenticated) return authenticated.code === "not-authenticated" ? REJECT : this.#refuse(authenticated, context);
    return this.#admit(authenticated, claimed, context, ask);
  }

  /** Who it is is proven. `ask` is there when the client can be asked questions now. */
  async #admit(
    authenticated: Authenticated,
    claimed: Claimed,
    context: AuthContext,
    ask: ((round: PromptRound) => Promise<readonly Secret[]>) | undefined,
  ): Promise<AuthDecision> {
    this.#isKnown = true;
    this.#events.onKnown();
    const { gatekeeper, asking, stepUp } = this.#deps;
    if (claimed.target === GATE_TARGET) {
      // A browser has the gate's pages, and neither a recording nor an end of its own for this.
      const refusal = this.#inside && deny("not-supported", { detail: "a terminal, or files, of the gate itself" });
      if (refusal) return this.#refuse(refusal, context, authenticated, claimed);
      const principal = await gatekeeper.admit(authenticated, GATE_TARGET);
      if ("allowed" in principal && principal.code !== "gate-locked") return this.#refuse(principal, context, authenticated, claimed);
      this.#ready = { console: authenticated };
      return { result: "accept" };
    }
    let login = authenticated;
    let permit = await gatekeeper.authorize(login, claimed, "ssh");
    const rounds = this.#inside === undefined ? MAX_ROUNDS : 0;
    for (let round = 0; "allowed" in permit && round < rounds; round += 1) {
      const lacksGrant = permit.code === "no-grant" && asking.mayAsk(login.principal, claimed.target);
      const lacksFactor = permit.stepUp !== undefined && (await stepUp.canShow(login, permit.stepUp));
      if (!lacksGrant && !lacksFactor) break;
      if (ask === undefined) {
        this.#known = { authenticated: login, claimed };
        context.banner(refusalText(permit).replaceAll("\r\n", "\n"));
        return { result: "partial", methods: ["keyboard-interactive"] };
      }
      const answer: "approved" | Authenticated | Denial = lacksGrant
        ? await asking.ask(login, claimed.target, ask, context, this.#link.transport)
        : await stepUp.ask(login, permit, ask, context, this.#link.transport);
      if (typeof answer === "object" && "allowed" in answer) return this.#refuse(answer, context, login, claimed);
      if (answer !== "approved") login = answer;
      permit = await gatekeeper.authorize(login, claimed, "ssh");
    }
    if ("allowed" in permit) return this.#refuse(permit, context, login, claimed);

    // Nobody there to open it for.
    if (context.signal.aborted) return REJECT;
    const { registry } = this.#deps;
    const session = await registry.open(permit, {
      protocol: "ssh",
      remote: this.#remote,
      client: this.#inside?.client ?? this.#link.transport.peerVersion.slice(0, 255),
    });
    if ("allowed" in session) return this.#refuse(session, context, authenticated, claimed);
    // Said now: until somebody is there no channel opens that it could be said on.
    const { haltLine } = session.control;
    if (haltLine !== undefined) context.banner(`${haltLine}\n`);
    return this.#openTarget(session, context);
  }

  /** What cuts the session, or a client that goes, ends the way to the target too; what was on its way is closed. */
  async #openTarget(session: LiveSession, context: AuthContext): Promise<AuthDecision> {
    const stop = new AbortController();
    let cut: Denial | undefined;
    session.onCut((denial) => {
      cut = denial;
      stop.abort();
    });
    const signal = AbortSignal.any([context.signal, stop.signal]);
    try {
      const target = await openTarget(session.permit, session.id, this.#deps.upstream, signal);
      if (!signal.aborted) {
        this.#ready = { session, target };
        return { result: "accept" };
      }
      target.destroy();
    } catch (error) {
      if (!signal.aborted) {
        const { code, detail } = asGateError(error);
        if (code === "internal") this.#deps.onFault(error);
        cut = deny(code, detail === undefined ? {} : { detail });
        session.cut(cut);
      }
    }
    await session.close("the client went away during the login");
    return cut === undefined ? REJECT : this.#refuse(cut, context);
  }

  /** Tells the person in their client's own form, and ends the connection. Given who it is, logs it too. */
  async #refuse(denial: Denial, context: AuthContext, authenticated?: Authenticated, claimed?: Claimed): Promise<AuthDecision> {
    if (authenticated && claimed) {
      const body = { protocol: "ssh", remote: this.#remote, code: denial.code, detail: denial.detail ?? "" };
      const subjects = { principal: authenticated.principal.name, target: claimed.target };
      // The refusal stands whether or not the log can take it.
      await this.#deps.log.append([{ kind: "session.refused", ...subjects, decision: "deny", body }]).catch(() => undefined);
    }
    this.#inside?.onRefused(denial);
    context.banner(refusalText(denial).replaceAll("\r\n", "\n"));
    this.#link.disconnect(disconnectReason(denial.code), refusalLine(denial));
    return REJECT;
  }

  #accepted(): void {
    const ready = this.#ready;
    this.#ready = undefined;
    this.#link.trust();
    if (ready === undefined) return this.#link.destroy();
    if ("console" in ready) return this.#events.onConsole(ready.console);
    try {
      this.#events.onReady(ready.session, ready.target);
    } catch (error) {
      // Fails closed: a session without a relay must not stay live.
      this.#deps.onFault(error);
      ready.target.destroy();
      ready.session.cut(deny("internal"));
      this.#link.destroy();
    }
  }
}
