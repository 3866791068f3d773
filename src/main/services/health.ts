import type { HealthService } from "../../api/services/gate.ts";
import type { Clock } from "../../kernel/clock.ts";
import { freeBytes } from "../free-bytes.ts";
import type { Gate } from "../gate.ts";
import { storageOf } from "./storage.ts";

type Check = ReturnType<HealthService["health"]>["checks"][number];

/** What the gate watches about itself; the worst of it is the gate's state. */
export function healthService(gate: Gate, dataDir: string, version: string, clock: Clock): HealthService {
  const startedAt = clock.now();
  const storage = storageOf(dataDir, () => gate.configuration.current.gate.limits.diskReserveBytes, clock);
  return {
    storage,
    health: () => {
      const { size, lastTime } = gate.store.log.head();
      const checks = [
        diskCheck(gate, dataDir),
        clockCheck(lastTime, clock),
        logCheck(gate),
        ...anchorChecks(gate),
        lockCheck(gate),
        ...doorChecks(gate),
        ...notifyChecks(gate),
        ...roleChecks(gate),
        ...providerChecks(gate),
      ];
      const state = checks.some((check) => check.state === "failing")
        ? "failing"
        : checks.some((check) => check.state === "warning")
          ? "warning"
          : "ok";
      return { state, version, startedAt, log: { size, lastTime }, sessions: gate.registry.list().length, checks };
    },
  };
}

function diskCheck({ configuration }: Gate, dataDir: string): Check {
  const reserve = configuration.current.gate.limits.diskReserveBytes;
  const free = freeBytes(dataDir);
  const detail = `${Math.floor(free / 2 ** 20)} MiB free, ${Math.floor(reserve / 2 ** 20)} MiB kept in reserve`;
  return { name: "disk", state: free < reserve ? "failing" : free < 4 * reserve ? "warning" : "ok", detail };
}

function clockCheck(lastTime: number, clock: Clock): Check {
  const behindMs = lastTime - clock.now();
  return behindMs > 5000
    ? { name: "clock", state: "failing", detail: `it is ${Math.ceil(behindMs / 1000)} s behind the log; no session opens` }
    : { name: "clock", state: "ok", detail: "not behind the log" };
}

function logCheck({ publishing }: Gate): Check {
  const trouble = publishing.trouble();
  return trouble === undefined
    ? { name: "published log", state: "ok", detail: "signed up to now" }
    : { name: "published log", state: "failing", detail: `no new head is signed: ${trouble}` };
}

function anchorChecks({ publishing }: Gate): Check[] {
  const anchors = publishing.anchoring.status();
  if (anchors.length === 0) {
    return [{ name: "anchors", state: "warning", detail: "none: whoever has this machine could rewrite the log unnoticed" }];
  }
  return anchors.map(({ anchor, state, size, failures }) => {
    const name = `anchor ${anchor}`;
    if (state === "mismatch") return { name, state: "failing", detail: "what it holds is not this log's past" };
    if (state === "failing") return { name, state: "warning", detail: `${failures} failures in a row` };
    return { name, state: "ok", detail: size === undefined ? "not asked yet" : `holds the log up to entry ${size}` };
  });
}

/** A door that could not be opened has kept the gate from starting. */
function doorChecks({ sshPort, postgres, registry }: Gate): Check[] {
  const open = (protocol: string): string => {
    const live = registry.list().filter((session) => session.protocol === protocol).length;
    return `${live} ${live === 1 ? "session" : "sessions"}`;
  };
  const ssh: Check = { name: "door ssh", state: "ok", detail: `port ${sshPort}, ${open("ssh")}` };
  return [
    ssh,
    ...(postgres ? [{ name: "door postgres", state: "ok", detail: `port ${postgres.port}, ${open("postgres")}` } as const] : []),
  ];
}

function notifyChecks({ notifications }: Gate): Check[] {
  return notifications().map(({ channel, waiting, trouble }) => ({
    name: `notify ${channel}`,
    state: trouble === undefined ? "ok" : "warning",
    detail: trouble === undefined ? `${waiting} waiting` : `the last one was given up: ${trouble}; ${waiting} waiting`,
  }));
}

function roleChecks({ roleTroubles }: Gate): Check[] {
  return roleTroubles().map((detail) => ({ name: "database roles", state: "failing", detail }));
}

function providerChecks({ identity }: Gate): Check[] {
  return identity.providers.health().map(({ name, ok, detail }) => ({
    name: `identity provider ${name}`,
    state: ok === false ? "warning" : "ok",
    detail,
  }));
}

function lockCheck({ locks }: Gate): Check {
  const lock = locks.gateLocked();
  return lock
    ? { name: "lock", state: "warning", detail: `the gate is locked: ${lock.reason}` }
    : { name: "lock", state: "ok", detail: "not locked" };
}
