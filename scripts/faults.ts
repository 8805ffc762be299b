/** What is said of an error, and with which exit code. Every error has a hint: what to do next. */

import { EXIT, Failure } from "./failure.ts"

export interface Described {
  readonly message: string
  readonly hint: string
  readonly exit: number
}

/** Codes of keyring/errors.ts and envelope/errors.ts for which there is something better to do than to look again. */
const HINTS: Readonly<Record<string, string>> = {
  forked: "stop: two histories of the newsroom are being shown; compare `keyring log` with the other admins by voice",
  "rolled-back": "if a change was made here and not published yet: keyring publish. Otherwise the server was reset, or lies",
  "version-gap": "import the versions between, oldest first, or run sync",
  "too-few-roots": "it was not signed by the newsroom's roots: do not use it; ask whoever gave it to you",
  expired: "an admin makes a new version with `keyring renew` and publishes it",
  "not-yet": "check this machine's clock",
  "bad-keyring": "correct what is named, then run the same command again",
  "bad-newsroom": "ask for the file again; it may have been altered on its way",
  "not-a-note": "ask for the file again; it may have been altered on its way",
  foreign: "this file is of another newsroom or person; check whether it is the right one",
  unsigned: "ask for the file again; it may have been altered on its way",
}
const DAMAGED = "a file is damaged or was altered: put it back from a backup, or ask for it again"

/** By name too: the operator's commands are a program of their own, with a class of this name of its own. */
const isFailure = (error: unknown): error is Failure =>
  error instanceof Failure ||
  (error instanceof Error && error.name === "Failure" && "hint" in error && "code" in error && String(error.code) in EXIT)

export function describe(error: unknown): Described {
  if (isFailure(error)) return { message: error.message, hint: error.hint, exit: EXIT[error.code] }
  if (!(error instanceof Error)) return { message: "something unforeseen happened", hint: "run the same command again", exit: EXIT.failed }
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined
  // By name, not by class: loading those rooms here would cost every start.
  if (error.name === "EnvelopeError" || error.name === "KeyringError")
    return { message: `${error.message} (${code})`, hint: HINTS[code ?? ""] ?? DAMAGED, exit: EXIT.failed }
  const hint =
    code === "EACCES" || code === "EPERM"
      ? "check who owns the folder and file"
      : code === "ENOSPC"
        ? "make room on the disk"
        : "run the same command again; if it stays, report it"
  return { message: error.message, hint, exit: EXIT.failed }
}
