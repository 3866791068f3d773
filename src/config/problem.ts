/** One thing wrong with a configuration: where, what was expected, what stands there instead. Never holds a secret's value. */
export interface Problem {
  /** File name as it was given. */
  readonly source: string;
  /** `roles.debug.ssh.exec`, `rules[0].max`; empty for the whole file. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly expected: string;
  readonly found?: string;
  /** The known name closest to what was written. */
  readonly suggestion?: string;
}

/** `sallyport.yaml:12:5: roles.debug.ssh.exec: expected …, found …; did you mean "…"?` */
export function formatProblem(problem: Problem): string {
  const found = problem.found === undefined ? "" : `, found ${problem.found}`;
  const suggestion = problem.suggestion === undefined ? "" : `; did you mean "${problem.suggestion}"?`;
  return `${placeOf(problem)}: ${aboutPath(problem)}expected ${problem.expected}${found}${suggestion}`;
}

/** Of a file that is good all the same: `sallyport.yaml:5:3: warning: gate: there should be …`. */
export function formatWarning(problem: Problem): string {
  return `${placeOf(problem)}: warning: ${aboutPath(problem)}there should be ${problem.expected}`;
}

function placeOf({ source, line, column }: Problem): string {
  return `${source}:${line}:${column}`;
}

function aboutPath({ path }: Problem): string {
  return path === "" ? "" : `${path}: `;
}

export type Path = readonly (string | number)[];

export function formatPath(path: Path): string {
  return path.map((step, index) => (typeof step === "number" ? `[${step}]` : index === 0 ? plain(step) : dotted(step))).join("");
}

function dotted(step: string): string {
  return /^[\w-]+$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}

function plain(step: string): string {
  return /^[\w.-]+$/.test(step) ? step : JSON.stringify(step);
}

/** Keys whose value may be a secret, or be taken for a place to write one: such values are described, never shown. */
const UNSHOWN = new Set(["masterKey", "secret", "cert", "key", "webhook", "url", "command", "hostKeys", "hostAuthorities", "logins"]);

/** The value in short; a value that may be a secret only by its kind and length. */
export function describeFound(value: unknown, path: Path): string {
  const hidden = path.some((step) => typeof step === "string" && (UNSHOWN.has(step) || /pass|token|secret|private/i.test(step)));
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (hidden || text.length > 80) return typeof value === "string" ? `a text of ${text.length} characters` : `a ${typeof value}`;
  return typeof value === "string" ? JSON.stringify(text) : text;
}
