/** Paths as the host has them: text where it is one, otherwise their bytes in base64. */
import { fromBase64 } from "../../api/bytes.ts";

export interface HostPath {
  readonly path: string;
  /** `path` is the base64 of its bytes. */
  readonly base64: boolean;
}

interface Named {
  readonly name: string;
  readonly base64?: string;
}

export function within(folder: HostPath, { name, base64 }: Named): HostPath {
  if (!folder.base64 && base64 === undefined) return { path: joined(folder.path, name), base64: false };
  const encoder = new TextEncoder();
  const before = folder.base64 ? fromBase64(folder.path) : encoder.encode(folder.path);
  const after = base64 === undefined ? encoder.encode(name) : fromBase64(base64);
  return { path: btoa(String.fromCharCode(...before, 0x2f, ...after)), base64: true };
}

function joined(folder: string, name: string): string {
  return folder.endsWith("/") ? `${folder}${name}` : `${folder}/${name}`;
}

/** The folders of a path from the root, each with its own. */
export function foldersOf(path: string): { readonly name: string; readonly path: string }[] {
  const names = path.split("/").filter((name) => name !== "");
  return [{ name: "/", path: "/" }, ...names.map((name, index) => ({ name, path: `/${names.slice(0, index + 1).join("/")}` }))];
}
