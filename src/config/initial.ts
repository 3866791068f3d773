import { GateError } from "../kernel/errors.ts";
import { isName } from "../kernel/ids.ts";

export interface InitialChoices {
  /** The first owner, who sets the gate up. */
  readonly owner: string;
  /** Origin of the log; cannot be changed after the first start. */
  readonly gateName: string;
  /** Absolute path of the file the master key is in. */
  readonly masterKeyFile: string;
  /** `host:port` of the two doors. */
  readonly ssh?: string;
  readonly http?: string;
}

/** The first `sallyport.yaml`: works as it is, gives nobody access to anything, and shows by comments how to go on. */
export function initialConfig({ owner, gateName, masterKeyFile, ssh = "127.0.0.1:7722", http = "127.0.0.1:7700" }: InitialChoices): string {
  if (!isName(owner) || owner === "gate") throw new GateError("bad-request", `"${owner}" cannot be the name of an owner`);
  return `# What this gate lets people ask for. It is checked as a whole before it is used: \`sallyport config check\`.
# After a change: \`sallyport config reload\`. What is not allowed here is denied.
version: 1

gate:
  # Part of every record's origin: cannot be changed after the first start.
  name: ${gateName}
  ssh: ${ssh}
  # Beyond loopback this needs tls: { cert: file:/…, key: file:/… }.
  http: ${http}
  # Where databases are reached; without it there is no door for them.
#  postgres: 127.0.0.1:7732
  # Encrypts secrets at rest. Keep it out of the data directory and its backups.
  masterKey: file:${masterKeyFile}
  # A place elsewhere that remembers the head of the log, so that nobody can rewrite the past unnoticed.
  anchors: []
  #  - { name: elsewhere, file: /mnt/other-disk/sallyport.checkpoint }

# Who is who. A person is a user of the gate (\`sallyport user create\`); groups are made here.
groups:
  owners: [${owner}]
  oncall: []
  leads: []

roles:
  # Permissions on the gate itself, held by \`holders\` below; they give access to no target.
  owner:
    gate: ["*"]
  # What a grant lets somebody do on a host.
  debug:
    ssh: { account: infra, shell: true, exec: true, files: write, env: [LANG, "LC_*"] }
    idle: 15m
    budget: { sessions: 8, recording: 512MiB }
  look:
    ssh: { account: infra, exec: [uptime, df -h, free -m] }
  # And on a database, behind \`gate.postgres\`: where it reads, and each write waits for somebody who sees what it would change.
#  orders:
#    postgres: { account: app, allow: [read, transaction, session], hold: [write] }

holders:
  - { role: owner, who: ["group:owners"] }

# Who may request which role on which targets. The first rule that matches decides.
rules: []
#  - name: oncall-debugs-checkout
#    who: ["group:oncall"]
#    roles: [debug]
#    targets: { labels: { service: checkout } }
#    max: 4h
#    # \`none\`, or quorums: 2 of leads and 1 of (security or owners)
#    # (\`owners\` is the group that the target's label \`owner\` names)
#    approval: 1 of leads
#    selfExtensions: 1
#    breakGlass: true

# What may be reached. \`sallyport targets scan HOST\` prints the keys to compare and put here.
targets: {}
#  web-1.prod:
#    kind: ssh
#    address: 10.0.0.5:22
#    labels: { service: checkout, env: prod, owner: leads }
#    hostKeys: ["ssh-ed25519 AAAA…"]
#  orders-db:
#    kind: postgres
#    address: db.internal:5432
#    database: orders
#    labels: { service: checkout, env: prod, owner: leads }
#    logins: { app: env:ORDERS_DB_PASSWORD }
`;
}
