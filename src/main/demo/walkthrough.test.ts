import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { printWalkthrough, walkthroughSteps, type Walkthrough } from "./walkthrough.ts";

const about: Walkthrough = {
  folder: "/tmp/sallyport-demo",
  temporary: true,
  sshPort: 7722,
  url: "http://127.0.0.1:7700",
  hosts: "real",
  account: "ana",
  sshConfig: "/tmp/sallyport-demo/ssh_config",
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
});
