/**
 * The composition root: every concrete thing of a gate, made in order and taken down in reverse. Nothing else in the
 * product knows which store, which protocols and which channels there are.
 */
import { demandsOfHeld } from "../access/approvals.ts";
import { approversOf } from "../access/rules.ts";
import { mkdir } from "node:fs/promises";
import type { AuditEvent } from "../audit/event.ts";
import type { Actor } from "../access/rulebook.ts";
import { systemTimers } from "../audit/timers.ts";
import { AccessService } from "../access/service.ts";
import { Authorities } from "../identity/authority.ts";
import { relyingPartyOf } from "../identity/factors/relying-party.ts";
import { refuseAlone } from "../identity/agents.ts";
import { Vouched } from "../identity/oidc/vouched.ts";
import { IdentityService } from "../identity/service.ts";
import type { Directory } from "../identity/port.ts";
import type { Principal } from "../identity/model.ts";
import { systemClock, type Clock } from "../kernel/clock.ts";
import type { PrincipalName, TargetName } from "../kernel/ids.ts";
import { systemRandom, type Random } from "../kernel/random.ts";
import { deny, type Denial } from "../kernel/result.ts";
import type { Secret } from "../kernel/secret.ts";
import type { GatePermission } from "../policy/permissions.ts";
import { Gatekeeper } from "../session/gatekeeper.ts";
import { startRecording } from "../session/recording.ts";
import { Holds } from "../session/holds.ts";
import { SessionRegistry, TICK_MS } from "../session/registry.ts";
import { dataPaths } from "../store/data-dir.ts";
import { openStore, type Store } from "../store/open.ts";
import type { Lock } from "../watch/lock.ts";
import { LockService } from "../watch/locks.ts";
import { Notifier, type ChannelStatus } from "../watch/notify.ts";
import type { Config } from "../config/model.ts";
import { watchClock } from "./clock-watch.ts";
import { Configuration } from "./configuration.ts";
import { configDirectory, configHoldings, demandsFactor, withMembers } from "./directory.ts";
import { openChannels } from "./notifications.ts";
import { freeBytes } from "./free-bytes.ts";
import { isNamedIn, providerSettings } from "./providers.ts";
import { openPublishing, type Publishing } from "./publishing.ts";
import { recoverAfterCrash } from "./recover.ts";
import { openPostgresDoor } from "./postgres-door.ts";
import { openSshDoor } from "./ssh-door.ts";
import { Waiting } from "../session/waiting.ts";
import { openBrowsing, type Browsing } from "./browsing.ts";
import { startTicking } from "./ticking.ts";
import { workloadSettings } from "./workloads.ts";
import { openThrottle } from "./throttle.ts";

export const VERSION = "0.1.0";

export interface GateOptions {
  /** Where the configuration was read from; read again at a reload. */
  readonly source: string;
  readonly loaded: { readonly config: Config; readonly text: string };
  readonly dataDir: string;
  readonly masterKey: Secret<Buffer>;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Faults of the gate itself; without secrets. */
  readonly onFault: (error: unknown) => void;
}

/** A running gate without its API: what the API, the demo and the tests stand on. */
export interface Gate extends AsyncDisposable {
  readonly configuration: Configuration;
  readonly store: Store;
  readonly directory: Directory;
  /** Somebody with the groups of this moment. */
  readonly actorNow: (name: PrincipalName) => Actor;
  /** Not a service, and no agent. */
  readonly isPerson: (name: PrincipalName) => Promise<boolean>;
  /** The configuration in force, with the people that identity providers put into its groups. */
  readonly rulebook: () => Config;
  readonly identity: IdentityService<GatePermission>;
  readonly authorities: Authorities;
  readonly access: AccessService;
  readonly gatekeeper: Gatekeeper;
  readonly registry: SessionRegistry;
  readonly holds: Holds;
  readonly locks: LockService;
  readonly publishing: Publishing;
  readonly browsing: Browsing;
  readonly sshPort: number;
  /** Where clients reach databases; absent: there is no door for them. */
  readonly postgres: { readonly host: string; readonly port: number; readonly tls: boolean } | undefined;
  /** Roles in databases that should be gone and are not: a line for each. */
  readonly roleTroubles: () => readonly string[];
  /** How the channels of notifications do. */
  readonly notifications: () => readonly ChannelStatus[];
  /** Looks for them now. */
  readonly sweepRoles: () => Promise<void>;
  /** Holds every permission, by the configuration in force. */
  readonly isOwner: (name: string) => boolean;
  /** One-time secret of the first start; absent once an owner exists. */
  readonly setupSecret: Secret | undefined;
  /** Sessions that a crash had left open. */
  readonly recovered: number;
}

