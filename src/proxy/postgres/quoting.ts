/**
 * Names and texts in what the gate itself says to a server: quoted by doubling. A backslash means nothing with
 * standard_conforming_strings, which every login requires. Pure.
 */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
