import { describe, expect, test } from "vitest";
import { fitColumns } from "./fit-columns.ts";
import { Output } from "./output.ts";

const ROWS = [
  ["ID", "WHO", "ENDED"],
  ["s-zcnrq7ww6n", "ana", "cut: grant-revoked: Found it: 2 workers"],
];

function output(columns: number | undefined): Output {
  const stdout = { isTTY: columns !== undefined, columns, write: () => true };
  const at = { env: {}, stdout, stderr: stdout } as unknown as ConstructorParameters<typeof Output>[0];
  return new Output(at, { json: false, colour: false });
}

/** What a terminal of so many columns shows; without a number, what a pipe gets. */
function shown(rows: readonly (readonly string[])[], columns?: number): string[] {
  const [head = [], ...rest] = rows;
  return output(columns).table(head, rest).split("\n");
}

test("facts wrap beside their names", () => {
  const facts = [
    ["you", "ada"],
    ["may", "audit.read, config.reload, lock.write"],
  ] as const;
  expect(output(30).facts(facts)).toBe("you  ada\nmay  audit.read,\n     config.reload, lock.write");
  expect(output(undefined).facts(facts)).toBe("you  ada\nmay  audit.read, config.reload, lock.write");
});

describe("a table", () => {
  test("that fits is left alone", () => {
    expect(fitColumns(ROWS, 58)).toEqual([null, null, null]);
    expect(shown(ROWS, 58)).toHaveLength(2);
  });

  test("wraps its widest column between words, and loses nothing", () => {
    const lines = shown(ROWS, 40);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(40);
    expect(lines[1]).toMatch(/^s-zcnrq7ww6n {2}ana {2}cut: grant-revoked:$/);
    const last = lines.map((line) => line.slice(19).trim()).join(" ");
    expect(last).toBe("ENDED cut: grant-revoked: Found it: 2 workers");
  });

  test("whose words do not fit is left to the terminal, whole", () => {
    expect(fitColumns(ROWS, 20)).toEqual([]);
    expect(shown(ROWS, 20)[1]).toBe("s-zcnrq7ww6n  ana  cut: grant-revoked: Found it: 2 workers");
  });

  test("in a pipe is a line for each row, however long", () => {
    expect(shown(ROWS)).toHaveLength(2);
  });

  test("counts what is drawn at double width as two", () => {
    expect(fitColumns([["ab 日本"]], 7)).toEqual([null]);
    expect(fitColumns([["ab 日本"]], 6)).toEqual([8]);
  });
});
