/** Sessions that somebody else must be present at, with a real ssh and sshd; presence is a stream of the API. */
import { userInfo } from "node:os";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Client } from "../../src/contract/client.ts";
import type { Grant } from "../../src/access/model.ts";
import type { SessionId } from "../../src/kernel/ids.ts";
import type { LiveSession } from "../../src/session/live-session.ts";
import { LEA, startLiveEstate, type LiveEstate } from "../kit/live-estate.ts";
import { othersPass } from "../kit/meanwhile.ts";
import { requirePeer } from "../kit/peers.ts";
import type { Talk } from "../kit/talk.ts";
import { until } from "../kit/until.ts";

const sshd = requirePeer("OpenSSH server", "sshd");
const HOST = "web-1.prod@127.0.0.1";
const SSH = `ssh: { account: ${userInfo().username}, shell: true, exec: true }`;

describe.skipIf(sshd.missing)(sshd.title("a session that needs a moderator"), () => {
  let world: LiveEstate;

  beforeAll(async () => {
    world = await startLiveEstate({
      roles: `  paused: { ${SSH}, moderator: { who: ["group:leads"] } }
  ended: { ${SSH}, moderator: { who: ["group:leads", ana], absent: end } }`,
      rules:
        '  - { name: more, who: ["group:oncall"], roles: [paused, ended], targets: { labels: { service: checkout } }, max: 4h, approval: 1 of leads }',
    });
  });
  afterEach(() => world.endAll());
  afterAll(() => world?.[Symbol.asyncDispose]());

  const start = async (role: string, command: string): Promise<{ client: Talk; session: LiveSession; grant: Grant }> => {
    const grant = await world.estate.grant({ role });
    const client = world.ssh("-tt", HOST, command);
    return { client, session: await world.live(), grant };
  };
  /** Present until it is disposed of; frames are thrown away. */
  const moderate = async (client: Client, id: SessionId): Promise<Disposable> => {
    const stop = new AbortController();
    const frames = await client.call("sessions.moderate", { params: { id } }, { signal: stop.signal });
    void (async () => {
      for await (const _ of frames);
    })().catch(() => undefined);
    return { [Symbol.dispose]: () => stop.abort() };
  };
  const told = (client: Talk, what: string): Promise<void> => until(() => client.stderr().includes(what));
  const kinds = async ({ id }: LiveSession): Promise<string[]> =>
    (await world.estate.test.gate.store.log.query({ session: id, order: "asc", limit: 100 }))
      .map(({ kind }) => kind)
      .filter((kind) => /moderator|exec|cleanup/.test(kind));

  test("nothing reaches the target before one is there; it stands still when the last one leaves, and goes on with the next", async () => {
    const { client, session } = await start("paused", "stty -echo; echo begun; while read line; do echo got $line; done");
    await told(client, "waits for a moderator (leads)");
    await othersPass(world.estate);
    expect([client.text(), await kinds(session)]).toEqual(["", []]);
    expect((await world.ana.call("sessions.show", { params: { id: session.id } })).moderation).toMatchObject({
      present: [],
      mayModerate: false,
    });

    const first = await moderate(world.lea, session.id);
    await client.seen("begun");
    expect(await kinds(session)).toEqual(["session.moderator-joined", "ssh.exec"]);
    const second = await moderate(world.olga, session.id);
    await told(client, "olga moderates this session");
    // Who may moderate finds it without any permission; nobody else's sessions do.
    const { sessions } = await world.lea.call("sessions.list", { query: { toModerate: true } });
    expect(sessions.map(({ id }) => id)).toEqual([session.id]);
    expect((await world.olga.call("sessions.show", { params: { id: session.id } })).moderation?.present.map(({ who }) => who)).toEqual([
      "lea",
      "olga",
    ]);
    first[Symbol.dispose]();
    await told(client, "the moderator lea left");
    client.say("one\n");
    await client.seen("got one");

    second[Symbol.dispose]();
    await told(client, "the moderator olga left: nothing passes until one is there");
    client.say("two\n");
    await othersPass(world.estate);
    expect(client.text()).not.toContain("got two");
    using _ = await moderate(world.lea, session.id);
    await client.seen("got two");
  });

  test("in mid-command it ends where the role says so, and nothing of it is left", async () => {
    const { client, session } = await start("ended", "echo begun; while :; do echo tick; sleep 0.1; done");
    const only = await moderate(world.lea, session.id);
    await client.seen("tick");
    only[Symbol.dispose]();
    const { status } = await client.ended;
    expect([status, client.stderr().includes("[no-moderator]") || client.text().includes("[no-moderator]")]).toEqual([255, true]);
    await until(async () => (await kinds(session)).includes("ssh.cleanup"));
    expect((await world.estate.test.gate.store.sessions.find(session.id))?.ended?.code).toBe("no-moderator");
  }, 30_000);

  test("not by its own person, though named; not by somebody who is not; not where none is needed", async () => {
    const { client, session } = await start("ended", "echo begun");
    const id = { params: { id: session.id } };
    await expect(world.ana.call("sessions.moderate", id)).rejects.toMatchObject({ code: "own-request" });
    expect(session.control.isHalted).toBe(true);
    client.child.kill();
    await client.ended;
    await until(() => session.ended);
    await expect(world.lea.call("sessions.moderate", id)).rejects.toMatchObject({ code: expect.stringMatching(/not-found|wrong-state/) });

    await world.estate.test.gate.access.revoke(session.grant.id, LEA, "done");
    const plain = await start("debug", "echo begun; sleep 60");
    await plain.client.seen("begun");
    await expect(world.olga.call("sessions.moderate", { params: { id: plain.session.id } })).rejects.toMatchObject({ code: "wrong-state" });
    await expect(world.lea.call("sessions.moderate", { params: { id: plain.session.id } })).rejects.toMatchObject({ code: "not-found" });
    await expect(world.lea.call("sessions.show", { params: { id: plain.session.id } })).rejects.toMatchObject({ code: "not-found" });
    expect((await world.lea.call("sessions.list", { query: { toModerate: true } })).sessions).toEqual([]);
  });

  test("whoever loses the group, or is locked, is not present any more", async () => {
    const { client, session } = await start("paused", "echo begun; sleep 600");
    using _ = await moderate(world.lea, session.id);
    await client.seen("begun");
    const lock = await world.olga.call("locks.create", { body: { subject: { kind: "principal", name: "lea" }, reason: "laptop stolen" } });
    await until(() => session.control.isHalted);
    // It stands still first, and is logged then.
    await until(async () => (await kinds(session)).includes("session.moderator-left"));
    expect(await kinds(session)).toEqual(["session.moderator-joined", "ssh.exec", "session.moderator-left"]);
    await world.olga.call("locks.lift", { params: { id: lock.id }, body: { reason: "found" } });
  });

  test("nothing went wrong inside the gate meanwhile", () => {
    expect(world.estate.test.faults).toEqual([]);
  });
});
