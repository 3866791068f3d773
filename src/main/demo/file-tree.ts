/** The files of a simulated host: in memory, directories as the paths of the files make them, absolute paths below `/`. */
export class FileTree {
  readonly #files = new Map<string, string>();
  readonly #watchers = new Set<(path: string, added: string) => void>();

  constructor(root: string, files: Readonly<Record<string, string>>) {
    for (const [path, content] of Object.entries(files)) this.#files.set(resolvePath(root, path), content);
  }

  read(path: string): string | undefined {
    return this.#files.get(path);
  }

  isDirectory(path: string): boolean {
    return path === "/" || [...this.#files.keys()].some((each) => each.startsWith(`${path}/`));
  }

  /** Names of what is directly in a directory, directories first by nature of the sort of their names. */
  list(path: string): readonly string[] {
    const start = path === "/" ? "/" : `${path}/`;
    const names = [...this.#files.keys()]
      .filter((each) => each.startsWith(start))
      .map((each) => each.slice(start.length).split("/")[0] ?? "");
    return [...new Set(names)].sort();
  }

  append(path: string, text: string): void {
    this.#files.set(path, (this.#files.get(path) ?? "") + text);
    for (const watcher of this.#watchers) watcher(path, text);
  }

  /** What is appended to any file from now on. */
  watch(watcher: (path: string, added: string) => void): Disposable {
    this.#watchers.add(watcher);
    return { [Symbol.dispose]: () => void this.#watchers.delete(watcher) };
  }
}

/** `..`, `.` and doubled slashes resolved; never above `/`. */
export function resolvePath(from: string, path: string): string {
  const parts: string[] = [];
  for (const part of `${path.startsWith("/") ? "" : from}/${path}`.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
