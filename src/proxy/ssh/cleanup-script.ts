/**
 * What the gate runs on a host after it cut a session: ends the processes that the session left behind, and says which.
 *
 * They are found by SSH_CONNECTION in the environment they were started with: the addresses and ports of one TCP
 * connection, the same in every channel of it and in no other. The script runs in such a channel itself, so it leaves out
 * itself, what it stands under and what it starts. A process that changed its environment on purpose is not found:
 * `KillUserProcesses` on the host (`sallyport host add`) is what holds those.
 *
 * POSIX sh, no single quotes (the whole is in some), no newlines (any login shell takes it), fractions of `sleep` where
 * there are any. Answers in lines: `ended PID NAME`, `left PID NAME`, and `done` last.
 */
const SCRIPT = [
  `[ -n "$SSH_CONNECTION" ] || exit 1`,
  `nap() { sleep "$1" 2>/dev/null || sleep 1; }`,
  // Field 4 of /proc/PID/stat is the parent; the name in field 2 may hold blanks and brackets.
  `parent() { read -r s 2>/dev/null < "/proc/$1/stat" || return 1; s="\${s##*) }"; set -- $s; echo "$2"; }`,
  `up=" "`,
  `p=$$`,
  `while [ "\${p:-0}" -gt 1 ]; do up="$up$p "; p=$(parent "$p") || break; done`,
  `isours() { tr "\\000" "\\n" < "/proc/$1/environ" 2>/dev/null | grep -qxF "SSH_CONNECTION=$SSH_CONNECTION"; }`,
  `isalive() { read -r s 2>/dev/null < "/proc/$1/stat" || return 1; s="\${s##*) }"; case "$s" in Z*|X*) return 1;; esac; return 0; }`,
  [
    `list() { for f in $(grep -lsF "SSH_CONNECTION=$SSH_CONNECTION" /proc/[0-9]*/environ); do`,
    `p="\${f#/proc/}"; p="\${p%/environ}"; case "$up" in *" $p "*) continue;; esac;`,
    `isalive "$p" || continue; [ "$(parent "$p")" = "$$" ] && continue; isours "$p" && echo "$p"; done; }`,
  ].join(" "),
  `all=" "`,
  `left=""`,
  // What is forked meanwhile is found in the next round.
  [
    `for round in 1 2 3 4; do left=$(list); [ -n "$left" ] || break;`,
    `for p in $left; do case "$all" in *" $p "*) ;; *) all="$all$p "; n=; read -r n 2>/dev/null < "/proc/$p/comm"; echo "ended $p $n";; esac;`,
    // Only the first time politely; what is stopped must run to take a signal.
    `if [ "$round" = 1 ]; then kill -HUP "$p"; kill -TERM "$p"; kill -CONT "$p"; else kill -KILL "$p"; fi 2>/dev/null; done;`,
    `if [ "$round" = 1 ]; then for i in 1 2 3 4 5; do nap 0.1; [ -n "$(list)" ] || break; done; else nap 0.1; fi; done`,
  ].join(" "),
  `for p in $(list); do n=; read -r n 2>/dev/null < "/proc/$p/comm"; echo "left $p $n"; done`,
  `echo done`,
].join("; ");

export const CLEANUP_COMMAND = `exec sh -c '${SCRIPT}'`;

export interface CleanupReport {
  readonly outcome: "none" | "ended" | "left";
  /** `NAME (PID)`: those that are left, or else those that were ended. */
  readonly processes: readonly string[];
  readonly detail?: string;
}

const MAX_PROCESSES = 32;
const LINE = /^(ended|left) (\d{1,10}) (.*)$/;

/** Untrusted: the host wrote it, and processes choose their names. `why`: what kept the script from finishing, if known. */
export function parseCleanupOutput(text: string, why?: string): CleanupReport {
  const lines = text.split("\n").map((line) => line.replace(/\r$/, ""));
  const ended = new Map<string, string>();
  const left = new Map<string, string>();
  for (const line of lines) {
    const [, what, pid = "", name = ""] = LINE.exec(line) ?? [];
    if (what !== undefined) (what === "left" ? left : ended).set(pid, `${name.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 32)} (${pid})`);
  }
  const isDone = lines.includes("done");
  const processes = [...(left.size > 0 ? left : ended).values()];
  const shown = processes.slice(0, MAX_PROCESSES);
  const details = [
    ...(isDone ? [] : [why ?? "the host did not finish looking for processes"]),
    ...(shown.length < processes.length ? [`and ${processes.length - shown.length} more`] : []),
  ];
  const outcome = left.size > 0 || !isDone ? "left" : ended.size > 0 ? "ended" : "none";
  return { outcome, processes: shown, ...(details.length > 0 && { detail: details.join("; ") }) };
}
