/** Notifications against a real HTTP server and real programs. */
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AuditEvent, LoggedEvent } from "../../src/audit/event.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { Secret } from "../../src/kernel/secret.ts";
import { openCommandHook } from "../../src/watch/command-hook.ts";
import type { Channel, Notification } from "../../src/watch/notification.ts";
import { Notifier } from "../../src/watch/notify.ts";
import { openWebhook } from "../../src/watch/webhook.ts";
import { verifyWebhook } from "../../src/watch/webhook-signature.ts";
import { until } from "../kit/until.ts";

const secret = new Secret("a secret shared with the receiver");
const asked: LoggedEvent = {
  seq: 7,
  time: 1_700_000_000_000,
  kind: "request.created",
  principal: "alice",
  request: "req-0000000001",
  body: { reason: 'naïve "quotes" $(touch /tmp/x) ; \n', role: "debug", targets: ["web-1"], durationMs: 1, type: "ordinary" },
};

function notifier(channel: Channel, failures: AuditEvent[] = []): Notifier {
  return new Notifier({
    channels: [channel],
    gate: "gate/node-1",
    publicUrl: "https://gate.example",
    onFailed: (event) => void failures.push(event),
    elapsed: () => systemClock.elapsed(),
    sleep: () => Promise.resolve(),
  });
}

const cleanUp: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

interface Received {
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

async function receiver(answer: (response: ServerResponse, count: number) => void): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("error", () => undefined);
    request.on("data", (chunk: Buffer) => void chunks.push(chunk));
    request.on("end", () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString("utf8") });
      answer(response, received.length);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUp.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, received };
}

const webhook = (url: string, deadlineMs = 5000): Channel => openWebhook({ name: "chat", url, secret, clock: systemClock, deadlineMs });

describe("a webhook", () => {
  test("arrives signed, and again with the same id until it is taken", async () => {
    const { url, received } = await receiver((response, count) => void response.writeHead(count < 3 ? 503 : 204).end());
    const failures: AuditEvent[] = [];
    await using sending = notifier(webhook(url), failures);
    sending.notify(asked);
    await sending.idle();
    expect(received).toHaveLength(3);
    for (const { headers, body } of received) {
      expect(headers["sallyport-delivery"]).toBe("gate/node-1/7");
      expect(verifyWebhook(secret, String(headers["sallyport-signature"]), body, Date.now() / 1000)).toBe(true);
      expect(JSON.parse(body)).toMatchObject({ id: "gate/node-1/7", kind: "request.created", body: asked.body });
      expect(body).not.toContain(secret.reveal());
    }
    expect(failures).toEqual([]);
  });

  test("follows no redirect", async () => {
    const elsewhere = await receiver((response) => void response.end());
    const { url, received } = await receiver((response) => void response.writeHead(307, { location: elsewhere.url }).end());
    const failures: AuditEvent[] = [];
    await using sending = notifier(webhook(url), failures);
    sending.notify(asked);
    await sending.idle();
    expect([received.length, elsewhere.received.length]).toEqual([5, 0]);
    expect(failures).toMatchObject([
      { kind: "notify.failed", body: { channel: "chat", detail: "1 notification not delivered: it answered 307" } },
    ]);
  });

  test("an endless answer is not read, and a silent receiver is given up at the deadline", async () => {
    let sent = 0;
    const chatty = await receiver((response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536))) sent += 65_536;
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    });
    await using talking = notifier(webhook(chatty.url));
    talking.notify(asked);
    await talking.idle();
    expect(sent).toBeLessThan(16 * 1024 * 1024);

    const silent = await receiver(() => undefined);
    const failures: AuditEvent[] = [];
    await using waiting = notifier(webhook(silent.url, 100), failures);
    waiting.notify(asked);
    await waiting.idle();
    expect(failures).toMatchObject([{ body: { detail: "1 notification not delivered: no answer within 100 ms" } }]);
  });

  test("answers that are no HTTP, and ports where nobody listens, are failures and nothing more", async () => {
    const server = createTcpServer((socket) => {
      socket.on("error", () => undefined);
      socket.resume().end("SSH-2.0-surprise\r\n".repeat(10));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const failures: AuditEvent[] = [];
    await using strange = notifier(webhook(`http://127.0.0.1:${port}/`), failures);
    strange.notify(asked);
    await strange.idle();
    server.close();
    await once(server, "close");
    await using nobody = notifier(webhook(`http://127.0.0.1:${port}/`), failures);
    nobody.notify(asked);
    await nobody.idle();
    expect(failures).toHaveLength(2);
    expect(failures[1]).toMatchObject({ body: { detail: "1 notification not delivered: it cannot be reached (ECONNREFUSED)" } });
  });
});

