import type { AccessRule, Target } from "../access/model.ts";
import type { PrincipalName } from "../kernel/ids.ts";
import type { Role } from "../policy/role.ts";
import type { MaskRule } from "../policy/sql/masking/masks.ts";

/** A configuration that was read, checked and found good. What `sallyport.yaml` owns; everything else is the store's. */
export interface Config {
  /** SHA-256 (hex) of the canonical form; two files that mean the same have the same hash. */
  readonly hash: string;
  readonly gate: GateSettings;
  readonly groups: ReadonlyMap<string, readonly string[]>;
  readonly roles: ReadonlyMap<string, Role>;
  /** Standing gate permissions: which principals and `group:`s hold a role that carries `gate:`. Never gives access to a target. */
  readonly holders: readonly { readonly role: string; readonly who: readonly string[] }[];
  /** In file order: the first that matches decides. */
  readonly rules: readonly AccessRule[];
  readonly targets: ReadonlyMap<string, Target>;
  /** Agents: for whom each acts. */
  readonly agents: ReadonlyMap<string, AgentSettings>;
  /** How services and agents prove themselves, by principal. */
  readonly workloads: ReadonlyMap<string, WorkloadSettings>;
  /** Of databases: target → login role → its password. */
  readonly logins: ReadonlyMap<string, ReadonlyMap<string, SecretRef>>;
  /** Of databases: target → which of its columns are masked. */
  readonly masking: ReadonlyMap<string, MaskingSettings>;
  /** Of databases: target → functions of triggers and defaults that may run in a preview. */
  readonly previewFunctions: ReadonlyMap<string, readonly string[]>;
}

export interface AgentSettings {
  readonly for: PrincipalName;
  /** Whether its requests need that person's approval, besides what the rules demand. */
  readonly personApproves: boolean;
}

export type WorkloadSettings =
  | {
      readonly issuer: string;
      readonly audience: string;
      readonly claims: Readonly<Record<string, string | boolean>>;
      readonly maxAgeMs: number;
    }
  | {
      /** PEM file of those that issue to workloads. */
      readonly authority: SecretRef;
      readonly name: { readonly type: "uri" | "dns"; readonly value: string };
    };

export interface MaskingSettings {
  readonly columns: readonly MaskRule[];
  /** Functions whose results hold nothing that is masked. */
  readonly functions: readonly string[];
}

/** `undefined` for TLS means plain HTTP, which is refused beyond loopback. */
export interface GateSettings {
  /** Origin of the log together with the node's name; fixed at the first start. */
  readonly name: string;
  readonly node: string;
  readonly ssh: ListenAddress;
  /** Absent: no door for PostgreSQL. */
  readonly postgres?: ListenAddress;
  readonly http: ListenAddress & { readonly tls?: { readonly cert: SecretRef; readonly key: SecretRef } };
  /** How clients reach the gate, for `ssh-config` and printed commands. */
  readonly public: {
    readonly sshHost: string;
    readonly sshPort: number;
    readonly postgres?: ListenAddress;
    readonly url: string;
  };
  readonly durability: "process" | "power";
  readonly masterKey: SecretRef;
  readonly anchors: readonly AnchorSettings[];
  readonly notify: readonly NotifySettings[];
  readonly providers: readonly ProviderSettings[];
  /** When true, a reload that widens access waits for a second holder of `config.confirm`. */
  readonly widening: { readonly secondOwner: boolean };
  readonly limits: Limits;
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** `env:NAME` or `file:PATH`; read when needed, never shown. */
export type SecretRef = { readonly from: "env" | "file"; readonly name: string };

export type AnchorSettings =
  | { readonly kind: "file"; readonly name: string; readonly path: string }
  | { readonly kind: "webhook"; readonly name: string; readonly url: string; readonly secret: SecretRef };

export type NotifySettings =
  | { readonly kind: "webhook"; readonly name: string; readonly url: string; readonly secret: SecretRef }
  /** Run without a shell; the event arrives as JSON on standard input. */
  | { readonly kind: "command"; readonly name: string; readonly command: readonly string[] };

/** An identity provider by which people log in. */
export interface ProviderSettings {
  readonly name: string;
  readonly kind: "oidc" | "github";
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: SecretRef;
  readonly scopes: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
  /** `domain`: what follows the `@` in names that are addresses, and is left out here. */
  readonly claims: { readonly user: string; readonly groups: string; readonly domain?: string };
  /** Their group → ours. */
  readonly groups: Readonly<Record<string, string>>;
  /** Makes users of people who come for the first time. */
  readonly create: boolean;
  readonly secondFactor: { readonly amr: readonly string[]; readonly acr: readonly string[] };
  readonly refreshMs: number;
}

/** Counts and milliseconds; each has a default in schema.ts. */
export interface Limits {
  readonly handshakeMs: number;
  readonly approvalWaitMs: number;
  readonly waitingPerPerson: number;
  readonly heldPerPerson: number;
  readonly connections: number;
  readonly connectionsPerAddress: number;
  readonly requestLapseMs: number;
  readonly reviewOverdueMs: number;
  readonly reviewReminderMs: number;
  /** Free bytes below which only reserved writes are taken. */
  readonly diskReserveBytes: number;
}
