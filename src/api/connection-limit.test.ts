import { EventEmitter } from "node:events";
import type { Server } from "node:http";
import { expect, it } from "vitest";
import { limitConnections } from "./connection-limit.ts";

class FakeSocket extends EventEmitter {
  readonly remoteAddress: string;
  destroyed = false;

  constructor(remoteAddress: string) {
    super();
    this.remoteAddress = remoteAddress;
  }

  destroy(): void {
    this.destroyed = true;
  }
}

function limited(perAddress: number): (address: string) => FakeSocket {
  const server = new EventEmitter();
  limitConnections(server as unknown as Server, perAddress);
  return (address) => {
    const socket = new FakeSocket(address);
    server.emit("connection", socket);
    return socket;
  };
}

it("refuses what is beyond one address's share, and takes it when another went", () => {
  const connect = limited(2);
  const first = connect("192.0.2.1");
  expect(connect("::ffff:192.0.2.1").destroyed).toBe(false);
  expect(connect("192.0.2.1").destroyed).toBe(true);
  expect(connect("192.0.2.2").destroyed).toBe(false);
  first.emit("close");
  expect(connect("192.0.2.1").destroyed).toBe(false);
});

it("counts an IPv6 /64 as one address", () => {
  const connect = limited(1);
  connect("2001:db8:1:2::1");
  expect(connect("2001:db8:1:2:3:4:5:6").destroyed).toBe(true);
  expect(connect("2001:db8:1:3::1").destroyed).toBe(false);
  connect("2001:db8::1");
  expect(connect("2001:db8::2:1").destroyed).toBe(true);
});

it("leaves this machine alone: a proxy stands for many", () => {
  const connect = limited(1);
  connect("127.0.0.1");
  expect([connect("127.0.0.1"), connect("::1"), connect("::ffff:127.0.0.1")].map(({ destroyed }) => destroyed)).toEqual([
    false,
    false,
    false,
  ]);
});
