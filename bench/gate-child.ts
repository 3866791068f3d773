/**
 * A gate in a process of its own, with a real sshd behind it, so that its CPU and memory can be told from the driver's.
 * Says over IPC how to reach both; answers `usage` with what it has used, `collect` after a
 * garbage collection.
 */
import { startEstate } from "../test/kit/estate.ts";
import { OWNER } from "../test/kit/gate.ts";

const durability = process.argv[2] === "process" ? "process" : "power";
await using estate = await startEstate({ durability, limits: "  limits: { connections: 2000, connectionsPerAddress: 2000 }" });
await estate.grant({ durationMs: 4 * 3_600_000 });
const { sshd, test } = estate;

process.on("message", (asked: "usage" | "collect" | "stop") => {
  if (asked === "stop") return void process.exit(0);
  if (asked === "collect") for (let round = 0; round < 3; round++) globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuUs: user + system, rss: process.memoryUsage.rss(), live: test.gate.registry.list().length });
});
process.send?.({
  gate: [...estate.sshArgs("ana"), "web-1.prod@127.0.0.1"],
  hostPort: sshd.port,
  user: sshd.user,
  dir: test.dir,
  owner: OWNER,
});
await new Promise(() => undefined);
