/** The script for hosts, read by real shells, and its block read by the real sshd. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hostScript } from "../../src/cli/host-script.ts";
import { requirePeer } from "../kit/peers.ts";
import { run } from "../kit/process.ts";
import { startSshd } from "../kit/sshd.ts";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVYOQS6h3gLgvY4oCbS1m8rzcvUmhtrVsRz4rWQ5Iiu";
const script = hostScript({ gate: "sallyport.example.com", account: "infra", accessAuthority: KEY });
const sshd = requirePeer("OpenSSH server", "sshd");
const keygen = requirePeer("OpenSSH client", "ssh-keygen");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sallyport-host-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(["sh", "bash", "dash"])("%s", (name) => {
  const shell = requirePeer(name, name);
  test.skipIf(shell.missing)(shell.title("reads it whole"), () => {
    const { status, stderr } = spawnSync(shell.path, ["-n"], { input: script, encoding: "utf8" });
    expect([status, stderr]).toEqual([0, ""]);
  });

  test.skipIf(shell.missing)(shell.title("does nothing with a part of it: a connection may break while it is sent"), () => {
    const lines = script.split("\n");
    const start = lines.indexOf("main() {");
    expect(lines.slice(0, start).every((line) => line === "" || /^(#|set -eu$|account='infra'$)/.test(line))).toBe(true);
    for (let end = start + 1; end < lines.indexOf("main </dev/null"); end += 1) {
      const { status } = spawnSync(shell.path, ["-n"], { input: `${lines.slice(0, end).join("\n")}\n` });
      expect([lines[end], status === 0]).toEqual([lines[end], lines[end] === "main </dev/null"]);
    }
  });
});

describe.skipIf(sshd.missing || keygen.missing)(sshd.title("sshd"), () => {
  const block = script.slice(script.indexOf("Match User infra"), script.indexOf("\nEND\nincluded="));
  const effective = (user: string): Map<string, string> => {
    const [hostKey, authority, config] = [join(folder, "host"), join(folder, "authority.pub"), join(folder, "sshd_config")];
    spawnSync(keygen.path, ["-q", "-t", "ed25519", "-N", "", "-f", hostKey], { input: "n\n" });
    writeFileSync(authority, `${KEY}\n`);
    // As on Debian: the block is in an included file at the top, the machine's own settings come after it.
    writeFileSync(join(folder, "60-sallyport.conf"), `${block.replace("/etc/ssh/sallyport/access-authority.pub", authority)}\n`);
    const own = "PasswordAuthentication yes\nX11Forwarding yes\nKbdInteractiveAuthentication yes\nAuthorizedKeysFile .ssh/authorized_keys";
    writeFileSync(config, `Include ${folder}/60-sallyport.conf\nHostKey ${hostKey}\n${own}\n`);
    const checked = spawnSync(sshd.path, ["-T", "-f", config, "-C", `user=${user},host=localhost,addr=127.0.0.1`], { encoding: "utf8" });
    expect([checked.status, checked.stderr]).toEqual([0, ""]);
    return new Map(checked.stdout.split("\n").map((line) => [line.split(" ")[0] ?? "", line.slice(line.indexOf(" ") + 1)]));
  };

  test("the account is opened by the gate's certificates alone", () => {
    const infra = effective("infra");
    expect(infra.get("trustedusercakeys")).toBe(join(folder, "authority.pub"));
    expect(infra.get("authorizedkeysfile")).toBe("none");
    expect(infra.get("authenticationmethods")).toBe("publickey");
    for (const off of ["passwordauthentication", "kbdinteractiveauthentication", "x11forwarding", "allowagentforwarding", "permittunnel"]) {
      expect([off, infra.get(off)]).toEqual([off, "no"]);
    }
  });

  test("everybody else logs in as before, and the authority opens nothing for them", () => {
    for (const user of ["root", "admin"]) {
      const other = effective(user);
      expect(other.get("trustedusercakeys")).toBe("none");
      expect([other.get("passwordauthentication"), other.get("x11forwarding")]).toEqual(["yes", "yes"]);
      expect(other.get("authorizedkeysfile")).toBe(".ssh/authorized_keys");
    }
  });

  test(
    "a certificate for the account opens it; one for another name, and a key the machine fetches, do not",
    { timeout: 60_000 },
    async () => {
      const [me, other, authority, key] = [userInfo().username, "somebody", join(folder, "ca"), join(folder, "key")];
      for (const file of [authority, key]) spawnSync(keygen.path, ["-q", "-t", "ed25519", "-N", "", "-f", file], { input: "n\n" });
      writeFileSync(join(folder, "principals"), `${me}\n`);
      writeFileSync(
        join(folder, "block.conf"),
        block
          .replace("Match User infra", `Match User ${me}`)
          .replace("/etc/ssh/sallyport/access-authority.pub", `${authority}.pub`)
          .replace("/etc/ssh/sallyport/principals", join(folder, "principals")),
      );
      // A machine that fetches keys from elsewhere, for every account.
      const fetching = [`AuthorizedKeysCommand /usr/bin/cat ${key}.pub`, `AuthorizedKeysCommandUser ${me}`];
      const login = async (config: readonly string[], name?: string): Promise<number | null> => {
        await using host = await startSshd({ extraConfig: config });
        rmSync(`${key}-cert.pub`, { force: true });
        if (name) spawnSync(keygen.path, ["-q", "-s", authority, "-I", "test", "-n", name, "-V", "+5m", `${key}.pub`]);
        const own = ["-F", "none", "-i", key, "-p", String(host.port), "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes"];
        const unseen = ["-o", "StrictHostKeyChecking=no", "-o", `UserKnownHostsFile=${join(folder, "known")}`];
        return (await run("ssh", [...own, ...unseen, `${me}@127.0.0.1`, "true"])).status;
      };
      expect(await login(fetching)).toBe(0);
      const set = [`Include ${join(folder, "block.conf")}`, ...fetching];
      expect([await login(set), await login(set, other), await login(set, me)]).toEqual([255, 255, 0]);
    },
  );
});
