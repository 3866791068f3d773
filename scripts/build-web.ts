/**
 * `npm run build:web`, which `npm ci` runs: the console as files in web/dist, which the gate serves. What is newer than
 * everything it is made of stays as it is. Without the console's packages (`npm ci --omit=dev`) there is no console to build.
 */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, statSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";

const SOURCES = ["web/src/**/*", "web/public/**/*", "web/*.{ts,json,html}", "src/contract/*.ts", "package-lock.json"];
/** Written last. */
const made = "web/dist/index.html.br";

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
if (status === 0) {
  const files = globSync("web/dist/**/*.{html,js,css,svg,wasm,json,txt}").filter((path) => !path.endsWith("index.html"));
  await Promise.all(files.map(compress));
  await compress("web/dist/index.html");
}
process.exitCode = status ?? 1;

/** Beside the file, as small as it gets, so that no gate does it when it starts. */
async function compress(path: string): Promise<void> {
  const bytes = await readFile(path);
  await Promise.all([
    promisify(gzip)(bytes, { level: 9 }).then((small) => writeFile(`${path}.gz`, small)),
    promisify(brotliCompress)(bytes).then((small) => writeFile(`${path}.br`, small)),
  ]);
}