describe("a command hook", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-notify-"));
    cleanUp.push(() => rmSync(folder, { recursive: true }));
  });

  async function run(command: readonly string[], limitMs = 10_000): Promise<AuditEvent[]> {
    const failures: AuditEvent[] = [];
    await using sending = notifier(openCommandHook({ name: "pager", command, limitMs }), failures);
    sending.notify(asked);
    await sending.idle();
    return failures;
  }

  test("gets the notification on standard input, and nothing of the gate's environment", async () => {
    process.env["SALLYPORT_MASTER_KEY"] = "not for you";
    cleanUp.push(() => void delete process.env["SALLYPORT_MASTER_KEY"]);
    const [got, environment] = [join(folder, "input"), join(folder, "environment")];
    expect(await run(["/bin/sh", "-c", 'cat > "$0"; env > "$1"', got, environment])).toEqual([]);
    const lines = readFileSync(got, "utf8").split("\n");
    expect(lines).toHaveLength(2);
    expect((JSON.parse(lines[0] ?? "") as Notification).body).toEqual(asked.body);
    expect(readFileSync(environment, "utf8")).toContain("SALLYPORT_KIND=request.created");
    expect(readFileSync(environment, "utf8")).not.toContain("not for you");
  });

  test("is run without a shell: its arguments are what they are", async () => {
    const trap = join(folder, "trap");
    expect(await run(["/usr/bin/test", "$(touch x)", "=", `; touch ${trap}`])).toMatchObject([
      { body: { channel: "pager", detail: "1 notification not delivered: it ended with status 1" } },
    ]);
    expect(existsSync(trap)).toBe(false);
  });

  test("that does not end is killed, with what it started", async () => {
    const pidFile = join(folder, "pids");
    const failures = await run(["/bin/sh", "-c", 'sleep 300 & echo $! >> "$0"; wait', pidFile], 150);
    expect(failures).toMatchObject([{ body: { detail: "1 notification not delivered: it ran longer than 150 ms and was killed" } }]);
    const pids = readFileSync(pidFile, "utf8").trim().split("\n").map(Number);
    expect(pids).toHaveLength(5);
    // The signal is sent to all at once, and each dies in its own moment.
    await until(() => !pids.some(isAlive));
  });

  test("may ignore its input, write without end, or not exist", async () => {
    expect(await run(["/bin/true"])).toEqual([]);
    expect(await run(["/bin/sh", "-c", "head -c 50000000 /dev/zero; head -c 50000000 /dev/zero >&2"])).toEqual([]);
    expect(await run([join(folder, "missing")])).toMatchObject([
      { body: { detail: "1 notification not delivered: it cannot be started (ENOENT)" } },
    ]);
  });

  test("is ended when the gate stops", async () => {
    const failures: AuditEvent[] = [];
    const sending = notifier(openCommandHook({ name: "pager", command: ["/bin/sleep", "300"] }), failures);
    sending.notify(asked);
    await sending[Symbol.asyncDispose]();
    expect(failures).toMatchObject([{ body: { detail: "1 notification not delivered: the gate is stopping" } }]);
  });
});

/** A killed process that nobody has waited for yet is a zombie, and not alive. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
