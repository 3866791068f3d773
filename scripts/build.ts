/**
 * `npm run build`: src/ as JavaScript in dist/, and the files beside it that are not TypeScript. Node does not run
 * TypeScript under node_modules, so the published package is compiled; a checkout runs src/ and never looks at dist/.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

rmSync("dist", { recursive: true, force: true });

const { status } = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"], { stdio: "inherit" });
if (status !== 0) process.exit(status ?? 1);

let copied = 0;
for (const path of globSync("src/**/*", { withFileTypes: true })) {
  // A folder with such a name holds what tests compare with.
  if (!path.isFile() || path.name.endsWith(".ts") || path.parentPath.endsWith("__snapshots__")) continue;
  const from = join(path.parentPath, path.name);
  const to = join("dist", from.slice("src/".length));
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
  copied += 1;
}

/** Worker threads are named by URL, which the compiler leaves alone. */
const URL_OF_MODULE = /new URL\((["'`])(\.[^"'`]+)\.ts\1, import\.meta\.url\)/g;
let modules = 0;
for (const file of globSync("dist/**/*.js")) {
  modules += 1;
  const text = readFileSync(file, "utf8");
  const rewritten = text.replaceAll(URL_OF_MODULE, (_, quote: string, path: string) => {
    if (!existsSync(resolve(dirname(file), `${path}.js`))) throw new Error(`${file} names "${path}.ts", which was not compiled`);
    return `new URL(${quote}${path}.js${quote}, import.meta.url)`;
  });
  if (rewritten !== text) writeFileSync(file, rewritten);
}
console.log(`dist: ${modules} modules, ${copied} other files`);
