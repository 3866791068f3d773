import { useEffect } from "react";
import { isTyping } from "../app/go-keys.ts";

/** `j` and `k` move the focus through what the page marks with `data-row`, `/` to its search; wherever nobody types text. */
export function useListKeys(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
      if (event.key === "/") {
        const search = document.querySelector<HTMLElement>("main input[type=search]");
        if (!search) return;
        event.preventDefault();
        search.focus();
      }
      if (event.key !== "j" && event.key !== "k") return;
      const rows = [...document.querySelectorAll<HTMLElement>("main [data-row]")];
      const at = rows.findIndex((row) => row.contains(document.activeElement));
      const next = rows[event.key === "j" ? at + 1 : Math.max(0, at - 1)];
      next?.focus();
      next?.scrollIntoView({ block: "nearest" });
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}
