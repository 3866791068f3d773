/**
 * A process for one errand at the operating system's key store: an order on standard input, an answer on standard output.
 * A process of its own, because what hangs in there (a D-Bus that does not answer, a dialog that nobody sees) hangs in a
 * thread, which a process that ends by itself waits for: it can only be killed.
 */
import { text } from "node:stream/consumers";
import type * as Library from "@napi-rs/keyring";
import type { KeeperAnswer, KeeperOrder } from "./os-key-store.ts";

const SERVICE = "sallyport";
/** Left to itself the library falls back to the kernel's keyring, which a restart empties and `secret-tool` does not show. */
const OPTIONS = { linux: { store: "secret-service" } } as const;

async function run({ errand, account, secret = "" }: KeeperOrder): Promise<KeeperAnswer> {
  let library: typeof Library;
  try {
    library = await import("@napi-rs/keyring");
  } catch {
    return { result: "no-library" };
  }
  try {
    const entry = new library.AsyncEntry(SERVICE, account, OPTIONS);
    switch (errand) {
      case "keep":
        await entry.setPassword(secret);
        if ((await entry.getPassword()) !== secret) return { result: "failed", reason: "it does not give back what it was given" };
        return { result: "done" };
      case "find": {
        const found = await entry.getPassword();
        return typeof found === "string" ? { result: "found", secret: found } : { result: "done" };
      }
      case "forget":
        await entry.deleteCredential();
        return { result: "done" };
    }
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    return { result: "failed", reason: secret === "" ? reason : reason.replaceAll(secret, "[secret]") };
  }
}

const order = JSON.parse(await text(process.stdin)) as KeeperOrder;
// Who asked does the same; this is for when they are gone.
setTimeout(() => process.kill(process.pid, "SIGKILL"), order.deadlineMs + 1_000).unref();
process.stdout.write(JSON.stringify(await run(order)));
