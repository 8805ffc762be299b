/** What the commands say of themselves, as manual pages and as completions for shells: made from the very tree that parses the arguments,
 *  so that neither can say anything else. */

import type { Command, Option } from "commander"
import { argumentsOf, named } from "./command.ts"
import { VERSION } from "./version.ts"

/** A command and those below it, its words from the program's name on. */
interface Named {
  readonly words: readonly string[]
  readonly command: Command
}

function all(command: Command, before: readonly string[] = []): readonly Named[] {
  const words = [...before, command.name()]
  return [{ words, command }, ...command.commands.flatMap((one) => all(one, words))]
}

/** Text for roff: nothing in it is a request, an escape or a hyphen that could be broken or turned into another sign. */
const roff = (text: string): string =>
  text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .split("\n")
    .map((line) => (/^[.']/.test(line) ? `\\&${line}` : line))
    .join("\n")

/** By the file's name, a manual page for each command: `sotto.1`, `sotto-inbox.1`, `sotto-vault-backup.1`.
 *  @param environment - the part of the help that every page ends with */
export function manualPages(program: Command, environment: string): ReadonlyMap<string, string> {
  const pages = all(program).map(({ words, command }) => [`${words.join("-")}.1`, page(words, command, environment)] as const)
  return new Map(pages)
}

function page(words: readonly string[], command: Command, environment: string): string {
  const name = words.join("-")
  const synopsis = [
    words.join(" "),
    argumentsOf(command),
    command.options.length > 0 ? "[options]" : "",
    command.commands.length > 0 ? "<command>" : "",
  ]
  const lines = [
    `.TH "${roff(name.toUpperCase())}" "1" "" "Sotto ${VERSION}" "Sotto"`,
    ".SH NAME",
    `${roff(name)} \\- ${roff(command.description())}`,
    ".SH SYNOPSIS",
    `.B ${roff(synopsis.filter((part) => part !== "").join(" "))}`,
    ".SH DESCRIPTION",
    roff(`${command.description()}.`),
  ]
  if (command.options.length > 0) lines.push(".SH OPTIONS", ...command.options.flatMap(optionLines))
  if (command.commands.length > 0)
    lines.push(".SH COMMANDS", ...command.commands.flatMap((one) => [".TP", `.B ${roff(named(one))}`, roff(one.description())]))
  lines.push(".SH ENVIRONMENT AND EXIT CODES", ".nf", roff(environment.trim()), ".fi")
  const beside = [...command.commands.map((one) => `${name}-${one.name()}`), ...(words.length > 1 ? [words.slice(0, -1).join("-")] : [])]
  if (beside.length > 0) lines.push(".SH SEE ALSO", beside.map((one) => `.BR ${roff(one)} (1)`).join("\n"))
  return `${lines.join("\n")}\n`
}

const optionLines = ({ flags, description, defaultValue }: Option): readonly string[] => {
  const isSaid = defaultValue !== undefined && typeof defaultValue !== "object" && !description.includes(String(defaultValue))
  return [".TP", `.B ${roff(flags)}`, roff(`${description}${isSaid ? ` (${String(defaultValue)})` : ""}`)]
}

export const SHELLS = ["bash", "zsh", "fish"] as const
export type Shell = (typeof SHELLS)[number]

/** What can follow these words: the names of commands and options. No value of an argument is offered: a list of tips would need the passphrase. */
const followers = ({ command }: Named): readonly string[] => [
  ...command.commands.map((one) => one.name()),
  ...command.options.flatMap(({ long }) => (long === undefined || long === null ? [] : [long])),
  "--help",
]

export function completion(shell: Shell, program: Command): string {
  const named = all(program)
  return shell === "fish" ? fish(named, program.name()) : `${shell === "zsh" ? zshHead(program.name()) : ""}${bash(named, program.name())}`
}

/** zsh understands bash's way once it is asked to. */
const zshHead = (name: string): string => `#compdef ${name}\nautoload -U +X bashcompinit && bashcompinit\n`

function bash(named: readonly Named[], name: string): string {
  const cases = named.map(
    (one) => `    ${JSON.stringify(one.words.slice(1).join(" "))}) words=${JSON.stringify(followers(one).join(" "))} ;;`,
  )
  const below = named.flatMap(({ words }) => (words.length > 1 ? [words.slice(1).join(" ")] : []))
  return `# Completion for ${name}, made by \`${name} completion\`.
_${name}() {
  local path="" word words at
  for ((at = 1; at < COMP_CWORD; at++)); do
    word="\${COMP_WORDS[at]}"
    case "\${path:+$path }$word" in
    ${below.map((one) => JSON.stringify(one)).join(" | ")}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${cases.join("\n")}
  esac
  # shellcheck disable=SC2207
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _${name} ${name}
`
}

const quotedForFish = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`

function fish(named: readonly Named[], name: string): string {
  const lines = named.flatMap(({ words, command }) => {
    const before = words.slice(1)
    const below = command.commands.map((one) => one.name())
    const condition =
      before.length === 0
        ? "__fish_use_subcommand"
        : `${before.map((word) => `__fish_seen_subcommand_from ${word}`).join("; and ")}${below.length > 0 ? `; and not __fish_seen_subcommand_from ${below.join(" ")}` : ""}`
    return [
      ...command.commands.map(
        (one) => `complete -c ${name} -f -n ${quotedForFish(condition)} -a ${one.name()} -d ${quotedForFish(one.description())}`,
      ),
      ...command.options.flatMap(({ long, description }) =>
        long ? [`complete -c ${name} -n ${quotedForFish(condition)} -l ${long.slice(2)} -d ${quotedForFish(description)}`] : [],
      ),
    ]
  })
  return `# Completion for ${name}, made by \`${name} completion fish\`.\n${lines.join("\n")}\n`
}
