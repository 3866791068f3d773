/**
 * A live session that is frozen: nothing passes, nothing is lost, and it ends when its grant does. Asked for through the
 * API, held against a real ssh and a real sshd.
 */
import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { SessionId } from "../../src/kernel/ids.ts";
import { LEA, startLiveEstate, type LiveEstate } from "../kit/live-estate.ts";
import { othersPass } from "../kit/meanwhile.ts";
import { requirePeer } from "../kit/peers.ts";
import { talk, type Talk } from "../kit/talk.ts";
import { until } from "../kit/until.ts";

const sshd = requirePeer("OpenSSH server", "sshd");
const HOST = "web-1.prod@127.0.0.1";
const REASON = { reason: "wrong host\u200f" };
const BYTES = 50_000_000;
const ZEROS = "0".repeat(32);

describe.skipIf(sshd.missing)(sshd.title("a session that is frozen"), () => {
  let world: LiveEstate;

  beforeAll(async () => {
    world = await startLiveEstate({ sshd: { extraConfig: ["ClientAliveInterval 1", "ClientAliveCountMax 2"] } });
  });
  afterEach(() => world.endAll());
  afterAll(() => world?.[Symbol.asyncDispose]());

  const live = async (): Promise<{ id: SessionId }> => ({ id: (await world.live()).id });
  const freeze = (params: { id: SessionId }) => world.olga.call("sessions.freeze", { params, body: REASON });
  const thaw = (params: { id: SessionId }) => world.olga.call("sessions.thaw", { params, body: { reason: "it is the right one" } });
  const ssh = (...args: string[]): Talk => world.ssh("-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=2", ...args);
  const kinds = async (id: SessionId): Promise<string[]> =>
    (
      await world.estate.test.gate.store.log.query({
        session: id,
        kinds: ["session.frozen", "session.thawed", "session.messaged"],
        order: "asc",
        limit: 100,
      })
    ).map(({ kind, principal, body }) => `${kind} ${principal ?? ""} by ${(body as { by: string }).by}`);

  test("nothing passes in either direction, the person is told by whom and why, and what they typed comes through later", async () => {
    await world.estate.grant();
    const client = ssh("-tt", HOST, "stty -echo; echo ready; while read line; do echo got $line; done");
    await client.seen("ready");
    const params = await live();
    expect(await freeze(params)).toMatchObject({ frozen: { by: "olga", reason: REASON.reason } });
    expect(await kinds(params.id)).toEqual(["session.frozen ana by olga"]);
    // What would act, or read differently from what it is, is not shown as it came.
    await told(client, "sallyport: frozen by olga: wrong host?. Nothing passes");
    const { bytesIn, bytesOut } = world.estate.test.gate.registry.list()[0] ?? {};
    client.say("one\ntwo\n");
    // Time itself is what is tested: both sides ask for signs of life every second and give up after two. By now each
    // would have, were it not answered.
    await delay(4500);
    expect(client.text()).not.toContain("got one");
    expect(world.estate.test.gate.registry.list()[0]).toMatchObject({ bytesIn, bytesOut });
    expect(await world.ana.call("sessions.show", { params })).toMatchObject({ frozen: { by: "olga" } });
    expect((await thaw(params)).frozen).toBeUndefined();
    await told(client, "thawed by olga: this session goes on");
    await client.seen(/got one\s+got two/);
    expect(await kinds(params.id)).toEqual(["session.frozen ana by olga", "session.thawed ana by olga"]);
  });

  test.each([
    ["down", `head -c ${BYTES} /dev/zero | openssl enc -aes-128-ctr -K ${ZEROS} -iv ${ZEROS}`],
    ["up", "sha256sum"],
  ])(
    "fifty megabytes %s, frozen ten times: not a byte is lost, added or out of place",
    async (way, command) => {
      await world.estate.grant();
      const stream = await keystream();
      const client = ssh(HOST, command);
      const hash = createHash("sha256");
      let seen = 0;
      client.child.stdout.removeAllListeners("data").setEncoding("latin1");
      let said = "";
      client.child.stdout.on("data", (chunk: string) => {
        seen += chunk.length;
        if (way === "up") said += chunk;
        else hash.update(Buffer.from(chunk, "latin1"));
      });
      if (way === "up") client.child.stdin.end(stream);
      const params = await live();
      const session = world.estate.test.gate.registry.find(params.id);
      const passed = (): number => (session?.bytesIn ?? 0) + (session?.bytesOut ?? 0);
      for (let round = 1; round <= 10; round += 1) {
        await until(() => passed() >= (round * BYTES) / 12);
        await freeze(params);
        const [before, told] = [passed(), seen];
        await othersPass(world.estate);
        expect(passed()).toBe(before);
        // What the kernel and the client's own buffers held already may still arrive: no more than that.
        expect(seen - told).toBeLessThan(8_000_000);
        await thaw(params);
      }
      expect(await client.ended).toMatchObject({ status: 0 });
      const whole = createHash("sha256").update(stream).digest("hex");
      expect(way === "up" ? said : `${hash.digest("hex")} of ${seen}`).toBe(way === "up" ? `${whole}  -\n` : `${whole} of ${BYTES}`);
    },
    120_000,
  );

  test("it ends with its grant all the same, and nothing that was typed meanwhile reaches the target", async () => {
    const grant = await world.estate.grant({ durationMs: 3000 });
    const mark = `/tmp/sallyport-frozen-${grant.id}`;
    const client = ssh("-tt", HOST, `stty -echo; echo ready; read line; touch ${mark}`);
    await client.seen("ready");
    await freeze(await live());
    client.say("go\n");
    const { status, stdout } = await client.ended;
    expect({ status, told: stdout.includes("[grant-ended]") || client.stderr().includes("[grant-ended]") }).toEqual({
      status: 255,
      told: true,
    });
    await until(() => world.estate.test.gate.registry.list().length === 0);
    await world.estate.grant();
    expect((await world.estate.ssh([`ls ${mark}`])).status).not.toBe(0);
  });

  test("a revocation cuts it; so does its person, who may leave", async () => {
    const grant = await world.estate.grant();
    const client = ssh("-tt", HOST, "echo ready; sleep 600");
    await client.seen("ready");
    await freeze(await live());
    await world.estate.test.gate.access.revoke(grant.id, LEA, "enough");
    expect((await client.ended).status).toBe(255);

    await world.estate.grant();
    const other = ssh(HOST, "echo ready; sleep 600");
    await other.seen("ready");
    const { id } = await live();
    await freeze({ id });
    other.child.kill();
    await until(async () => (await world.estate.test.gate.store.sessions.find(id))?.ended?.how === "closed");
  });

  test("a line for the person is shown, made harmless; where nobody reads along it says so", async () => {
    await world.estate.grant();
    const client = ssh("-tt", HOST, "echo ready; sleep 600");
    await client.seen("ready");
    const params = await live();
    const text = "mind the replica \u202eevil";
    expect(await world.olga.call("sessions.message", { params, body: { text } })).toEqual({ shown: true });
    await told(client, "sallyport: olga says: mind the replica ?evil");
    await expect(world.olga.call("sessions.message", { params, body: { text: "\u001b]0;title\u0007" } })).rejects.toMatchObject({
      code: "bad-request",
    });
    expect(await kinds(params.id)).toEqual(["session.messaged ana by olga"]);
    client.child.kill();
    await client.ended;
    await until(() => world.estate.test.gate.registry.list().length === 0);
    const files = talk("sftp", [...world.estate.sshArgs("ana"), "-b", "-", HOST]);
    await until(async () => (await world.estate.test.gate.store.log.query({ kinds: ["ssh.subsystem"], limit: 1 })).length === 1);
    expect(await world.olga.call("sessions.message", { params: await live(), body: { text } })).toEqual({ shown: false });
    files.child.stdin.end();
    await files.ended;
  });

  test("who may not is refused, and nobody thaws themself", async () => {
    await world.estate.grant();
    const client = ssh("-tt", HOST, "echo ready; sleep 600");
    await client.seen("ready");
    const params = await live();
    await expect(world.ana.call("sessions.freeze", { params, body: REASON })).rejects.toMatchObject({ code: "not-permitted" });
    await expect(world.ana.call("sessions.message", { params, body: { text: "x" } })).rejects.toMatchObject({ code: "not-permitted" });
    await expect(thaw(params)).rejects.toMatchObject({ code: "wrong-state" });
    await freeze(params);
    await expect(freeze(params)).rejects.toMatchObject({ code: "wrong-state" });
    await expect(world.ana.call("sessions.thaw", { params, body: REASON })).rejects.toMatchObject({ code: "not-permitted" });
    expect(await world.estate.test.gate.registry.controls.thaw(params.id, "ana", "let me")).toMatchObject({ code: "not-permitted" });
    expect(world.estate.test.gate.registry.find(params.id)?.control.isHalted).toBe(true);
    await expect(freeze({ id: "s-0000000000" as SessionId })).rejects.toMatchObject({ code: "not-found" });
  });

  test("nothing went wrong inside the gate meanwhile", () => {
    expect(world.estate.test.faults).toEqual([]);
  });
});

/** On stderr, where it never mixes with what the target says. */
function told(client: Talk, what: string): Promise<void> {
  return until(() => client.stderr().includes(what));
}

/** Bytes without a pattern, the same each time. */
async function keystream(): Promise<Buffer> {
  const { createCipheriv } = await import("node:crypto");
  return createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(BYTES));
}
