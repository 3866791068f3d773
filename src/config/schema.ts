/**
 * The shape of `sallyport.yaml`: strict, texts as people write them, defaults where a default cannot allow anything.
 *
 * What depends on other parts of the file is checked in check.ts; build.ts makes the values of model.ts of it.
 * No default role, rule, approval, secret or key: what gives access is always written out.
 */
import * as z from "zod";
import { EXEC_RECORDINGS, LITERAL_RECORDINGS, PARAMETER_RECORDINGS, RESULT_RECORDINGS, SQL_RECORDING_DEFAULT } from "../policy/role.ts";
import { MASKS } from "../policy/sql/masking/masks.ts";
import { GATE_PERMISSIONS } from "../policy/permissions.ts";
import { DURATION, MAX_TIMER_MS, parseDuration, SIZE } from "../kernel/units.ts";

const MAX_FRESH_MS = 12 * 3_600_000;

/** A text of one form; `expected` is what a person reads when it is not. */
function text(form: RegExp, expected: string): z.ZodString {
  return z.string({ error: expected }).regex(form, { error: expected });
}

const whole = (least: number, most: number): z.ZodNumber => {
  const expected = `a whole number from ${least} to ${most}`;
  return z.number({ error: expected }).int({ error: expected }).min(least, { error: expected }).max(most, { error: expected });
};

