import { expect, it } from "vitest";
import { TestClock, testTarget } from "../../../test/kit/access-world.ts";
import { GateError } from "../../kernel/errors.ts";
import { hostService, type HostDeps } from "./hosts.ts";

it("an errand is recorded as asked for by the person, before anything is dialled", async () => {
  const asked: unknown[] = [];
  const gatekeeper = {
    authorizeErrand: (...errand: unknown[]) => {
      asked.push(errand);
      return Promise.reject(new GateError("log-unavailable"));
    },
  };
  const hosts = hostService({ gatekeeper, clock: new TestClock(), accounts: () => ["infra"] } as unknown as HostDeps);
  const answers = [
    await hosts.scan("web-1.test", "olga"),
    await hosts.scan("[2001:db8::1]:2222", "olga"),
    await hosts.test(testTarget("web-1"), "lea"),
    await hosts.check(testTarget("web-1"), undefined, "lea"),
  ];
  expect(answers).toMatchObject(answers.map(() => ({ allowed: false, code: "log-unavailable" })));
  expect(await hosts.check(testTarget("web-1"), "root", "lea")).toMatchObject({ code: "bad-request" });
  expect(asked).toEqual([
    ["host.scan", "web-1.test:22", "olga"],
    ["host.scan", "[2001:db8::1]:2222", "olga"],
    ["target.test", "web-1.test:22", "lea"],
    ["host.check", "web-1.test:22", "lea"],
  ]);
});
