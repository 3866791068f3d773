/**
 * What being looked at costs: twenty busy sessions at once through the gate, by themselves and with each of them on a
 * wall of thin views, interleaved, medians. Needs Debian's openssh-server and openssh-client.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { PrincipalName } from "../src/kernel/ids.ts";
import { startEstate } from "../test/kit/estate.ts";
import { openEstateApi } from "../test/kit/estate-api.ts";
import { until } from "../test/kit/until.ts";
import { median, type Result } from "./result.ts";

const SESSIONS = 20;
const ROUNDS = 5;
/** Of each session, in lines as a log shows them. */
const LINES = 100_000;

export async function* benchWatched(): AsyncIterable<Result> {
  await using estate = await startEstate({ durability: "process", sshd: { extraConfig: ["LogLevel ERROR"] } });
  await using api = await openEstateApi(estate.test);
  const { registry } = estate.test.gate;
  const grant = await estate.grant();
  const olga = await api.logIn("olga");

  /** Seconds from the moment all begin until each has shown everything. */
  const run = async (isWatched: boolean): Promise<number> => {
    const command = `read go; i=0; seq -f 'line %.0f of a log that goes on and on and on' ${LINES}`;
    const args = [...estate.sshArgs("ana", "-o", "BatchMode=yes"), "-tt", "web-1.prod@127.0.0.1", command];
    const clients = Array.from({ length: SESSIONS }, () => spawn("ssh", args, { stdio: ["pipe", "pipe", "ignore"] }));
    const ends = clients.map((client) => once(client, "close"));
    for (const client of clients) client.stdout.resume();
    await until(() => registry.list().length === SESSIONS);
    const stop = new AbortController();
    const views = isWatched ? registry.list() : [];
    const watching = views.map(async ({ id }) => {
      const frames = await olga.call("sessions.live", { params: { id }, query: { thin: true } }, { signal: stop.signal });
      for await (const _ of frames);
    });
    if (isWatched) await until(() => views.every(({ id }) => registry.watchers.of(id).length === 1));
    const start = performance.now();
    for (const client of clients) client.stdin.write("go\n");
    await Promise.all(ends);
    const seconds = (performance.now() - start) / 1000;
    stop.abort();
    await Promise.allSettled(watching);
    await until(() => registry.list().length === 0);
    return seconds;
  };

  await run(true);
  const times: { alone: number[]; watched: number[] } = { alone: [], watched: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    times.alone.push(await run(false));
    times.watched.push(await run(true));
  }
  await estate.test.gate.access.revoke(grant.id, { name: "lea" as PrincipalName, groups: ["leads"] }, "done");
  yield { name: "ssh.watched", value: median(times.watched) / median(times.alone), unit: "ratio", vs: "unwatched" };
}
