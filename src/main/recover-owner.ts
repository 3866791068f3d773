import { existsSync } from "node:fs";
import type { PrincipalName } from "../kernel/ids.ts";
import { systemClock } from "../kernel/clock.ts";
import { GateError } from "../kernel/errors.ts";
import { systemRandom } from "../kernel/random.ts";
import { IdentityService } from "../identity/service.ts";
import { dataPaths } from "../store/data-dir.ts";
import { openStore } from "../store/open.ts";
import type { GatePermission } from "../policy/permissions.ts";
import { LoginThrottle } from "../watch/throttle.ts";
import { configDirectory, configHoldings } from "./directory.ts";
import { openMasterKey } from "./master-key.ts";
import { readConfig } from "./read-config.ts";

/**
 * `sallyport user recover`, for an owner who is locked out: a one-time secret, from the machine's own console. Whoever
 * can read the data directory and the master key can do this; the log says loudly that it was done. The gate must be
 * stopped: the data directory's lock sees to that.
 */
export async function recoverOwner(options: {
  readonly configPath: string;
  readonly dataDir: string;
  readonly user: string;
}): Promise<{ readonly secret: string; readonly expiresAt: number; readonly factorCode?: string }> {
  const { config } = await readConfig(options.configPath);
  // A mistyped folder must not become a data directory with a log of its own.
  if (!existsSync(dataPaths(options.dataDir).database)) throw new GateError("not-found", `no gate keeps its data in "${options.dataDir}"`);
  const masterKey = await openMasterKey(config.gate.masterKey, { dataDir: options.dataDir });
  const { name, node, durability } = config.gate;
  const [clock, random] = [systemClock, systemRandom];
  await using store = await openStore({
    dataDir: options.dataDir,
    node,
    origin: `${name}/${node}`,
    durability,
    masterKey,
    clock,
    random,
    diskReserveBytes: 0,
  });
  const directory = configDirectory(() => config, { groupsOf: () => [] });
  const identity = await IdentityService.open<GatePermission>({
    store: store.identity,
    secrets: store.secrets,
    log: store.log,
    directory,
    holdings: configHoldings(
      () => config,
      directory,
      () => clock.now(),
    ),
    throttle: new LoginThrottle(clock),
    loginCa: () => Buffer.alloc(0),
    databaseAuthority: { databaseCertificate: Buffer.alloc(0), issueDatabase: () => Promise.reject(new GateError("internal")) },
    isTargetName: (text) => config.targets.has(text),
    factors: store.factors,
    gate: { name, party: () => undefined },
    demandsFactor: () => false,
    clock,
    random,
  });
  const issued = await identity.issueRecovery(options.user as PrincipalName);
  if ("allowed" in issued) throw new GateError(issued.code, issued.detail);
  // Whoever lost everything has lost the second factor too, and a new one is set up only with one.
  const user = options.user as PrincipalName;
  const code = (await identity.factors.list(user)).length > 0 ? (await identity.factors.resetAtConsole(user)).code : undefined;
  return { secret: issued.secret.reveal(), expiresAt: issued.expiresAt, ...(code && { factorCode: code.reveal() }) };
}
