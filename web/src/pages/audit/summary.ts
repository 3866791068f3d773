/** An event in a line: what of its details tells most. */
const TELLING = [
  "command",
  "statement",
  "sql",
  "path",
  "name",
  "reason",
  "detail",
  "code",
  "message",
  "subject",
  "how",
  "method",
  "outcome",
];
const LONGEST = 160;
/** Larger numbers are moments, which tell nobody anything as numbers. */
const TIMES = 1e12;

export function summaryOf(body: Readonly<Record<string, unknown>> | undefined): string {
  if (body === undefined) return "";
  const names = [...TELLING.filter((name) => Object.hasOwn(body, name)), ...Object.keys(body).filter((name) => !TELLING.includes(name))];
  const parts = names.flatMap((name) => {
    const value = body[name];
    if (typeof value === "string") return value === "" ? [] : [TELLING.includes(name) ? value : `${name} ${value}`];
    if (typeof value === "boolean") return [`${name} ${value}`];
    return typeof value === "number" && value < TIMES ? [`${name} ${value}`] : [];
  });
  const line = parts.slice(0, 3).join(" · ").replaceAll(/\s+/g, " ");
  return line.length > LONGEST ? `${line.slice(0, LONGEST).trimEnd()}…` : line;
}
