/** Nodes of the tree that PostgreSQL's parser makes, as libpg_query writes them: a type is the only key. */
export type Tree = Readonly<Record<string, unknown>>;

/** Of a list of `String` nodes. */
export function namesOf(list: unknown): readonly string[] {
  if (!Array.isArray(list)) return [];
  return (list as readonly { readonly String?: { readonly sval?: string } }[]).flatMap(({ String: text }) =>
    text ? [text.sval ?? ""] : [],
  );
}
