/**
 * Who may import whom. The folder of a file under src/ is its layer; this table says which other layers it may
 * import, and which ones for types only. Anything not written here is an error: default deny.
 * `npm run check` runs it; `--print` writes the table as Markdown for ARCHITECTURE.md.
 */
import { readFileSync, globSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

type Layers = Record<string, { values: readonly string[]; types: readonly string[]; why: string }>;

export const LAYERS: Layers = {
  kernel: { values: [], types: [], why: "error registry, Secret, ids, clock, random: what everything stands on" },
  "wire/*": { values: ["kernel"], types: [], why: "pure codecs, bytes ⇄ messages: no sockets, no policy" },
  policy: { values: ["kernel"], types: [], why: "decide(role, action) → Decision" },
  audit: { values: ["kernel"], types: [], why: "events, Merkle log, checkpoints, recordings" },
  access: { values: ["kernel", "policy"], types: ["audit"], why: "requests, approvals, grants, rules: a pure state machine and its port" },
  identity: {
    values: ["kernel", "audit", "wire/ssh", "wire/postgres", "wire/x509"],
    types: [],
    why: "who is it: users, keys, tokens, certificate authorities, SCRAM verifiers",
  },
  watch: { values: ["kernel", "policy"], types: ["audit", "access"], why: "limits, notifications, locks" },
  session: {
    values: ["kernel", "identity", "access", "policy", "audit", "watch"],
    types: [],
    why: "authenticate → authorize → open → decide·record·forward → close; the only maker of a Permit, the only dialer",
  },
  "proxy/*": {
    values: ["kernel", "session", "wire/<same>"],
    types: ["policy", "audit", "identity", "access"],
    why: "one protocol each; never another protocol, the store, the API",
  },
  terminal: {
    values: ["kernel", "contract", "wire/ssh"],
    types: ["identity", "session"],
    why: "terminals and files in browsers: an ssh client inside the gate, which comes through the ssh door like every other",
  },
  report: { values: ["kernel"], types: ["audit", "access", "session"], why: "the four questions, reviews, evidence" },
  contract: { values: ["kernel"], types: ["audit", "policy"], why: "the HTTP API as data" },
  config: { values: ["kernel", "access", "policy"], types: [], why: "schema → load → explain" },
  store: {
    values: ["kernel", "audit"],
    types: ["access", "identity", "session", "watch"],
    why: "SQL for the ports that the layers above declare",
  },
  api: {
    values: ["kernel", "contract"],
    types: ["access", "identity", "audit", "session", "config", "policy", "watch", "terminal"],
    why: "handlers, a file a resource",
  },
  cli: {
    values: ["kernel", "contract", "config", "audit", "wire/postgres"],
    types: [],
    why: "commands, a file a verb; `connect` speaks PostgreSQL to the clients of its machine; `serve` and `demo` load main when called",
  },
  main: { values: ["*"], types: ["*"], why: "composition root: the only place that knows concretes" },
};

/** `proxy/ssh/relay.ts` → `proxy/ssh`; `audit/log.ts` → `audit`. */
function layerOf(path: string): string {
  const [first, second] = path.split("/");
  return first === "wire" || first === "proxy" ? `${first}/${second}` : (first ?? "");
}

function allowed(from: string, to: string, typeOnly: boolean): boolean {
  if (from === to) return true;
  const [family, protocol] = from.split("/");
  const entry = LAYERS[from] ?? LAYERS[`${family}/*`];
  if (!entry) return false;
  const list = typeOnly ? [...entry.values, ...entry.types] : entry.values;
  return list.some((name) => name === "*" || name === to || name.replace("<same>", protocol ?? "") === to);
}

const IMPORT = /^(import|export)\s+(type\s+)?([^;]*?)from\s+"(\.[^"]+)"|import\("(\.[^"]+)"\)/gm;

function problems(): string[] {
  const found: string[] = [];
  for (const file of globSync("src/**/*.ts").sort()) {
    if (file.endsWith(".test.ts")) continue;
    const inside = file.slice("src/".length);
    const text = readFileSync(file, "utf8");
    for (const match of text.matchAll(IMPORT)) {
      const target = match[4] ?? match[5] ?? "";
      const resolved = normalize(join(dirname(inside), target));
      const [from, to] = [layerOf(inside), layerOf(resolved)];
      const typeOnly = match[2] !== undefined;
      // The two verbs that start a gate load the composition root when called, so that every other verb starts fast.
      if (from === "cli" && to === "main" && match[5] !== undefined) continue;
      if (resolved.startsWith("..") || !allowed(from, to, typeOnly)) {
        const line = text.slice(0, match.index).split("\n").length;
        found.push(`src/${inside}:${line}: layer "${from}" must not import "${to}" (${target})`);
      }
    }
  }
  return found;
}

/** The console knows the contract, by its types alone: schemas and all that only the gate needs stay out of the browser. */
function problemsOfConsole(): string[] {
  const found: string[] = [];
  for (const file of globSync("web/src/**/*.{ts,tsx}").sort()) {
    if (file.endsWith(".test.ts")) continue;
    const text = readFileSync(file, "utf8");
    for (const match of text.matchAll(IMPORT)) {
      const target = match[4] ?? match[5] ?? "";
      const resolved = normalize(join(dirname(file), target));
      if (resolved.startsWith("web/src/") || (resolved.startsWith("src/contract/") && match[2] !== undefined)) continue;
      found.push(`${file}: the console must not import "${target}", but for types of the contract`);
    }
  }
  return found;
}

if (process.argv.includes("--print")) {
  console.log("| layer | may import | types only | what it is |\n| --- | --- | --- | --- |");
  for (const [name, { values, types, why }] of Object.entries(LAYERS)) {
    console.log(`| \`${name}\` | ${values.join(", ") || "–"} | ${types.join(", ") || "–"} | ${why} |`);
  }
} else {
  const found = [...problems(), ...problemsOfConsole()];
  for (const line of found) console.error(line);
  if (found.length > 0) {
    console.error(`${found.length} imports break the layers (scripts/check-layers.ts)`);
    process.exitCode = 1;
  }
}
