import { describe, expect, test } from "vitest";
import type { AuditEvent, LoggedEvent } from "../audit/event.ts";
import { TestClock } from "../../test/kit/test-clock.ts";
import { GateError } from "../kernel/errors.ts";
import { Secret } from "../kernel/secret.ts";
import { notificationOf, type Channel, type Notification } from "./notification.ts";
import { Notifier, type NotifierDeps } from "./notify.ts";
import { openCommandHook } from "./command-hook.ts";
import { openWebhook } from "./webhook.ts";
import { signWebhook, verifyWebhook } from "./webhook-signature.ts";

const asked: LoggedEvent = {
  seq: 7,
  time: 1_700_000_000_000,
  kind: "request.created",
  principal: "alice",
  request: "req-0000000001",
  body: { reason: "checkout is slow", role: "debug", targets: ["web-1"], durationMs: 3_600_000, type: "ordinary" },
};

function setUp(channels: readonly Channel[], more: Partial<NotifierDeps> = {}) {
  const failures: AuditEvent[] = [];
  const [clock, slept] = [new TestClock(), [] as number[]];
  const notifier = new Notifier({
    channels,
    gate: "gate/node-1",
    publicUrl: "https://gate.example:7700",
    onFailed: (event) => void failures.push(event),
    elapsed: () => clock.elapsed(),
    sleep: (ms) => Promise.resolve(void slept.push(ms)),
    ...more,
  });
  return { notifier, failures, slept, clock };
}

/** Fails the first `failing` tries of each notification. */
function flaky(name: string, failing: number): Channel & { readonly tries: string[] } {
  const tries: string[] = [];
  const deliver = async ({ id }: Notification): Promise<void> => {
    await Promise.resolve();
    tries.push(id);
    if (tries.filter((other) => other === id).length <= failing) throw new GateError("timeout", "it answered 503");
  };
  return { name, tries, deliver };
}

/** Holds every delivery until it is told to let go, or the gate stops. */
function hanging(): Channel & { readonly started: string[] } {
  const started: string[] = [];
  const deliver = ({ id }: Notification, signal: AbortSignal): Promise<void> => {
    started.push(id);
    return new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(new GateError("gate-stopping", "the gate is stopping")));
    });
  };
  return { name: "hanging", started, deliver };
}

describe("what is sent", () => {
  test("is the event, where it happened, and where to look", () => {
    expect(notificationOf(asked, "gate/node-1", "https://gate.example:7700")).toEqual({
      version: 1,
      id: "gate/node-1/7",
      gate: "gate/node-1",
      time: 1_700_000_000_000,
      kind: "request.created",
      principal: "alice",
      request: "req-0000000001",
      body: asked.body,
      url: "https://gate.example:7700/v1/requests/req-0000000001",
    });
  });

  test("is nothing for events nobody waits for, the report of a failure among them", async () => {
    const channel = flaky("hook", 0);
    const { notifier } = setUp([channel]);
    notifier.notify({ seq: 1, time: 0, kind: "notify.failed", body: { channel: "hook", detail: "x" } });
    notifier.notify({ seq: 2, time: 0, kind: "login.ok", body: { method: "password", door: "api", remote: "x" } });
    await notifier.idle();
    expect(channel.tries).toEqual([]);
  });
});

