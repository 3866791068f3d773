/** The commands of a simulated host: each a function of its arguments and what is piped into it. */
import { type FileTree, resolvePath } from "./file-tree.ts";

export interface Place {
  readonly host: string;
  readonly account: string;
  readonly home: string;
  readonly tree: FileTree;
  readonly startedAt: number;
  cwd: string;
}

export interface Outcome {
  readonly out: string;
  readonly errors: string;
  readonly status: number;
  /** What is appended to this file follows, until the session ends or Ctrl-C. */
  readonly follow?: string;
  readonly leave?: true;
}

type Command = (args: readonly string[], input: string | undefined, place: Place) => Outcome;

const done = (out: string): Outcome => ({ out, errors: "", status: 0 });
const failed = (errors: string, status = 1): Outcome => ({ out: "", errors: `${errors}\n`, status });
const linesOf = (text: string): string[] => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));
const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");

export const HELP = `This host is simulated: files are in memory and nothing here can be broken.
  ls cat head tail [-f] grep wc     look at files, also with |
  cd pwd echo date hostname whoami  the usual
  ps uptime df                      how the host is
  help exit`;

export const COMMANDS: Readonly<Record<string, Command>> = {
  help: () => done(`${HELP}\n`),
  exit: ([status = "0"]) => ({ ...done(""), status: Number(status) & 255, leave: true }),
  logout: () => ({ ...done(""), leave: true }),
  true: () => done(""),
  false: () => ({ ...done(""), status: 1 }),
  pwd: (_, __, { cwd }) => done(`${cwd}\n`),
  echo: (args) => done(`${args.join(" ")}\n`),
  hostname: (_, __, { host }) => done(`${host}\n`),
  whoami: (_, __, { account }) => done(`${account}\n`),
  date: () => done(`${new Date().toUTCString()}\n`),

  cd: ([path], _, place) => {
    const to = resolvePath(place.cwd, path ?? place.home);
    if (!place.tree.isDirectory(to)) return failed(`cd: ${path}: no such directory`);
    place.cwd = to;
    return done("");
  },

  ls: (args, _, { tree, cwd }) => {
    const paths = args.filter((arg) => !arg.startsWith("-"));
    const listed: string[] = [];
    for (const path of paths.length > 0 ? paths : ["."]) {
      const full = resolvePath(cwd, path);
      if (tree.read(full) !== undefined) listed.push(path);
      else if (tree.isDirectory(full))
        listed.push(...tree.list(full).map((name) => (tree.isDirectory(resolvePath(full, name)) ? `${name}/` : name)));
      else return failed(`ls: ${path}: no such file or directory`, 2);
    }
    return done(textOf(listed));
  },

  cat: (args, input, place) => withFiles("cat", args, input, place, (files) => done(files.map(({ text }) => text).join(""))),

  head: (args, input, place) => {
    const { count, rest } = countOf(args);
    return withFiles("head", rest, input, place, ([file]) => done(textOf(linesOf(file?.text ?? "").slice(0, count))));
  },

  tail: (args, input, place) => {
    const follow = args.some((arg) => arg === "-f" || arg === "-F");
    const { count, rest } = countOf(args.filter((arg) => arg !== "-f" && arg !== "-F"));
    return withFiles("tail", rest, input, place, ([file]) => {
      const shown = done(textOf(count === 0 ? [] : linesOf(file?.text ?? "").slice(-count)));
      return follow && file?.path !== undefined ? { ...shown, follow: file.path } : shown;
    });
  },

  wc: (args, input, place) =>
    withFiles(
      "wc",
      args.filter((arg) => !arg.startsWith("-")),
      input,
      place,
      (files) => {
        const rows = files.map(({ name, text }) => {
          const counts = [linesOf(text).length, text.split(/\s+/).filter((word) => word !== "").length, Buffer.byteLength(text)];
          const shown = args.includes("-l") ? counts.slice(0, 1) : counts;
          return `${shown.join(" ")}${name === "" ? "" : ` ${name}`}`;
        });
        return done(textOf(rows));
      },
    ),

  grep: (args, input, place) => {
    const flags = args.filter((arg) => /^-[a-zA-Z]+$/.test(arg)).join("");
    const [pattern, ...names] = args.filter((arg) => !/^-[a-zA-Z]+$/.test(arg));
    if (pattern === undefined) return failed("usage: grep [-c] [-i] [-v] WORDS [FILE...]", 2);
    // Words, not an expression: whoever types one here must not be able to keep the gate's process busy.
    const wanted = flags.includes("i") ? pattern.toLowerCase() : pattern;
    const matches = (line: string): boolean => (flags.includes("i") ? line.toLowerCase() : line).includes(wanted) !== flags.includes("v");
    return withFiles("grep", names, input, place, (files) => {
      const found = files.flatMap(({ name, text }) => {
        const lines = linesOf(text).filter(matches);
        const start = files.length > 1 ? `${name}:` : "";
        return (flags.includes("c") ? [String(lines.length)] : lines).map((line) => start + line);
      });
      return { ...done(textOf(found)), status: found.length > 0 ? 0 : 1 };
    });
  },

  ps: (_, __, { account }) =>
    done(
      textOf([
        "  PID USER     COMMAND",
        "    1 root     /sbin/init",
        "  412 root     sshd",
        "  731 checkout /srv/checkout/bin/checkout",
        `  902 ${account.padEnd(8)} -sh`,
      ]),
    ),

  uptime: (_, __, { startedAt }) => {
    const minutes = 18 + Math.floor((Date.now() - startedAt) / 60_000);
    return done(`up 41 days, since the last deploy ${minutes} min, load average: 0.31, 0.28, 0.25\n`);
  },

  df: () => done(textOf(["Filesystem  Size  Used  Avail  Use%  Mounted on", "/dev/vda1    40G   11G    29G   28%  /"])),
};

interface NamedText {
  readonly name: string;
  readonly text: string;
  readonly path?: string;
}

function withFiles(
  command: string,
  names: readonly string[],
  input: string | undefined,
  { tree, cwd }: Place,
  use: (files: readonly NamedText[]) => Outcome,
): Outcome {
  if (names.length === 0) return input === undefined ? failed(`${command}: which file?`, 2) : use([{ name: "", text: input }]);
  const files: NamedText[] = [];
  for (const name of names) {
    const path = resolvePath(cwd, name);
    const text = tree.read(path);
    if (text === undefined) return failed(`${command}: ${name}: ${tree.isDirectory(path) ? "is a directory" : "no such file"}`, 2);
    files.push({ name, text, path });
  }
  return use(files);
}

/** `-n 5`, `-n5`, `-5`. */
function countOf(args: readonly string[]): { count: number; rest: readonly string[] } {
  let count = 10;
  const rest: string[] = [];
  for (let i = 0; i < args.length; i += 1) {
    const arg = args[i] ?? "";
    const short = /^-n?(\d{1,6})$/.exec(arg);
    if (short) count = Number(short[1]);
    else if (arg === "-n") count = Number(args[(i += 1)] ?? 10) || 0;
    else rest.push(arg);
  }
  return { count, rest };
}
