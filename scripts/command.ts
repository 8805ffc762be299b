/** What the commands share: how each is run, and the options that several take. */

import { type Command, InvalidArgumentError } from "commander"
import type { Desk } from "./desk.ts"

/** Runs a command's work on the desk that the process was started with; what it gives is the exit code. */
export type Act = (work: (desk: Desk) => Promise<number | undefined>) => () => Promise<void>

/** A whole number in an option. */
export function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("a whole number.")
  return Number(text)
}
/** One where none would undo what the command does. */
export function oneOrMore(text: string): number {
  const number = whole(text)
  if (number < 1) throw new InvalidArgumentError("1 or more.")
  return number
}
/** An option that may stand several times. */
export const collected = (one: string, before: readonly string[]): readonly string[] => [...before, one]
export const DRY = ["--dry-run", "say what would change, and change nothing"] as const
export const YES = ["--yes", "without asking"] as const
export const WORDS = ["--words <words>", "the six words that were read to you"] as const
export const EXPIRES = ["--expires-in <days>", "how long the keyring is valid, at most 90", whole, 90] as const

/** What a command takes, as `<number> [tags...]`. */
export const argumentsOf = (command: Command): string =>
  command.registeredArguments
    .map((argument) => {
      const name = `${argument.name()}${argument.variadic ? "..." : ""}`
      return argument.required ? `<${name}>` : `[${name}]`
    })
    .join(" ")
/** How a list of commands names one: without `[options]`, which nearly all have, so that the sentences beside it have room. */
export const named = (command: Command): string => `${command.name()} ${argumentsOf(command)}`.trim()
