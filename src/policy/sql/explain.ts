/** EXPLAIN (ANALYZE): `off`, `false` and `0` alone mean that what is explained does not run. */
export function runsWhatItExplains(explain: Readonly<Record<string, unknown>>): boolean {
  const options = (explain["options"] ?? []) as readonly { readonly DefElem?: { readonly defname?: string; readonly arg?: unknown } }[];
  return options.some(({ DefElem }) => {
    if (DefElem?.defname?.toLowerCase() !== "analyze") return false;
    return !/"(?:sval|fval)":"(?:off|false)"|"ival":\{\}|"ival":0\b|"Integer":\{\}|"boolval":\{\}/i.test(
      JSON.stringify(DefElem.arg ?? null),
    );
  });
}
