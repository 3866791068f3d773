import { expect, expectTypeOf, test } from "vitest";
import { Secret } from "../kernel/secret.ts";
import { openClient } from "./client.ts";
import { encodeProblem, ProblemError } from "./problem.ts";
import { readLines } from "./lines.ts";
import { parseEvents } from "./server-sent-events.ts";

const REQUEST = {
  id: "req-0000000000",
  version: 1,
  type: "ordinary",
  requester: "ada",
  reason: "why",
  role: "debug",
  allows: [],
  scope: [],
  durationMs: 1000,
  createdAt: 1,
  lapsesAt: 2,
  demands: [],
  state: "pending",
  approvals: [],
  mayApprove: false,
};

/** A gate that answers each call with the next of these, and remembers what was asked. */
function gateAnswering(...answers: (() => Response)[]) {
  const asked: { url: string; init: RequestInit }[] = [];
  const doFetch = (async (url: URL, init: RequestInit) => {
    asked.push({ url: url.href, init });
    const next = answers.shift();
    if (!next) throw new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED") });
    return next();
  }) as typeof fetch;
  const client = openClient({ url: "https://gate:7700", token: new Secret("t0"), fetch: doFetch, reconnectMs: 1 });
  return { asked, client };
}

const stream = (text: string): Response => new Response(text, { headers: { "content-type": "text/event-stream" } });

test("parameters, query and body go where the route says, with the token", async () => {
  const { asked, client } = gateAnswering(
    () => Response.json({ ...REQUEST, state: "denied" }),
    () => Response.json({ events: [], size: 0 }),
    () => new Response(Buffer.from([1, 2])),
  );
  const denied = await client.call("requests.deny", { params: { id: "req-0000000000" }, body: { reason: "no" } });
  expectTypeOf(denied.state).toEqualTypeOf<"pending" | "approved" | "denied" | "cancelled" | "lapsed">();
  expect(denied.state).toBe("denied");
  await client.call("audit.search", { query: { kinds: ["ssh.exec", "ssh.shell"], words: "a b", since: 5 } });
  const tile = await client.call("audit.tile", { params: { "*": "0/x001/067.p/5" } });
  expect([...tile]).toEqual([1, 2]);
  expect(asked.map(({ url }) => url)).toEqual([
    "https://gate:7700/v1/requests/req-0000000000/deny",
    "https://gate:7700/v1/audit/events?kinds=ssh.exec%2Cssh.shell&words=a+b&since=5",
    "https://gate:7700/v1/audit/tile/0/x001/067.p/5",
  ]);
  expect(asked[0]?.init).toMatchObject({ method: "POST", body: '{"reason":"no"}', headers: { authorization: "Bearer t0" } });
});

test("a problem document becomes an error with the same code, rule and next step", async () => {
  const body = encodeProblem({ code: "no-rule", detail: 'role "root"', next: "sallyport why", rule: "none" });
  const { client } = gateAnswering(() => Response.json(body, { status: 403 }));
  const thrown = await client.call("status.show").catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(ProblemError);
  expect(thrown).toMatchObject({ code: "no-rule", detail: 'role "root"', problem: { next: "sallyport why", rule: "none" } });
});

test.each([
  [502, "<html>", "internal"],
  [403, '{"type":"about:blank","title":"x","status":403,"code":"of-a-later-version","next":"y"}', "not-permitted"],
  [401, "", "not-authenticated"],
])("an error %i without a known code keeps the meaning of its status", async (status, body, code) => {
  const { client } = gateAnswering(() => new Response(body, { status }));
  await expect(client.call("status.show")).rejects.toMatchObject({ code });
});

test("an unreachable gate says why", async () => {
  const { client } = gateAnswering();
  await expect(client.call("health.show")).rejects.toMatchObject({
    code: "gate-unreachable",
    detail: expect.stringContaining("ECONNREFUSED"),
  });
});

test("an answer that differs from the contract is not passed on", async () => {
  const { client } = gateAnswering(() => Response.json({ ok: "yes" }));
  await expect(client.call("health.show")).rejects.toMatchObject({ code: "protocol-error", detail: expect.stringContaining('"ok"') });
});

test("a broken stream is taken up after the last event", async () => {
  const event = (id: string, version: number): string => `id: ${id}\ndata: ${JSON.stringify({ request: { ...REQUEST, version } })}\n\n`;
  const { asked, client } = gateAnswering(
    () => stream(`: heartbeat\n\n${event("a-1", 1)}`),
    () => stream(`${event("a-2", 2)}event: end\ndata: {}\n\n`),
  );
  const versions: number[] = [];
  for await (const { request } of await client.call("requests.stream")) versions.push(request.version);
  expect(versions).toEqual([1, 2]);
  expect(asked[1]?.init.headers).toMatchObject({ "last-event-id": "a-1" });
});

test("a stream that the gate ends with a problem throws it instead of coming back", async () => {
  const { asked, client } = gateAnswering(() =>
    stream(`event: problem\ndata: ${JSON.stringify(encodeProblem({ code: "token-expired" }))}\n\n`),
  );
  const events = await client.call("requests.stream");
  await expect(events[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "token-expired" });
  expect(asked).toHaveLength(1);
});

test("lines and events are the same however the bytes are cut", async () => {
  const text = 'id: 1\ndata: {"a":"é"}\n\nid: 2\r\nevent: end\ndata: {}\n\n';
  const bytes = Buffer.from(text);
  const cut = (at: number): Response =>
    new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(bytes.subarray(0, at));
          controller.enqueue(bytes.subarray(at));
          controller.close();
        },
      }),
    );
  const { textLines } = await import("./lines.ts");
  for (let at = 0; at <= bytes.length; at++) {
    const found = [];
    for await (const event of parseEvents(textLines(cut(at)))) found.push(event);
    expect(found).toEqual([
      { type: "message", data: '{"a":"é"}', id: "1" },
      { type: "end", data: "{}", id: "2" },
    ]);
  }
});

test("a line without end is refused, not kept", async () => {
  const endless = new Response(new Blob(Array.from({ length: 5 }, () => "x".repeat(1024 * 1024))));
  await expect(readLines(endless, (value) => value).next()).rejects.toMatchObject({ code: "protocol-error" });
});

test("a failure of TLS is told in words, not in OpenSSL's", async () => {
  const cause = Object.assign(new Error("409D68E4667F0000:error:0A00010B:SSL routines:x:wrong version number:../deps/openssl/x.c:7:\n"), {
    code: "ERR_SSL_WRONG_VERSION_NUMBER",
    reason: "wrong version number",
  });
  const client = openClient({ url: "https://gate.example", fetch: () => Promise.reject(new TypeError("fetch failed", { cause })) });
  await expect(client.call("health.show")).rejects.toMatchObject({
    code: "gate-unreachable",
    detail: expect.stringMatching(/: TLS failed: wrong version number$/) as string,
  });
});

test("an unknown authority says how to make it known", async () => {
  const cause = Object.assign(
    new Error("self-signed certificate; if the root CA is installed locally, try running Node.js with --use-system-ca"),
    {
      code: "DEPTH_ZERO_SELF_SIGNED_CERT",
    },
  );
  const client = openClient({ url: "https://gate.example", fetch: () => Promise.reject(new TypeError("fetch failed", { cause })) });
  await expect(client.call("health.show")).rejects.toMatchObject({
    detail: expect.stringMatching(/: self-signed certificate: name the PEM file of its authority with `sallyport login --ca`$/) as string,
  });
});
