/** Where the `sallyport` program starts: what it is made of is loaded compiled, in half the time, from the second run on. */
import { mkdirSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

// In the program's own folder, and nowhere else: compiled code is trusted, and whoever can write here can change the program
// itself. It is nobody else's whatever the umask says. Where it cannot be made the program starts without.
const folder = fileURLToPath(new URL("../../node_modules/.cache/sallyport/compiled", import.meta.url));
try {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  enableCompileCache(folder);
} catch {
  // Slower, and otherwise the same.
}
await import("./command-line.ts");
