/** `npm run check`: formatting, lint, types, layers, generated documents and the unit tests; all are run, the first failure does not hide the others. */
import { spawnSync } from "node:child_process";

const STEPS: readonly (readonly [name: string, command: readonly string[]])[] = [
  ["format", ["oxfmt", "--check"]],
  ["lint", ["oxlint", "--type-aware", "--deny-warnings"]],
  ["types", ["tsc", "--noEmit"]],
  ["types of the console", ["tsc", "--noEmit", "-p", "web"]],
  ["layers", ["node", "scripts/check-layers.ts"]],
  ["documents", ["node", "scripts/write-docs.ts", "--check"]],
  ["unit tests", ["vitest", "run", "--project", "unit", "--reporter", "dot"]],
];

let failed = 0;
for (const [name, [command = "", ...args]] of STEPS) {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${status === 0 ? "ok  " : "FAIL"} ${name} (${seconds} s)`);
  if (status !== 0) {
    failed += 1;
    console.log(stdout + stderr);
  }
}
process.exitCode = failed === 0 ? 0 : 1;
