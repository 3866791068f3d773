import { expect, test } from "vitest";
import { alternativeNamesOf } from "./alternative-names.ts";

const read = (subjectAltName: string | undefined) => alternativeNamesOf({ subjectAltName });

test.each<[string | undefined, unknown]>([
  [undefined, []],
  ["", []],
  ["URI:spiffe://a/b", [{ type: "URI", value: "spiffe://a/b" }]],
  [
    "DNS:a.b, IP Address:127.0.0.1",
    [
      { type: "DNS", value: "a.b" },
      { type: "IP Address", value: "127.0.0.1" },
    ],
  ],
  ['DNS:"a, URI:spiffe://a/b"', [{ type: "DNS", value: "a, URI:spiffe://a/b" }]],
  [
    String.raw`DNS:"a\u0000b", DNS:c`,
    [
      { type: "DNS", value: "a\0b" },
      { type: "DNS", value: "c" },
    ],
  ],
  [String.raw`DNS:"a\", URI:x"`, [{ type: "DNS", value: 'a", URI:x' }]],
  [
    "othername:<unsupported>, URI:x",
    [
      { type: "othername", value: "<unsupported>" },
      { type: "URI", value: "x" },
    ],
  ],
])("%s", (text, names) => {
  expect(read(text)).toEqual(names);
});

test.each(["URI", ":x", "URI:x,", "URI:x,y", "URI:x, ", 'URI:"x', 'URI:"x"y', String.raw`URI:"\x"`, "URI:x,DNS:y", 'URI:x"y'])(
  "%s is read by nobody",
  (text) => {
    expect(read(text)).toBeUndefined();
  },
);
