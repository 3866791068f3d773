/** Live sessions looked at: by one who watches, and on a wall of many; with a real ssh and sshd. */
import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Client } from "../../src/contract/client.ts";
import type { SessionId } from "../../src/kernel/ids.ts";
import { startLiveEstate, type LiveEstate } from "../kit/live-estate.ts";
import { requirePeer } from "../kit/peers.ts";
import type { Talk } from "../kit/talk.ts";
import { until } from "../kit/until.ts";

const sshd = requirePeer("OpenSSH server", "sshd");
const HOST = "web-1.prod@127.0.0.1";

describe.skipIf(sshd.missing)(sshd.title("watching"), () => {
  let world: LiveEstate;

  beforeAll(async () => {
    world = await startLiveEstate({ sshd: { extraConfig: ["LogLevel ERROR"] } });
  });
  afterEach(() => world.endAll());
  afterAll(() => world?.[Symbol.asyncDispose]());

  const start = async (...command: string[]): Promise<{ client: Talk; id: SessionId }> => {
    await world.estate.grant();
    const client = world.ssh(...command);
    return { client, id: (await world.live()).id };
  };
  /** What a thin view holds after each of its frames: a reset begins anew. */
  const look = (id: SessionId): Disposable & { shown(): string; resets(): number } => {
    const stop = new AbortController();
    let [shown, resets] = ["", 0];
    void (async () => {
      const frames = await world.olga.call("sessions.live", { params: { id }, query: { thin: true } }, { signal: stop.signal });
      for await (const { type, data } of frames) {
        if (type === "reset") [shown, resets] = ["", resets + 1];
        else if (type === "stdout") shown += Buffer.from(data ?? "", "base64").toString();
      }
    })().catch(() => undefined);
    return { shown: () => shown, resets: () => resets, [Symbol.dispose]: () => stop.abort() };
  };

  test("the person is told who watches, everybody may see who does, and what was shown before is to be seen", async () => {
    const { client, id } = await start("-tt", HOST, "stty -echo; echo before; while read line; do echo got $line; done");
    await client.seen("before");
    const view = look(id);
    await until(() => view.shown().includes("before"));
    await until(() => client.stderr().includes("olga watches this session"));
    expect((await world.ana.call("sessions.show", { params: { id } })).watchers?.map(({ who }) => who)).toEqual(["olga"]);
    client.say("one\n");
    await until(() => view.shown().includes("got one"));
    expect(view.resets()).toBe(1);
    view[Symbol.dispose]();
    await until(() => client.stderr().includes("olga no longer watches"));
    expect((await world.ana.call("sessions.show", { params: { id } })).watchers).toEqual([]);
    await expect(world.api.nobody.call("sessions.live", { params: { id }, query: { thin: true } })).rejects.toMatchObject({
      code: "not-authenticated",
    });
    await expect(world.lea.call("sessions.live", { params: { id }, query: { thin: true } })).rejects.toMatchObject({ code: "not-found" });
  });

  test("a session that shows more than anybody can look at loses nothing, and its watchers see how it ends", async () => {
    const bytes = 30_000_000;
    const { client, id } = await start("-tt", HOST, `sleep 0.5; head -c ${bytes} /dev/zero; echo the end; sleep 2`);
    client.child.stdout.removeAllListeners("data").removeAllListeners("readable").setEncoding("latin1");
    const hash = createHash("sha256");
    let seen = 0;
    client.child.stdout.on("data", (chunk: string) => {
      seen += chunk.length;
      hash.update(chunk, "latin1");
    });
    using view = look(id);
    await client.ended;
    const whole = createHash("sha256").update(Buffer.alloc(bytes)).update("the end\r\n").digest("hex");
    expect([seen, hash.digest("hex")]).toEqual([bytes + 9, whole]);
    await until(() => view.shown().endsWith("the end\r\n"));
    // Behind, and begun anew, with no more than its bound.
    expect(view.resets()).toBeGreaterThan(1);
    expect(view.shown().length).toBeLessThan(1_000_000);
  }, 60_000);

  test("the wall hears of each session that opens, is frozen, watched, and ends; others hear of their own alone", async () => {
    const stop = new AbortController();
    const heard: string[] = [];
    const others: string[] = [];
    const listen = async (client: Client, into: string[]): Promise<void> => {
      const changes = await client.call("sessions.stream", {}, { signal: stop.signal });
      void (async () => {
        for await (const { change, session } of changes)
          into.push(`${change} ${session.frozen ? "frozen" : session.ended ? "ended" : "live"}`);
      })().catch(() => undefined);
    };
    await listen(world.olga, heard);
    await listen(world.lea, others);
    // The stream tells first of what is there already: one that opens meanwhile would be told of twice.
    await world.estate.grant();
    await world.estate.ssh(["true"]);
    await until(() => heard.includes("ended ended"));
    await world.endAll();
    heard.length = 0;
    const { client, id } = await start(HOST, "echo begun; sleep 600");
    await client.seen("begun");
    await world.olga.call("sessions.freeze", { params: { id }, body: { reason: "wait" } });
    await world.olga.call("sessions.kill", { params: { id }, body: { reason: "no" } });
    await until(() => heard.includes("ended ended"));
    expect(heard).toEqual(["started live", "changed frozen", "ended ended"]);
    expect(others).toEqual([]);
    stop.abort();
  });

  test("nothing went wrong inside the gate meanwhile", () => {
    expect(world.estate.test.faults).toEqual([]);
  });
});
