/** The hosts of the demo: real ones where the machine has an sshd that takes the gate's logins, simulated ones otherwise. */
import { join } from "node:path";
import { systemClock } from "../../kernel/clock.ts";
import { generateEd25519 } from "../../wire/ssh/keys/private-key.ts";
import type { Gate } from "../gate.ts";
import { hostService } from "../services/hosts.ts";
import type { SshdFound } from "./find-sshd.ts";
import type { DemoHost, HostPlan } from "./host.ts";
import { takePort } from "./ports.ts";
import { HOST_NAMES } from "./production.ts";
import { startRealHost } from "./real-host.ts";
import { startSimulatedHost } from "./simulated-host.ts";

const SIMULATED_ACCOUNT = "infra";

export type PlannedHost = Omit<HostPlan, "authority">;

export async function planHosts(found: SshdFound, taken: Set<number>): Promise<readonly PlannedHost[]> {
  const account = "account" in found ? found.account : SIMULATED_ACCOUNT;
  const hosts: PlannedHost[] = [];
  for (const name of HOST_NAMES) {
    const port = await takePort(0, taken);
    taken.add(port);
    hosts.push({ name, port, key: generateEd25519(), account });
  }
  return hosts;
}

export interface Estate extends AsyncDisposable {
  readonly kind: DemoHost["kind"];
  readonly whySimulated?: string;
}

export async function startEstate(
  planned: readonly PlannedHost[],
  options: { readonly gate: Gate; readonly found: SshdFound; readonly folder: string },
): Promise<Estate> {
  const authority = options.gate.authorities.publicLine("access");
  const plans = planned.map((host) => ({ ...host, authority }));
  const { found, folder, gate } = options;
  if ("why" in found) return { ...(await startAll("simulated", plans, startSimulatedHost)), whySimulated: found.why };
  const { sshd } = found;
  try {
    await using opened = new AsyncDisposableStack();
    const estate = opened.use(
      await startAll("real", plans, (plan) => startRealHost(plan, { sshd, folder: join(folder, "hosts", plan.name) })),
    );
    const refused = await whyRefused(plans, gate);
    if (refused === undefined) {
      const kept = opened.move();
      return { ...estate, [Symbol.asyncDispose]: () => kept.disposeAsync() };
    }
    throw new Error(refused);
  } catch (error) {
    const estate = await startAll("simulated", plans, startSimulatedHost);
    const why = error instanceof Error ? error.message : String(error);
    return { ...estate, whySimulated: `this machine's sshd cannot be used: ${why}` };
  }
}

async function startAll(kind: DemoHost["kind"], plans: readonly HostPlan[], start: (plan: HostPlan) => Promise<DemoHost>): Promise<Estate> {
  await using opened = new AsyncDisposableStack();
  for (const plan of plans) opened.use(await start(plan));
  const kept = opened.move();
  return { kind, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** An account can be locked, without a shell, or shut out by the system: the gate tries before anybody is told that it works. */
async function whyRefused([plan]: readonly HostPlan[], gate: Gate): Promise<string | undefined> {
  const target = plan && gate.configuration.current.targets.get(plan.name);
  if (!plan || !target) return "it is not a target";
  const { gatekeeper, authorities, store } = gate;
  const hosts = hostService({ gatekeeper, authorities, log: store.log, accounts: () => [plan.account], clock: systemClock });
  const report = await hosts.check(target, plan.account, "gate");
  if ("allowed" in report) return report.detail ?? report.code;
  return report.findings.find(({ check, ok }) => !ok && (check === "reachable" || check === "access certificate" || check === "commands"))
    ?.detail;
}
