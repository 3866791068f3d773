import { expect, test } from "vitest";
import { attachmentHeaders } from "./attachment.ts";

test.each([
  ["notes.txt", `attachment; filename="notes.txt"; filename*=UTF-8''notes.txt`],
  ["a b.txt", `attachment; filename="a b.txt"; filename*=UTF-8''a%20b.txt`],
  ["naïve.txt", `attachment; filename="na_ve.txt"; filename*=UTF-8''na%C3%AFve.txt`],
  ['q"uote.txt', `attachment; filename="q_uote.txt"; filename*=UTF-8''q%22uote.txt`],
  ["new\r\nline: x", `attachment; filename="new__line: x"; filename*=UTF-8''new%0D%0Aline%3A%20x`],
  ["..\\..\\evil", `attachment; filename=".._.._evil"; filename*=UTF-8''.._.._evil`],
  ["..", `attachment; filename="file"; filename*=UTF-8''file`],
  ["", `attachment; filename="file"; filename*=UTF-8''file`],
  ["100%.txt", `attachment; filename="100_.txt"; filename*=UTF-8''100%25.txt`],
  ["a'b(c)*!", `attachment; filename="a'b(c)*!"; filename*=UTF-8''a%27b%28c%29%2A%21`],
  ["\ud800half", `attachment; filename="_half"; filename*=UTF-8''%EF%BF%BDhalf`],
])("%j becomes a header of its own and no more", (name, expected) => {
  const { "content-disposition": header } = attachmentHeaders(name, undefined);
  expect(header).toBe(expected);
  expect(header).toMatch(/^[\x20-\x7e]*$/);
});
