/** `npm run bench [-- --json] [policy|store|ssh|postgres …]`: what is measured and what it means is in bench/README.md. */
import { benchPolicy } from "./policy.ts";
import type { Result } from "./result.ts";
import { benchPostgres } from "./postgres.ts";
import { benchSsh } from "./ssh.ts";
import { benchStore } from "./store.ts";
import { benchWatched } from "./watched.ts";

const BENCHES: Readonly<Record<string, () => AsyncIterable<Result>>> = {
  policy: benchPolicy,
  store: benchStore,
  ssh: () => benchSsh(),
  postgres: () => benchPostgres(),
  watched: benchWatched,
};
/** Parts of `ssh` and `postgres`, to be asked for by name. */
const PARTS: typeof BENCHES = {
  "ssh.bulk": () => benchSsh(["bulk"]),
  "ssh.echo": () => benchSsh(["echo"]),
  "ssh.terminal": () => benchSsh(["terminal"]),
  "ssh.connect": () => benchSsh(["connect"]),
  "ssh.idle": () => benchSsh(["idle"]),
  "ssh.stalled": () => benchSsh(["stalled"]),
  "postgres.statements": () => benchPostgres(["statements"]),
  "postgres.one": () => benchPostgres(["one"]),
  "postgres.rows": () => benchPostgres(["rows"]),
  "postgres.beside": () => benchPostgres(["beside"]),
  "postgres.power": () => benchPostgres(["power"]),
};

const asked = process.argv.slice(2);
const json = asked.includes("--json");
const chosen = asked.filter((arg) => arg !== "--json");
const known = { ...BENCHES, ...PARTS };
const unknown = chosen.filter((name) => !Object.hasOwn(known, name));
if (unknown.length > 0) {
  console.error(`There is no bench "${unknown.join('", "')}"; there are ${Object.keys(known).join(", ")}`);
  process.exit(2);
}
for (const [name, bench] of Object.entries(chosen.length > 0 ? known : BENCHES)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  for await (const result of bench()) {
    const { value, unit, vs } = result;
    console.log(
      json
        ? JSON.stringify(result)
        : `${result.name.padEnd(40)} ${value.toPrecision(4).padStart(10)} ${unit}${vs === undefined ? "" : ` (vs ${vs})`}`,
    );
  }
}
