/**
 * What a host needs to let the gate in: an idempotent POSIX sh script, to be read before it is run.
 *
 * Owns: the account, the authority it trusts, the block of sshd's configuration that holds for this account alone.
 * Never: touches other accounts, keys, or settings outside of that block; leaves a sshd configuration that does not load.
 */
import { UsageError } from "./usage-error.ts";

export interface HostScript {
  readonly gate: string;
  readonly account: string;
  /** `type base64` of the access authority. */
  readonly accessAuthority: string;
}

const ACCOUNT = /^[a-z_][a-z0-9_-]{0,31}$/;
const KEY = /^(?:ssh|ecdsa)-[a-z0-9@.-]{1,64} [A-Za-z0-9+/]{32,16384}={0,3}$/;
const GATE = /^[A-Za-z0-9][A-Za-z0-9.-]{0,127}$/;

/** Marks the lines from which the host's own keys are read back when the script ran over an existing login. */
export const HOST_KEY_MARK = "sallyport-host-key ";

/** Untrusted: the gate's name and key become part of a script that root runs; each must have exactly its form. */
export function hostScript({ gate, account, accessAuthority }: HostScript): string {
  const key = accessAuthority.trim().split(/\s+/).slice(0, 2).join(" ");
  if (!ACCOUNT.test(account) || account === "root") {
    throw new UsageError(`"${account}" cannot be the account`, "Use a dedicated login name in lower case, such as infra; never root");
  }
  if (!KEY.test(key) || !GATE.test(gate))
    throw new UsageError("The gate's name or authority is not well-formed", "Is this the gate's address?");
  return `#!/bin/sh
# Lets the gate "${gate}" log in to this host as "${account}", and nobody else as "${account}". Run as root; may be run again.
set -eu
account='${account}'

# All of it is read before any of it runs: a connection that breaks on the way changes nothing.
main() {
[ "$(id -u)" = 0 ] || { echo "This must run as root." >&2; exit 1; }

# The account. '*' is no password that anybody could type, and unlike '!' does not lock the account for sshd.
if ! id -u "$account" >/dev/null 2>&1; then
  if command -v useradd >/dev/null; then useradd --create-home --shell /bin/sh --password '*' "$account"
  else adduser -D -s /bin/sh "$account" && echo "$account:*" | chpasswd -e; fi
  if [ -x /bin/bash ]; then usermod --shell /bin/bash "$account" 2>/dev/null || true; fi
fi

# The authority: its certificates live for at most 60 seconds and name the gate's address.
mkdir -p /etc/ssh/sallyport
chmod 755 /etc/ssh/sallyport
umask 022
cat > /etc/ssh/sallyport/access-authority.pub <<'END'
${key}
END
# Whom a certificate must name. Not \`AuthorizedPrincipalsFile none\`: in a Match block sshd 9.2 takes that for a file called "none".
echo "$account" > /etc/ssh/sallyport/principals

# sshd, for this account alone: certificates of the gate open it, and nothing else does.
mkdir -p /etc/ssh/sshd_config.d
config=/etc/ssh/sshd_config.d/60-sallyport.conf
[ -e "$config" ] && cp -p "$config" "$config.before" || rm -f "$config.before"
cat > "$config" <<'END'
Match User ${account}
    TrustedUserCAKeys /etc/ssh/sallyport/access-authority.pub
    AuthorizedPrincipalsFile /etc/ssh/sallyport/principals
    AuthorizedKeysFile none
    AuthorizedKeysCommand none
    AuthenticationMethods publickey
    PasswordAuthentication no
    KbdInteractiveAuthentication no
    AllowAgentForwarding no
    X11Forwarding no
    PermitTunnel no
END
included=
undo() {
  if [ -n "$included" ]; then mv /etc/ssh/sshd_config.before-sallyport /etc/ssh/sshd_config; fi
  if [ -e "$config.before" ]; then mv "$config.before" "$config"; else rm -f "$config"; fi
  echo "Nothing was changed in sshd: $1" >&2
  exit 1
}
sshd=$(command -v sshd || echo /usr/sbin/sshd)
if ! grep -Eiq '^[[:space:]]*Include[[:space:]]+(/etc/ssh/)?sshd_config\\.d/\\*\\.conf' /etc/ssh/sshd_config; then
  cp -p /etc/ssh/sshd_config /etc/ssh/sshd_config.before-sallyport
  included=yes
  { echo 'Include /etc/ssh/sshd_config.d/*.conf'; cat /etc/ssh/sshd_config.before-sallyport; } > /etc/ssh/sshd_config
fi
mkdir -p /run/sshd
"$sshd" -t || undo "sshd refuses the configuration (above)."
effective=$("$sshd" -T -C "user=$account,host=localhost,addr=127.0.0.1" 2>/dev/null) || true
for line in 'trustedusercakeys /etc/ssh/sallyport/access-authority.pub' 'authorizedprincipalsfile /etc/ssh/sallyport/principals' \\
  'authorizedkeysfile none' 'authorizedkeyscommand none' 'authenticationmethods publickey'; do
  printf '%s\\n' "$effective" | grep -Fqix "$line" ||
    undo "another Match block decides for $account first (no $line); look for it in /etc/ssh/sshd_config.d."
done
rm -f "$config.before"

# What a session leaves running ends with it, for this account alone.
if [ -d /run/systemd/system ]; then
  mkdir -p /etc/systemd/logind.conf.d
  printf '[Login]\\nKillUserProcesses=yes\\nKillOnlyUsers=%s\\n' "$account" > /etc/systemd/logind.conf.d/60-sallyport.conf
  systemctl reload-or-restart systemd-logind || true
  systemctl reload ssh 2>/dev/null || systemctl reload sshd
else
  pid=$(cat /run/sshd.pid 2>/dev/null || cat /var/run/sshd.pid 2>/dev/null || true)
  if [ -n "$pid" ]; then kill -HUP "$pid"; else echo "sshd does not run, or not as a service: start it again yourself." >&2; fi
fi

# This host's own keys, to compare with what the gate sees.
for file in /etc/ssh/ssh_host_*_key.pub; do
  [ -e "$file" ] || continue
  echo "${HOST_KEY_MARK}$(cut -d' ' -f1,2 "$file")"
  ssh-keygen -lf "$file"
done
echo "Done: $account on this host trusts the gate ${gate}."
}
main </dev/null
`;
}

/** The host's keys from the script's output, one-line form. */
export function readHostKeys(output: string): string[] {
  return output
    .split("\n")
    .filter((line) => line.startsWith(HOST_KEY_MARK))
    .map((line) => line.slice(HOST_KEY_MARK.length).trim())
    .filter((key) => KEY.test(key));
}

/** The entry for sallyport.yaml. */
export function targetYaml(target: {
  name: string;
  address: string;
  labels: Readonly<Record<string, string>>;
  hostKeys: readonly string[];
}): string {
  const labels = Object.entries(target.labels).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  return [
    "targets:",
    `  ${target.name}:`,
    "    kind: ssh",
    `    address: ${target.address}`,
    ...(labels.length > 0 ? [`    labels: { ${labels.join(", ")} }`] : []),
    ...(target.hostKeys.length > 0
      ? ["    hostKeys:", ...target.hostKeys.map((key) => `      - ${key}`)]
      : ["    hostKeys: [] # from `sallyport targets scan`, compared on the machine; without one the target is refused"]),
  ].join("\n");
}
