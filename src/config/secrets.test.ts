import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { resolveSecret, resolveSecretFile } from "./secrets.ts";

const folder = mkdtempSync(join(tmpdir(), "sallyport-secrets-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string, mode: number): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

describe("resolveSecret", () => {
  test("from the environment", async () => {
    expect((await resolveSecret({ from: "env", name: "KEY" }, { KEY: "hunter2" })).reveal()).toBe("hunter2");
    await expect(resolveSecret({ from: "env", name: "KEY" }, {})).rejects.toThrow('"KEY" is not set');
    await expect(resolveSecret({ from: "env", name: "KEY" }, { KEY: "" })).rejects.toThrow("is not set");
  });

  test("from a file, without its last line end, never printed", async () => {
    const secret = await resolveSecret({ from: "file", name: file("good", "hunter2\n", 0o600) });
    expect(secret.reveal()).toBe("hunter2");
    expect(`${String(secret)} ${JSON.stringify(secret)}`).not.toContain("hunter2");
    expect((await resolveSecretFile(file("bytes", "a\n", 0o400))).reveal()).toEqual(Buffer.from("a\n"));
  });

  test.each([
    ["readable by the group", 0o640],
    ["readable by all", 0o604],
    ["writable by the group", 0o620],
  ])("a file that is %s is refused", async (name, mode) => {
    await expect(resolveSecretFile(file(name, "hunter2", mode))).rejects.toThrow("chmod 600");
  });

  test("a file that is a link to one that others may read is refused too", async () => {
    symlinkSync(file("open", "hunter2", 0o644), join(folder, "link"));
    await expect(resolveSecretFile(join(folder, "link"))).rejects.toThrow("chmod 600");
  });

  test("nothing, a folder, an empty and an endless file are refused, without the content in the message", async () => {
    await expect(resolveSecretFile(join(folder, "absent"))).rejects.toThrow("ENOENT");
    await expect(resolveSecretFile(folder)).rejects.toThrow("is not a file");
    await expect(resolveSecretFile(file("empty", "", 0o600))).rejects.toThrow("0 bytes");
    await expect(resolveSecretFile(file("large", "x".repeat(70_000), 0o600))).rejects.toThrow("70000 bytes");
    await expect(resolveSecretFile("/dev/zero")).rejects.toThrow("is not a file");
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", ["-m", "600", pipe]);
    await expect(resolveSecretFile(pipe)).rejects.toThrow("is not a file");
  });
});
