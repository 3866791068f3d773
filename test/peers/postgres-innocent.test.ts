/** What applications' and reporting tools emit is answered by a gate that masks as by the server itself. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../kit/database.ts";
import { startInnocentDatabase } from "../kit/innocent-database.ts";
import { startInnocentRun, type InnocentClass, type InnocentRun, type Outcome } from "../kit/innocent-run.ts";
import { innocentTools, readInnocent } from "../kit/innocent-statements.ts";
import { connectPostgres } from "../kit/postgres-client.ts";
import { postgresServer } from "../kit/postgres.ts";

const CLASSES: readonly InnocentClass[] = ["none", "reach", "shows", "asks"];
/** What each is to become. */
const GOOD: Readonly<Record<InnocentClass, readonly Outcome["became"][]>> = {
  none: ["same"],
  reach: ["same"],
  shows: ["masked"],
  asks: ["same", "masked", "refused"],
};
const isBad = ({ class: is, became }: Outcome): boolean => !GOOD[is].includes(became);

describe.skipIf(postgresServer.missing)(postgresServer.title("innocent statements of real tools"), () => {
  let database: Database;
  let run: InnocentRun;
  const all: Outcome[] = [];
  const passwords = new Map<string, string>();

  beforeAll(async () => {
    database = await startInnocentDatabase();
    run = await startInnocentRun(database);
  }, 120_000);
  afterAll(async () => {
    run[Symbol.dispose]();
    await database[Symbol.asyncDispose]();
  });

  const outcomesOf = async (tool: string, role: string): Promise<readonly Outcome[]> => {
    let password = passwords.get(role);
    if (password === undefined) passwords.set(role, (password = await database.password((await database.grant(role)).id)));
    const client = await connectPostgres(database.test.gate.postgres?.port ?? 0, password);
    const outcomes: Outcome[] = [];
    for (const statement of readInnocent(tool)) outcomes.push(await run.outcome(client, statement));
    client.socket.destroy();
    return outcomes;
  };

  test.each(innocentTools())("%s", { timeout: 240_000 }, async (tool) => {
    const outcomes = await outcomesOf(tool, "masked");
    all.push(...outcomes);
    console.log(report(tool, outcomes));
    // A statement that cannot be compared, or is in the wrong place, proves nothing.
    expect(outcomes.filter(({ became }) => became.endsWith("by itself") || became === "misfiled").map(line)).toEqual([]);
    expect(outcomes.filter(({ became }) => became === "leaked").map(line)).toEqual([]);
    // Where no masked column is reachable nothing differs, and nothing is refused.
    expect(outcomes.filter((each) => each.class === "none" && isBad(each)).map(line)).toEqual([]);
    const dead = outcomes.filter(({ became, hint }) => became === "refused" && !hint?.startsWith("Try: "));
    expect(dead.map(line)).toEqual([]);
  });

  test("all together", () => {
    console.log(report("all tools", all));
    for (const classes of [["reach"], ["reach", "shows"]]) {
      const innocent = all.filter(({ class: is }) => classes.includes(is));
      const bad = innocent.filter(isBad);
      console.log(`${classes.join(" and ")}: ${bad.length} of ${innocent.length} not as they should be`);
      expect(bad.length / innocent.length).toBeLessThanOrEqual(0.02);
    }
    for (const is of CLASSES) expect([is, all.some((each) => each.class === is)]).toEqual([is, true]);
  });

  describe("would be seen", { timeout: 240_000 }, () => {
    const everything = async (role: string): Promise<readonly Outcome[]> => {
      const outcomes: Outcome[] = [];
      for (const tool of innocentTools()) outcomes.push(...(await outcomesOf(tool, role)));
      return outcomes;
    };
    const count = (outcomes: readonly Outcome[], ...became: readonly Outcome["became"][]): number =>
      outcomes.filter((each) => became.includes(each.became)).length;

    test("masking that masks nothing", async () => {
      const shows = (await everything("clear")).filter(({ class: is, kind }) => is === "shows" && !kind.startsWith("shows what is made"));
      console.log(`to somebody who sees everything: ${count(shows, "leaked")} of ${shows.length} show what is masked`);
      expect(count(shows, "leaked")).toBe(shows.length);
    });

    test("masking that denies everything", async () => {
      const outcomes = await everything("nothing");
      console.log(`to somebody who may read nothing: ${count(outcomes, "refused")} of ${outcomes.length} are refused`);
      // It may begin transactions and end them.
      const answered = outcomes.filter(({ became, kind }) => (became === "same" || became === "masked") && kind !== "transaction");
      expect(answered.map(line)).toEqual([]);
    });

    test("masking that masks everything", async () => {
      const outcomes = (await everything("dark")).filter(({ class: is }) => is === "none" || is === "reach");
      const seen = count(outcomes, "refused", "changed");
      console.log(`where every column is masked: ${seen} of ${outcomes.length} are refused or changed`);
      expect(seen / outcomes.length).toBeGreaterThan(0.75);
    });
  });
});

function line({ class: is, became, kind, sql, why, hint }: Outcome): string {
  return `${is}, ${became}: ${kind}: ${sql}\n    ${why}${hint === undefined ? "" : `\n    ${hint}`}`;
}

function report(tool: string, outcomes: readonly Outcome[]): string {
  const part = (is: InnocentClass): string => {
    const those = outcomes.filter((each) => each.class === is);
    const became = Object.entries(Object.groupBy(those, (each) => each.became)).map(([end, each]) => `${each.length} ${end}`);
    return `${is} ${those.length}${those.length === 0 ? "" : ` (${became.join(", ")})`}`;
  };
  const kinds = Object.entries(Object.groupBy(outcomes, ({ kind }) => kind)).map(([kind, each]) => `${kind} ${each?.length ?? 0}`);
  const refused = outcomes.filter(isBad).map(line);
  return [`${tool}: ${outcomes.length} statements: ${CLASSES.map(part).join("; ")}`, `  kinds: ${kinds.join("; ")}`, ...refused].join("\n");
}
