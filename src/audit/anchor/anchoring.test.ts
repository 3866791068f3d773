import { createHmac, generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Clock } from "../../kernel/clock.ts";
import { Secret } from "../../kernel/secret.ts";
import { signCheckpoint } from "../log/checkpoint.ts";
import { signerOf } from "../log/note.ts";
import type { Anchor } from "./anchor.ts";
import { startAnchoring, type Anchoring } from "./anchoring.ts";
import { failureText } from "./failure-text.ts";
import { fileAnchor, readCheckpointFile } from "./file-anchor.ts";
import { webhookAnchor } from "./webhook-anchor.ts";

const signer = signerOf("gate/n1", generateKeyPairSync("ed25519").privateKey);
const clock: Clock = { now: () => 1_700_000_000_500, elapsed: () => 0, bootId: "test" };
const rootOf = (size: number): Buffer => Buffer.alloc(32, size);
const at = (size: number, root = rootOf(size), by = signer): Promise<string> => signCheckpoint({ origin: "gate/n1", size, root }, by);
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "sallyport-anchor-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe("a file anchor", () => {
  test("keeps every checkpoint, and its last one over restarts", async () => {
    const path = join(directory, "anchor.jsonl");
    expect(await fileAnchor({ path, clock }).last()).toBeUndefined();
    for (const size of [1, 2, 3]) await fileAnchor({ path, clock }).put(await at(size));
    expect(await fileAnchor({ path, clock }).last()).toBe(await at(3));
    expect(await readCheckpointFile(path)).toEqual([await at(1), await at(2), await at(3)]);
  });

  test("skips a line that was cut off, and goes on behind it", async () => {
    const path = join(directory, "anchor.jsonl");
    const anchor = fileAnchor({ path, clock });
    await anchor.put(await at(1));
    appendFileSync(path, '{"received":1,"checkpo');
    expect(await anchor.last()).toBe(await at(1));
    await anchor.put(await at(2));
    expect(await anchor.last()).toBe(await at(2));
    expect(readFileSync(path, "utf8").split("\n").length).toBe(4);
  });

  test("a single note is a checkpoint file too, garbage is none", async () => {
    const path = join(directory, "checkpoint");
    writeFileSync(path, await at(9));
    expect(await readCheckpointFile(path)).toEqual([await at(9)]);
    writeFileSync(path, "garbage");
    expect(await readCheckpointFile(path)).toEqual([]);
  });
});

