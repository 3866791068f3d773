import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { NO_POSTGRES } from "./find-postgres.ts";
import { printWalkthrough, walkthroughSteps, type Walkthrough } from "./walkthrough.ts";

const about: Walkthrough = {
  folder: "/tmp/sallyport-demo",
  temporary: true,
  sshPort: 7722,
  url: "http://127.0.0.1:7700",
  hosts: "real",
  account: "ana",
  sshConfig: "/tmp/sallyport-demo/ssh_config",
  database: { version: "18.4", passedOver: [] },
  psql: true,
};
const isCommand = (line: string): boolean => /^ {4}\S+ +\$ /.test(line);

describe("the walk-through on a terminal", () => {
  test.each([40, 80, 120])("of %i columns breaks between words, and no command", (columns) => {
    const text = stripVTControlCharacters(printWalkthrough(about, { colour: true, columns }));
    const prose = text.split("\n").filter((line) => !isCommand(line));
    for (const line of prose) expect(line.length).toBeLessThanOrEqual(columns);
    for (const { lines } of walkthroughSteps(about)) for (const [, command] of lines) expect(text).toContain(`$ ${command}\n`);
    const whole = printWalkthrough(about, { colour: false });
    expect(text.replaceAll(/\s+/g, " ")).toBe(whole.replaceAll(/\s+/g, " "));
  });

  test("in a file has a line for each paragraph", () => {
    const steps = printWalkthrough(about, { colour: false })
      .split("\n")
      .filter((line) => /^ *\d+ {2}/.test(line));
    expect(steps.map((line) => line.slice(4))).toEqual(walkthroughSteps(about).map(({ why }) => why));
  });

  test("says why a server that should be the better one was not taken", () => {
    const database = { version: "15.18", passedOver: ["/npm/bin: it is ill"] };
    expect(printWalkthrough({ ...about, database }, { colour: false })).toContain("Another server was not taken: /npm/bin: it is ill.\n");
  });

  test.each<[string, Partial<Walkthrough>, string]>([
    ["without psql", { psql: false }, "sudo apt-get install postgresql-client"],
    ["without a database", { database: { why: NO_POSTGRES } }, "sudo apt-get install postgresql\n"],
    ["with one that does not start", { database: { why: "it is ill" } }, "no database in this demo: it is ill."],
  ])("%s has no command of psql, and says why", (_, missing, said) => {
    const text = printWalkthrough({ ...about, ...missing }, { colour: false });
    expect(text.split("\n").filter((line) => isCommand(line) && / psql | sql\./.test(line))).toEqual([]);
    expect(text).toContain(said);
  });
});
