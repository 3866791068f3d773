import { encodePublicKeyLine, publicKeyBlob } from "../../wire/ssh/keys/public-key.ts";
import { createPublicKey } from "node:crypto";
import type { HostPlan } from "./host.ts";

export interface DemoPorts {
  readonly ssh: number;
  readonly http: number;
}

/** The `sallyport.yaml` of the demo: to be read by people. */
export function demoConfig(options: { ports: DemoPorts; masterKeyFile: string; hosts: readonly Omit<HostPlan, "authority">[] }): string {
  const { ports, masterKeyFile, hosts } = options;
  return `# The gate of the demo. Written anew at each start.
version: 1

gate:
  name: sallyport.demo
  ssh: 127.0.0.1:${ports.ssh}
  http: 127.0.0.1:${ports.http}
  masterKey: file:${masterKeyFile}
  limits: { diskReserve: 16MiB }

groups:
  oncall: [ana]
  leads: [lea]
  owners: [olga]

roles:
  # What a grant lets its holder do on a host.
  debug:
    ssh: { account: ${hosts[0]?.account ?? "infra"}, shell: true, exec: true, files: write, env: [LANG, "LC_*"] }
    idle: 15m
    budget: { sessions: 8, recording: 64MiB }
  # Permissions on the gate itself; they give access to no host.
  lead:
    gate: [request.read, grant.revoke, session.read, session.kill, recording.view, audit.read, audit.export, gate.status]
  owner:
    gate: ["*"]

holders:
  - { role: lead, who: ["group:leads"] }
  - { role: owner, who: ["group:owners"] }

# Who may ask for what, and whose yes it takes. Everything else is denied.
rules:
  - name: oncall-debugs-checkout
    who: ["group:oncall"]
    roles: [debug]
    targets: { labels: { service: checkout } }
    max: 4h
    approval: 1 of leads

targets:
${hosts.map(targetOf).join("")}`;
}

function targetOf({ name, port, key }: Omit<HostPlan, "authority">): string {
  return `  ${name}:
    kind: ssh
    address: 127.0.0.1:${port}
    labels: { service: checkout, env: prod }
    hostKeys: ["${encodePublicKeyLine(publicKeyBlob(createPublicKey(key)), "").trim()}"]
`;
}
