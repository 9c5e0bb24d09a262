import type { Command, Option } from "commander";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** A command of the program: what may follow it. */
interface Place {
  /** The words that lead to it: `/webhooks/sync`; the program itself is the empty one. */
  path: string;
  /** Commands, and the values of its argument. */
  words: { word: string; description: string }[];
  options: Option[];
}

/** A script for the shell, made from the program's own commands and options. */
export function completions(program: Command, shell: Shell): string {
  const places = placesOf(program);
  const name = program.name();
  if (shell === "fish") return fish(name, places);
  return shell === "zsh" ? `${ZSH}${bash(name, places)}` : bash(name, places);
}

function placesOf(command: Command, path = ""): Place[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command);
  const values = command.registeredArguments.flatMap(({ argChoices = [], description }) =>
    argChoices.map((word) => ({ word, description })),
  );
  const place = {
    path,
    words: [
      ...commands.map((one) => ({ word: one.name(), description: one.description() })),
      ...values,
    ],
    options: [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)],
  };
  return [place, ...command.commands.flatMap((one) => placesOf(one, `${path}/${one.name()}`))];
}

/** zsh runs bash's completions itself. */
const ZSH = `autoload -U +X compinit && compinit
autoload -U +X bashcompinit && bashcompinit
`;

const flagsOf = ({ long, short }: Option) => [long, short].flatMap((flag) => flag ?? []);
const takesValue = ({ required, optional }: Option) => required || optional;
const takesFolder = ({ flags }: Option) => /[<[]folder/.test(flags);
const functionOf = (name: string) => `_${name.replaceAll("-", "_")}`;

function bash(name: string, places: Place[]): string {
  const words = places.map(
    ({ path, words, options }) =>
      `    "${path}") words="${[...words.map(({ word }) => word), ...options.flatMap(flagsOf)].join(" ")}" ;;`,
  );
  const values = places.flatMap(({ path, options }) =>
    options.filter(takesValue).map((option) => {
      const at = flagsOf(option).map((flag) => `"${path} ${flag}"`);
      const given = takesFolder(option) ? "-d" : `-W "${(option.argChoices ?? []).join(" ")}"`;
      return `    ${at.join(" | ")}) COMPREPLY=($(compgen ${given} -- "$current")); return ;;`;
    }),
  );
  const paths = places.flatMap(({ path }) => (path === "" ? [] : `"${path}"`));
  return `${functionOf(name)}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local place="" words="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$place/\${COMP_WORDS[i]}" in
    ${paths.join(" | ")}) place="$place/\${COMP_WORDS[i]}" ;;
    esac
  done
  case "$place $previous" in
${values.join("\n")}
  esac
  case "$place" in
${words.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F ${functionOf(name)} ${name}
`;
}

function fish(name: string, places: Place[]): string {
  const at = `_${functionOf(name)}_at`;
  const lines = places.flatMap(({ path, words, options }) => {
    const line = `complete -c ${name} -n '${at} "${path}"'`;
    return [
      ...words.map(({ word, description }) => `${line} -a ${word} -d ${quoted(description)}`),
      ...options.map((option) => `${line}${fishOption(option)}`),
    ];
  });
  const paths = places.flatMap(({ path }) => (path === "" ? [] : path));
  return `function ${at}
  set -l place ""
  for word in (commandline -opc)[2..-1]
    if contains -- "$place/$word" ${paths.join(" ")}
      set place "$place/$word"
    end
  end
  test "$place" = "$argv[1]"
end
complete -c ${name} -f
${lines.join("\n")}
`;
}

function fishOption(option: Option): string {
  const { long, short, argChoices = [], description } = option;
  const flags = `${long ? ` -l ${long.slice(2)}` : ""}${short ? ` -s ${short.slice(1)}` : ""}`;
  const values = takesFolder(option) ? "(__fish_complete_directories)" : argChoices.join(" ");
  const value = takesValue(option) ? ` -x${values ? ` -a '${values}'` : ""}` : "";
  return `${flags}${value} -d ${quoted(description)}`;
}

const quoted = (text: string) => `'${text.replace(/[\\']/g, "\\$&")}'`;
