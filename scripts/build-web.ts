/**
 * `npm run build:web`, which `npm ci` runs: the console as files in web/dist, which the gate serves. What is newer than
 * everything it is made of stays as it is. Without the console's packages (`npm ci --omit=dev`) there is no console to build.
 */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, statSync } from "node:fs";
import { createRequire } from "node:module";

const SOURCES = ["web/src/**/*", "web/public/**/*", "web/*.{ts,json,html}", "src/contract/*.ts", "package-lock.json"];
const made = "web/dist/index.html";

function newest(patterns: readonly string[]): number {
  return Math.max(...globSync([...patterns]).map((path) => statSync(path).mtimeMs));
}

if (existsSync(made) && statSync(made).mtimeMs > newest(SOURCES)) process.exit(0);
try {
  createRequire(import.meta.url).resolve("vite/package.json");
} catch {
  console.error("The console was not built: its packages are not installed");
  process.exit(0);
}
const { status } = spawnSync(
  process.execPath,
  ["node_modules/vite/bin/vite.js", "build", "--configLoader", "native", "--logLevel", "warn", "web"],
  {
    stdio: "inherit",
  },
);
process.exitCode = status ?? 1;
