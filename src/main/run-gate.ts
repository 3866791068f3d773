/** A gate with its API on top: what `serve` and `demo` run. */
import { fileURLToPath } from "node:url";
import { readConsoleFiles } from "../api/console-files.ts";
import { buildHandlers } from "../api/handlers.ts";
import { startApi, type Api } from "../api/start.ts";
import { resolveSecret } from "../config/secrets.ts";
import { systemRandom } from "../kernel/random.ts";
import { openGate, type Gate, type GateOptions } from "./gate.ts";
import { gateServices } from "./services.ts";
import { clientAuthorities } from "./workloads.ts";

/** Made by `npm run build:web`, which `npm ci` runs. */
const CONSOLE = fileURLToPath(new URL("../../web/dist", import.meta.url));

export interface RunningGate extends AsyncDisposable {
  readonly gate: Gate;
  readonly api: Api;
}

export async function runGate(options: GateOptions): Promise<RunningGate> {
  const { http, public: reach } = options.loaded.config.gate;
  await using opened = new AsyncDisposableStack();
  const gate = opened.use(await openGate(options));
  const services = gateServices(gate, options.dataDir, options.clock);
  const { handlers } = opened.use(buildHandlers(services, options.random ?? systemRandom));
  const authorities = (): Promise<readonly string[]> => clientAuthorities(gate.configuration.current, options.onFault);
  const tls = http.tls && {
    cert: (await resolveSecret(http.tls.cert)).reveal(),
    key: (await resolveSecret(http.tls.key)).reveal(),
    clientAuthorities: await authorities(),
  };
  const api = opened.use(
    await startApi({
      handlers,
      guard: gate.identity,
      locks: gate.locks,
      random: options.random ?? systemRandom,
      listenHost: http.host,
      port: http.port,
      publicUrl: reach.url,
      ...(tls && { tls }),
      console: readConsoleFiles(CONSOLE),
      onFailure: options.onFault,
    }),
  );
  gate.configuration.subscribe(async () => api.trustClients(await authorities()));
  const everything = opened.move();
  return { gate, api, [Symbol.asyncDispose]: () => everything.disposeAsync() };
}
