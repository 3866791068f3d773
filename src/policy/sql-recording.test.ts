import { expect, test } from "vitest";
import type { Role, SqlRecording } from "./role.ts";
import { sqlRecording } from "./sql-recording.ts";

const role = (sql?: SqlRecording): Role => ({ name: "r", gate: [], budget: {}, recording: { exec: "full", ...(sql && { sql }) } });
const LESS: SqlRecording = { literals: "redact", parameters: "hash", results: "none" };
const MORE: SqlRecording = { literals: "keep", parameters: "keep", results: "full" };

test("of what people wrote the less, of results the more, whichever of the two says so", () => {
  const both = { literals: "redact", parameters: "hash", results: "full" };
  expect(sqlRecording(role(LESS), role(MORE))).toEqual(both);
  expect(sqlRecording(role(MORE), role(LESS))).toEqual(both);
  expect(sqlRecording(role({ ...MORE, parameters: "redact" }), role(LESS)).parameters).toBe("redact");
});

test("a role that says nothing keeps statements and no results; one that is gone adds nothing", () => {
  const plain = { literals: "keep", parameters: "keep", results: "none" };
  expect(sqlRecording(role(), role())).toEqual(plain);
  expect(sqlRecording(role(LESS), role())).toEqual(LESS);
  expect(sqlRecording(role(LESS), undefined)).toEqual(LESS);
});
