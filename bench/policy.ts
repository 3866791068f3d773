import { bothDecider } from "../src/policy/decide.ts";
import type { Role } from "../src/policy/role.ts";
import { median, type Result } from "./result.ts";

const ROUNDS = 5;
const DECISIONS = 1_000_000;

/** One decision about a command, by the role as approved and the role now. */
export async function* benchPolicy(): AsyncIterable<Result> {
  const role: Role = {
    name: "debug",
    ssh: {
      account: "infra",
      shell: true,
      exec: ["uptime", "df -h", "free -m", "journalctl -u checkout"],
      files: "read",
      env: ["LANG", "LC_*"],
    },
    gate: [],
    budget: {},
    recording: { exec: "full" },
  };
  const decide = bothDecider(role, role);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    let allowed = 0;
    for (let count = 0; count < DECISIONS; count++) {
      if (decide({ kind: "ssh.exec", command: count % 2 === 0 ? "df -h" : "rm -rf /" }).allowed === true) allowed += 1;
    }
    if (allowed !== DECISIONS / 2) throw new Error("the policy decided something else");
    times.push(((performance.now() - start) * 1e6) / DECISIONS);
  }
  yield { name: "policy.decision", value: median(times), unit: "ns" };
}
