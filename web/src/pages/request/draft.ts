/** What is being asked for, as the address of the page has it: it can be shared, and kept as a bookmark. */
import type { Result } from "../../api/client.ts";

export type TargetView = Result<"targets.list">["targets"][number];
export type RoleView = TargetView["roles"][number];

export interface Draft {
  readonly targets: readonly string[];
  readonly role: string;
  /** Absent: what the gate gives without being told. */
  readonly durationMs?: number;
  readonly breakGlass: boolean;
}

const MOST_TARGETS = 64;

/** Untrusted: anybody can make an address. It chooses nothing that the page does not show. */
export function readDraft(params: URLSearchParams): Draft {
  const targets = params.getAll("target").flatMap((text) => text.split(","));
  const durationMs = parseDuration(params.get("for") ?? "");
  return {
    targets: [...new Set(targets.filter((name) => name !== ""))].slice(0, MOST_TARGETS),
    role: params.get("role") ?? "",
    ...(durationMs !== undefined && { durationMs }),
    breakGlass: params.get("glass") === "1",
  };
}

export function writeDraft({ targets, role, durationMs, breakGlass }: Draft): URLSearchParams {
  const params = new URLSearchParams(targets.map((target) => ["target", target]));
  if (role !== "") params.set("role", role);
  if (durationMs !== undefined) params.set("for", `${Math.round(durationMs / 1000)}s`);
  if (breakGlass) params.set("glass", "1");
  return params;
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90m`, `1h30m`; `undefined`: it is none. */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d{1,6}[smhd])+$/.test(text)) return undefined;
  const ms = [...text.matchAll(/(\d+)([smhd])/g)].reduce((sum, [, count, unit = ""]) => sum + Number(count) * (UNITS[unit] ?? 0), 0);
  return ms >= 1_000 ? ms : undefined;
}

/** A role for all that is chosen: what it lets one do on any of it, what it takes on each. */
export interface RoleChoice {
  readonly role: string;
  readonly allows: readonly string[];
  readonly approvals: readonly string[];
  readonly maxDurationMs: number;
  readonly breakGlass: boolean;
}

/** The roles that one may ask for on every one of these. */
export function rolesOnAll(targets: readonly TargetView[]): readonly RoleChoice[] {
  const [first, ...others] = targets;
  if (!first) return [];
  return first.roles.flatMap(({ role }) => {
    const found = targets.flatMap(({ roles }) => roles.filter((each) => each.role === role));
    if (found.length !== others.length + 1) return [];
    return {
      role,
      allows: distinct(found.flatMap(({ allows }) => allows)),
      approvals: distinct(found.flatMap(({ approval }) => approval ?? [])),
      maxDurationMs: Math.min(...found.map(({ maxDurationMs }) => maxDurationMs)),
      breakGlass: found.every(({ breakGlass }) => breakGlass),
    };
  });
}

/** Each word of the search is in the name, the kind or a label: `checkout`, `env=prod`. */
export function matches({ name, kind, labels }: TargetView, search: string): boolean {
  const text = [name, kind, ...Object.entries(labels).map(([label, value]) => `${label}=${value}`)].join(" ").toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

export interface Service {
  /** Absent: its targets name none. */
  readonly name?: string;
  readonly targets: readonly TargetView[];
}

/** By the label `service`, in the order of their names; what has none comes last. */
export function byService(targets: readonly TargetView[]): readonly Service[] {
  const groups = Map.groupBy(targets, ({ labels }) => labels["service"]);
  const named = [...groups].flatMap(([name, of]) => (name === undefined ? [] : { name, targets: of }));
  const rest = groups.get(undefined);
  return [...named.toSorted((a, b) => a.name.localeCompare(b.name)), ...(rest ? [{ targets: rest }] : [])];
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}

/** What there is to know of it besides its name and service, on one line. */
export function aboutTarget({ kind, labels }: TargetView): string {
  const others = Object.entries(labels).filter(([label]) => label !== "service");
  return [kind, ...others.map(([label, value]) => `${label}=${value}`)].join(" · ");
}
