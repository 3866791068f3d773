/**
 * The port to which a browser brings a login for the command line: what every other program and every page on this machine can
 * try with it meanwhile.
 */
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { openLoopback } from "./loopback.ts";

const STATE = "the-state-of-this-login";
const CODE = "c".repeat(43);
const OTHERS = "o".repeat(43);

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

function get(port: number, path: string, { method = "GET", headers = {} }: { method?: string; headers?: Record<string, string> } = {}) {
  return new Promise<Answer>((resolve, reject) => {
    const call = httpRequest({ host: "127.0.0.1", port, path, method, headers }, (response) => {
      void text(response).then((body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    call.on("error", reject).end();
  });
}

const right = `/?${new URLSearchParams({ code: CODE, state: STATE }).toString()}`;

test.each<[string, string, Parameters<typeof get>[2]?]>([
  ["no state", `/?code=${OTHERS}`],
  ["an empty state", `/?code=${OTHERS}&state=`],
  ["another login's state", `/?code=${OTHERS}&state=another-state-of-a-login`],
  ["a state that begins alike", `/?code=${OTHERS}&state=${STATE}x`],
  ["two states, the wrong one first", `/?code=${OTHERS}&state=x&state=${STATE}`],
  ["the state alone", `/?state=${STATE}`],
  ["a code that is none", `/?state=${STATE}&code=<script>alert(1)</script>`],
  ["a code with a line break", `/?state=${STATE}&code=${OTHERS}%0d%0ax`],
  ["an error that is a text", `/?state=${STATE}&error=%1b]0;harmed%07`],
  ["another path", `/callback?code=${OTHERS}&state=${STATE}`],
  ["another method, as a form elsewhere sends it", right, { method: "POST" }],
  ["another name, as a page elsewhere has it point here", right, { headers: { host: "evil.example" } }],
  ["another name and this port", right, { headers: { host: "localhost:1" } }],
])("%s is not the answer, and the right one still is", async (_, path, options) => {
  await using loopback = await openLoopback(STATE);
  const wrong = await get(loopback.port, path, options);
  expect(wrong.status).toBe(404);
  // Nothing of what came is shown, and no page elsewhere shows this one.
  expect(wrong.body).not.toMatch(/script|harmed|oooo/);
  expect(wrong.headers).toMatchObject({
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
  });
  expect(wrong.headers).not.toHaveProperty("access-control-allow-origin");
  expect((await get(loopback.port, right)).status).toBe(200);
  expect(await loopback.answer(1_000)).toEqual({ code: CODE });
});

test("the first right answer is the one: a second changes nothing", async () => {
  await using loopback = await openLoopback(STATE);
  await get(loopback.port, right);
  await get(loopback.port, `/?code=${OTHERS}&state=${STATE}`);
  await get(loopback.port, `/?error=no-account&state=${STATE}`);
  expect(await loopback.answer(1_000)).toEqual({ code: CODE });
});

test("who holds connections open and says nothing keeps the browser out of nothing", async () => {
  await using loopback = await openLoopback(STATE);
  const silent = Array.from({ length: 8 }, () => connect(loopback.port, "127.0.0.1"));
  await Promise.all(silent.map((socket) => new Promise((resolve) => socket.once("connect", resolve))));
  expect((await get(loopback.port, right)).status).toBe(200);
  expect(await loopback.answer(1_000)).toEqual({ code: CODE });
  for (const socket of silent) socket.on("error", () => undefined).destroy();
});

test("it listens on this machine alone, and ends with the login", async () => {
  const loopback = await openLoopback(STATE);
  await expect(loopback.answer(1)).rejects.toMatchObject({ code: "timeout" });
  await loopback[Symbol.asyncDispose]();
  await expect(get(loopback.port, right)).rejects.toMatchObject({ code: "ECONNREFUSED" });
});
