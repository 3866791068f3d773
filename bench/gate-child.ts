/**
 * A gate in a process of its own, with a real sshd behind it, so that its CPU and memory can be told from the driver's.
 * Says over IPC how to reach both; answers `usage` with what it has used, `collect` after a
 * garbage collection.
 */
import { once } from "node:events";
import { startEstate } from "../test/kit/estate.ts";
import { openEstateApi } from "../test/kit/estate-api.ts";

const durability = process.argv[2] === "process" ? "process" : "power";
await using estate = await startEstate({
  durability,
  limits: "  limits: { connections: 2000, connectionsPerAddress: 2000 }",
  // What the tests have sshd log would be written while we measure, and shown to the client.
  sshd: { extraConfig: ["LogLevel INFO"] },
});
await estate.grant({ durationMs: 4 * 3_600_000 });
const { sshd, test } = estate;
await using api = await openEstateApi(test);

process.on("message", (asked: "usage" | "collect") => {
  if (asked === "collect") for (let round = 0; round < 3; round++) globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuUs: user + system, rss: process.memoryUsage.rss(), live: test.gate.registry.list().length });
});
process.send?.({
  gate: [...estate.sshArgs("ana"), "web-1.prod@127.0.0.1"],
  hostPort: sshd.port,
  hostDir: sshd.dir,
  user: sshd.user,
  api: { url: api.url, token: await api.token("ana") },
});
// The driver lets go, or is gone: sshd and the scratch folders go too.
await once(process, "disconnect");
