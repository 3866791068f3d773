/** `sallyport connect --certificate`: no doors on this machine; clients go to the gate themselves and show a certificate. */
import type { Gate } from "../client.ts";
import type { Held } from "../ensure-grant.ts";
import { fetchCertificate } from "../fetch-access.ts";
import { encodeJson } from "../safe-text.ts";
import { untilStopped } from "../until-stopped.ts";
import type { Run } from "../verb.ts";
import { CERTIFICATE_MS, CertificateFiles } from "./certificate-files.ts";
import { certificateJdbcUrlOf, certificateShellLinesOf, certificateUrlOf, FILES, type CertificateInfo } from "./certificate-info.ts";
import type { Form } from "./connection-info.ts";
import { findGateAuthority } from "./gate-authority.ts";
import type { GrantWatch } from "./grant-watch.ts";

export interface ByCertificate {
  readonly gate: Gate;
  readonly held: Held;
  readonly target: string;
  /** Where the files go; absolute. */
  readonly folder: string;
  /** Absent: the target's own. */
  readonly database: string | undefined;
  /** Absent: everything. */
  readonly form: Form | undefined;
  readonly watch: GrantWatch;
}

type Out = Run<object>["out"];

/** Returns when it was stopped. Throws why it is over. Either way the files are gone. */
export async function connectByCertificate(out: Out, options: ByCertificate): Promise<void> {
  const { gate, held, target, folder, database, form, watch } = options;
  using files = new CertificateFiles(folder, gate.profiles.folder);
  const { publicKey } = files;
  const fetchNext = () => fetchCertificate(gate.client, held, { target, publicKey, ttlMs: CERTIFICATE_MS });
  const { user, host, port, tls, certificate, database: own } = await fetchNext();
  files.write(await findGateAuthority({ host, port, tls }), certificate);
  const { id, role } = held.grant ?? held.request;
  print(out, form, { user, host, port, database: database ?? own, folder }, { target, role, [held.grant ? "grant" : "request"]: id });
  const over = new AbortController();
  const onSilence = (reason: string): void => out.note(`the certificate is not renewed (${reason}); new connections need it`);
  await untilStopped(async (signal) => {
    const renewal = { fetchNext: async () => (await fetchNext()).certificate, onSilence };
    const renewing = files.keepFresh(renewal, AbortSignal.any([signal, over.signal]));
    try {
      await watch.run(held, signal);
    } finally {
      over.abort();
      await renewing;
    }
  });
}

function print(out: Out, form: Form | undefined, info: CertificateInfo, about: object): void {
  const [url, jdbc] = [certificateUrlOf(info), certificateJdbcUrlOf(info)];
  const everything = { ...about, ...info, url, jdbc };
  switch (form) {
    case "url":
      return out.raw(`${url}\n`);
    case "jdbc":
      return out.raw(`${jdbc}\n`);
    case "env":
      return out.raw(certificateShellLinesOf(info));
    case "json":
      return out.raw(`${encodeJson(everything, 2)}\n`);
    default:
      return out.result(everything, () =>
        out.facts([
          ["host", info.host],
          ["port", info.port],
          ["user", info.user],
          ["database", info.database],
          ["files", `${Object.values(FILES).join(", ")} in ${info.folder}`],
          ["url", url],
          ["jdbc", jdbc],
        ]),
      );
  }
}
