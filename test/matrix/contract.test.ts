/**
 * What every protocol owes, run for each of them. A protocol joins by an entry in DRIVERS; leaving one of the folders of
 * src/proxy/ out does not compile away: the first test fails.
 */
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { AuditEvent } from "../../src/audit/event.ts";
import { GateError } from "../../src/kernel/errors.ts";
import { requirePeer } from "../kit/peers.ts";
import { until } from "../kit/until.ts";
import type { ProtocolDriver } from "./driver.ts";
import { postgresDriver } from "./postgres-driver.ts";
import { sshDriver } from "./ssh-driver.ts";

const DRIVERS: Readonly<Record<string, { readonly driver: ProtocolDriver; readonly client: string }>> = {
  postgres: { driver: postgresDriver, client: "psql" },
  ssh: { driver: sshDriver, client: "ssh" },
};

it("every protocol is here", () => {
  expect(Object.keys(DRIVERS).sort()).toEqual(readdirSync(new URL("../../src/proxy", import.meta.url)).sort());
});

for (const [name, { driver, client }] of Object.entries(DRIVERS)) {
  const peer = requirePeer(client, client);
  describe.skipIf(peer.missing)(`${name}: ${peer.title("what every protocol owes")}`, () => {
    it("without a grant not one connection reaches the target, and the client is told what to do", async () => {
      await using rig = await driver.start();
      const shown = await rig.act("one");
      expect(shown).toMatchObject({ ok: false, text: expect.stringContaining("no-grant") });
      expect(shown.text).toContain("sallyport request --role debug");
      expect(rig.target.connections).toBe(0);
    });

    it("an action's event is durable before the target has it", async () => {
      await using rig = await driver.start();
      await rig.grant();
      const logged: Promise<boolean>[] = [];
      rig.target.onAction = (action) => {
        const found = rig.gate.store.log.query({ words: action.split(" ")[1] ?? "", limit: 10 });
        logged.push(found.then((events) => events.some(({ decision, session }) => decision === "allow" && session !== undefined)));
      };
      expect(await rig.act("m4rker")).toMatchObject({ ok: true, text: expect.stringContaining("done") });
      expect(await Promise.all(logged)).toEqual([true]);
    });

    it("a kill closes both sockets within a second, and the client is told", async () => {
      await using rig = await driver.start();
      await rig.grant();
      const held = await rig.hold();
      const [session] = rig.gate.registry.list();
      if (!session) throw new Error("no session");
      const start = performance.now();
      await rig.gate.registry.kill(session.id, "olga", "enough");
      const shown = await held.ended;
      expect(performance.now() - start).toBeLessThan(1000);
      expect(shown).toMatchObject({ ok: false, text: expect.stringContaining("session-killed") });
      await until(() => rig.target.open === 0);
    });

    it("a log that takes nothing refuses the action, and the target never has it", async () => {
      await using rig = await driver.start();
      await rig.grant();
      const { log } = rig.gate.store;
      const { append, record } = { append: log.append.bind(log), record: log.record.bind(log) };
      const isAction = (events: readonly AuditEvent[]): boolean => events.some(({ decision }) => decision === "allow");
      // The store's own faults are tested with a full disk; here only their effect on the protocol.
      log.append = async (events, priority) => {
        if (isAction(events)) throw new GateError("log-unavailable");
        return append(events, priority);
      };
      log.record = (events, priority) => (isAction(events) ? Promise.reject(new GateError("log-unavailable")) : record(events, priority));
      expect(await rig.act("one")).toMatchObject({ ok: false, text: expect.stringContaining("log-unavailable") });
      expect(rig.target.actions).toEqual([]);
      Object.assign(log, { append, record });
    });

    it("a message the protocol does not have ends the session", async () => {
      await using rig = await driver.start();
      await rig.grant();
      const start = performance.now();
      expect(await rig.sendUnknown()).not.toBe("");
      expect(performance.now() - start).toBeLessThan(5000);
      expect(rig.target.actions).toEqual([]);
      await until(() => rig.gate.registry.list().length === 0);
    });

    it("no secret is in an event, a recording's name, or a fault", async () => {
      await using rig = await driver.start();
      await rig.grant();
      await rig.act("one");
      const everything: string[] = rig.faults.map(String);
      for (const event of await rig.gate.store.log.query({ limit: 1000 })) everything.push(JSON.stringify(event));
      expect(rig.secrets.length).toBeGreaterThan(1);
      for (const secret of rig.secrets) expect(everything.filter((text) => text.includes(secret))).toEqual([]);
    });
  });
}