export async function openGate(options: GateOptions): Promise<Gate> {
  const { dataDir, loaded, masterKey, onFault } = options;
  const clock = options.clock ?? systemClock;
  const random = options.random ?? systemRandom;
  const { gate: settings } = loaded.config;
  const { durability, name, node } = settings;
  const origin = `${name}/${node}`;
  const paths = dataPaths(dataDir);

  await using opened = new AsyncDisposableStack();
  const store = opened.use(
    await openStore({ dataDir, node, origin, durability, masterKey, clock, random, diskReserveBytes: settings.limits.diskReserveBytes }),
  );
  await mkdir(paths.recordings, { recursive: true, mode: 0o700 });
  const append = (events: readonly AuditEvent[]): Promise<unknown> => store.log.append(events, "reserved");
  const lost = await recoverAfterCrash(store, paths.recordings, durability);
  const recovered = lost.length;

  const configuration = new Configuration(options.source, loaded, { clock, append });
  const config = (): Config => configuration.current;
  const providers = providerSettings(config);
  const vouched = new Vouched(providers, clock);
  const rulebook = (): Config => withMembers(config(), vouched);
  const directory = configDirectory(config, vouched);
  const holdings = configHoldings(config, directory, () => clock.now());
  const locks = await LockService.open({ store: store.locks, clock, random });
  const authorities = await Authorities.open({ secrets: store.secrets, clock, random });

  const identity = await IdentityService.open<GatePermission>({
    store: store.identity,
    secrets: store.secrets,
    log: store.log,
    directory,
    holdings,
    throttle: await openThrottle(store.log, clock),
    hasBrokenGlass: async (person) =>
      (await store.access.listGrants({ state: "active", principal: person, limit: 100 })).some(
        ({ breakGlass }) => breakGlass !== undefined,
      ),
    loginCa: () => authorities.publicKey("login"),
    databaseAuthority: authorities,
    isTargetName: (text) => config().targets.has(text),
    factors: store.factors,
    gate: { name: config().gate.name, party: () => relyingPartyOf(config().gate.public.url, config().gate.name) },
    demandsFactor: (person) => demandsFactor(config(), person, directory.groupsOf(person)),
    providers: {
      settings: providers,
      vouched,
      publicUrl: () => config().gate.public.url,
      isNamed: (text) => isNamedIn(config(), text),
      isLive: (person) =>
        registry.list().some(
          ({
            permit: {
              authenticated: { principal },
            },
          }) => principal.name === person || principal.actsFor?.name === person,
        ),
      onFault,
    },
    workloads: workloadSettings(config),
    clock,
    random,
  });
  opened.defer(() => identity.flush());

  const principalNow = async (person: PrincipalName): Promise<Principal | Denial> => {
    const user = await store.identity.findUser(person);
    if (!user || user.disabled) return deny("locked", { detail: `"${person}" is ${user ? "disabled" : "not a user"}` });
    const principal = directory.principal(user);
    const alone = await refuseAlone(principal, store.identity);
    return alone ?? principal;
  };
  const isPerson = async (name: PrincipalName): Promise<boolean> => {
    const principal = await principalNow(name);
    return !("allowed" in principal) && principal.type === "human";
  };
  const actorNow = (name: PrincipalName): Actor => {
    const actsFor = directory.actsForOf(name);
    return { name, groups: directory.groupsOf(name), ...(actsFor && { actsFor }) };
  };
  const lockedFor = ({ name: person, groups, actsFor }: Actor, target?: string): Denial | undefined => {
    const on = target === undefined ? {} : { target };
    // What locks a person locks who acts for them.
    const lock =
      locks.find({ principal: person, groups, ...on }) ?? (actsFor && locks.find({ principal: actsFor.name, groups: actsFor.groups }));
    // A lock of one's own first: where the gate's lock leaves something open, it must not hide that one is locked.
    return asDenial("locked", lock) ?? asDenial("gate-locked", locks.gateLocked());
  };

  const access = new AccessService({
    store: store.access,
    rulebook,
    actorNow,
    isDisabled: async (person) => "allowed" in (await principalNow(person)),
    isPerson,
    isLocked: (actor, target?: TargetName) => lockedFor(actor, target),
    mayReview: (actor) =>
      holdings.permissionsOf({ name: actor.name, type: "human", groups: directory.groupsOf(actor.name) }, actor).has("grant.review"),
    clock,
    random,
    limits: () => config().gate.limits,
  });

  const registry: SessionRegistry = new SessionRegistry({
    store: store.sessions,
    grantNow: (id) => store.access.findGrant(id),
    log: store.log,
    rulebook: config,
    principalNow,
    refusalSince: (authenticated) => identity.refusalSince(authenticated),
    lockedFor,
    startRecording: (facts) =>
      startRecording(
        {
          directory: paths.recordings,
          durability,
          keyWrap: store.keyWrap,
          log: store.log,
          clock,
          random,
          hasRoom: () => freeBytes(dataDir) >= settings.limits.diskReserveBytes / 2,
        },
        facts,
      ),
    clock,
    timers: systemTimers,
    random,
  });
  const holds = new Holds({
    demandsOf: (grant, target) => demandsOfHeld(rulebook(), actorNow(grant.principal), grant, target),
    approversOf: (demands, asker) => approversOf(demands, rulebook().groups, asker),
    roleNow: (role) => config().roles.get(role),
    perPerson: () => config().gate.limits.heldPerPerson,
    clock,
    random,
  });
  const gatekeeper = new Gatekeeper({
    access,
    rulebook: config,
    principal: principalNow,
    lockedFor,
    log: store.log,
    liveSessions: (grant) => registry.count(grant),
    recordErrand: async (errand, address, by) =>
      void (await append([{ kind: "errand.started", principal: "gate", body: { errand, address, by } }])),
    clock,
  });

  const publishing = opened.use(
    await openPublishing({ store, directory: paths.published, origin, anchors: settings.anchors, durability, clock, onFault }),
  );
  const notifier = opened.use(
    new Notifier({
      channels: await openChannels(settings.notify, clock),
      gate: origin,
      publicUrl: settings.public.url,
      onFailed: (event) => void append([event]).catch(onFault),
      elapsed: () => clock.elapsed(),
    }),
  );
  opened.use(store.log.subscribe((event) => notifier.notify(event)));

  // What cuts: every change of a grant, a lock, a person or the configuration is held against the live sessions at once.
  const recheck = (): Promise<void> => registry.recheckAll();
  opened.use(access.subscribe(({ grant }) => grant && registry.grantChanged(grant)));
  opened.use(locks.subscribe(() => void recheck().catch(onFault)));
  opened.use(
    identity.subscribe(({ user, what, credential }) => {
      if ((what === "key-removed" || what === "token-revoked") && credential !== undefined) registry.credentialRemoved(user, credential);
      void recheck().catch(onFault);
    }),
  );
  configuration.subscribe(async () => {
    await Promise.all([recheck(), identity.workloads.reconfigured()]);
  });
  startTicking(opened, onFault, [
    [TICK_MS, () => registry.tick()],
    [5000, () => registry.recordEnds()],
    [TICK_MS, () => holds.tick()],
    [1000, () => access.tick()],
    [1000, () => locks.tick()],
    [1000, () => identity.tick()],
    [500, () => identity.providers.tick()],
    [1000, () => notifier.tick()],
    [1000, watchClock(store.log)],
  ]);

  await append([
    { kind: "config.loaded", principal: "gate", body: { hash: config().hash, how: "start", diff: [] } },
    { kind: "gate.started", principal: "gate", body: { version: VERSION, durability, recovered } },
  ]);
  const lockOf = {
    ofPerson: ({ name: person, groups, actsFor }: Principal) =>
      asDenial(
        "locked",
        locks.find({ principal: person, groups }) ?? (actsFor && locks.find({ principal: actsFor.name, groups: actsFor.groups })),
      ),
    ofGate: () => asDenial("gate-locked", locks.gateLocked()),
  };
  // One for every way in: what a person may have waiting is counted over all of them.
  const waiting = new Waiting({
    subscribe: (subscriber) => access.subscribe(subscriber),
    findRequest: (id) => store.access.findRequest(id),
    limits: () => config().gate.limits,
  });
  const listener = opened.use(
    await openSshDoor({
      config,
      rulebook,
      store,
      authorities,
      identity,
      holdings,
      access,
      gatekeeper,
      registry,
      waiting,
      principalNow,
      lockedFor,
      locks: lockOf,
      clock,
      onFault,
    }),
  );
  const browsing = opened.use(
    openBrowsing({
      door: listener,
      authorities,
      identity,
      sessions: store.sessions,
      findGrant: (id) => store.access.findGrant(id),
      roleNow: (role) => config().roles.get(role),
      log: store.log,
      clock,
      random,
      onFault,
    }),
  );
  opened.use(identity.subscribe(() => void browsing.recheckAll()));
  const postgresDoor =
    settings.postgres &&
    opened.use(
      await openPostgresDoor(settings.postgres, {
        config,
        rulebook,
        store,
        authorities,
        identity,
        gatekeeper,
        registry,
        holds,
        waiting,
        random,
        onFault,
        lost,
      }),
    );
  if (postgresDoor) {
    const sweep = async (): Promise<void> => {
      await Promise.all([postgresDoor.roles.tick(), postgresDoor.lost.tick()]);
    };
    void sweep().catch(onFault);
    startTicking(opened, onFault, [[60_000, sweep]]);
  }
  opened.defer(() => append([{ kind: "gate.stopped", principal: "gate", body: { reason: "asked to" } }]).then(() => undefined));
  // Taken down first: people are told, sessions end in the log, and only then do the sockets close.
  opened.defer(() => registry.stop());

  const setupSecret = identity.setupPending() ? await firstSecret(identity) : undefined;
  const everything = opened.move();
  return {
    configuration,
    store,
    directory,
    actorNow,
    isPerson,
    rulebook,
    identity,
    authorities,
    access,
    gatekeeper,
    registry,
    holds,
    locks,
    publishing,
    browsing,
    sshPort: listener.port,
    postgres: postgresDoor && postgresReach(settings, postgresDoor),
    sweepRoles: async () => postgresDoor?.roles.tick(),
    notifications: () => notifier.status(),
    roleTroubles: () => postgresDoor?.roles.troubles() ?? [],
    isOwner: (person) => holdings.isOwner(person as PrincipalName),
    setupSecret,
    recovered,
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
}

/** As clients are told: the public address, with the port that it really has where the system chose one. */
function postgresReach(
  { postgres, public: reach }: Config["gate"],
  { port, tls }: { port: number; tls: boolean },
): { host: string; port: number; tls: boolean } {
  const host = reach.postgres?.host ?? postgres?.host ?? "";
  const publicPort = reach.postgres?.port ?? 0;
  return { host, port: publicPort === 0 || publicPort === postgres?.port ? port : publicPort, tls };
}

function asDenial(code: "locked" | "gate-locked", lock: Lock | undefined): Denial | undefined {
  return lock && deny(code, { detail: lock.reason });
}

async function firstSecret(identity: IdentityService<GatePermission>): Promise<Secret | undefined> {
  const secret = await identity.newSetupSecret();
  return "allowed" in secret ? undefined : secret;
}
