/** Logging in as a workload, and whether a login that one made still holds. */
import type { Clock } from "../../kernel/clock.ts";
import { asGateError } from "../../kernel/errors.ts";
import type { PrincipalName } from "../../kernel/ids.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import type { LoginContext, LoginRecord } from "../authenticator.ts";
import type { LoginFacts, Token, User } from "../model.ts";
import { findClaimed } from "../password-login.ts";
import type { IdentityStore } from "../port.ts";
import type { TokenIssuer } from "../token-issuer.ts";
import { checkCertificate } from "./client-certificate.ts";
import { mismatch, readIssuer, UnconvincingToken, verifyIdToken, type IdToken } from "./id-token.ts";
import { Issuers } from "./issuers.ts";
import { SpentTokens } from "./spent-tokens.ts";
import type { WorkloadProof, WorkloadSettings } from "./workload.ts";

export const WORKLOAD_TTL_MS = 15 * 60_000;

/** A workload that has proven itself, and what the record says of how. */
export interface ProvenWorkload {
  readonly user: User;
  readonly facts: LoginFacts & { readonly ttlMs: number; readonly endsAt: number };
  readonly about: { readonly mapping: string } & ({ readonly issuer: string; readonly subject: string } | { readonly name: string });
}

export interface WorkloadDeps {
  readonly store: IdentityStore;
  readonly tokens: TokenIssuer;
  readonly record: LoginRecord;
  readonly clock: Clock;
  /** Of the configuration in force, by principal. */
  readonly settings: () => ReadonlyMap<string, WorkloadSettings>;
  readonly issuers?: Issuers;
}

type Proven = Pick<ProvenWorkload, "about"> & { readonly endsAt: number; readonly token?: IdToken; readonly certificate?: string };

export class WorkloadLogins {
  readonly #deps: WorkloadDeps;
  readonly #issuers: Issuers;
  readonly #spent: SpentTokens;
  #known: ReadonlyMap<string, WorkloadSettings>;

  constructor(deps: WorkloadDeps) {
    this.#deps = deps;
    this.#issuers = deps.issuers ?? new Issuers(deps.clock);
    this.#spent = new SpentTokens(deps.clock);
    this.#known = deps.settings();
  }

  /** What made a login before a restart makes none after it. */
  async load(): Promise<void> {
    const { store } = this.#deps;
    for (const { name, type } of await store.listUsers()) {
      if (type !== "human") this.#spent.learn(await store.listTokens(name));
    }
  }

  /**
   * `make`: makes the login of who has proven themselves. Every refusal is the same to the caller; its reason is on record.
   * Untrusted: `claimed` and the proof. What is shown is verified before it is looked up whose it could be, so that the time it
   * takes tells nothing about which names there are.
   */
  async logIn<T extends object>(
    claimed: string,
    proof: WorkloadProof,
    context: LoginContext,
    make: (proven: ProvenWorkload) => Promise<T | Denial>,
  ): Promise<T | Denial> {
    const refuse = async (reason: string): Promise<Denial> => {
      const known = await findClaimed(this.#deps.store, claimed);
      this.#deps.record.failed({ method: "workload", context, claimed: known?.name, reason });
      return deny("workload-refused");
    };
    const proven = "token" in proof ? await this.#byToken(claimed, proof.token.reveal()) : await this.#byCertificate(claimed, proof);
    if (typeof proven === "string") return refuse(proven);
    const user = await findClaimed(this.#deps.store, claimed);
    if (user === undefined) return refuse("unknown user");
    if (user.type === "human") return refuse("a person");
    if (user.disabled !== undefined) return refuse("disabled");
    const { about, endsAt, token, certificate } = proven;
    // From here on nothing is waited for until it is taken: of two that come at once, one is too late.
    if (token && !this.#spent.take(token)) return refuse("the token was used before");
    const workload = {
      mapping: about.mapping,
      ...(token && { spent: { token: token.spentAs, until: token.expiresAt } }),
      ...(certificate !== undefined && { certificate }),
    };
    const facts = { method: "workload", remote: context.remote, factors: [], workload, ttlMs: WORKLOAD_TTL_MS, endsAt } as const;
    const made = await make({ user, facts, about });
    if (!("allowed" in made)) return made;
    return refuse(`${made.code}: ${made.detail ?? ""}`);
  }

  /** For a token of such a login: why it is worth nothing any more. */
  refusalOf({ user, login }: Pick<Token, "user" | "login">): Denial | undefined {
    if (login?.workload === undefined || this.#deps.settings().get(user)?.mapping === login.workload.mapping) return undefined;
    return deny("locked", { detail: `the configuration has changed how "${user}" proves itself` });
  }

  /** Another configuration is in force: logins by what it says no more have ended already, and end on the record. */
  async reconfigured(): Promise<void> {
    const [before, now] = [this.#known, this.#deps.settings()];
    this.#known = now;
    const issuers = [...now.values()].flatMap((each) => (each.kind === "id-token" ? [each.issuer] : []));
    this.#issuers.forgetBut(new Set(issuers));
    for (const [name, { mapping }] of before) {
      if (now.get(name)?.mapping === mapping) continue;
      await this.#deps.tokens.endLogins(name as PrincipalName, "workload-changed", (token) => this.refusalOf(token) !== undefined);
    }
  }

  async #byToken(claimed: string, text: string): Promise<Proven | string> {
    const { settings, clock } = this.#deps;
    try {
      const issuer = readIssuer(text);
      if (![...settings().values()].some((each) => each.kind === "id-token" && each.issuer === issuer)) return "it is of an unknown issuer";
      const token = await verifyIdToken(text, await this.#issuers.keysOf(issuer), issuer, clock.now());
      const mapping = settings().get(claimed);
      if (mapping?.kind !== "id-token") return "no such workload comes by tokens";
      const why = mismatch(token, mapping, clock.now());
      // Who it was is signed, and what an administrator needs to correct a mapping.
      if (why !== undefined) return `${why}; sub ${JSON.stringify(token.subject)}`;
      return { token, endsAt: token.expiresAt, about: { mapping: mapping.mapping, issuer, subject: token.subject } };
    } catch (thrown) {
      return reasonOf(thrown);
    }
  }

  async #byCertificate(claimed: string, { certificate }: Extract<WorkloadProof, { certificate: unknown }>): Promise<Proven | string> {
    if (certificate === undefined) return "no certificate was shown";
    const mapping = this.#deps.settings().get(claimed);
    if (mapping?.kind !== "certificate") return "no such workload comes by certificates";
    try {
      const checked = await checkCertificate(certificate, mapping, this.#deps.clock.now());
      if (typeof checked === "string") return checked;
      const { thumbprint, expiresAt } = checked;
      return { certificate: thumbprint, endsAt: expiresAt, about: { mapping: mapping.mapping, name: mapping.name.value } };
    } catch (thrown) {
      return reasonOf(thrown);
    }
  }
}

/** For the log: what is ours to say, and nothing that a stranger wrote. */
function reasonOf(thrown: unknown): string {
  // A key set that cannot be had is wrapped by who asked for it.
  const cause = thrown instanceof UnconvincingToken && thrown.cause !== undefined ? asGateError(thrown.cause) : undefined;
  if (cause && cause.code !== "internal") return `${cause.code}: ${cause.detail ?? ""}`;
  if (thrown instanceof UnconvincingToken) return thrown.message;
  const { code, detail = "" } = asGateError(thrown);
  if (code === "internal") throw thrown;
  return `${code}: ${detail}`;
}
