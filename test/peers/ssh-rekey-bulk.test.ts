import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DEFAULT_REKEY_LIMITS } from "../../src/wire/ssh/transport/options.ts";
import { startEstate, type Estate } from "../kit/estate.ts";
import { requirePeer } from "../kit/peers.ts";
import { run } from "../kit/process.ts";

const MIB = 1024 * 1024;
const BYTES = 256 * MIB;
const TIMEOUT_MS = 30_000;

const sshd = requirePeer("OpenSSH server", "sshd");

/** In a change of keys everything waits at once: for the keys, for the peer's window, for the socket. */
describe.skipIf(sshd.missing)(sshd.title("bulk while keys change"), () => {
  let estate: Estate;
  const { bytes } = DEFAULT_REKEY_LIMITS;

  beforeAll(async () => {
    // The gate starts the exchanges, which a client's own RekeyLimit does not bring about.
    Object.assign(DEFAULT_REKEY_LIMITS, { bytes: 8 * MIB });
    estate = await startEstate();
    await estate.grant();
  });
  afterAll(async () => {
    Object.assign(DEFAULT_REKEY_LIMITS, { bytes });
    await estate[Symbol.asyncDispose]();
  });

  test.each([
    ["download", `ssh "$@" 'head -c ${BYTES} /dev/zero' | wc -c`],
    ["upload", `head -c ${BYTES} /dev/zero | ssh "$@" 'wc -c'`],
  ])(
    "the %s arrives whole",
    async (_, script) => {
      const args = [...estate.sshArgs("ana", "-o", "BatchMode=yes"), "-c", "aes128-gcm@openssh.com", "web-1.prod@127.0.0.1"];
      const moved = await run("sh", ["-c", script, "sh", ...args], { timeoutMs: TIMEOUT_MS });
      expect(moved.stdout.toString().trim()).toBe(String(BYTES));
      expect(estate.test.faults).toEqual([]);
    },
    TIMEOUT_MS + 5000,
  );
});
