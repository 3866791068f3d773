import { spawn, type ChildProcess } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { queryObjects } from "node:v8";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startEstate, type Estate } from "../kit/estate.ts";
import { requirePeer } from "../kit/peers.ts";
import { until } from "../kit/until.ts";

const sshd = requirePeer("OpenSSH server", "sshd");
const SESSIONS = 4;

/** Node has no name for the class of private keys; it collects garbage before it counts. */
const PrivateKeyObject = generateKeyPairSync("ed25519").privateKey.constructor as new () => unknown;
const privateKeys = (): number => queryObjects(PrivateKeyObject, { format: "count" });

describe.skipIf(sshd.missing)(sshd.title("the key of a login at the target"), () => {
  let estate: Estate;
  const clients: ChildProcess[] = [];
  beforeAll(async () => {
    estate = await startEstate();
    await estate.grant();
  });
  afterAll(async () => {
    for (const client of clients) client.kill();
    await estate[Symbol.asyncDispose]();
  });

  test("is gone from memory while its session goes on", async () => {
    const open = async (): Promise<void> => {
      const client = spawn("ssh", [...estate.sshArgs("ana", "-o", "BatchMode=yes"), "web-1.prod@127.0.0.1", "echo in; cat"]);
      clients.push(client);
      expect(String((await once(client.stdout, "data"))[0])).toBe("in\n");
    };
    await open();
    await until(() => estate.test.gate.registry.list().length === 1);
    const before = privateKeys();
    for (let opened = 0; opened < SESSIONS; opened++) await open();
    expect(estate.test.gate.registry.list()).toHaveLength(1 + SESSIONS);
    await until(() => privateKeys() <= before);
  });
});
