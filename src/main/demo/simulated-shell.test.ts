import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FileTree, resolvePath } from "./file-tree.ts";
import { productionFiles, workersOf } from "./production.ts";
import type { Place } from "./simulated-commands.ts";
import { parseLine, runLine } from "./simulated-shell.ts";

function place(): Place {
  const tree = new FileTree("/srv", { "etc/a.conf": "one\ntwo\nthree\n", "etc/b.conf": "two 2\n", "log/x": "" });
  return { host: "web-1.prod", account: "infra", home: "/srv", cwd: "/srv", tree, startedAt: 0 };
}

const out = (line: string, at = place()): string => runLine(line, at).out;

describe("a command line", () => {
  test("quotes keep words together; | and ; part commands", () => {
    expect(parseLine(`grep -c "no free" 'a b' | wc ; ls`)).toEqual([[["grep", "-c", "no free", "a b"], ["wc"]], [["ls"]]]);
    expect(parseLine(`echo ""`)).toEqual([[["echo", ""]]]);
    expect(parseLine(`echo "open`)).toBeUndefined();
  });

  test("whatever is typed, it answers", () => {
    const words = fc.constantFrom(
      "ls",
      "cat",
      "tail",
      "-n",
      "3",
      "grep",
      "-c",
      "|",
      ";",
      "'",
      '"',
      "etc/a.conf",
      "..",
      "constructor",
      "-f",
      "\u0000",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string()), { maxLength: 12 }), (parts) => {
        const { status } = runLine(parts.join(" "), place());
        expect(status).toBeGreaterThanOrEqual(0);
        expect(status).toBeLessThanOrEqual(255);
      }),
    );
  });

  test.each([
    ["ls", "etc/\nlog/\n"],
    ["ls etc", "a.conf\nb.conf\n"],
    ["cat etc/b.conf", "two 2\n"],
    ["head -n 1 etc/a.conf", "one\n"],
    ["tail -n 2 etc/a.conf", "two\nthree\n"],
    ["tail -1 etc/a.conf", "three\n"],
    ["grep two etc/a.conf etc/b.conf", "etc/a.conf:two\netc/b.conf:two 2\n"],
    ["grep -c t etc/a.conf", "2\n"],
    ["grep -v t etc/a.conf", "one\n"],
    ["cat etc/a.conf | grep -i T | wc -l", "2\n"],
    ["cd etc; pwd; cat a.conf | head -1", "/srv/etc\none\n"],
  ])("%s", (line, expected) => expect(out(line)).toBe(expected));

  test.each([
    ["cat nothing", 2],
    ["cat etc", 2],
    ["grep absent etc/a.conf", 1],
    ["rm -rf /", 127],
    ["toString", 127],
    ["exit 3", 3],
  ])("%s ends with status %i", (line, status) => expect(runLine(line, place()).status).toBe(status));

  test("tail -f names what it follows", () => {
    expect(runLine("tail -n 0 -f log/x", place())).toMatchObject({ follow: "/srv/log/x", out: "" });
  });
});

test("paths never leave the root", () => {
  expect(resolvePath("/srv", "../../../etc//./passwd")).toBe("/etc/passwd");
  expect(resolvePath("/srv/log", "..")).toBe("/srv");
  expect(resolvePath("/srv", "/")).toBe("/");
});

test("the fault is in the files: release 412 has too few workers, 411 had enough", () => {
  const files = productionFiles("web-1.prod", Date.parse("2026-11-20T12:00:00Z"));
  expect(workersOf(files["etc/checkout.conf"] ?? "")).toBe(2);
  expect(workersOf(files["etc/checkout.conf.release-411"] ?? "")).toBe(32);
  const log = files["log/checkout.log"]?.split("\n") ?? [];
  const deployed = log.findIndex((line) => line.includes("started release 412"));
  expect(log.slice(0, deployed).some((line) => line.includes("ERROR"))).toBe(false);
  expect(log.slice(deployed).filter((line) => line.includes("no free worker")).length).toBeGreaterThan(20);
});
