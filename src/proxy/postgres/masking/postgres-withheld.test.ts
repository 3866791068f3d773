import { describe, expect, test } from "vitest";
import { withhold } from "./postgres-withheld.ts";

const notice = (file?: string, code = "00000") => ({
  severity: "NOTICE",
  code,
  message: "what it says",
  ...(file !== undefined && { file }),
});
const CHANGES = { reaches: false, readsOnly: false };

describe("what a server says beside its rows", () => {
  test.each(["schemacmds.c", "dropcmds.c", "createas.c", "parse_utilcmd.c", "indexcmds.c", "gram.y"])(
    "is passed on where it names what the statement or the catalogue has: %s",
    (file) => {
      for (const masks of [CHANGES, { ...CHANGES, reaches: true }, undefined])
        expect(withhold(notice(file), masks)).toMatchObject({ isWithheld: false, said: { message: "what it says" } });
    },
  );

  test.each(["pl_exec.c", "tuplesortvariants.c", "nbtinsert.c", "execMain.c", "trigger.c", "numutils.c", "schemacmds.cpp", "", undefined])(
    "is withheld where it may quote a value: %s",
    (file) => {
      for (const masks of [CHANGES, { ...CHANGES, reaches: true }, { reaches: true, readsOnly: true }, undefined]) {
        const { isWithheld, said } = withhold(notice(file), masks);
        expect([isWithheld, said.code, said.message.includes("what it says")]).toEqual([true, "00000", false]);
      }
    },
  );

  test("is passed on where nothing masked is in reach, and nothing runs that the statement does not name", () => {
    expect(withhold(notice("numutils.c"), { reaches: false, readsOnly: true }).isWithheld).toBe(false);
  });

  test("names its SQLSTATE where it is about the session", () => {
    expect(withhold(notice("unknown.c", "57014"), undefined).said.message).toContain("57014");
  });
});
