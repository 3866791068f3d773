import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";

/** The Go toolchain, from PATH or from where its own installer puts it. */
export const go = ["go", "/usr/local/go/bin/go"].find((name) => spawnSync(name, ["version"]).status === 0);

/** Builds the independent verifier of test/peers/transparency into `folder`; returns its path. Needs `go`. */
export function buildGoVerifier(folder: string): string {
  const program = join(folder, "transparency");
  execFileSync(go ?? "go", ["build", "-o", program, "."], { cwd: join(import.meta.dirname, "../peers/transparency"), stdio: "pipe" });
  return program;
}
