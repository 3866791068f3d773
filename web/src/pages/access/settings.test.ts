import { describe, expect, test } from "vitest";
import { explainConfig } from "../../../../src/config/explain.ts";
import { estateYaml } from "../../../../test/kit/estate.ts";
import { partsOf, titleOf } from "./settings.ts";

const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIWzCBt0XQsMKHqFBOAWiF3bV1SkVCKJcYCsZ1vAdvZU";
const header = "version: 1\ngate: { name: test.example, node: a, masterKey: file:/x }\n";

describe("the configuration, put together by what its lines are about", () => {
  const explained = explainConfig(header + estateYaml({ address: "127.0.0.1:1", hostKey: HOST_KEY, account: "nobody" }), "sallyport.yaml");
  const lines = explained.ok ? explained.lines : [];
  const parts = partsOf(lines);

  test("has a part for each role, rule, target, holder and group, and loses no line", () => {
    expect(parts.filter(({ block }) => block === "roles").map(titleOf)).toEqual(["debug", "owner"]);
    expect(parts.filter(({ block }) => block === "rules").map(titleOf)).toEqual(["oncall-debugs"]);
    expect(parts.filter(({ block }) => block === "targets").map(titleOf)).toEqual(["web-1.prod"]);
    expect(parts.filter(({ block }) => block === "groups").map(titleOf)).toEqual(["oncall", "leads", "owners"]);
    expect(parts.reduce((count, { settings }) => count + settings.length, 0)).toBe(lines.length);
    expect(lines.length).toBeGreaterThan(30);
  });

  test("says of each value what it is and where it comes from", () => {
    const debug = parts.find(({ block, name }) => block === "roles" && name === "debug");
    expect(debug?.settings).toContainEqual({
      name: "ssh.account",
      value: "nobody",
      from: expect.stringMatching(/^sallyport\.yaml:\d+$/) as string,
    });
    expect(debug?.settings).toContainEqual({ name: "recording.exec", value: "head", from: "default" });
    const target = parts.find(({ block }) => block === "targets");
    expect(target?.settings).toContainEqual(expect.objectContaining({ name: "labels.service", value: "checkout" }));
    expect(target?.settings).toContainEqual(expect.objectContaining({ name: "hostKeys", value: `[${HOST_KEY}]` }));
  });
});
