import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openClient } from "./client.ts";

const BYTES = Buffer.alloc(1024 * 1024, "x");

let server: Server;
beforeEach(async () => {
  server = createServer((_, response) => void response.writeHead(200, { "content-type": "application/octet-stream" }).end(BYTES));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

test("a download that nobody has begun to read yet is whole, whatever was collected meanwhile", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const { port } = server.address() as AddressInfo;
  const client = openClient({ url: `http://127.0.0.1:${port}` });
  const bytes = await client.call("audit.recording", { params: { file: "rec-0000000000.rec" } });
  for (let round = 0; round < 10; round += 1) {
    collect();
    await wait(1);
  }
  let length = 0;
  for await (const part of bytes) length += part.length;
  expect(length).toBe(BYTES.length);
});
