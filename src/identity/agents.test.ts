import { expect, test } from "vitest";
import type { PrincipalName } from "../kernel/ids.ts";
import { refuseAlone } from "./agents.ts";
import type { Principal, User } from "./model.ts";

const ANA = { name: "ana" as PrincipalName, version: 1, type: "human", createdAt: 0 } as const satisfies User;
const agent = (more: Partial<Principal> = {}): Principal => ({ name: "robot" as PrincipalName, type: "agent", groups: [], ...more });
const forAna = agent({ actsFor: { name: ANA.name, groups: [], approves: true } });
const store = (...users: readonly User[]) => ({ findUser: async (name: PrincipalName) => users.find((each) => each.name === name) });

test("an agent is somebody while its person is there, a person, and enabled", async () => {
  expect(await refuseAlone(forAna, store(ANA))).toBeUndefined();
  expect(await refuseAlone(agent({ type: "human" }), store())).toBeUndefined();
  for (const users of [[], [{ ...ANA, disabled: { at: 1, reason: "left" } }], [{ ...ANA, type: "service" as const }]]) {
    expect(await refuseAlone(forAna, store(...users))).toMatchObject({ allowed: false, code: "locked" });
  }
});

test("an agent that acts for nobody is nobody", async () => {
  expect(await refuseAlone(agent(), store(ANA))).toMatchObject({ allowed: false, detail: expect.stringContaining("acts for nobody") });
});
