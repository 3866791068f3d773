import { expect, test } from "vitest";
import { GatePassword, PASSWORD_MS, type Access } from "./gate-password.ts";

function passwords(answers: readonly (string | Error)[]): {
  readonly password: GatePassword;
  readonly pass: (ms: number) => void;
  readonly fetched: () => number;
} {
  let [now, fetched] = [0, 0];
  const fetch = async (): Promise<Access> => {
    const answer = answers[fetched++];
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error("one more than the test has");
    return { password: answer } as Access;
  };
  return { password: new GatePassword(fetch, () => now), pass: (ms) => void (now += ms), fetched: () => fetched };
}

test("those who ask at one time get one; it is never near its end", async () => {
  const { password, pass } = passwords(["first", "second"]);
  const both = await Promise.all([password.get(), password.get()]);
  expect(both.map((each) => each.password)).toEqual(["first", "first"]);
  pass(PASSWORD_MS / 2 - 1);
  expect((await password.get()).password).toBe("first");
  pass(1);
  expect((await password.get()).password).toBe("second");
});

test("what the gate does not take any more is forgotten", async () => {
  const { password } = passwords(["first", "second"]);
  await password.get();
  password.forget();
  expect((await password.get()).password).toBe("second");
});

test("a failure is for those who asked then; the next one asks anew", async () => {
  const { password, fetched } = passwords([new Error("the gate is away"), "second"]);
  const asked = await Promise.allSettled([password.get(), password.get()]);
  expect(asked.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect((await password.get()).password).toBe("second");
  expect(fetched()).toBe(2);
});
