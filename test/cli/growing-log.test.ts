/** `audit verify` and `audit copy` of a gate whose log grows, and loses bodies, while they read. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { encodeBodies } from "../../src/audit/log/bodies.ts";
import { answer, FakeGate, NOTHING_TO_SEE, runCliWith, type Answers, type CliResult } from "../kit/cli.ts";
import { PublishedLog } from "../kit/published-log.ts";

let home: string;
let log: PublishedLog;
/** Runs once, when the first body, or the first tile, is asked for: a head was taken by then. */
let meanwhile: ((what: "bodies" | "tile") => Promise<void>) | undefined;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "sallyport-growing-"));
  log = new PublishedLog();
  log.fill(200);
  await log.publish();
});
afterEach(() => {
  log[Symbol.dispose]();
  rmSync(home, { recursive: true });
});

async function interrupt(what: "bodies" | "tile"): Promise<void> {
  const run = meanwhile;
  await run?.(what);
}

function once(wanted: "bodies" | "tile", run: () => Promise<unknown>): void {
  meanwhile = async (what) => {
    if (what !== wanted) return;
    meanwhile = undefined;
    await run();
  };
}

const STATUS = {
  ...NOTHING_TO_SEE,
  gate: { ...NOTHING_TO_SEE.gate, name: "test-gate" },
  me: { ...NOTHING_TO_SEE.me, permissions: ["audit.read", "audit.export"] },
};

async function answerOf(route: string): Promise<unknown> {
  const [, what = "", path = ""] = /^GET \/v1\/audit\/([a-z]+)\/?(.*)$/.exec(route) ?? [];
  const bytes = (file: string): Response | undefined =>
    existsSync(file) ? answer(200, readFileSync(file), "application/octet-stream") : undefined;
  if (route === "GET /v1/status") return STATUS;
  if (what === "checkpoint") return bytes(join(log.directory, "checkpoint"));
  if (what === "tile") {
    await interrupt("tile");
    return bytes(join(log.directory, "tile", path));
  }
  if (what === "bodies") {
    await interrupt("bodies");
    const from = Number(path.replace(/\.p.*/, "")) * 256;
    return answer(200, encodeBodies(log.bodies.slice(from, from + 256)), "application/octet-stream");
  }
  if (what === "export") return answer(200, "", "application/x-ndjson");
  const erasures = log.envelopes.flatMap((envelope, seq) =>
    envelope.includes('"audit.erased"') ? [{ seq, time: 1, kind: "audit.erased", body: {} }] : [],
  );
  return { events: erasures.slice(-1), size: log.envelopes.length };
}

function run(...argv: string[]): Promise<CliResult> {
  const answers = new Proxy<Answers>({}, { get: (_, route) => async () => (await answerOf(String(route))) ?? 404 });
  const env = { SALLYPORT_URL: "http://127.0.0.1:7700", SALLYPORT_TOKEN: "t", SALLYPORT_HOME: home };
  return runCliWith(argv, { home, env, gate: new FakeGate(answers) });
}

async function eraseAndPublish(): Promise<void> {
  log.erase(7);
  await log.publish();
}

test("a body erased while it is verified is a tombstone, not tampering", async () => {
  once("bodies", eraseAndPublish);
  const { status, stdout } = await run("audit", "verify", "--json");
  expect(JSON.parse(stdout)).toMatchObject({ ok: true, size: 201, bodies: { valid: 200, erased: 1 }, findings: [] });
  expect(status).toBe(0);
});

test("a body that is gone without an erasure stays tampering", async () => {
  log.bodies[7] = "erased";
  const { status, stdout } = await run("audit", "verify", "--json");
  expect(JSON.parse(stdout)).toMatchObject({ ok: false, findings: [{ code: "body-erased-unlogged", seq: 7 }] });
  expect(status).toBe(7);
});

test("a tile that filled up while it is copied is cut to what the head covers", async () => {
  once("tile", async () => {
    log.fill(300);
    await log.publish();
  });
  expect(await run("audit", "copy", "copy")).toMatchObject({ status: 0, stderr: "" });
  const { stdout } = await run("audit", "verify", join(home, "copy"), "--key", log.signer.vkey, "--json");
  expect(JSON.parse(stdout)).toMatchObject({ ok: true, size: 200, signer: "verified" });
  expect(readFileSync(join(home, "copy/tile/0/000.p/200")).length).toBe(200 * 32);
});

test("a body erased while it is copied comes with its reason", async () => {
  once("bodies", eraseAndPublish);
  expect(await run("audit", "copy", "copy")).toMatchObject({ status: 0, stderr: "" });
  const { stdout } = await run("audit", "verify", join(home, "copy"), "--json");
  expect(JSON.parse(stdout)).toMatchObject({ ok: true, size: 201, bodies: { erased: 1 } });
});
