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
  expect(parse(providerBlock({ name: HOSTILE, issuer: HOSTILE, clientId: HOSTILE, secretFile: HOSTILE, groups: HOSTILE }))).toMatchObject({
    gate: { providers: [{ name: HOSTILE, clientSecret: `file:${HOSTILE}` }] },
  });
});

test("groups of the provider are named one by one; what is half typed gives nothing", () => {
  const draft = { name: "corp", issuer: "https://id.example.com", clientId: "sallyport", secretFile: "/s" };
  const groupsOf = (groups: string): unknown =>
    (parse(providerBlock({ ...draft, groups })) as { gate: { providers: { groups?: unknown }[] } }).gate.providers[0]?.groups;
  expect(groupsOf("eng-oncall = oncall, eng-leads=leads")).toEqual({ "eng-oncall": "oncall", "eng-leads": "leads" });
  expect(groupsOf(`${HOSTILE} = oncall`)).toEqual({ [HOSTILE]: "oncall" });
  expect(groupsOf("eng-oncall =, = leads, a=b=c, ,")).toBeUndefined();
});
