/** `sallyport serve`: one gate in this process, until it is told to stop. */
import { pino } from "pino";
import { waitingForStart } from "../config/at-start.ts";
import { readConfig } from "./read-config.ts";
import { openMasterKey } from "./master-key.ts";
import { runGate } from "./run-gate.ts";

/** How long sessions and writes may take to end before the process goes anyway. */
const STOP_TIMEOUT_MS = 10_000;

export async function serve({ configPath, dataDir }: { readonly configPath: string; readonly dataDir: string }): Promise<void> {
  const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime });
  const loaded = await readConfig(configPath);
  for (const warning of loaded.warnings) log.warn(warning);
  const masterKey = await openMasterKey(loaded.config.gate.masterKey, { dataDir });
  const onFault = (error: unknown): void => log.error({ err: error }, "a fault inside the gate");
  const running = await runGate({ source: configPath, loaded, dataDir, masterKey, onFault });
  const { gate, api } = running;
  const { ssh, http, public: reach } = loaded.config.gate;
  log.info(
    {
      ssh: `${ssh.host}:${gate.sshPort}`,
      ...(gate.postgres && { postgres: `${gate.postgres.host}:${gate.postgres.port}` }),
      api: `${http.host}:${api.port}`,
      url: reach.url,
      log: gate.publishing.vkey,
    },
    "the gate is open",
  );
  if (gate.recovered > 0) log.warn({ sessions: gate.recovered }, "sessions that were live at the last stop were closed as lost");
  if (gate.setupSecret) {
    // To the terminal and not to the log: it opens the gate once.
    const { groups } = loaded.config;
    const owner = [...groups.values()].flat().find((name) => gate.isOwner(name)) ?? "NAME";
    // The secret is for the prompt, not for the command line: other users of this machine can read command lines.
    const command = `sallyport login --url ${reach.url} --user ${owner} --setup`;
    const secret = gate.setupSecret.reveal();
    process.stderr.write(
      `\nThis gate has no users yet. Become its first owner, once:\n\n  ${command}\n\nIt asks for this secret: ${secret}\n\n`,
    );
  }
  const reload = (): void => {
    gate.configuration.reload("gate").then((result) => {
      if (result.outcome === "refused")
        log.error({ problems: result.problems.map(({ message }) => message) }, "the configuration was refused; the old one stays");
      else {
        log.info({ outcome: result.outcome, diff: result.diff }, "configuration read again");
        const settings = waitingForStart(result.diff);
        if (settings.length > 0) log.warn({ settings }, "these are read at the start only: restart the gate for them");
      }
    }, onFault);
  };
  process.on("SIGHUP", reload);
  const signal = await stopSignal();
  log.info({ signal }, "stopping");
  const late = setTimeout(() => {
    log.error("not everything ended in time");
    process.exit(1);
  }, STOP_TIMEOUT_MS);
  process.off("SIGHUP", reload);
  await running[Symbol.asyncDispose]();
  // Kept for what holds the process without being part of the gate: an anchor's mount that hangs.
  late.unref();
}

export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve(signal));
  });
}
