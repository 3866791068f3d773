import type { SecretRef } from "./model.ts";

/** `env:NAME` or `file:/path`; its form was checked. */
export function secretRef(text: string): SecretRef {
  const colon = text.indexOf(":");
  return { from: text.slice(0, colon) === "env" ? "env" : "file", name: text.slice(colon + 1) };
}
