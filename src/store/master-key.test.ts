import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemRandom } from "../kernel/random.ts";
import { Secret } from "../kernel/secret.ts";
import { createMasterKeyFile, deriveKey, masterKeyId, parseMasterKey, readMasterKeyFile } from "./master-key.ts";

let folder: string;
let dataDir: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-key-"));
  dataDir = join(folder, "data");
  await mkdir(dataDir);
});
afterEach(() => rm(folder, { recursive: true }));

test("a key that was made is read again, and never replaced", async () => {
  const path = join(folder, "master.key");
  const made = await createMasterKeyFile(path, systemRandom, { dataDir });
  const read = await readMasterKeyFile(path, { dataDir });
  expect(read.reveal()).toEqual(made.reveal());
  expect(masterKeyId(read)).toBe(masterKeyId(made));
  await expect(createMasterKeyFile(path, systemRandom, { dataDir })).rejects.toMatchObject({ code: "bad-master-key" });
  expect(await readFile(path, "utf8")).toBe(`${made.reveal().toString("base64")}\n`);
});

test.each([0o644, 0o640, 0o604, 0o620])("a key file of mode %o is refused", async (mode) => {
  const path = join(folder, "master.key");
  await createMasterKeyFile(path, systemRandom, { dataDir });
  await chmod(path, mode);
  await expect(readMasterKeyFile(path, { dataDir })).rejects.toThrow(/read by others/);
});

test("a key inside the data directory is refused, also behind links; a demonstration may", async () => {
  const path = join(dataDir, "master.key");
  await expect(createMasterKeyFile(path, systemRandom, { dataDir })).rejects.toThrow(/inside the data directory/);
  await createMasterKeyFile(path, systemRandom, { dataDir, demo: true });
  await expect(readMasterKeyFile(path, { dataDir })).rejects.toThrow(/inside the data directory/);
  await expect(readMasterKeyFile(path, { dataDir, demo: true })).resolves.toBeInstanceOf(Secret);
  await symlink(path, join(folder, "link.key"));
  await expect(readMasterKeyFile(join(folder, "link.key"), { dataDir })).rejects.toThrow(/inside the data directory/);
  await symlink(dataDir, join(folder, "link"));
  await expect(readMasterKeyFile(join(folder, "link", "master.key"), { dataDir })).rejects.toThrow(/inside the data directory/);
});

test.each(["", "short", "A".repeat(42), "not base64 at all, but long enough to be 32 bytes", Buffer.alloc(33).toString("base64")])(
  "%j is not a key",
  async (text) => {
    expect(() => parseMasterKey(text)).toThrow(/32 bytes/);
    const path = join(folder, "master.key");
    await writeFile(path, text, { mode: 0o600 });
    await expect(readMasterKeyFile(path, { dataDir })).rejects.toMatchObject({ code: "bad-master-key" });
  },
);

test("a key that is not there is named", async () => {
  await expect(readMasterKeyFile(join(folder, "none"), { dataDir })).rejects.toThrow(/none/);
});

test("keys for different purposes differ, and so does the id", () => {
  const key = new Secret(Buffer.alloc(32, 1));
  const [secrets, recordings] = [deriveKey(key, "secrets").reveal(), deriveKey(key, "recordings").reveal()];
  expect(secrets).not.toEqual(recordings);
  expect(secrets).not.toEqual(key.reveal());
  expect(masterKeyId(key)).toMatch(/^[0-9a-f]{16}$/);
  expect(masterKeyId(key)).not.toBe(masterKeyId(new Secret(Buffer.alloc(32, 2))));
});
