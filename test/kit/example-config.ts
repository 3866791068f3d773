import { parseConfig } from "../../src/config/load.ts";
import { formatProblem } from "../../src/config/problem.ts";

/** A configuration in which every part is used once; tests change it by replacing a piece of its text. */
export const EXAMPLE = `version: 1
gate:
  name: sallyport.example.com
  masterKey: file:/etc/sallyport/master.key
  anchors: [{ name: elsewhere, file: /mnt/anchor/checkpoint }]
groups: { oncall: [ana, bob], leads: [lea], security: [sam, sue], owners: [root-owner] }
roles:
  debug:
    ssh: { account: infra, shell: true, exec: true, files: write, env: [LANG, "LC_*"] }
    idle: 15m
    budget: { bytes: 10GiB, time: 4h, sessions: 8, recording: 512MiB }
  look: { ssh: { account: infra, exec: [uptime, df -h] } }
  owner: { gate: ["*"] }
holders: [{ role: owner, who: ["group:owners"] }]
rules:
  - name: oncall-debugs-checkout
    who: ["group:oncall"]
    roles: [debug]
    targets: { labels: { service: checkout } }
    max: 4h
    approval: 1 of leads
    selfExtensions: 1
    breakGlass: true
  - { name: anybody-looks, who: [ana], roles: [look], targets: { names: [db-1] }, max: 30m, approval: none }
targets:
  web-1.prod:
    kind: ssh
    address: 10.0.0.5:22
    labels: { service: checkout, env: prod, owner: leads }
    hostKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVYOQS6h3gLgvY4oCbS1m8rzcvUmhtrVsRz4rWQ5Iiu web-1"]
  db-1:
    kind: ssh
    address: 10.0.0.6:22
    hostKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVYOQS6h3gLgvY4oCbS1m8rzcvUmhtrVsRz4rWQ5Iiu"]
`;

/** The example with a database beside the hosts: its door, a role, a rule and a target. */
export const DATABASE: readonly (readonly [piece: string, instead: string])[] = [
  ["  masterKey", "  postgres: 127.0.0.1:7754\n  masterKey"],
  ["  owner: {", "  query: { postgres: { account: app, allow: [read, transaction, function audit.stamp] } }\n  owner: {"],
  [
    "  - { name: anybody-looks,",
    "  - { name: ana-queries, who: [ana], roles: [query], targets: { names: [orders] }, max: 1h, approval: none }\n  - { name: anybody-looks,",
  ],
  ["  db-1:\n", "  orders: { kind: postgres, address: db.internal:5432, database: shop, logins: { app: env:ORDERS_APP } }\n  db-1:\n"],
];

/** The example with one piece replaced; throws when the piece is not in it, so that no test changes nothing. */
export function exampleWith(...changes: readonly (readonly [piece: string, instead: string])[]): string {
  return changes.reduce((text, [piece, instead]) => {
    if (!text.includes(piece)) throw new Error(`The example does not contain ${JSON.stringify(piece)}`);
    return text.replace(piece, () => instead);
  }, EXAMPLE);
}

/** What is wrong with a configuration, a line each. */
export function problemsOf(text: string): string[] {
  const parsed = parseConfig(text, "s.yaml");
  return parsed.ok ? [] : parsed.problems.map(formatProblem);
}
