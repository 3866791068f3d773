import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { UsageError } from "../usage-error.ts";
import { verb } from "../verb.ts";

export function addCompletion(program: Command, cli: Cli): void {
  verb(
    cli,
    program,
    {
      usage: "completion <shell>",
      summary: "Completion of verbs and options for bash or zsh",
      examples: [
        ["sallyport completion bash > ~/.local/share/bash-completion/completions/sallyport", "for every new shell"],
        ['eval "$(sallyport completion zsh)"', "for this shell"],
      ],
    },
    () => undefined,
    ({ args, out }) => {
      const [shell] = args;
      if (shell !== "bash" && shell !== "zsh") throw new UsageError(`There is no completion for "${shell}"`, "Use bash or zsh");
      const lines = wordsOf(program, []).map(([path, words]) => `    "${path}") words="${words.join(" ")}" ;;`);
      const script = `${shell === "zsh" ? "autoload -U +X bashcompinit && bashcompinit\n" : ""}_sallyport() {
  local word path="" words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) path="$path $word" ;; esac
  done
  # The longest beginning of what was typed that names a verb.
  while :; do
    case "\${path# }" in
${lines.join("\n")}
    esac
    [ -n "$words" ] || [ -z "$path" ] && break
    path="\${path% *}"
  done
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _sallyport sallyport ./sallyport
`;
      if (out.json) out.result({ shell, script }, () => script);
      else out.raw(script);
    },
  );
}

/** For each verb its sub-verbs and options. */
function wordsOf(command: Command, path: readonly string[]): (readonly [path: string, words: readonly string[]])[] {
  const options = command.options.flatMap(({ long }) => (long === undefined ? [] : [long]));
  const words = [...command.commands.map((each) => each.name()), ...options, "--help"];
  return [[path.join(" "), words], ...command.commands.flatMap((each) => wordsOf(each, [...path, each.name()]))];
}
