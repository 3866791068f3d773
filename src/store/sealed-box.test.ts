import fc from "fast-check";
import { expect, test } from "vitest";
import { systemRandom } from "../kernel/random.ts";
import { Secret } from "../kernel/secret.ts";
import { seal, unseal } from "./sealed-box.ts";

const key = new Secret(Buffer.alloc(32, 1));

test("opens with the same key and context only", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.string(), (value, context) => {
      const box = seal(key, context, value, systemRandom);
      expect(unseal(key, context, box)).toEqual(Buffer.from(value));
      expect(unseal(key, `${context}x`, box)).toBeUndefined();
      expect(unseal(new Secret(Buffer.alloc(32, 2)), context, box)).toBeUndefined();
    }),
  );
});

test("any flipped bit and any missing byte is noticed", () => {
  const box = seal(key, "context", Buffer.from("value"), systemRandom);
  for (let bit = 0; bit < box.length * 8; bit += 1) {
    const altered = Buffer.from(box);
    altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(unseal(key, "context", altered)).toBeUndefined();
  }
  for (let length = 0; length < box.length; length += 1) expect(unseal(key, "context", box.subarray(0, length))).toBeUndefined();
});
