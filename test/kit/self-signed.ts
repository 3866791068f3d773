import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./process.ts";

/** A certificate for `localhost` by itself, in this folder; what a gate's configuration says to use it for TLS. */
export async function selfSigned(folder: string): Promise<string> {
  const [key, cert] = [join(folder, "tls.key"), join(folder, "tls.crt")];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const made = await run("openssl", ["req", "-x509", ...kind, "-subj", "/CN=localhost", "-keyout", key, "-out", cert]);
  if (made.status !== 0) throw new Error(made.stderr.toString());
  await chmod(cert, 0o600);
  return `  tls: { cert: file:${cert}, key: file:${key} }`;
}