describe("a channel that fails", () => {
  test("is tried five times with growing pauses, then reported", async () => {
    const [four, five] = [flaky("four", 4), flaky("five", 5)];
    const { notifier, failures, slept } = setUp([four, five]);
    notifier.notify(asked);
    await notifier.idle();
    expect([four.tries.length, five.tries.length]).toEqual([5, 5]);
    expect(slept.toSorted((a, b) => a - b)).toEqual([1000, 1000, 2000, 2000, 4000, 4000, 8000, 8000]);
    expect(failures).toEqual([
      { kind: "notify.failed", body: { channel: "five", detail: "1 notification not delivered: it answered 503" } },
    ]);
  });

  test("is reported once a minute, with the number, and never with somebody else's words", async () => {
    const channel = { name: "hook", deliver: () => Promise.reject(new Error("POST https://hooks.example/T0/s3cr3t failed")) };
    const { notifier, failures, clock } = setUp([channel]);
    for (let seq = 0; seq < 50; seq += 1) notifier.notify({ ...asked, seq });
    await notifier.idle();
    expect(failures).toHaveLength(1);
    notifier.tick();
    expect(failures).toHaveLength(1);
    clock.pass(60_000);
    notifier.tick();
    expect(failures).toHaveLength(2);
    expect(failures[1]).toMatchObject({ body: { detail: "49 notifications not delivered: it could not be sent" } });
    expect(JSON.stringify(failures)).not.toContain("s3cr3t");
  });

  test("holds up no other, and its queue is bounded", async () => {
    const [stuck, well] = [hanging(), flaky("well", 0)];
    const { notifier, failures } = setUp([stuck, well], { queueLength: 10 });
    for (let seq = 0; seq < 30; seq += 1) {
      notifier.notify({ ...asked, seq });
      await Promise.resolve();
    }
    expect(stuck.started).toHaveLength(4);
    expect(failures).toMatchObject([{ body: { channel: "hanging", detail: "1 notification not delivered: the queue is full" } }]);
    await notifier[Symbol.asyncDispose]();
    expect(well.tries).toHaveLength(30);
    // 4 under way and 10 waiting were given up, 16 found no place: nothing is silently lost.
    const counts = failures.map(({ body }) => Number.parseInt((body as { detail: string }).detail, 10));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(30);
    notifier.notify(asked);
    expect(stuck.started).toHaveLength(4);
  });
});

describe("signatures", () => {
  const secret = new Secret("0123456789abcdef0123456789abcdef");
  const body = '{"kind":"request.created"}';

  test("are HMAC-SHA256 over time and body, as `openssl dgst` computes it", () => {
    // printf '1700000000.{"kind":"request.created"}' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
    expect(signWebhook(secret, body, 1_700_000_000)).toBe(
      "t=1700000000,v1=f0f56e35b0aaecc37501e82f3ee676267ee3c122221445b7cfcd8742e30e7973",
    );
  });

  test("are refused for another body, time, secret or form, and when they are old", () => {
    const header = signWebhook(secret, body, 1_700_000_000);
    const at = 1_700_000_000;
    expect(verifyWebhook(secret, header, body, at + 300)).toBe(true);
    expect(verifyWebhook(secret, header, body, at + 301)).toBe(false);
    expect(verifyWebhook(secret, header, body, at - 301)).toBe(false);
    expect(verifyWebhook(secret, header, `${body} `, at)).toBe(false);
    expect(verifyWebhook(secret, header.replace("t=1700000000", "t=1700000001"), body, at)).toBe(false);
    expect(verifyWebhook(new Secret("another secret altogether"), header, body, at)).toBe(false);
    for (const bad of ["", "v1=00", `t=1700000000,v1=`, `${header},v1=00`]) expect(verifyWebhook(secret, bad, body, at)).toBe(false);
  });
});

describe("settings that are refused", () => {
  const clock = new TestClock();
  const secret = new Secret("0123456789abcdef");
  test.each([
    ["http beyond this machine", "http://hooks.example/x"],
    ["an address that only looks like this machine", "http://127.0.0.1.example/x"],
    ["a password in the URL", "https://user:pass@hooks.example/x"],
    ["another protocol", "file:///etc/passwd"],
    ["no URL", "hooks.example"],
  ])("%s", (_, url) => {
    expect(() => openWebhook({ name: "hook", url, secret, clock })).toThrow("configuration");
  });

  test("a secret that could be guessed, and a command without a program", () => {
    expect(() => openWebhook({ name: "hook", url: "https://hooks.example/x", secret: new Secret("short"), clock })).toThrow(
      "16 characters",
    );
    expect(() => openCommandHook({ name: "hook", command: [] })).toThrow("empty");
  });
});