const NAME_EXPECTED = "a name: letters, digits, `.`, `_`, `-`, at most 64";
export const name = text(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, NAME_EXPECTED);
const duration = text(DURATION, "a duration such as 90s, 15m, 4h or 7d");
const limitOfTime = text(/^[1-9]\d{0,4}(?:s|m)$/, "a duration in seconds or minutes such as 30s or 5m, and not nothing").refine(
  (written) => (parseDuration(written) ?? 0) <= MAX_TIMER_MS,
  { error: "at most 24 days: 34560m" },
);
const size = text(SIZE, "a size such as 64KiB, 512MiB or 10GiB");
const hostPort = text(/^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):\d{1,5}$/, "an address such as 10.0.0.5:22");
const secretRef = text(/^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:\/.+)$/, "a reference: env:NAME or file:/path (never the secret itself)");
const who = text(/^(?:group:)?[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "the name of a principal, or group:<name>");
const webUrl = text(/^https?:\/\/[^\s]+$/, "a web address (https://…)");
const boolean = z.boolean({ error: "true or false" });

const labels = z.record(
  text(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$/, "a label name"),
  text(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$/, "a label value (a text; quote numbers)"),
  { error: "labels: a mapping of name to value" },
);

const account = text(/^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/, "a login name on the host");
const command = text(/^[^\0\r\n\uFFFD]{1,4096}$/, "a command line");

const sshPermissions = z.strictObject({
  account,
  shell: boolean.default(false),
  exec: z.union([z.boolean(), z.array(command).min(1)], { error: "true, false or a list of command lines" }).default(false),
  files: z.enum(["none", "read", "write"], { error: "none, read or write" }).default("none"),
  env: z.array(text(/^[A-Za-z_][A-Za-z0-9_]*\*?$/, "the name of an environment variable, or its beginning and `*`")).default([]),
});

/** What stands in it is check-statements.ts's matter. */
const sqlRule = text(/^[^\0\r\n]{1,300}$/, "a rule of statements such as `read`, `write on public.orders` or `function refund`");
const sqlName = /^[A-Za-z_][A-Za-z0-9_$]*(?:\.[A-Za-z_][A-Za-z0-9_$]*)?$/;

const databaseName = text(/^[^\0]{1,63}$/, "the name of a database");

const toleranceWanted = "a number of rows up to 10000, or a part of them: 5%";
const percent = text(/^(?:100|\d{1,2}(?:\.\d{1,2})?)%$/, toleranceWanted);

const postgresPermissions = z.strictObject({
  account: text(/^[A-Za-z_][A-Za-z0-9_$-]{0,62}$/, "a login role of the database"),
  allow: z.array(sqlRule).default([]),
  hold: z.array(sqlRule).default([]),
  deny: z.array(sqlRule).default([]),
  holdFor: limitOfTime.optional(),
  databases: z.array(databaseName).default([]),
  unmasked: z.array(text(/^(?:\*|[a-z][a-z0-9-]{0,31})$/, "a class of masked columns, or `*`")).default([]),
  limits: z
    .strictObject({
      statement: limitOfTime.optional(),
      rows: whole(1, 1_000_000_000).optional(),
      bytes: size.optional(),
      idleInTransaction: limitOfTime.optional(),
      statements: whole(1, 10_000).optional(),
      limit: whole(1, 1_000_000_000).optional(),
    })
    .optional(),
  preview: z.strictObject({ tolerance: z.union([whole(0, 10_000), percent], { error: toleranceWanted }).optional() }).optional(),
});

const gatePermission = z.enum(["*", ...(Object.keys(GATE_PERMISSIONS) as (keyof typeof GATE_PERMISSIONS)[])], {
  error: "a gate permission, or `*` for all",
});

const sqlRecording = z.strictObject({
  literals: z.enum(LITERAL_RECORDINGS, { error: "keep or redact" }).default(SQL_RECORDING_DEFAULT.literals),
  parameters: z.enum(PARAMETER_RECORDINGS, { error: "keep, hash or redact" }).default(SQL_RECORDING_DEFAULT.parameters),
  results: z.enum(RESULT_RECORDINGS, { error: "none or full" }).default(SQL_RECORDING_DEFAULT.results),
});

const FACTOR_KINDS = ["passkey", "totp", "provider"] as const;
const freshness = text(/^[1-9]\d{0,5}(?:s|m|h)$/, "a duration such as 10m, and not nothing").refine(
  (written) => (parseDuration(written) ?? 0) <= MAX_FRESH_MS,
  {
    error: "at most 12h: a login lives no longer",
  },
);

const secondFactor = z.strictObject({
  kinds: z
    .array(z.enum(FACTOR_KINDS, { error: "passkey, totp or provider" }))
    .min(1, { error: "at least one kind" })
    .optional(),
  use: z.enum(["login", "none"], { error: "login or none" }).default("login"),
  approve: freshness.optional(),
  breakGlass: freshness.optional(),
  session: freshness.optional(),
  address: z.enum(["bound", "any"], { error: "bound or any" }).default("any"),
});

const role = z.strictObject({
  secondFactor: secondFactor.optional(),
  ssh: sshPermissions.optional(),
  postgres: postgresPermissions.optional(),
  gate: z.array(gatePermission).default([]),
  idle: duration.optional(),
  watch: z.enum(["announced", "silent"], { error: "announced or silent" }).optional(),
  moderator: z
    .strictObject({
      who: z.array(who).min(1, { error: "at least one principal or group" }),
      absent: z.enum(["pause", "end"], { error: "pause or end" }).default("pause"),
    })
    .optional(),
  budget: z
    .strictObject({ bytes: size.optional(), time: duration.optional(), sessions: whole(1, 10_000).optional(), recording: size.optional() })
    .default({}),
  recording: z
    .strictObject({ exec: z.enum(EXEC_RECORDINGS, { error: "full, head or hash" }).default("head"), sql: sqlRecording.optional() })
    .prefault({}),
});

const rule = z.strictObject({
  name,
  who: z.array(who).min(1, { error: "at least one principal or group" }),
  roles: z.array(name).min(1, { error: "at least one role" }),
  targets: z.strictObject({ names: z.array(name).optional(), labels: labels.optional() }),
  max: duration,
  approval: z.string({ error: "`none`, or an expression such as `2 of leads and 1 of (security or owners)`" }),
  holds: z.string().optional(),
  selfExtensions: whole(0, 10).default(0),
  breakGlass: boolean.default(false),
});

const maskRule = z.strictObject({
  columns: text(/^[^\0]{1,200}$/, "schema.table.column, with `*` for any part").optional(),
  pattern: z.string().optional(),
  comment: text(/^[^\0]{1,200}$/, "a column's comment, with `*` for any part of it").optional(),
  label: text(/^[^\0]{1,200}$/, "a column's security label as `provider: label`, with `*` for any part of it").optional(),
  class: text(/^[a-z][a-z0-9-]{0,31}$/, "a short name in lower case, such as email").default("masked"),
  mask: z.enum(MASKS, { error: `one of ${MASKS.join(", ")}` }).default("full"),
  compare: z.enum(["deny", "equality"], { error: "deny or equality" }).default("deny"),
});

const masking = z.strictObject({
  columns: z.array(maskRule).default([]),
  functions: z.array(text(sqlName, "the name of a function, with its schema if it has one: shop.order_total")).default([]),
});

const target = z.strictObject({
  kind: z.enum(["ssh", "postgres"], { error: "a kind of target: ssh or postgres" }),
  address: hostPort,
  labels: labels.default({}),
  stepUp: freshness.optional(),
  hostKeys: z.array(z.string()).default([]),
  hostAuthorities: z.array(z.string()).default([]),
  database: databaseName.optional(),
  tls: z.enum(["verify-full", "verify-ca", "require", "off"], { error: "verify-full, verify-ca, require or off" }).optional(),
  authorityFile: text(/^\/.+/, "an absolute path").optional(),
  auth: z.enum(["scram", "md5", "password"], { error: "scram, md5 or password" }).optional(),
  ephemeral: z
    .strictObject({
      by: text(/^[A-Za-z_][A-Za-z0-9_$-]{0,62}$/, "a login role of the database"),
      prefix: text(/^[a-z][a-z0-9_]{2,19}$/, "the beginning of role names: 3 to 20 small letters, digits and `_`").default("sallyport_"),
    })
    .optional(),
  logins: z.record(text(/^[A-Za-z_][A-Za-z0-9_$-]{0,62}$/, "a login role of the database"), secretRef).optional(),
  masking: masking.optional(),
  previewFunctions: z.array(text(sqlName, "the name of a function, with its schema if that is not public: audit.stamp")).optional(),
});

const limits = z.strictObject({
  handshake: duration.default("30s"),
  approvalWait: duration.default("15m"),
  waitingPerPerson: whole(1, 100).default(3),
  heldPerPerson: whole(1, 1000).default(20),
  connections: whole(1, 100_000).default(1000),
  connectionsPerAddress: whole(1, 100_000).default(100),
  requestLapse: duration.default("24h"),
  reviewReminder: duration.default("24h"),
  reviewOverdue: duration.default("72h"),
  diskReserve: size.default("256MiB"),
});

const claim = text(/^[\x21-\x7e]{1,128}$/, "the name of a claim, or a path of names: realm_access.roles");
const word = text(/^[\x21-\x7e]{1,200}$/, "a word without spaces");

/** What depends on the kind is check-providers.ts's matter. */
const provider = z.strictObject({
  name,
  kind: z.enum(["oidc", "github"], { error: "a kind of identity provider: oidc or github" }),
  issuer: webUrl.optional(),
  clientId: text(/^[\x20-\x7e]{1,512}$/, "the id that the provider gave this gate"),
  clientSecret: secretRef.optional(),
  scopes: z.array(word).optional(),
  parameters: z
    .record(text(/^[a-z_]{1,64}$/, "the name of a parameter"), z.string().max(256), { error: "a mapping of name to text" })
    .default({}),
  claims: z
    .strictObject({
      user: claim.default("preferred_username"),
      groups: claim.default("groups"),
      domain: text(/^[A-Za-z0-9.-]{1,253}$/, "a domain: example.com").optional(),
    })
    .prefault({}),
  groups: z
    .record(text(/^[^\0\r\n]{1,512}$/, "a group as the provider calls it"), name, {
      error: "a mapping of the provider's group to a group of this file",
    })
    .default({}),
  create: boolean.default(false),
  secondFactor: z.strictObject({ amr: z.array(word).default([]), acr: z.array(word).default([]) }).prefault({}),
  refresh: duration.default("5m"),
});

const claimValueWanted = "what the claim is, exactly: a text (quote numbers), true or false";
const claimValue = z.union([text(/^[^\p{C}]{1,1024}$/u, claimValueWanted), z.boolean()], { error: claimValueWanted });

/** Which of them belong together is check-workloads.ts's matter. */
const workload = z.strictObject({
  issuer: webUrl.optional(),
  audience: text(/^[\x21-\x7e]{1,512}$/, "what the tokens are issued for, such as the gate's address").optional(),
  claims: z.record(claim, claimValue, { error: "a mapping of claims to what they must be" }).optional(),
  maxAge: duration.optional(),
  certificate: z
    .strictObject({
      authority: text(/^file:\/.+$/, "file:/path of a PEM file"),
      uri: text(/^[a-z][a-z0-9+.-]*:\/\/[\x21-\x7e]{1,2000}$/, "the whole URI in the certificate: spiffe://example.org/deploy").optional(),
      dns: text(/^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+){0,126}$/, "the whole DNS name in the certificate, without `*`").optional(),
    })
    .optional(),
});

