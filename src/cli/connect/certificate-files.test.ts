import { createPrivateKey, createPublicKey } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { UsageError } from "../usage-error.ts";
import { CertificateFiles } from "./certificate-files.ts";

describe("files of a client certificate", () => {
  let parent: string;
  let folder: string;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), "sallyport-files-"));
    folder = join(parent, "made");
  });
  afterEach(() => rmSync(parent, { recursive: true }));

  const read = (name: string): Buffer => readFileSync(join(folder, name));

  test("are their owner's alone, of one key, and gone with their folder", () => {
    {
      using files = new CertificateFiles(folder, parent);
      expect(existsSync(folder)).toBe(false);
      files.write("an authority", "a certificate");
      expect(statSync(folder).mode & 0o777).toBe(0o700);
      for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
      const keys = [createPrivateKey(read("client.key")), createPrivateKey({ key: read("client.pk8"), format: "der", type: "pkcs8" })];
      for (const key of keys) {
        expect(createPublicKey(key).export({ format: "der", type: "spki" }).toString("base64")).toBe(files.publicKey);
      }
      expect([read("ca.crt").toString(), read("client.crt").toString()]).toEqual(["an authority", "a certificate"]);
    }
    expect(existsSync(folder)).toBe(false);
  });

  test("leave a folder that was there, and what else is in it", () => {
    mkdirSync(folder);
    writeFileSync(join(folder, "notes"), "mine");
    {
      using files = new CertificateFiles(folder, parent);
      files.write("an authority", "a certificate");
    }
    expect(readdirSync(folder)).toEqual(["notes"]);
  });

  test("are not written over others, nor through a link", () => {
    mkdirSync(folder);
    writeFileSync(join(parent, "elsewhere"), "mine");
    symlinkSync(join(parent, "elsewhere"), join(folder, "client.crt"));
    expect(() => new CertificateFiles(folder, parent)).toThrow(UsageError);
    expect(readFileSync(join(parent, "elsewhere"), "utf8")).toBe("mine");
  });

  test("are renewed, the key staying; a gate that is silent is asked again, and spoken of once", async () => {
    using files = new CertificateFiles(folder, parent);
    files.write("an authority", "first");
    const key = read("client.key");
    const stop = new AbortController();
    const answers: (string | Error)[] = ["second", new Error("silent"), new Error("silent"), "third", new Error("again")];
    const [waits, said, seen]: [number[], string[], string[]] = [[], [], []];
    await files.keepFresh(
      {
        fetchNext: async () => {
          const answer = answers.shift();
          if (typeof answer !== "string") throw answer;
          return answer;
        },
        onSilence: (reason) => void said.push(reason),
        wait: async (ms) => {
          waits.push(ms);
          seen.push(read("client.crt").toString());
          if (answers.length === 0) stop.abort();
        },
      },
      stop.signal,
    );
    expect(seen).toEqual(["first", "second", "second", "second", "third", "third"]);
    expect(waits).toEqual([300_000, 300_000, 10_000, 10_000, 300_000, 10_000]);
    expect(said).toEqual(["silent", "again"]);
    expect(read("client.key")).toEqual(key);
  });
});
