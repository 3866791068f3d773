/** An IdentityService over memory, with cheap hashing, the real throttle, and a configuration that a test may change. */
import { generateKeyPairSync } from "node:crypto";
import { Authorities } from "../../src/identity/authority.ts";
import type { LoginContext } from "../../src/identity/authenticator.ts";
import { isDenial } from "../../src/identity/denial.ts";
import { relyingPartyOf } from "../../src/identity/factors/relying-party.ts";
import type { Authenticated, Principal } from "../../src/identity/model.ts";
import type { ProviderPorts } from "../../src/identity/oidc/identity-providers.ts";
import { PasswordHashing } from "../../src/identity/password-hashing.ts";
import type { Directory } from "../../src/identity/port.ts";
import { IdentityService } from "../../src/identity/service.ts";
import type { Issuers } from "../../src/identity/workload/issuers.ts";
import type { WorkloadSettings } from "../../src/identity/workload/workload.ts";
import type { PrincipalName } from "../../src/kernel/ids.ts";
import { systemRandom } from "../../src/kernel/random.ts";
import type { Denial } from "../../src/kernel/result.ts";
import { Secret } from "../../src/kernel/secret.ts";
import { LoginThrottle } from "../../src/watch/throttle.ts";
import { encodePublicKeyLine, publicKeyBlob } from "../../src/wire/ssh/keys/public-key.ts";
import { MemoryFactorStore } from "./memory-factor-store.ts";
import { MemoryIdentityStore, MemorySecretStore } from "./memory-identity-store.ts";
import { TestClock } from "./test-clock.ts";

export const CHEAP = { memory: 64, passes: 1, lanes: 1 };
export const PASSWORD = new Secret("the heron stands on one leg");
export const home: LoginContext = { door: "api", remote: "192.0.2.7:50000" };
export const away: LoginContext = { door: "ssh", remote: "198.51.100.9:50000" };
export const name = (text: string): PrincipalName => text as PrincipalName;

export function newKey(): { blob: Buffer; line: string } {
  const blob = publicKeyBlob(generateKeyPairSync("ed25519").publicKey);
  return { blob, line: encodePublicKeyLine(blob, "laptop") };
}

/** The value, where a refusal would be a mistake of the test. */
export function granted<T>(value: T): Exclude<T, Denial> {
  if (isDenial(value)) throw new Error(`refused: ${value.code} ${value.detail ?? ""}`);
  return value as Exclude<T, Denial>;
}

interface RigOptions {
  readonly cost?: typeof CHEAP;
  readonly store?: MemoryIdentityStore;
  readonly secrets?: MemorySecretStore;
  readonly actsForOf?: Directory["actsForOf"];
  readonly providers?: ProviderPorts;
  readonly workloads?: () => ReadonlyMap<string, WorkloadSettings>;
  readonly issuers?: (clock: TestClock) => Issuers;
}

export async function identityRig(options: RigOptions = {}) {
  const { store = new MemoryIdentityStore(), secrets = new MemorySecretStore(), actsForOf = () => undefined } = options;
  const clock = new TestClock();
  const groups = new Map<string, string[]>([["owners", ["olga", "otto"]]]);
  /** Whose roles take a second factor. */
  const demanding = new Set<string>();
  const permissions = new Map<string, string[]>();
  const groupsOf = (who: PrincipalName): string[] => [...groups].filter(([, members]) => members.includes(who)).map(([group]) => group);
  const isOwner = (who: string): boolean => groups.get("owners")?.includes(who) === true;
  const everything = ["user.write", "audit.read", "session.kill"];
  const authorities = await Authorities.open({ secrets, clock, random: systemRandom });
  const service = await IdentityService.open<string>({
    store,
    secrets,
    log: store,
    directory: {
      groupsOf,
      actsForOf,
      principal: ({ name: who, type }) => {
        const actsFor = actsForOf(who);
        return { name: who, type, groups: groupsOf(who), ...(actsFor && { actsFor }) };
      },
    },
    holdings: {
      permissionsOf: (principal: Principal) => new Set(isOwner(principal.name) ? everything : permissions.get(principal.name)),
      isPermission: (text) => everything.includes(text),
      isOwner,
    },
    throttle: new LoginThrottle(clock),
    loginCa: () => authorities.publicKey("login"),
    databaseAuthority: authorities,
    isTargetName: (text) => text === "web-1",
    factors: new MemoryFactorStore(store),
    gate: { name: "gate.example", party: () => relyingPartyOf("https://gate.example", "gate.example") },
    demandsFactor: (who) => demanding.has(who),
    ...(options.providers && { providers: options.providers }),
    ...(options.workloads && { workloads: options.workloads }),
    ...(options.issuers && { issuers: options.issuers(clock) }),
    clock,
    random: systemRandom,
    hashing: new PasswordHashing(systemRandom, { cost: options.cost ?? CHEAP }),
  });

  /** A person with a password, made as an owner would. */
  const person = async (user: string, password = PASSWORD): Promise<PrincipalName> => {
    granted(await service.createUser({ name: name("olga") }, { name: user, type: "human" }));
    const { secret } = granted(await service.issueReset({ name: name(user === "olga" ? "otto" : "olga") }, name(user)));
    granted(await service.completeReset(user, secret, password, { door: "api", remote: "203.0.113.1:1" }));
    return name(user);
  };
  const login = async (user: string, context = home): Promise<{ authenticated: Authenticated; token: Secret }> =>
    granted(await service.login(user, PASSWORD, context));
  return { service, store, secrets, clock, groups, demanding, permissions, authorities, person, login };
}