const gate = z.strictObject({
  name: text(/^[A-Za-z0-9][A-Za-z0-9.-]{0,127}$/, "the gate's own name, such as sallyport.example.com"),
  node: text(/^[a-z0-9][a-z0-9-]{0,31}$/, "a short node name in lower case").default("a"),
  ssh: hostPort.default("127.0.0.1:7722"),
  http: hostPort.default("127.0.0.1:7700"),
  postgres: hostPort.optional(),
  tls: z.strictObject({ cert: secretRef, key: secretRef }).optional(),
  public: z.strictObject({ ssh: hostPort.optional(), postgres: hostPort.optional(), url: webUrl.optional() }).default({}),
  durability: z.enum(["process", "power"], { error: "process or power" }).default("power"),
  masterKey: secretRef,
  anchors: z
    .array(
      z.strictObject({
        name,
        file: text(/^\/.+/, "an absolute path").optional(),
        webhook: webUrl.optional(),
        secret: secretRef.optional(),
      }),
    )
    .default([]),
  notify: z
    .array(
      z.strictObject({
        name,
        webhook: webUrl.optional(),
        secret: secretRef.optional(),
        command: z.array(z.string()).min(1, { error: "a program and its arguments" }).optional(),
      }),
    )
    .default([]),
  providers: z.array(provider).default([]),
  widening: z.strictObject({ secondOwner: boolean.default(false) }).prefault({}),
  limits: limits.prefault({}),
});

export const configSchema = z.strictObject({
  version: z.literal(1, { error: "version: 1" }),
  gate,
  groups: z.record(name, z.array(name)).default({}),
  roles: z.record(name, role).default({}),
  holders: z.array(z.strictObject({ role: name, who: z.array(who).min(1, { error: "at least one principal or group" }) })).default([]),
  rules: z.array(rule).default([]),
  targets: z.record(name, target).default({}),
  agents: z
    .record(
      name,
      z.strictObject({
        for: name,
        approval: z
          .enum(["person", "rules"], { error: "person (its person approves too) or rules (only what the rules demand)" })
          .default("person"),
      }),
    )
    .default({}),
  workloads: z.record(name, workload).default({}),
});

/** The file with its defaults filled in, still as texts. */
export type ConfigText = z.output<typeof configSchema>;
export type RuleText = ConfigText["rules"][number];
export type RoleText = ConfigText["roles"][string];
export type ProviderText = ConfigText["gate"]["providers"][number];
export type WorkloadText = ConfigText["workloads"][string];
export type TargetText = ConfigText["targets"][string];
