/** A line per test file as it ends, each failure in full at the end, and a summary for scripts/test.ts over the IPC channel. */
import { relative } from "node:path";
import type { UserConsoleLog } from "vitest";
import type { Reporter, SerializedError, TestCase, TestModule } from "vitest/node";
import { PEER_MISSING } from "../test/kit/peers.ts";

export interface TestSummary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly { readonly name: string; readonly reason: string; readonly peer: boolean }[];
}

/** Innermost name that says why (suites are named by `requirePeer`), else the note of `ctx.skip(note)`, else the bare mode. */
function reasonOf(test: TestCase): string {
  const result = test.result();
  if (result.state === "skipped" && result.note !== undefined && result.note !== "") return result.note;
  const start = test.fullName.indexOf(PEER_MISSING);
  if (start >= 0) return test.fullName.slice(start).split("]")[0] ?? PEER_MISSING;
  return test.options.mode === "todo" ? "todo" : "skipped without a reason";
}

export default class CompactReporter implements Reporter {
  #failures: { readonly name: string; readonly errors: readonly SerializedError[] }[] = [];
  #passed = 0;
  #skipped: TestSummary["skipped"][number][] = [];

  onTestModuleEnd(module: TestModule): void {
    let [passed, failed, skipped] = [0, 0, 0];
    const known = this.#failures.length;
    const file = relative(process.cwd(), module.moduleId);
    for (const test of module.children.allTests()) {
      const result = test.result();
      const name = `${file} > ${test.fullName}`;
      if (result.state === "passed") passed += 1;
      else if (result.state === "skipped") {
        skipped += 1;
        const reason = reasonOf(test);
        this.#skipped.push({ name, reason, peer: reason.startsWith(PEER_MISSING) });
      } else {
        failed += 1;
        this.#failures.push({ name, errors: result.errors ?? [{ message: "The test did not finish" }] });
      }
    }
    // A file that does not load, and a hook that fails outside of any test, have no test of their own to show it.
    for (const suite of [module, ...module.children.allSuites()]) {
      const errors = suite.errors();
      if (errors.length === 0) continue;
      failed += 1;
      this.#failures.push({ name: suite.type === "module" ? file : `${file} > ${suite.fullName}`, errors });
    }
    this.#passed += passed;
    const counts = [`${passed} passed`, failed > 0 && `${failed} FAILED`, skipped > 0 && `${skipped} skipped`].filter(Boolean).join(", ");
    const seconds = (module.diagnostic().duration / 1000).toFixed(1);
    console.log(`${failed > 0 ? "FAIL" : "ok  "} ${file} (${counts}, ${seconds} s)`);
    // In full at the end; a line each now, for whoever waits for a long run.
    for (const { name, errors } of this.#failures.slice(known)) console.log(`  ${name}: ${errors[0]?.message.split("\n", 1)[0]}`);
  }

  /** What a test has measured, and the seed it began with, belong to its result. */
  onUserConsoleLog({ content, type }: UserConsoleLog): void {
    if (type === "stdout") console.log(indent(content.trimEnd()));
  }

  onTestRunEnd(_modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    for (const error of unhandled) this.#failures.push({ name: "outside of any test", errors: [error] });
    for (const { name, errors } of this.#failures) {
      console.log(`\nFAILED ${name}`);
      for (const error of errors)
        console.log(indent(`${error.stack ?? error.message}${typeof error.diff === "string" ? `\n${error.diff}` : ""}`));
    }
    const summary: TestSummary = { passed: this.#passed, failed: this.#failures.length, skipped: this.#skipped };
    process.send?.(summary);
  }
}

/** Without the frames of the test runner itself. */
function indent(text: string): string {
  const lines = text.split("\n").filter((line) => !/^\s+at .*node_modules\/(vitest|vite)\//.test(line));
  return lines.map((line) => `  ${line}`).join("\n");
}
