import { Duplex } from "node:stream";
import { expect, it } from "vitest";
import { signerFromPrivateKey } from "../../wire/ssh/keys/signer.ts";
import { generateEd25519 } from "../../wire/ssh/keys/private-key.ts";
import { Transport } from "../../wire/ssh/transport/transport.ts";
import { SshLink } from "./ssh-link.ts";

/** One end of a connection: `reads` says whether the peer takes what is written to it. */
class OneEnd extends Duplex {
  reads = true;
  onWrite: (chunk: Buffer) => void = () => undefined;
  #held: (() => void) | undefined;

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (!this.reads) return void (this.#held = done);
    this.onWrite(chunk);
    done();
  }

  readAgain(): void {
    this.reads = true;
    this.#held?.();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it("reads no more from a peer that does not read its answers, and goes on when it does", async () => {
  const end = new OneEnd();
  const link = new SshLink(end, {
    role: "server",
    software: "Test",
    hostKeys: [signerFromPrivateKey(generateEd25519())],
  });
  const keys = Promise.withResolvers<void>();
  const client = new Transport({
    role: "client",
    software: "Test",
    verifyHostKey: () => Promise.resolve(true),
    output: {
      write: (bytes, release) => {
        end.push(Buffer.from(bytes));
        release();
      },
    },
    events: { onError: () => undefined, onDisconnect: () => undefined, onKeyExchange: () => keys.resolve() },
  });
  end.onWrite = (chunk) => void client.receive(Buffer.from(chunk));
  await keys.promise;
  await turn();

  end.reads = false;
  const ping = Buffer.concat([Buffer.from([192, 0, 0, 0x40, 0]), Buffer.alloc(0x4000)]);
  for (let sent = 0; sent < 1000 && !end.isPaused(); sent += 1) {
    client.send(ping);
    await turn();
  }
  expect(end.isPaused()).toBe(true);
  expect(link.queuedBytes).toBeLessThan(256 * 1024);

  end.readAgain();
  await turn();
  expect(end.isPaused()).toBe(false);
  link.destroy();
});
