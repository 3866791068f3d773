/** Cookies at the API: what a page of the gate's own may do, and what no other page may. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { apiOptions, openWorld } from "../../test/kit/api-services.ts";
import { readConsoleFiles, type ConsoleFiles } from "./console-files.ts";
import { buildApi } from "./server.ts";

const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const app of opened.splice(0)) await app.close();
});

const OWN = { "sallyport-console": "1", host: "localhost:7700" };

async function serve(publicUrl = "http://localhost:7700", console?: ConsoleFiles) {
  const world = openWorld();
  const app = await buildApi({
    ...apiOptions(world.services),
    publicUrl,
    onFailure: () => {},
    ...(console && { console }),
  });
  opened.push(app);
  const status = (headers: object, cookies: Record<string, string> = { sallyport: "owner" }) =>
    app.inject({ url: "/v1/status", headers: { host: "localhost:7700", ...headers }, cookies });
  return { app, status, world };
}

describe("a token in a cookie", () => {
  test("counts for the console's own calls", async () => {
    const { status } = await serve();
    expect((await status({ "sallyport-console": "1" })).statusCode).toBe(200);
    expect((await status({ "sec-fetch-site": "same-origin" })).statusCode).toBe(200);
    expect((await status({ "sallyport-console": "1", origin: "http://localhost:7700" })).statusCode).toBe(200);
  });

  test.each([
    ["without any word of where it comes from", {}],
    ["from another page", { "sallyport-console": "1", origin: "https://evil.example" }],
    ["from a page without an origin", { "sallyport-console": "1", origin: "null" }],
    ["from another port of the same machine", { "sallyport-console": "1", origin: "http://localhost:7799" }],
    ["over TLS where the gate has none", { "sallyport-console": "1", origin: "https://localhost:7700" }],
    ["from another site, by the browser's word", { "sallyport-console": "1", "sec-fetch-site": "cross-site" }],
    ["from another port, by the browser's word", { "sallyport-console": "1", "sec-fetch-site": "same-site" }],
    ["as a navigation by itself", { "sec-fetch-site": "none" }],
  ])("does not %s", async (_, headers) => {
    const { status } = await serve();
    const answer = await status(headers);
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({ code: "wrong-origin" });
  });

  test("a change from another page is refused, whoever it says it is", async () => {
    const { app, world } = await serve();
    for (const headers of [{ origin: "https://evil.example" }, { origin: "null" }]) {
      const answer = await app.inject({
        method: "POST",
        url: "/v1/login/console",
        headers: { host: "localhost:7700", ...headers },
        body: { user: "ada", password: "whatever" },
      });
      expect(answer.json()).toMatchObject({ code: "wrong-origin" });
    }
    expect(world.happened).toEqual([]);
  });

  test("under TLS only the name that no neighbour can plant counts", async () => {
    const { status } = await serve("https://localhost:7700");
    expect((await status({ "sallyport-console": "1" }, { sallyport: "owner" })).statusCode).toBe(401);
    expect((await status({ "sallyport-console": "1" }, { "__Host-sallyport": "owner" })).statusCode).toBe(200);
  });
});

describe("logging in to the console", () => {
  test("puts the token into a cookie that no script reads and no other site's page sends, and nowhere else", async () => {
    const { app } = await serve("https://localhost:7700");
    const body = { user: "ada", password: "correct horse battery staple" };
    const answer = await app.inject({ method: "POST", url: "/v1/login/console", headers: OWN, body });
    expect(answer.json()).toEqual({ user: "ada", expiresAt: expect.any(Number) });
    const [cookie, ...others] = answer.cookies;
    expect(others).toEqual([]);
    expect(cookie).toMatchObject({ name: "__Host-sallyport", httpOnly: true, secure: true, sameSite: "Strict", path: "/" });
    expect(cookie).not.toHaveProperty("domain");
    expect(answer.body).not.toContain(cookie?.value);
  });

  test("replaces what somebody else left there, and leaving takes it away", async () => {
    const { app } = await serve();
    const fixed = { sallyport: "fixed-by-somebody" };
    const body = { user: "ada", password: "correct horse battery staple" };
    const answer = await app.inject({ method: "POST", url: "/v1/login/console", headers: OWN, cookies: fixed, body });
    expect(answer.statusCode).toBe(200);
    expect(answer.cookies[0]?.value).not.toBe("fixed-by-somebody");
    const left = await app.inject({ method: "POST", url: "/v1/logout", headers: OWN, cookies: { sallyport: "owner" } });
    expect(left.cookies[0]).toMatchObject({ name: "sallyport", value: "", expires: new Date(0) });
  });
});

describe("files of the console", () => {
  const file = (text: string, type: string) => {
    const bytes = Buffer.from(text);
    return { type, etag: `"${text.length}"`, immutable: false, identity: bytes, encoded: {} };
  };
  const files: ConsoleFiles = new Map([
    ["/index.html", file("<!doctype html>", "text/html; charset=utf-8")],
    ["/assets/a.js", { ...file("1", "text/javascript; charset=utf-8"), immutable: true }],
  ]);

  test("every page is the one document, with a policy that lets nothing in and nobody frame it", async () => {
    const { app } = await serve(undefined, files);
    for (const url of ["/", "/requests/req-0000000000", "/sessions?words=x"]) {
      const page = await app.inject({ url, headers: { host: "localhost:7700" } });
      expect(page.statusCode).toBe(200);
      const policy = String(page.headers["content-security-policy"]);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval';");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(page.headers["x-frame-options"]).toBe("DENY");
    }
    expect((await app.inject({ url: "/assets/a.js", headers: { host: "localhost:7700" } })).headers["cache-control"]).toContain(
      "immutable",
    );
  });

  test.each(["/v1", "/v1/nothing", "/assets/none.js", "/..%2f..%2fetc%2fpasswd.txt", "/assets/../index.html.map"])(
    "%s is not there",
    async (url) => {
      const { app } = await serve(undefined, files);
      const answer = await app.inject({ url, headers: { host: "localhost:7700" } });
      expect(answer.statusCode).toBe(404);
      expect(answer.json()).toMatchObject({ code: "not-found" });
    },
  );

  test("not to a name that is not the gate's", async () => {
    const { app } = await serve(undefined, files);
    expect((await app.inject({ url: "/", headers: { host: "evil.example" } })).statusCode).toBe(421);
  });

  test("a gate whose console was not built has none", async () => {
    expect(readConsoleFiles("/nonexistent").size).toBe(0);
  });

  test.each([
    ["br, gzip", "br", "small"],
    ["gzip;q=1.0", "gzip", "middle"],
    ["deflate", undefined, "as it is"],
    [undefined, undefined, "as it is"],
  ])("who accepts %s is given it as the build made it", async (accepted, encoding, body) => {
    const folder = mkdtempSync(join(tmpdir(), "sallyport-console-"));
    for (const [name, text] of Object.entries({ "a.js": "as it is", "a.js.gz": "middle", "a.js.br": "small", "b.js": "alone" }))
      writeFileSync(join(folder, name), text);
    const read = readConsoleFiles(folder);
    rmSync(folder, { recursive: true });
    expect([...read.keys()].toSorted()).toEqual(["/a.js", "/b.js"]);
    const { app } = await serve(undefined, read);
    const headers = { host: "localhost:7700", ...(accepted !== undefined && { "accept-encoding": accepted }) };
    const answer = await app.inject({ url: "/a.js", headers });
    expect([answer.headers["content-encoding"], answer.body]).toEqual([encoding, body]);
    const alone = await app.inject({ url: "/b.js", headers });
    expect([alone.headers["content-encoding"], alone.body]).toEqual([undefined, "alone"]);
  });
});
