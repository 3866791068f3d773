import { describe, expect, test } from "vitest";
import { parseClaims, passedOn, refuseParameters } from "./startup-parameters.ts";

const of = (parameters: Readonly<Record<string, string>>): ReadonlyMap<string, string> => new Map(Object.entries(parameters));

describe("who a client claims to be, and where to", () => {
  test.each([
    [{ user: "ana", database: "shop-db" }, { user: "ana", target: "shop-db" }, undefined],
    [{ user: "ana", database: "shop-db%gr-7xk0000000" }, { user: "ana", target: "shop-db", grant: "gr-7xk0000000" }, undefined],
    [{ user: "ana+shop-db", database: "reports" }, { user: "ana", target: "shop-db" }, "reports"],
    // What drivers send where nobody named a database.
    [{ user: "ana+shop-db" }, { user: "ana", target: "shop-db" }, undefined],
    [{ user: "ana+shop-db", database: "ana+shop-db" }, { user: "ana", target: "shop-db" }, undefined],
    [{ user: "ana+shop-db", database: "ana" }, { user: "ana", target: "shop-db" }, undefined],
    [{ user: "ana+shop-db", database: "shop-db" }, { user: "ana", target: "shop-db" }, undefined],
  ])("%j", (parameters, claimed, database) => {
    expect(parseClaims(of(parameters))).toEqual({ claimed, database });
  });

  test.each([{}, { user: "ana" }, { database: "shop-db" }, { user: "ana+", database: "shop-db" }, { user: "+shop-db" }])(
    "%j names nobody, or no target",
    (parameters) => expect(() => parseClaims(of(parameters))).toThrow(expect.objectContaining({ code: "bad-request" })),
  );
});

test.each([
  [{ search_path: "mine" }, '"search_path"'],
  [{ options: "-c search_path=mine" }, '"options"'],
  [{ replication: "true" }, '"replication"'],
  [{ USER: "somebody" }, '"USER"'],
  [{ standard_conforming_strings: "off" }, "standard_conforming_strings"],
  [{ client_encoding: "SJIS" }, "client encoding"],
])("%j is refused", (parameters, what) => {
  expect(refuseParameters(of({ user: "ana", ...parameters }))).toMatchObject({
    code: "not-supported",
    detail: expect.stringContaining(what),
  });
});

test("what goes on is what was asked for, and nothing that the gate sets itself", () => {
  const parameters = of({
    user: "ana",
    database: "shop-db",
    client_encoding: "'utf-8'",
    TimeZone: "Europe/Vienna",
    application_name: "psql",
  });
  expect(refuseParameters(parameters)).toBeUndefined();
  expect(passedOn(parameters)).toEqual({ TimeZone: "Europe/Vienna" });
});
