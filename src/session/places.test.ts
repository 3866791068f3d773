import { expect, it } from "vitest";
import { Places } from "./places.ts";

const LIMITS = { connections: 6, connectionsPerAddress: 3 };

function fill(places: Places, from: string, count: number, gone: string[] = []): void {
  for (let index = 0; index < count; index += 1) places.take(from, LIMITS, () => gone.push(`${from} ${index}`));
}

it("bounds what one address holds, and frees it", () => {
  const places = new Places();
  fill(places, "192.0.2.1", 2);
  const third = places.take("192.0.2.1", LIMITS, () => undefined);
  expect(places.take("192.0.2.1", LIMITS, () => undefined)).toBeUndefined();
  third?.leave();
  third?.leave();
  expect(places.total).toBe(2);
  expect(places.take("192.0.2.1", LIMITS, () => undefined)).toBeDefined();
});

it("counts an IPv6 /64 as one machine, and IPv4 the same in either form", () => {
  const places = new Places();
  for (const host of ["2001:db8::1", "2001:db8::2", "2001:db8::3:4"]) fill(places, host, 1);
  expect(places.take("2001:db8::5", LIMITS, () => undefined)).toBeUndefined();
  expect(places.take("2001:db8:0:1::5", LIMITS, () => undefined)).toBeDefined();
  fill(places, "::ffff:192.0.2.1", 2);
  expect(places.take("192.0.2.1", LIMITS, () => undefined)).toBeUndefined();
});

it("gives the oldest place of whoever holds most unknown ones to a newcomer", () => {
  const places = new Places();
  const gone: string[] = [];
  fill(places, "192.0.2.1", 3, gone);
  fill(places, "192.0.2.2", 3, gone);
  expect(places.take("192.0.2.3", LIMITS, () => undefined)).toBeDefined();
  expect(gone).toEqual(["192.0.2.1 0"]);
  expect(places.total).toBe(6);
  // Who was pushed out does not push back.
  expect(places.take("192.0.2.1", LIMITS, () => undefined)).toBeUndefined();
});

it("never gives up a place of somebody known", () => {
  const places = new Places();
  const gone: string[] = [];
  for (const from of ["192.0.2.1", "192.0.2.2"]) {
    for (let index = 0; index < 3; index += 1) places.take(from, LIMITS, () => gone.push(from))?.known();
  }
  expect(places.take("192.0.2.3", LIMITS, () => undefined)).toBeUndefined();
  expect(gone).toEqual([]);
});

it("counts those of a person as that person's, wherever they come from", () => {
  const places = new Places();
  for (const person of ["ana", "lea"])
    for (let each = 0; each < 3; each += 1) expect(places.take("192.0.2.1", LIMITS, () => undefined, `console of ${person}`)).toBeDefined();
  const many = { connections: 100, connectionsPerAddress: 3 };
  expect(places.take("192.0.2.1", many, () => undefined, "console of ana")).toBeUndefined();
  expect(places.take("192.0.2.1", many, () => undefined)).toBeDefined();
});
