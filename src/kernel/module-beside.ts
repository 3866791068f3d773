/**
 * A file that a thread or process is started from, beside the module of this `import.meta.url`: as a source or compiled, as that one
 * is. In no import, so that no compiler rewrites its ending.
 */
export function moduleBeside(url: string, name: string): URL {
  return new URL(`./${name}.${url.endsWith(".ts") ? "ts" : "js"}`, url);
}
