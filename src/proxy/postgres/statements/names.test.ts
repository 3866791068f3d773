import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Names, type Naming } from "./names.ts";

const LIMITS = { entries: 100, bytes: 10_000 };
const tooLarge = expect.objectContaining({ code: "too-large" });

function names(): Names<string> {
  return new Names<string>(LIMITS);
}

function given(at: Names<string>, name: string, value: string): void {
  at.name(name, value, 10).ended("done");
}

describe("a name", () => {
  test("that is taken keeps its meaning where the target refuses a new one", () => {
    const at = names();
    given(at, "s", "delete");
    const second = at.name("s", "select", 10);
    at.boundary();
    expect(at.find("s")).toBe("unsettled");
    second.ended("failed");
    expect(at.find("s")).toEqual({ value: "delete", doubtful: false });
  });

  test("up to the next Sync is the new one, which the target would skip the rest for", () => {
    const at = names();
    given(at, "s", "old");
    at.name("s", "new", 10);
    expect(at.find("s")).toEqual({ value: "new", doubtful: false });
  });

  test("that was free is no reason to wait", () => {
    const at = names();
    at.name("s", "first", 10);
    at.boundary();
    expect(at.find("s")).toEqual({ value: "first", doubtful: false });
    at.name("s", "second", 10);
    at.boundary();
    expect(at.find("s")).toBe("unsettled");
  });

  test("is what its first 63 bytes are", () => {
    const at = names();
    given(at, `${"n".repeat(63)}x`, "long");
    expect(at.find(`${"n".repeat(63)}y`)).toMatchObject({ value: "long" });
    given(at, `${"é".repeat(31)}a`, "umlauts");
    expect(at.find(`${"é".repeat(31)}aé`)).toMatchObject({ value: "umlauts" });
    expect(at.find(`${"é".repeat(31)}b`)).toMatchObject({ value: undefined });
  });

  test("of nothing is replaced without a question, and gone where its successor failed", () => {
    const at = names();
    given(at, "", "old");
    at.name("", "new", 10).ended("skipped");
    expect(at.find("")).toMatchObject({ value: "old" });
    at.name("", "new", 10).ended("failed");
    expect(at.find("")).toMatchObject({ value: undefined });
  });

  test("is doubtful once unseen code has run, until it is given anew or all names are free", () => {
    const at = names();
    given(at, "s", "old");
    at.doubt();
    expect(at.find("s")).toEqual({ value: "old", doubtful: true });
    expect(at.find("t")).toEqual({ value: undefined, doubtful: true });
    at.name("t", "new", 10);
    at.boundary();
    expect(at.find("t")).toBe("unsettled");
    at.endAll();
    expect(at.find("s")).toEqual({ value: undefined, doubtful: false });
    given(at, "s", "new");
    expect(at.find("s")).toEqual({ value: "new", doubtful: false });
  });

  test("of a portal ends with the transaction, of a cursor WITH HOLD it does not", () => {
    const at = names();
    at.name("p", "portal", 10, { outlives: false }).ended("done");
    given(at, "c", "cursor");
    at.endTransaction();
    expect([at.find("p"), at.find("c")]).toMatchObject([{ value: undefined }, { value: "cursor" }]);
  });
});

test("is bounded in number and in bytes, with what is pending; what ends makes room", () => {
  const at = new Names<string>({ entries: 2, bytes: 100 });
  const pending = at.name("a", "one", 60);
  given(at, "b", "two");
  expect(() => at.name("c", "three", 0)).toThrow(tooLarge);
  at.end("b");
  expect(() => at.name("c", "three", 41)).toThrow(tooLarge);
  pending.ended("failed");
  at.name("c", "three", 100).ended("done");
  at.endAll();
  given(at, "d", "four");
  at.name("e", "five", 90);
});

/** What a client sends. `use` is what a Bind or an EXECUTE does: it needs to be known what runs. */
type Sent =
  | { readonly does: "name"; readonly name: string; readonly fails: boolean }
  | { readonly does: "text"; readonly name: string; readonly fails: boolean }
  | { readonly does: "end"; readonly name: string }
  | { readonly does: "use"; readonly name: string }
  | { readonly does: "end all" }
  | { readonly does: "fail" }
  | { readonly does: "sync" }
  /** The target answers some of what it was sent. */
  | { readonly does: "answer"; readonly count: number };

