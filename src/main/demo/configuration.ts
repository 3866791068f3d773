import { encodePublicKeyLine, publicKeyBlob } from "../../wire/ssh/keys/public-key.ts";
import { createPublicKey } from "node:crypto";
import type { ShopDatabase } from "./database.ts";
import type { HostPlan } from "./host.ts";
import { SHOP_DATABASE } from "./shop.ts";

export interface DemoPorts {
  readonly ssh: number;
  readonly http: number;
  readonly postgres: number;
}

export interface DemoEstate {
  readonly ports: DemoPorts;
  readonly masterKeyFile: string;
  readonly hosts: readonly Omit<HostPlan, "authority">[];
  /** Absent: there is none here. */
  readonly database?: ShopDatabase;
}

/** The `sallyport.yaml` of the demo: to be read by people. */
export function demoConfig({ ports, masterKeyFile, hosts, database }: DemoEstate): string {
  return `# The gate of the demo. Written anew at each start.
version: 1

gate:
  name: sallyport.demo
  ssh: 127.0.0.1:${ports.ssh}
  http: 127.0.0.1:${ports.http}${database ? `\n  postgres: 127.0.0.1:${ports.postgres}` : ""}
  public: { url: "http://localhost:${ports.http}" }
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
${database ? DATABASE_ROLES : ""}  # Permissions on the gate itself; they give access to no host.
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
${database ? DATABASE_RULES : ""}
targets:
${hosts.map(targetOf).join("")}${database ? databaseTarget(database) : ""}`;
}

/** What statements may do, and as which login; the login's own rights on the database are the other half. */
const DATABASE_ROLES = `  # On a database: what statements may do, and which functions they may call that could have effects.
  shop-read:
    postgres:
      account: sallyport_read
      allow: [read, transaction, session, function order_total]
    idle: 15m
  shop-support:
    postgres:
      account: sallyport_write
      allow: [read, transaction, session, function order_total]
      # Each write waits for somebody who has seen what it would change.
      hold: [write]
      unmasked: [email, contact]
    idle: 15m
`;

const DATABASE_RULES = `  - name: oncall-reads-the-shop
    who: ["group:oncall"]
    roles: [shop-read]
    targets: { labels: { service: shop } }
    max: 4h
    approval: 1 of leads
  - name: oncall-corrects-the-shop
    who: ["group:oncall"]
    roles: [shop-support]
    targets: { labels: { service: shop } }
    max: 1h
    approval: 1 of leads
`;

/** In clear, on the loopback of one machine. */
function databaseTarget({ port, logins }: ShopDatabase): string {
  return `  shop-db:
    kind: postgres
    address: 127.0.0.1:${port}
    database: ${SHOP_DATABASE}
    tls: "off"
    labels: { service: shop, env: prod }
    # What not everybody should see; a role shows the classes that it names in \`unmasked\`.
    masking:
      columns:
        - { columns: "public.customers.email", class: email, mask: domain }
        - { columns: "public.customers.phone", class: contact, mask: last4 }
        - { columns: "public.customers.address", class: contact }
        - { comment: "pii*", class: card, mask: last4 }
      functions: [order_total, public.order_total]
    # Of its triggers: known to do nothing beyond their transaction, so that writes can be tried out and undone.
    previewFunctions: [touch, note_payment]
    logins:
${Object.entries(logins)
  .map(([login, file]) => `      ${login}: ${JSON.stringify(`file:${file}`)}\n`)
  .join("")}`;
}

function targetOf({ name, port, key }: Omit<HostPlan, "authority">): string {
  return `  ${name}:
    kind: ssh
    address: 127.0.0.1:${port}
    labels: { service: checkout, env: prod }
    hostKeys: ["${encodePublicKeyLine(publicKeyBlob(createPublicKey(key)), "").trim()}"]
`;
}
