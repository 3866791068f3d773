/** Command lines of a simulated host: quotes, `|` and `;`. No variables, no redirection, nothing that starts a program. */
import { COMMANDS, type Outcome, type Place } from "./simulated-commands.ts";

/** The pipelines of a line, each a list of commands, each a list of words; undefined: a quote is not closed. */
export function parseLine(line: string): string[][][] | undefined {
  const pipelines: string[][][] = [[[]]];
  let word: string | undefined;
  let quote: string | undefined;
  const current = (): string[] => pipelines.at(-1)?.at(-1) ?? [];
  const endWord = (): void => {
    if (word !== undefined) current().push(word);
    word = undefined;
  };
  for (const character of line) {
    if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else word = (word ?? "") + character;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= "";
    } else if (character === "|" || character === ";" || character === "\n") {
      endWord();
      if (character === "|") pipelines.at(-1)?.push([]);
      else pipelines.push([[]]);
    } else if (/\s/.test(character)) endWord();
    else word = (word ?? "") + character;
  }
  endWord();
  return quote === undefined ? pipelines.filter((commands) => commands.some((words) => words.length > 0)) : undefined;
}

export function runLine(line: string, place: Place): Outcome {
  const pipelines = parseLine(line);
  if (pipelines === undefined) return { out: "", errors: "sh: a quote is not closed\n", status: 2 };
  let [out, errors, status] = ["", "", 0];
  for (const commands of pipelines) {
    const last = runPipeline(commands, place);
    out += last.out;
    errors += last.errors;
    ({ status } = last);
    if (last.follow !== undefined || last.leave) return { ...last, out, errors };
  }
  return { out, errors, status };
}

function runPipeline(commands: readonly (readonly string[])[], place: Place): Outcome {
  let input: string | undefined;
  let errors = "";
  let last: Outcome = { out: "", errors: "", status: 0 };
  for (const [name = "", ...args] of commands) {
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    last = command?.(args, input, place) ?? { out: "", errors: `sh: ${name}: not on this simulated host; see help\n`, status: 127 };
    errors += last.errors;
    input = last.out;
  }
  return { ...last, errors };
}
