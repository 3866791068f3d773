import { expect, test } from "vitest";
import { parse } from "yaml";
import { providerBlock, ruleBlock, targetBlock } from "./blocks.ts";

const HOSTILE = `a": { x: 1 }\n  b: "c # &anchor *alias`;

test("whatever was typed is a value of its place, and adds nothing beside it", () => {
  expect(parse(targetBlock({ name: HOSTILE, address: HOSTILE, service: HOSTILE, hostKeys: [HOSTILE] }))).toEqual({
    targets: { [HOSTILE]: { kind: "ssh", address: HOSTILE, labels: { service: HOSTILE }, hostKeys: [HOSTILE] } },
  });
  expect(parse(ruleBlock({ service: HOSTILE, group: HOSTILE, approvers: HOSTILE }))).toMatchObject({
    rules: [{ who: [`group:${HOSTILE}`], approval: `1 of ${HOSTILE}` }],
  });
  expect(parse(providerBlock({ name: HOSTILE, issuer: HOSTILE, clientId: HOSTILE, secretFile: HOSTILE }))).toMatchObject({
    gate: { providers: [{ name: HOSTILE, clientSecret: `file:${HOSTILE}` }] },
  });
});
