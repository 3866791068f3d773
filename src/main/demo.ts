/**
 * `sallyport demo`: a gate, a small production that misbehaves, two people, and a printed path of commands to copy.
 *
 * Owns: one folder with everything in it, and every process it starts: both are gone at the end.
 * Never: listens beyond the loopback, reads or changes anybody's own profiles, keys or ssh_config, keeps a password.
 */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { planHosts, startEstate } from "./demo/estate.ts";
import { demoConfig } from "./demo/configuration.ts";
import { startDatabase } from "./demo/database.ts";
import { findPostgres } from "./demo/find-postgres.ts";
import { findSshd } from "./demo/find-sshd.ts";
import { openFolder } from "./demo/folder.ts";
import { addPeople, writeSshConfig } from "./demo/people.ts";
import { takePort } from "./demo/ports.ts";
import { findProgram } from "./demo/programs.ts";
import { printWalkthrough } from "./demo/walkthrough.ts";
import { openMasterKey } from "./master-key.ts";
import { readConfig } from "./read-config.ts";
import { runGate } from "./run-gate.ts";

const SSH_PORT = 7722;
const HTTP_PORT = 7700;
const POSTGRES_PORT = 7732;
/** How long everything may take to end before the process goes anyway. */
const STOP_TIMEOUT_MS = 10_000;
const MASTER_KEY_BYTES = 32;

/** Runs until a signal; resolves when everything it started has ended. */
export async function demo({ dataDir }: { readonly dataDir?: string } = {}): Promise<void> {
  const stopped = stopAsked();
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(await openFolder(dataDir));
  const searched = process.env["PATH"] ?? "";
  const found = findSshd(searched);

  // Before the gate's ports are chosen, which others might take meanwhile.
  const started = await startDatabase({ folder: folder.path, port: await takePort(0), places: findPostgres(searched) });
  const database = "why" in started ? undefined : opened.use(started);

  const taken = new Set<number>();
  const ports = {
    ssh: await takePort(SSH_PORT, taken),
    http: await takePort(HTTP_PORT, taken),
    postgres: await takePort(POSTGRES_PORT, taken),
  };
  for (const port of Object.values(ports)) taken.add(port);
  const hosts = await planHosts(found, taken);

  const dataFolder = join(folder.path, "data");
  const masterKeyFile = join(folder.path, "master.key");
  const configFile = join(folder.path, "sallyport.yaml");
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  if (!existsSync(masterKeyFile)) await writeFile(masterKeyFile, `${randomBytes(MASTER_KEY_BYTES).toString("base64")}\n`, { mode: 0o600 });
  await writeFile(configFile, demoConfig({ ports, masterKeyFile, hosts, ...(database && { database }) }));

  const loaded = await readConfig(configFile);
  const masterKey = await openMasterKey(loaded.config.gate.masterKey, { dataDir: dataFolder, demo: true });
  const onFault = (error: unknown): void => console.error("demo: a fault inside the gate:", error);
  const running = opened.use(await runGate({ source: configFile, loaded, dataDir: dataFolder, masterKey, onFault }));
  const { gate, api } = running;
  const estate = opened.use(await startEstate(hosts, { gate, found, folder: folder.path }));

  const url = `http://127.0.0.1:${api.port}`;
  const people = { folder: folder.path, gate, url, command: [process.execPath, process.argv[1] ?? ""] };
  await addPeople(people);
  const sshConfig = findProgram("ssh", { path: searched }) === undefined ? undefined : await writeSshConfig("ana", people);
  await writeFile(join(folder.path, "log.vkey"), `${gate.publishing.vkey}\n`);

  const { stdout } = process;
  const text = printWalkthrough(
    {
      folder: folder.path,
      temporary: folder.temporary,
      sshPort: gate.sshPort,
      url,
      hosts: estate.kind,
      ...(estate.whySimulated !== undefined && { whySimulated: estate.whySimulated }),
      account: hosts[0]?.account ?? "",
      ...(sshConfig !== undefined && { sshConfig }),
      database: started,
      psql: findProgram("psql", { path: searched }) !== undefined,
    },
    {
      colour: stdout.isTTY && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb",
      columns: stdout.isTTY ? stdout.columns : undefined,
    },
  );
  stdout.write(text);
  await stopped;
  stdout.write("\nStopping.\n");
  setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
  // Before the hosts and the database: who is still in is told that the gate stops.
  await running[Symbol.asyncDispose]();
}

/**
 * The first Ctrl-C, SIGTERM, or the end of the terminal. Further ones change nothing: npm sends each signal a second
 * time. What cannot be written any more must not keep things from being put away, so that it is a reason to stop, too.
 */
function stopAsked(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve());
    for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners("error").on("error", () => resolve());
  });
}
