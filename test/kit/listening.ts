import { readFileSync, readdirSync, readlinkSync } from "node:fs";

/** Local addresses (`127.0.0.1:7722`) that a process or any it started listens on, as Linux shows them in /proc. */
export function listeningOf(pid: number): readonly string[] {
  const inodes = new Set([pid, ...descendantsOf(pid)].flatMap(socketInodes));
  return ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, "utf8")
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === "0A" && inodes.has(inode ?? ""))
      .map(([, local = ""]) => readable(local)),
  );
}

export function descendantsOf(pid: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc").filter((each) => /^\d+$/.test(each))) {
    const stat = tryRead(`/proc/${name}/stat`);
    if (stat !== undefined) parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
  }
  const found: number[] = [];
  for (let level = [pid]; level.length > 0;) {
    level = [...parents].filter(([, parent]) => level.includes(parent)).map(([child]) => child);
    found.push(...level);
  }
  return found;
}

function socketInodes(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}

/** `0100007F:1E2A` → `127.0.0.1:7722`; IPv6 stays as hexadecimal digits. */
function readable(local: string): string {
  const [address = "", port = ""] = local.split(":");
  const host = address.length === 8 ? [...Buffer.from(address, "hex")].reverse().join(".") : address;
  return `${host}:${parseInt(port, 16)}`;
}

function tryRead(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
