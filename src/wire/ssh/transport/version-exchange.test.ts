import { describe, expect, test } from "vitest";
import { encodeVersion, VersionReader } from "./version-exchange.ts";

const read = (peerIsServer: boolean, ...chunks: string[]): string | undefined => {
  const reader = new VersionReader(peerIsServer);
  for (const chunk of chunks) {
    const found = reader.push(Buffer.from(chunk, "latin1"));
    if (found !== undefined) return `${found.version}|${found.rest.toString("latin1")}`;
  }
  return undefined;
};
const failure = expect.objectContaining({ code: "protocol-error" });

test("a line split at every byte, with what follows it", () => {
  const line = "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\nrest";
  for (let at = 0; at <= line.length; at += 1) {
    const found = read(false, line.slice(0, at), line.slice(at)) ?? "";
    expect("SSH-2.0-OpenSSH_9.2p1 Debian-2|rest".startsWith(found)).toBe(true);
    expect(found.startsWith("SSH-2.0-OpenSSH_9.2p1 Debian-2|")).toBe(true);
  }
});

test("a line that ends with LF alone, as old peers write it", () => {
  expect(read(false, "SSH-2.0-old\n")).toBe("SSH-2.0-old|");
});

test("a server may say other things first, a client may not", () => {
  expect(read(true, "Welcome\r\nto this host\r\nSSH-2.0-x\r\n")).toBe("SSH-2.0-x|");
  expect(() => read(false, "Welcome\r\nSSH-2.0-x\r\n")).toThrow(failure);
  expect(() => read(false, "GET / HTTP/1.1")).toThrow(failure);
});

test("1.99 is a server's way to say 2.0 as well", () => {
  expect(read(true, "SSH-1.99-Cisco\r\n")).toBe("SSH-1.99-Cisco|");
  expect(() => read(false, "SSH-1.99-x\r\n")).toThrow(expect.objectContaining({ reason: 8 }));
  expect(() => read(true, "SSH-1.5-x\r\n")).toThrow(expect.objectContaining({ reason: 8 }));
});

describe("bounds", () => {
  test.each([
    ["a line of 254 bytes and its end", `SSH-2.0-${"x".repeat(246)}\r\n`],
    ["one that never ends", `SSH-2.0-${"x".repeat(300)}`],
    ["a NUL", "SSH-2.0-x\0y\r\n"],
  ])("refused: %s", (_name, text) => {
    expect(() => read(false, text)).toThrow(failure);
    expect(() => read(false, ...Array.from(text))).toThrow(failure);
  });

  test("255 bytes with their end are fine", () => {
    expect(read(false, `SSH-2.0-${"x".repeat(245)}\r\n`)).toHaveLength(254);
  });

  test("a server's other lines are few and short", () => {
    expect(read(true, "x\r\n".repeat(50), "SSH-2.0-x\r\n")).toBe("SSH-2.0-x|");
    expect(() => read(true, "x\r\n".repeat(51))).toThrow(failure);
    expect(() => read(true, "x".repeat(1024))).toThrow(failure);
    expect(() => read(true, ...Array.from("x".repeat(1024)))).toThrow(failure);
  });
});

test("our own line is checked as well", () => {
  expect(encodeVersion("Sallyport_1.0")).toBe("SSH-2.0-Sallyport_1.0");
  expect(() => encodeVersion("has space")).toThrow("has a character that it cannot have, or is too long");
  expect(() => encodeVersion("x".repeat(300))).toThrow("has a character that it cannot have, or is too long");
});
