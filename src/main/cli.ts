/** Where the `sallyport` program starts: what it is made of is loaded compiled, in half the time, from the second run on. */
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

// In the program's own folder, and nowhere else: compiled code is trusted, and whoever can write here can change the program
// itself. Where it cannot be written the program starts without.
enableCompileCache(fileURLToPath(new URL("../../node_modules/.cache/sallyport/node", import.meta.url)));
await import("./command-line.ts");
