/** Reading the trees that libpg-query makes: protobuf's JSON, in which a node is an object with its type as the only key. Pure. */
export type Tree = Readonly<Record<string, unknown>>;

/** `[type, node]`; an empty node (`{}`) stands for nothing. */
export function unwrap(node: unknown): readonly [string, Tree] {
  const [entry] = Object.entries((node ?? {}) as Tree);
  return entry === undefined ? ["", {}] : [entry[0], (entry[1] ?? {}) as Tree];
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A node where the grammar leaves no choice of type, so that it stands there without one. */
export function bare(value: unknown): Tree | undefined {
  return typeof value === "object" && value !== null ? (value as Tree) : undefined;
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The texts of a list of String nodes; anything else (`*`, an index) is `undefined`. */
export function names(value: unknown): readonly (string | undefined)[] {
  return list(value).map((each) => {
    const [type, node] = unwrap(each);
    return type === "String" ? text(node["sval"]) : undefined;
  });
}

/** Of a list of names: the texts of its String nodes alone. */
export function namesOf(value: unknown): readonly string[] {
  return names(value).filter((name) => name !== undefined);
}

export function isStar(node: unknown): boolean {
  return unwrap(node)[0] === "A_Star";
}