describe("a webhook anchor", () => {
  const secret = new Secret("shared");
  let answers: number[];
  let received: { body: string; signature: string | null }[];
  const anchor = (): Anchor =>
    webhookAnchor({
      url: "https://anchor.example/hook?token=t0p",
      secret,
      rememberAt: join(directory, "last"),
      durability: "process",
      clock,
      send: (_, init) => {
        received.push({ body: init?.body as string, signature: new Headers(init?.headers).get("sallyport-signature") });
        return Promise.resolve(new Response(null, { status: answers.shift() ?? 500 }));
      },
    });
  beforeEach(() => {
    [answers, received] = [[], []];
  });

  test("is sent a signed body, and its last checkpoint is remembered", async () => {
    answers = [204];
    await anchor().put(await at(5));
    const { body, signature } = received[0] ?? { body: "", signature: "" };
    expect(JSON.parse(body)).toMatchObject({ origin: "gate/n1", size: 5, root: rootOf(5).toString("base64"), checkpoint: await at(5) });
    expect(signature).toBe(`t=1700000000,v1=${createHmac("sha256", "shared").update(`1700000000.${body}`).digest("hex")}`);
    expect(await anchor().last()).toBe(await at(5));
  });

  test("is tried three times, then it is a failure and nothing is remembered", async () => {
    answers = [500, 503, 200];
    await anchor().put(await at(1));
    answers = [500, 500, 404, 200];
    await expect(anchor().put(await at(2))).rejects.toThrow(/answered 404/);
    expect(received.length).toBe(6);
    expect(await anchor().last()).toBe(await at(1));
  });

  test("that sends elsewhere has failed, and is not followed", async () => {
    const paths: string[] = [];
    const server = createServer((request, response) => {
      paths.push(request.url ?? "");
      response.writeHead(307, { location: "/elsewhere" }).end();
    }).listen(0, "127.0.0.1");
    try {
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      const url = `http://127.0.0.1:${port}/hook`;
      const real = webhookAnchor({ url, secret, rememberAt: join(directory, "last"), durability: "process", clock });
      const thrown = await real.put(await at(1)).catch((error: unknown) => error);
      expect(failureText(thrown)).toContain("the anchor answered 307");
      expect(new Set(paths)).toEqual(new Set(["/hook"]));
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  test("that cannot be reached says why, and not where", async () => {
    const url = "http://127.0.0.1:1/hook?token=t0p";
    const real = webhookAnchor({ url, secret, rememberAt: join(directory, "last"), durability: "process", clock });
    const thrown = await real.put(await at(1)).catch((error: unknown) => error);
    expect(failureText(thrown)).toMatch(/^it failed/);
    expect(failureText(thrown)).not.toContain("t0p");
    const unwritable = await fileAnchor({ path: directory, clock })
      .put(await at(1))
      .catch((error: unknown) => error);
    expect(failureText(unwritable)).toBe("it failed with EISDIR");
  });

  test("shows nothing secret in its name", () => {
    expect(anchor().name).toBe("webhook https://anchor.example/hook");
  });
});

describe("anchoring", () => {
  let kept: string[];
  let held: string | undefined;
  let broken: boolean;
  let seen: string[];
  let due: { delayMs: number; run: () => void }[];
  let anchoring: Anchoring;

  const memory: Anchor = {
    name: "memory",
    last: () => Promise.resolve(held),
    put: (checkpoint) => {
      if (broken) return Promise.reject(new Error("unreachable"));
      kept.push(checkpoint);
      return Promise.resolve();
    },
  };
  const tick = async (): Promise<number | undefined> => {
    const next = due.shift();
    next?.run();
    await settled();
    return next?.delayMs;
  };
  beforeEach(() => {
    [kept, seen, due, held, broken] = [[], [], [], undefined, false];
    anchoring = startAnchoring({
      anchors: [memory],
      vkey: signer.vkey,
      rootAt: (size) => Promise.resolve(size > 100 ? undefined : rootOf(size)),
      timers: {
        after: (delayMs, run) => {
          const entry = { delayMs, run };
          due.push(entry);
          return { [Symbol.dispose]: () => void (due = due.filter((other) => other !== entry)) };
        },
      },
      onFailure: (name, thrown, failures) => seen.push(`${name} failed ${failures}: ${String(thrown)}`),
      onMismatch: (name, detail) => seen.push(`${name}: ${detail}`),
    });
  });

  test("brings the first checkpoint at once and later ones together, well within a minute", async () => {
    anchoring.offer(await at(1));
    expect(await tick()).toBe(0);
    anchoring.offer(await at(2));
    anchoring.offer(await at(3));
    expect(await tick()).toBeLessThan(60_000);
    expect(kept).toEqual([await at(1), await at(3)]);
    expect(anchoring.status()).toEqual([{ anchor: "memory", state: "kept", size: 3, failures: 0 }]);
    expect(due).toEqual([]);
  });

  test("counts failures, tries again with the latest, and recovers", async () => {
    broken = true;
    anchoring.offer(await at(1));
    await tick();
    anchoring.offer(await at(2));
    await tick();
    expect(seen).toEqual(["memory failed 1: Error: unreachable", "memory failed 2: Error: unreachable"]);
    expect(anchoring.status()).toMatchObject([{ state: "failing", failures: 2 }]);
    broken = false;
    await tick();
    expect(kept).toEqual([await at(2)]);
    expect(anchoring.status()).toMatchObject([{ state: "kept", failures: 0 }]);
  });

  test("asks an anchor that hangs once, not again at each visit, and the gate stops without it", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const hung = Promise.withResolvers<void>();
      const put = vi.spyOn(memory, "put").mockReturnValueOnce(hung.promise);
      anchoring.offer(await at(1));
      for (const failures of [1, 2, 3]) {
        await tick();
        anchoring.offer(await at(1 + failures));
        await vi.advanceTimersByTimeAsync(20_000);
        await settled();
        expect(anchoring.status()).toMatchObject([{ state: "failing", failures }]);
      }
      expect(put).toHaveBeenCalledTimes(1);
      hung.resolve();
      await settled();
      expect(anchoring.status()).toMatchObject([{ state: "kept", size: 1 }]);
      await tick();
      expect(kept).toEqual([await at(4)]);
      put.mockReturnValueOnce(new Promise(() => undefined));
      anchoring.offer(await at(5));
      await Promise.all([anchoring[Symbol.asyncDispose](), vi.advanceTimersByTimeAsync(5000)]);
      put.mockRestore();
    } finally {
      vi.useRealTimers();
    }
  });

  test.each([
    ["a rewritten past", () => at(7, Buffer.alloc(32, 99)), /first 7 entries/],
    ["a longer past", () => at(101), /log is shorter/],
    ["another signer", () => at(7, rootOf(7), signerOf("gate/n1", generateKeyPairSync("ed25519").privateKey)), /did not sign/],
    ["garbage", () => Promise.resolve("garbage"), /another log/],
  ])("sends nothing to an anchor that holds %s, and says so once", async (_, holds, message) => {
    held = await holds();
    anchoring.offer(await at(50));
    await tick();
    anchoring.offer(await at(51));
    while (due.length > 0) await tick();
    await anchoring[Symbol.asyncDispose]();
    expect(kept).toEqual([]);
    expect(seen).toEqual([expect.stringMatching(message)]);
    expect(anchoring.status()).toMatchObject([{ state: "mismatch" }]);
  });

  test("goes on from an anchor that holds this log's past, and takes the last one along when it stops", async () => {
    held = await at(7);
    anchoring.offer(await at(50));
    await tick();
    anchoring.offer(await at(51));
    await anchoring[Symbol.asyncDispose]();
    expect(kept).toEqual([await at(50), await at(51)]);
    expect(seen).toEqual([]);
  });
});
