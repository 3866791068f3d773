import { describe, expect, test } from "vitest";
import { knownHostsLine, parseSshGate, sshArguments, sshConfigText, withInclude, withoutInclude } from "./ssh-settings.ts";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVYOQS6h3gLgvY4oCbS1m8rzcvUmhtrVsRz4rWQ5Iiu";
const answer = { gate: { name: "prod", sshHost: "gate.example", sshPort: 7722 }, hostAuthority: `${KEY} comment` };
const files = { keyFile: "/home/a b/id_ed25519", certificateFile: "/home/a/100%/cert.pub", knownHosts: "/home/a/known_hosts" };

describe("parseSshGate", () => {
  test("takes what is well-formed, without the comment", () => {
    expect(parseSshGate(answer)).toEqual({ name: "prod", sshHost: "gate.example", sshPort: 7722, hostAuthority: KEY });
  });

  // Each would add a line of its own to an ssh_config, where `ProxyCommand` runs a program, or an argument to ssh.
  test.each([
    ["host with a newline", { ...answer, gate: { ...answer.gate, sshHost: "a\nProxyCommand sh" } }],
    ["host that is an option", { ...answer, gate: { ...answer.gate, sshHost: "-oProxyCommand=sh" } }],
    ["host with a space", { ...answer, gate: { ...answer.gate, sshHost: "a b" } }],
    ["no host", { ...answer, gate: { ...answer.gate, sshHost: "" } }],
    ["name with a newline", { ...answer, gate: { ...answer.gate, name: "a\nb" } }],
    ["port 0", { ...answer, gate: { ...answer.gate, sshPort: 0 } }],
    ["key with a newline", { ...answer, hostAuthority: `ssh-ed25519\n* ${KEY}` }],
    ["no key", { ...answer, hostAuthority: "" }],
    ["marker instead of a key", { ...answer, hostAuthority: `@revoked * ${KEY}` }],
  ])("refuses a %s", (_, bad) => expect(() => parseSshGate(bad)).toThrow(expect.objectContaining({ code: "protocol-error" }) as Error));
});

test("known_hosts: the port is part of the name unless it is 22", () => {
  const gate = parseSshGate(answer);
  expect(knownHostsLine(gate)).toBe(`@cert-authority [gate.example]:7722 ${KEY}\n`);
  expect(knownHostsLine({ ...gate, sshPort: 22 })).toBe(`@cert-authority gate.example ${KEY}\n`);
});

test("arguments: the login is not expanded, paths survive spaces and percent signs", () => {
  const args = sshArguments(parseSshGate(answer), "web-1.prod%gr-7xk0000001", files);
  expect(args.slice(0, 2)).toEqual(["-l", "web-1.prod%gr-7xk0000001"]);
  expect(args).toContain('IdentityFile="/home/a b/id_ed25519"');
  expect(args).toContain("CertificateFile=/home/a/100%%/cert.pub");
  expect(args).toContain("StrictHostKeyChecking=yes");
  expect(args.find((each) => each.startsWith("Ciphers="))).toMatch(/^Ciphers=aes128-gcm@openssh\.com,/);
});

test("ssh_config: one block for each target's login, one for the way there", () => {
  expect(sshConfigText(parseSshGate(answer), ["web-1.prod", "db-1"], "default", files)).toMatchInlineSnapshot(`
    "# Targets behind the gate "prod", for the profile "default".
    # Written by \`sallyport ssh-config\`; run it again when targets come and go. Changes made here are lost.

    Host gate
      User gate

    Host web-1.prod
      User web-1.prod

    Host db-1
      User db-1

    Host gate web-1.prod db-1
      HostName gate.example
      Port 7722
      UserKnownHostsFile /home/a/known_hosts
      GlobalKnownHostsFile /dev/null
      StrictHostKeyChecking yes
      IdentityFile "/home/a b/id_ed25519"
      CertificateFile /home/a/100%%/cert.pub
      IdentitiesOnly yes
      Ciphers aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr
    "
  `);
});

test.each(["", "Host *\n  Compression yes\n", "# mine\n\nHost a\n"])(
  "the Include comes first, once, and goes without a trace: %j",
  (config) => {
    const installed = withInclude(config);
    expect(installed.startsWith("# >>> sallyport >>>\nInclude sallyport/*.conf\n")).toBe(true);
    expect(withInclude(installed)).toBe(installed);
    expect(withoutInclude(installed)).toBe(config);
  },
);

test("what is not there is not taken out", () => expect(withoutInclude("Host a\n")).toBe("Host a\n"));
