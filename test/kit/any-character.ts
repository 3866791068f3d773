import fc from "fast-check";

/**
 * Any character of Unicode, half of them of the first 55,296. For `fc.string({ unit: ANY_CHARACTER })`: fast-check's own unit
 * `binary` makes a table of all million of them first, a second for each process.
 */
export const ANY_CHARACTER: fc.Arbitrary<string> = fc
  .oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }))
  .map(
    (point) => String.fromCodePoint(point),
    (character) => {
      if (typeof character !== "string" || String.fromCodePoint(character.codePointAt(0) ?? 0) !== character)
        throw new TypeError("This is not one character");
      return character.codePointAt(0) ?? 0;
    },
  );
