/**
 * `npm run check`: formatting, lint, types, layers, generated documents and the unit tests; all are run, the first failure does not
 * hide the others. What takes long goes beside the unit tests, which are as long as all the rest together.
 *
 * Kept from one run to the next, in node_modules/.cache: what the compiler knows of files that have not changed, and Node's own
 * compiled code, which the threads that unit tests start would each compile anew.
 */
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

const CACHE = "node_modules/.cache/sallyport";

type Step = readonly [name: string, command: readonly string[]];

function types(name: string, project: string, cache: string): Step {
  return [name, ["tsc", "--noEmit", "-p", project, "--incremental", "--tsBuildInfoFile", `${CACHE}/${cache}.tsbuildinfo`]];
}

/** One after the other within a lane, the lanes beside each other: two, for two cores and the memory of a small machine. */
const LANES: readonly (readonly Step[])[] = [
  [["unit tests", ["vitest", "run", "--project", "unit", "--reporter", "dot"]]],
  [
    ["format", ["oxfmt", "--check"]],
    ["layers", ["node", "scripts/check-layers.ts"]],
    ["documents", ["node", "scripts/write-docs.ts", "--check"]],
    types("types", ".", "types"),
    types("types of the console", "web", "web"),
    ["lint", ["oxlint", "--type-aware", "--deny-warnings"]],
  ],
];

async function passes([name, [command = "", ...args]]: Step): Promise<boolean> {
  const started = performance.now();
  const env = { ...process.env, NODE_COMPILE_CACHE: `${process.cwd()}/${CACHE}/node` };
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env });
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(code === 0 ? "" : (signal ?? `exit status ${code}`)));
  });
  const [said, complained, failure] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${failure === "" ? "ok  " : "FAIL"} ${name} (${seconds} s)${failure === "" ? "" : `: ${failure}`}`);
  if (failure !== "") console.log(said + complained);
  return failure === "";
}

const started = performance.now();
const lanes = LANES.map(async (steps) => {
  let failed = 0;
  for (const step of steps) if (!(await passes(step))) failed += 1;
  return failed;
});
const failed = (await Promise.all(lanes)).reduce((sum, each) => sum + each, 0);
console.log(`${((performance.now() - started) / 1000).toFixed(1)} s`);
process.exitCode = failed === 0 ? 0 : 1;
