import { useKeys, type PageKey } from "../app/keys.tsx";

/** `j` and `k` move the focus through what the page marks with `data-row`, `/` to its search. */
export function useListKeys(): void {
  useKeys(keysOfList);
}

function keysOfList(): readonly PageKey[] {
  const search = document.querySelector<HTMLElement>("main input[type=search]");
  return [
    { key: "j", does: "the next in the list; Enter opens it", act: () => move(1) },
    { key: "k", does: "the one before", act: () => move(-1) },
    ...(search ? [{ key: "/", does: "to the search", act: () => search.focus() }] : []),
  ];
}

function move(step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>("main [data-row]")];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[step === 1 ? at + 1 : Math.max(0, at - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}
