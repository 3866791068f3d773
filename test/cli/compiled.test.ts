/** Where the program keeps itself compiled: a folder that nobody else can write, whatever the umask of whoever starts it. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sallyport-compiled-"));
  mkdirSync(join(root, "src/main"), { recursive: true });
  writeFileSync(join(root, "package.json"), '{ "type": "module" }');
  copyFileSync("src/main/cli.ts", join(root, "src/main/cli.ts"));
  writeFileSync(join(root, "src/main/command-line.ts"), 'console.log("it runs");');
});
afterEach(() => rmSync(root, { recursive: true }));

function start(): string {
  const script = `umask 0; exec "$0" "$1"`;
  const env = { PATH: process.env["PATH"] };
  return spawnSync("sh", ["-c", script, process.execPath, join(root, "src/main/cli.ts")], { encoding: "utf8", env }).stdout;
}

test("it is in the program's folder, and for its owner alone", () => {
  expect(start()).toBe("it runs\n");
  const folder = join(root, "node_modules/.cache/sallyport/compiled");
  for (const each of [folder, join(folder, ".."), join(folder, "../.."), join(folder, "../../..")])
    expect(statSync(each).mode & 0o022).toBe(0);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(readdirSync(folder, { recursive: true }).length).toBeGreaterThan(1);
});

test("a program whose folder takes no other folder starts without", () => {
  writeFileSync(join(root, "node_modules"), "");
  expect(start()).toBe("it runs\n");
});
