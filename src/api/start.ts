import type { AddressInfo } from "node:net";
import { GateError } from "../kernel/errors.ts";
import { trustClients } from "./client-certificates.ts";
import { buildApi, type ApiOptions } from "./server.ts";

export interface Api extends AsyncDisposable {
  readonly port: number;
  /** PEM of those whose certificates clients may show from now on; nothing without TLS. */
  readonly trustClients: (authorities: readonly string[]) => void;
}

/** Listening when it resolves. `port` 0 takes a free one. Disposing ends live streams with `gate-stopping` and closes. */
export async function startApi(options: ApiOptions & { readonly port: number }): Promise<Api> {
  const app = await buildApi(options);
  try {
    await app.listen({ host: options.listenHost, port: options.port });
  } catch (cause) {
    await app.close();
    throw new GateError("cannot-listen", `the API on "${options.listenHost}:${options.port}"`, { cause });
  }
  const { port } = app.server.address() as AddressInfo;
  const trust = (clientAuthorities: readonly string[]): void => {
    if (options.tls) trustClients(app, { ...options.tls, clientAuthorities });
  };
  return { port, trustClients: trust, [Symbol.asyncDispose]: async () => await app.close() };
}
