import { describe, expect, test } from "vitest";
import { guessColumn } from "./detect.ts";

describe("what a column seems to hold", () => {
  test.each([
    ["contact", ["a@example.org", "b.c@example.com", "d+e@sub.example.net"], "email"],
    ["n", ["4111 1111 1111 1111", "5500-0000-0000-0004", "340000000000009"], "card"],
    ["x", ["CH93 0076 2011 6238 5295 7", "DE89370400440532013000", "GB82WEST12345698765432"], "bank"],
    ["reach", ["+41 79 123 45 67", "(020) 7946 0018", "0041441234567"], "phone"],
    [
      "t",
      ["eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln", "sk_live_4eC39HqLyjWDarjtT1zdp7dc", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"],
      "secret",
    ],
    ["source", ["10.0.0.1", "192.168.1.7", "172.16.3.4"], "network"],
  ])("by its values: %s", (name, samples, found) => {
    expect(guessColumn(name, samples)).toMatchObject({ class: found, because: expect.stringMatching(/^3 of 3 values look like/) });
  });

  test.each([
    ["email", "email"],
    ["user_email_address", "email"],
    ["date_of_birth", "personal"],
    ["api_key", "secret"],
    ["ssn", "identity"],
    ["street", "address"],
  ])("by its name, where values say nothing: %s", (name, found) => {
    expect(guessColumn(name, [])?.class).toBe(found);
  });

  test.each([
    ["id", ["1", "2", "3"]],
    ["order_no", ["2026-000123", "2026-000124", "2026-000125"]],
    ["at", ["2026-01-02", "2026-01-03", "2026-01-04"]],
    ["amount", ["12345678901234", "12345678901235", "12345678901236"]],
    ["reference", ["7f1c9c1e-2d0b-4f8e-9a53-0d6f1b6f2c11", "7f1c9c1e-2d0b-4f8e-9a53-0d6f1b6f2c12", "7f1c9c1e-2d0b-4f8e-9a53-0d6f1b6f2c13"]],
    ["note", ["call 0791234567", "sent a mail to a@b.c", "x"]],
    ["few", ["a@example.org", "b@example.org"]],
  ])("nothing: %s", (name, samples) => {
    expect(guessColumn(name, samples)).toBeUndefined();
  });
});
