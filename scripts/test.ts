/**
 * `npm test`: every test of every project. Skipped tests are named with their reason, and the last line is always
 * `N passed, N failed, N skipped`. Arguments go to vitest: `npm test -- src/cli`.
 *
 * With CI=true a test that was skipped because a program is missing fails the run: nothing is left out in silence.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { TestSummary } from "./test-reporter.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const started = performance.now();

const vitest = spawn(
  process.execPath,
  ["node_modules/vitest/vitest.mjs", "run", "--reporter", "./scripts/test-reporter.ts", ...process.argv.slice(2)],
  {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: { ...process.env, PATH: `${root}node_modules/.bin:${process.env["PATH"]}` },
  },
);

let summary: TestSummary | undefined;
vitest.on("message", (message: TestSummary) => {
  summary = message;
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => vitest.kill(signal));

vitest.on("close", (code, signal) => {
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  if (!summary) {
    console.error(`The test run ended without a summary (${signal ?? `exit status ${code}`})`);
    console.log("0 passed, 1 failed, 0 skipped");
    process.exitCode = 1;
    return;
  }
  const { passed, failed, skipped } = summary;
  const names = new Map<string, string[]>();
  for (const each of skipped) names.set(each.reason, [...(names.get(each.reason) ?? []), each.name]);
  if (skipped.length > 0) console.log(`\nSKIPPED, so NOT verified here (${skipped.length}):`);
  for (const [reason, list] of names) {
    console.log(`  ${reason}`);
    for (const name of list) console.log(`    - ${name}`);
  }
  const missingPeers = process.env["CI"] === "true" ? skipped.filter((each) => each.peer).length : 0;
  if (missingPeers > 0) console.log(`\nCI: ${missingPeers} tests were skipped for want of a program; that counts as failed here`);
  // Something that no single test shows (a file that does not load, an unhandled rejection) still fails the run.
  const failedRun = failed === 0 && code !== 0 ? 1 : 0;
  if (failedRun > 0) console.log(`\nvitest ended with ${signal ?? `exit status ${code}`} although no test failed`);
  console.log(`\n${seconds} s`);
  console.log(`${passed} passed, ${failed + failedRun} failed, ${skipped.length} skipped`);
  process.exitCode = failed + failedRun + missingPeers > 0 ? 1 : 0;
});