const NAMES = fc.constantFrom("", "a", "b");
const fails = fc.nat(5).map((each) => each === 0);
const sent: fc.Arbitrary<Sent> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant("name" as const), name: NAMES, fails }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("text" as const), name: fc.constantFrom("a", "b"), fails }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("end" as const), name: NAMES }) },
  { weight: 8, arbitrary: fc.record({ does: fc.constant("use" as const), name: NAMES }) },
  { weight: 6, arbitrary: fc.record({ does: fc.constant("sync" as const) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("end all" as const) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("fail" as const) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("answer" as const), count: fc.nat(4) }) },
);

/** PostgreSQL as far as names go: in order, refusing names that are taken, skipping behind an error up to a Sync. */
class Target {
  readonly #given = new Map<string, string>();
  readonly #waiting: (() => void)[] = [];
  #skipping = false;

  /** `isText`: a Query, whose error makes nothing be skipped. */
  send(run: () => boolean, told: (how: "done" | "failed" | "skipped") => void, isText = false): void {
    this.#waiting.push(() => {
      if (this.#skipping) return told("skipped");
      const ok = run();
      this.#skipping = !ok && !isText;
      told(ok ? "done" : "failed");
    });
  }

  sync(): void {
    this.#waiting.push(() => void (this.#skipping = false));
  }

  answer(count: number): void {
    for (const answer of this.#waiting.splice(0, count)) answer();
  }

  give(name: string, value: string, fails: boolean): boolean {
    if (name === "") this.#given.delete("");
    if (fails || this.#given.has(name)) return false;
    this.#given.set(name, value);
    return true;
  }

  take(name: string): boolean {
    this.#given.delete(name);
    return true;
  }

  takeAll(): boolean {
    for (const name of this.#given.keys()) if (name !== "") this.#given.delete(name);
    return true;
  }

  what(name: string): string | undefined {
    return this.#given.get(name);
  }
}

test("what is found is what the target runs, whatever it refuses, whenever it answers", () => {
  let used = 0;
  let waited = 0;
  fc.assert(
    fc.property(fc.array(sent, { minLength: 5, maxLength: 60 }), (client) => {
      const at = names();
      const target = new Target();
      const uses: [string, string | undefined][] = [];
      for (const [number, each] of client.entries()) {
        const value = `text ${number}`;
        if (each.does === "answer") target.answer(each.count);
        else if (each.does === "sync") {
          target.sync();
          at.boundary();
        } else if (each.does === "name" || each.does === "text") {
          const naming: Naming = at.name(each.name, value, 10);
          const isText = each.does === "text";
          target.send(
            () => target.give(each.name, value, each.fails),
            (how) => naming.ended(how),
            isText,
          );
          if (isText) at.boundary();
        } else if (each.does === "end") {
          target.send(
            () => target.take(each.name),
            (how) => void (how === "done" && at.end(each.name)),
          );
        } else if (each.does === "end all") {
          target.send(
            () => target.takeAll(),
            (how) => void (how === "done" && at.endAll()),
          );
        } else if (each.does === "fail") {
          target.send(
            () => false,
            () => undefined,
          );
        } else {
          let found = at.find(each.name);
          if (found === "unsettled") {
            waited += 1;
            target.answer(Infinity);
            found = at.find(each.name);
          }
          if (found === "unsettled") throw new Error("nothing is pending, and it is not settled");
          const { value: expected } = found;
          target.send(
            () => {
              const ran = target.what(each.name);
              if (ran !== undefined) uses.push([ran, expected]);
              return ran !== undefined;
            },
            () => undefined,
          );
        }
      }
      target.answer(Infinity);
      for (const [ran, expected] of uses) expect(ran).toBe(expected);
      used += uses.length;
      for (const name of ["a", "b", ""]) expect(at.find(name)).toEqual({ value: target.what(name), doubtful: false });
    }),
    { numRuns: 3000 },
  );
  expect(used).toBeGreaterThan(1000);
  expect(waited).toBeGreaterThan(100);
});
