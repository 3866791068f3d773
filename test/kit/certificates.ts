/** Authorities and certificates of clients, made by OpenSSL. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./process.ts";

export interface MadeCertificate {
  /** PEM files. */
  readonly cert: string;
  readonly key: string;
}

interface Draft {
  readonly name: string;
  /** As OpenSSL's configuration has it: `URI:spiffe://example.org/a`. */
  readonly alternativeNames?: string;
  /** `none`: the extension is left out. */
  readonly purpose?: "clientAuth" | "serverAuth" | "none";
  readonly isAuthority?: boolean;
  /** `YYYYMMDDHHMMSSZ`; by default from now on for a day. */
  readonly notBefore?: string;
  readonly notAfter?: string;
}

export class CertificateMaker {
  readonly #dir: string;
  #made = 0;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Its own issuer. */
  async authority(name: string): Promise<MadeCertificate> {
    const { cert, key } = this.#files();
    const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    await openssl(["req", "-x509", ...kind, "-subj", `/CN=${name}`, "-keyout", key, "-out", cert]);
    return { cert, key };
  }

  async issue(by: MadeCertificate, draft: Draft): Promise<MadeCertificate> {
    const { cert, key, request, extensions } = this.#files();
    const { name, alternativeNames, purpose = "clientAuth", isAuthority = false, notBefore, notAfter } = draft;
    const lines = [
      `basicConstraints = critical, CA:${isAuthority ? "TRUE" : "FALSE"}`,
      ...(purpose === "none" ? [] : [`extendedKeyUsage = ${purpose}`]),
      ...(alternativeNames === undefined ? [] : [`subjectAltName = ${alternativeNames}`]),
    ];
    await writeFile(extensions, lines.join("\n"));
    const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    await openssl(["req", ...kind, "-subj", `/CN=${name}`, "-keyout", key, "-out", request]);
    const from = ["-in", request, "-extfile", extensions, "-out", cert];
    if (notAfter === undefined) await openssl(["x509", "-req", ...from, "-CA", by.cert, "-CAkey", by.key, "-days", "1"]);
    else {
      // Before OpenSSL 3.4 only its `ca` issues for other times than from now on.
      const database = `${cert}.index`;
      await writeFile(database, "");
      const policy = "[any]\ncommonName = supplied\n";
      await writeFile(
        `${cert}.cnf`,
        `[ca]\ndefault_ca = it\n[it]\ndatabase = ${database}\nnew_certs_dir = ${this.#dir}\nrand_serial = yes\npolicy = any\n${policy}`,
      );
      const time = ["-startdate", notBefore ?? "20200101000000Z", "-enddate", notAfter];
      const how = ["-batch", "-notext", "-md", "sha256", "-config", `${cert}.cnf`, "-cert", by.cert, "-keyfile", by.key];
      await openssl(["ca", ...how, ...time, ...from]);
    }
    return { cert, key };
  }

  /** The certificate with those between it and the authority, as a client sends them. */
  async chained(own: MadeCertificate, ...between: readonly MadeCertificate[]): Promise<MadeCertificate> {
    const { cert } = this.#files();
    const all = await Promise.all([own, ...between].map((each) => readFile(each.cert, "utf8")));
    await writeFile(cert, all.join(""));
    return { cert, key: own.key };
  }

  #files(): Record<"cert" | "key" | "request" | "extensions", string> {
    const base = join(this.#dir, `made-${++this.#made}`);
    return { cert: `${base}.pem`, key: `${base}.key`, request: `${base}.csr`, extensions: `${base}.ext` };
  }
}

async function openssl(args: readonly string[]): Promise<void> {
  const { status, stderr } = await run("openssl", args);
  if (status !== 0) throw new Error(`openssl ${args[0] ?? ""}: ${stderr.toString()}`);
}
