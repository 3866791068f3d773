import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { recoverOwner } from "./recover-owner.ts";

test("a folder without a gate's data is refused, and left as it is", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-recover-"));
  try {
    const [configPath, key, dataDir] = [join(folder, "sallyport.yaml"), join(folder, "key"), join(folder, "data")];
    writeFileSync(configPath, `version: 1\ngate: { name: gate.example, masterKey: "file:${key}" }\n`);
    writeFileSync(key, `${Buffer.alloc(32, 7).toString("base64")}\n`, { mode: 0o600 });
    await expect(recoverOwner({ configPath, dataDir, user: "ada" })).rejects.toMatchObject({
      code: "not-found",
      message: expect.stringContaining("no gate keeps its data in") as string,
    });
    expect(readdirSync(folder).sort()).toEqual(["key", "sallyport.yaml"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
