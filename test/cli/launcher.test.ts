/** bin/sallyport, laid out as a checkout, as an installed package, and with no fitting Node anywhere. */
import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const launcher = fileURLToPath(new URL("../../bin/sallyport", import.meta.url));
const carried = `node-linux-${process.arch}`;
const onLinux = process.platform === "linux" && (process.arch === "x64" || process.arch === "arm64");

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sallyport launcher-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text, { mode });
}

function install(at: string, files: Record<string, string>): string {
  mkdirSync(join(root, at, "bin"), { recursive: true });
  copyFileSync(launcher, join(root, at, "bin/sallyport"));
  for (const [path, text] of Object.entries(files)) write(join(at, path), text);
  return join(root, at, "bin/sallyport");
}

/** A "Node" that says which one it is and what it was given. */
function fakeNode(path: string, version: string): void {
  const script = `#!/bin/sh\ncase "$1" in -p) echo ${version.split(".")[0]} ;; --version) echo v${version} ;; *) echo "node ${path}: $*" ;; esac\n`;
  write(path, script, 0o755);
}

function start(
  file: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: "utf8", env: { PATH: `${root}/path:/usr/bin:/bin`, ...env } });
  return { status, out: stdout.trim(), err: stderr };
}

describe.skipIf(!onLinux)("which Node", () => {
  test("the one in the package's own node_modules, and the sources of a checkout before an old dist/", () => {
    const file = install("checkout", { "src/main/cli.ts": "", "dist/main/cli.js": "" });
    fakeNode(`checkout/node_modules/${carried}/bin/node`, "24.1.0");
    fakeNode("path/node", "24.9.0");
    expect(start(file, ["a b", "--json"]).out).toBe(
      `node checkout/node_modules/${carried}/bin/node: ${root}/checkout/src/main/cli.ts a b --json`,
    );
  });

  test("the one npm hoisted beside the package, through npm's own link", () => {
    install("app/node_modules/sallyport", { "dist/main/cli.js": "" });
    fakeNode(`app/node_modules/${carried}/bin/node`, "24.1.0");
    mkdirSync(join(root, "app/node_modules/.bin"));
    symlinkSync("../sallyport/bin/sallyport", join(root, "app/node_modules/.bin/sallyport"));
    expect(start(join(root, "app/node_modules/.bin/sallyport")).out).toBe(
      `node app/node_modules/${carried}/bin/node: ${root}/app/node_modules/sallyport/dist/main/cli.js`,
    );
  });

  test("in a checkout too, through ./sallyport and a link to it from elsewhere", () => {
    symlinkSync(fileURLToPath(new URL("../../sallyport", import.meta.url)), join(root, "sallyport"));
    expect(start(join(root, "sallyport"), ["--version"])).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string,
    });
  });

  test("a recent one in PATH, when none was carried along", () => {
    const file = install("app/node_modules/sallyport", { "dist/main/cli.js": "" });
    fakeNode("path/node", "26.0.0");
    expect(start(file).out).toContain("node path/node: ");
  });

  test("SALLYPORT_NODE before all", () => {
    const file = install("checkout", { "src/main/cli.ts": "" });
    fakeNode(`checkout/node_modules/${carried}/bin/node`, "24.1.0");
    fakeNode("mine/node", "25.0.0");
    expect(start(file, [], { SALLYPORT_NODE: join(root, "mine/node") }).out).toContain("node mine/node: ");
    fakeNode("old/node", "22.0.0");
    expect(start(file, [], { SALLYPORT_NODE: join(root, "old/node") })).toMatchObject({
      status: 1,
      err: expect.stringContaining("not Node 24") as string,
    });
  });

  test("none: says what was found and what to do", () => {
    fakeNode("path/node", "20.2.0");
    const checkout = install("checkout", { "src/main/cli.ts": "" });
    expect(start(checkout)).toMatchObject({ status: 1, out: "", err: expect.stringMatching(/found v20\.2\.0.*\n.*npm ci/) as string });
    const installed = install("app/node_modules/sallyport", { "dist/main/cli.js": "" });
    expect(start(installed)).toMatchObject({ status: 1, err: expect.stringMatching(/found v20\.2\.0.*\nInstall Node 24/) as string });
  });
});

describe("it becomes the program", () => {
  const program = 'process.on("SIGTERM", () => process.exit(42)); console.log(process.pid); setInterval(() => {}, 1000);';

  test("exit statuses pass", () => {
    const file = install("app", { "dist/main/cli.js": "process.exitCode = Number(process.argv[2]);" });
    for (const status of [0, 3, 7]) expect(start(file, [String(status)], { SALLYPORT_NODE: process.execPath }).status).toBe(status);
  });

  test("there is one process: signals reach it, and its pid is the launcher's", async () => {
    const file = install("app", { "dist/main/cli.js": program });
    const child = spawn(file, [], {
      env: { PATH: "/usr/bin:/bin", SALLYPORT_NODE: process.execPath },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const pid = await new Promise<string>((resolve) => child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString().trim())));
    expect(Number(pid)).toBe(child.pid);
    const exit = new Promise((resolve) => child.once("exit", (code, signal) => resolve([code, signal])));
    child.kill("SIGTERM");
    expect(await exit).toEqual([42, null]);
  });
});
