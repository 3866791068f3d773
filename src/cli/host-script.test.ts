import { parse } from "yaml";
import { describe, expect, test } from "vitest";
import { UsageError } from "./usage-error.ts";
import { hostScript, readHostKeys, targetYaml } from "./host-script.ts";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVYOQS6h3gLgvY4oCbS1m8rzcvUmhtrVsRz4rWQ5Iiu";
const good = { gate: "sallyport.example.com", account: "infra", accessAuthority: `${KEY} access\n` };

describe("hostScript", () => {
  test("trusts the authority for the account alone", () => {
    const script = hostScript(good);
    const block = script.slice(script.indexOf("Match User infra"));
    expect(script.indexOf("TrustedUserCAKeys")).toBeGreaterThan(script.indexOf("Match User infra"));
    for (const line of ["AuthorizedKeysFile none", "PasswordAuthentication no", "AuthenticationMethods publickey"])
      expect(block).toContain(line);
    expect(script).toContain("KillUserProcesses=yes\\nKillOnlyUsers=%s");
  });

  test("is checked by sshd before it counts, and taken back if sshd refuses", () => {
    const script = hostScript(good);
    expect(script.indexOf('"$sshd" -t || undo')).toBeGreaterThan(script.indexOf("Match User infra"));
    expect(script.indexOf("systemctl reload ssh")).toBeGreaterThan(script.indexOf('"$sshd" -t'));
  });

  // Untrusted: each of these would be run by root.
  test.each([
    ["gate", { ...good, gate: 'x"; rm -rf /; "' }],
    ["gate", { ...good, gate: "x\nreboot" }],
    ["account", { ...good, account: "infra'; reboot; '" }],
    ["account", { ...good, account: "-o" }],
    ["account", { ...good, account: "root" }],
    ["authority", { ...good, accessAuthority: "ssh-ed25519 AAAA$(reboot)" }],
    ["authority", { ...good, accessAuthority: `END\nreboot\n${KEY}` }],
    ["authority", { ...good, accessAuthority: "" }],
  ])("refuses a %s that would be more than it is", (_, bad) => expect(() => hostScript(bad)).toThrow(UsageError));
});

test("host keys are read from marked lines, and only in their form", () => {
  const output = `noise\nsallyport-host-key ${KEY}\n256 SHA256:x (ED25519)\nsallyport-host-key ssh-ed25519 $(reboot)\n ${KEY}\n`;
  expect(readHostKeys(output)).toEqual([KEY]);
});

test("the entry for sallyport.yaml is YAML that says what was given", () => {
  const yaml = targetYaml({
    name: "web-1.prod",
    address: "web-1.internal:22",
    labels: { env: "prod", on: "yes", n: "1" },
    hostKeys: [KEY],
  });
  expect(parse(yaml)).toEqual({
    targets: { "web-1.prod": { kind: "ssh", address: "web-1.internal:22", labels: { env: "prod", on: "yes", n: "1" }, hostKeys: [KEY] } },
  });
});
