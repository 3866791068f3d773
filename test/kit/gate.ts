import { createPublicKey } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig } from "../../src/config/load.ts";
import { formatProblem } from "../../src/config/problem.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import type { PrincipalName } from "../../src/kernel/ids.ts";
import { systemRandom } from "../../src/kernel/random.ts";
import { Secret } from "../../src/kernel/secret.ts";
import { findFreePort } from "./free-port.ts";
import { openGate, type Gate } from "../../src/main/gate.ts";
import { encodePrivateKey, generateEd25519 } from "../../src/wire/ssh/keys/private-key.ts";
import { encodePublicKeyLine, publicKeyBlob } from "../../src/wire/ssh/keys/public-key.ts";

export interface TestGate extends AsyncDisposable {
  readonly gate: Gate;
  /** Scratch folder: data, keys, configuration. */
  readonly dir: string;
  readonly configPath: string;
  /** Faults the gate reported; a test that expects none checks that it is empty. */
  readonly faults: unknown[];
  /** Creates a user with a fresh ed25519 key; returns the path of the private key. */
  addPerson(name: string): Promise<string>;
}

/** The first account, for everything a test needs an administrator for. */
export const OWNER = "olga";
export const OWNER_PASSWORD = "a long enough password";

/** A whole gate in this process, on free loopback ports, with the given `sallyport.yaml` but for its `gate:` block. */
export async function startGate(
  yaml: string,
  options: { clock?: Clock; durability?: "process" | "power"; limits?: string; postgres?: boolean } = {},
): Promise<TestGate> {
  const dir = await mkdtemp(join(tmpdir(), "sallyport-gate-"));
  const configPath = join(dir, "sallyport.yaml");
  const header = `version: 1
gate:
  name: test.example
  node: a
  ssh: 127.0.0.1:${await findFreePort()}
  http: 127.0.0.1:${await findFreePort()}
${options.limits?.includes("  public:") === true ? "" : '  public: { url: "http://localhost:7700" }'}
  masterKey: file:${join(dir, "master.key")}
  durability: ${options.durability ?? "process"}
${options.postgres === true ? `  postgres: 127.0.0.1:${await findFreePort()}` : ""}
${options.limits ?? ""}
`;
  const text = header + yaml;
  await writeFile(configPath, text);
  const parsed = parseConfig(text, configPath);
  if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join("\n"));
  const faults: unknown[] = [];
  const gate = await openGate({
    source: configPath,
    loaded: { config: parsed.config, text },
    dataDir: join(dir, "data"),
    masterKey: new Secret(Buffer.alloc(32, 7)),
    onFault: (error) => faults.push(error),
    ...(options.clock && { clock: options.clock }),
  });
  const context = { door: "machine-console", remote: "127.0.0.1:1" } as const;
  if (gate.setupSecret) {
    const done = await gate.identity.setup(gate.setupSecret, { owner: OWNER, password: new Secret(OWNER_PASSWORD) }, context);
    if ("allowed" in done) throw new Error(`set-up failed: ${done.code} ${done.detail ?? ""}`);
  }
  const owner = { name: OWNER as PrincipalName, groups: ["owners"] };
  return {
    gate,
    dir,
    configPath,
    faults,
    addPerson: async (name) => {
      if (name !== OWNER) {
        const created = await gate.identity.createUser(owner, { name, type: "human" });
        if ("allowed" in created) throw new Error(`user "${name}": ${created.code} ${created.detail ?? ""}`);
      }
      const privateKey = generateEd25519();
      const blob = publicKeyBlob(createPublicKey(privateKey));
      const path = join(dir, `id_${name}`);
      await writeFile(path, encodePrivateKey(privateKey, name, systemRandom), { mode: 0o600 });
      const added = await gate.identity.addKey(owner, name as PrincipalName, encodePublicKeyLine(blob, name));
      if ("allowed" in added) throw new Error(`key of "${name}": ${added.code} ${added.detail ?? ""}`);
      return path;
    },
    [Symbol.asyncDispose]: async () => {
      await gate[Symbol.asyncDispose]();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
