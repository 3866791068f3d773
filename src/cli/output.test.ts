import { Writable } from "node:stream";
import { expect, test } from "vitest";
import type { Surroundings } from "./cli.ts";
import { Output } from "./output.ts";

function outputOf(columns: number | undefined): Output {
  const stdout = Object.assign(new Writable(), { isTTY: columns !== undefined, ...(columns !== undefined && { columns }) });
  return new Output({ env: {}, stdout } as unknown as Surroundings, { json: false, colour: true });
}

const HEAD = ["ID", "WHO", "ENDED"];
const LONG = "cut: grant-revoked: Found it: /srv/app/releases/412/configuration/checkout.conf has 2 workers";
const rows = [["s-2dk9zvtvq0", { text: "ana", style: "green" } as const, LONG]];

// eslint-disable-next-line no-control-regex -- colours
const plain = (text: string): string => text.replaceAll(/\u001b\[\d+m/g, "");

test("a table fits into the terminal, and nothing of it is lost", () => {
  const lines = plain(outputOf(60).table(HEAD, rows)).split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
  const at = lines[0]?.indexOf("ENDED") ?? 0;
  const cell = lines.slice(1).map((line) => line.slice(at));
  expect(cell.length).toBeGreaterThan(2);
  expect(cell.join("").replaceAll(" ", "")).toBe(LONG.replaceAll(" ", ""));
});

test.each([[undefined], [200]])("where it is wide enough, or no terminal at all (%s columns), a row is a line", (columns) => {
  expect(plain(outputOf(columns).table(HEAD, rows))).toBe(`ID            WHO  ENDED\ns-2dk9zvtvq0  ana  ${LONG}`);
});
