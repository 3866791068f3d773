/** PostgreSQL's way into the gate: the proxy with everything it needs of the layers below. */
import { constants, createHmac, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { approversOf } from "../access/rules.ts";
import type { Config, ListenAddress } from "../config/model.ts";
import { resolveSecret } from "../config/secrets.ts";
import type { Authorities } from "../identity/authority.ts";
import type { IdentityService } from "../identity/service.ts";
import { GateError } from "../kernel/errors.ts";
import type { GrantId } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";
import { Secret } from "../kernel/secret.ts";
import type { GatePermission } from "../policy/permissions.ts";
import { SqlParser } from "../policy/sql/parser.ts";
import { fetchCatalogue } from "../proxy/postgres/masking/postgres-catalogue.ts";
import type { FrontTls } from "../proxy/postgres/front/client-startup.ts";
import { startPostgresProxy } from "../proxy/postgres/postgres-proxy.ts";
import { LostSessions } from "../proxy/postgres/lost-sessions.ts";
import { SessionRoles } from "../proxy/postgres/roles/session-roles.ts";
import type { UpstreamDeps } from "../proxy/postgres/postgres-upstream.ts";
import type { Gatekeeper } from "../session/gatekeeper.ts";
import type { Holds } from "../session/holds.ts";
import { Lenses } from "../session/lenses.ts";
import type { Listener } from "../session/listener.ts";
import type { SessionRow } from "../session/port.ts";
import type { SessionRegistry } from "../session/registry.ts";
import type { Waiting } from "../session/waiting.ts";
import { stepUpWays } from "./services/factors.ts";
import type { Store } from "../store/open.ts";
import { endPointBinding } from "../wire/postgres/scram.ts";
import { encodePem } from "../wire/x509/certificate.ts";

const MASK_KEY = "postgres/mask-key";

export interface PostgresDoorDeps {
  readonly config: () => Config;
  /** With the people that identity providers put into its groups. */
  readonly rulebook: () => Config;
  readonly store: Store;
  readonly authorities: Authorities;
  readonly identity: IdentityService<GatePermission>;
  readonly gatekeeper: Gatekeeper;
  readonly registry: SessionRegistry;
  readonly holds: Holds;
  readonly waiting: Waiting;
  readonly random: Random;
  readonly onFault: (error: unknown) => void;
  /** Sessions of before this start, of any protocol. */
  readonly lost: readonly SessionRow[];
}

export interface PostgresDoor extends Listener {
  readonly tls: boolean;
  readonly roles: SessionRoles;
  readonly lost: LostSessions;
}

/** Listening when it resolves. */
export async function openPostgresDoor({ host, port }: ListenAddress, deps: PostgresDoorDeps): Promise<PostgresDoor> {
  const { config, store, identity, gatekeeper, registry, holds, waiting, random, onFault } = deps;
  await using opened = new AsyncDisposableStack();
  const tls = await openTls(config(), deps.authorities);
  const reader = opened.use(new SqlParser({ shortHere: true }));
  const limits = (): Config["gate"]["limits"] => config().gate.limits;
  const upstream = upstreamDeps(deps);
  const clock = (): number => performance.now();
  const lenses = new Lenses({
    masking: (target) => config().masking.get(target),
    readCatalogue: (place) => fetchCatalogue(place, gatekeeper, upstream),
    clock,
  });
  const roles = sessionRoles(deps, upstream);
  const maskKey = await openMaskKey(store.secrets, random);
  const listener = opened.use(
    await startPostgresProxy({
      host,
      port,
      limits,
      identity,
      gatekeeper,
      registry,
      holds,
      previewFunctions: (target) => config().previewFunctions.get(target) ?? [],
      waiting: {
        forGrant: (...args) => waiting.forGrant(...args),
        approvers: (request) => approversOf(request.demands, deps.rulebook().groups, request.requester),
      },
      stepUp: stepUpWays(identity.factors, "postgres", () => config().gate.public.url),
      upstream,
      roles,
      tls,
      reader,
      lenses,
      maskKey,
      log: store.log,
      digest: store.digest,
      clock,
      random,
      onFault,
    }),
  );
  const lost = new LostSessions(deps.lost, { grant: (id) => store.access.findGrant(id), gatekeeper, upstream });
  const everything = opened.move();
  return { port: listener.port, tls: tls !== undefined, roles, lost, [Symbol.asyncDispose]: () => everything.disposeAsync() };
}

/** Those of sessions through this door, or, for an errand, of none. */
export function sessionRoles(
  { config, store, gatekeeper, registry }: Pick<PostgresDoorDeps, "config" | "store" | "gatekeeper" | "registry">,
  upstream: UpstreamDeps,
): SessionRoles {
  const { name, node } = config().gate;
  return new SessionRoles({
    gate: `${name}/${node}`,
    upstream,
    gatekeeper,
    log: store.log,
    isLive: (session) => registry.find(session) !== undefined,
    targets: () => [...config().targets.values()],
    elapsed: () => performance.now(),
  });
}

/** Made once and kept, so that a hash means the same after the gate was started again. */
async function openMaskKey(secrets: Store["secrets"], random: Random): Promise<(grant: GrantId) => Buffer> {
  const stored = await secrets.find(MASK_KEY);
  const key = stored ?? new Secret(random.bytes(32));
  if (!stored) await secrets.put(MASK_KEY, key, []);
  return (grant) => createHmac("sha256", key.reveal()).update(grant).digest();
}

/** The certificate of the API is the gate's. */
async function openTls({ gate }: Config, { databaseCertificate }: Authorities): Promise<FrontTls | undefined> {
  const { tls } = gate.http;
  if (tls === undefined) return undefined;
  const [cert, key] = [await resolveSecret(tls.cert), await resolveSecret(tls.key)];
  const context = createSecureContext({
    cert: cert.reveal(),
    key: key.reveal(),
    minVersion: "TLSv1.2",
    // Named to clients when they are asked for a certificate; some have several.
    ca: encodePem("CERTIFICATE", databaseCertificate),
    // As PostgreSQL's own server: each connection shows anew who it is, once.
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
    sessionIdContext: "sallyport",
  });
  return { context, binding: endPointBinding(new X509Certificate(cert.reveal()).raw) };
}

/** What it takes to log in to databases. */
export function upstreamDeps({ config, random, onFault }: Pick<PostgresDoorDeps, "config" | "random" | "onFault">): UpstreamDeps {
  return {
    random,
    password: async (target, account) => {
      const ref = config().logins.get(target)?.get(account);
      try {
        if (ref === undefined) throw new GateError("bad-config", `target "${target}" has no login "${account}"`);
        return await resolveSecret(ref);
      } catch (error) {
        // Which file or variable it is, is the operator's to know.
        onFault(error);
        throw new GateError("target-refused", `"${target}": the gate has no password for it`);
      }
    },
    authority: async ({ authorityFile }) => {
      if (authorityFile === undefined) return undefined;
      return readFile(authorityFile, "utf8").catch((error: unknown) => {
        onFault(error);
        throw new GateError("target-untrusted", "the gate cannot read the authorities it should trust");
      });
    },
  };
}
