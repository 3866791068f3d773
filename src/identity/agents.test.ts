import { expect, test } from "vitest";
import { granted, home, identityRig, name } from "../../test/kit/identity-rig.ts";
import { TestClock } from "../../test/kit/test-clock.ts";
import type { PrincipalName } from "../kernel/ids.ts";
import { refuseAlone } from "./agents.ts";
import type { Principal, User } from "./model.ts";
import { Vouched } from "./oidc/vouched.ts";

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

test("an agent comes in with the groups its person is in once their provider was asked, and is locked by their locks", async () => {
  let groups = ["oncall"];
  const settings = () => new Map();
  class Asked extends Vouched {
    /** The provider's answer takes the person out of one group and puts them into another. */
    override of(user: PrincipalName) {
      if (user === "ana") groups = ["locked"];
      return super.of(user);
    }
  }
  const rig = await identityRig({
    actsForOf: (who) => (who === "robot" ? { name: ANA.name, groups, approves: true } : undefined),
    providers: {
      settings,
      vouched: new Asked(settings, new TestClock()),
      publicUrl: () => "",
      isNamed: () => true,
      isLive: () => false,
      onFault: () => undefined,
    },
  });
  await rig.person("olga");
  await rig.person("ana");
  granted(await rig.service.createUser({ name: name("olga") }, { name: "robot", type: "agent" }));
  const { authenticated } = await rig.login("olga");
  const draft = { name: "run", scopes: ["all"], ttlMs: 3_600_000, for: name("robot") };
  const { secret } = granted(await rig.service.createToken(authenticated, draft));
  groups = ["oncall"];
  const by = granted(await rig.service.authenticateToken(secret.reveal(), home));
  expect(by.principal.actsFor?.groups).toEqual(["locked"]);
});
