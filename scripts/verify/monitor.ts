/** `sotto verify URL --every 2h`: the same check again and again, at times that nobody can foresee; a line in a log for each, a mail when
 *  something changes, exit code 13 when something differs. For whoever wants to watch over somebody else's newsroom. */

import { randomInt } from "node:crypto"
import { appendFile } from "node:fs/promises"
import { setTimeout as pause } from "node:timers/promises"
import type { Desk } from "../desk.ts"
import { EXIT, Failure } from "../failure.ts"
import { asciiJson } from "../terminal.ts"
import type { Checked } from "./check.ts"
import { type MailSettings, type Message, mailer } from "./mail.ts"
import { prepare, type VerifySite } from "./verify.ts"

export interface Monitor extends VerifySite, MailSettings {
  /** How long between two checks, on average: `30m`, `2h`, `1d`. */
  readonly every: string
  /** A file that gets a line of JSON for each check. */
  readonly log?: string
  /** Goes on after a difference. */
  readonly keepGoing?: boolean
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
/** A relay that is away for a while must not look like an attack; three times in a row is worth a mail. */
const SILENT_TIMES = 3

/** @throws Failure `usage` */
export function parseEvery(text: string): number {
  const [, digits, unit = ""] = /^(\d{1,4})([smhd])$/.exec(text) ?? []
  const ms = Number(digits) * (UNITS[unit] ?? 0)
  if (!(ms >= 1_000 && ms <= 30 * 86_400_000))
    throw new Failure("usage", "how often is given as 30m, 2h or 1d", "use --every with such a time")
  return ms
}

export interface Waiting {
  /** Waits so many milliseconds. */
  readonly wait?: (ms: number) => Promise<unknown>
  /** Ends after so many checks; absent: never. */
  readonly visits?: number
}

/** What a check came to, in a word that says whether anything has changed since the last one. */
type Outcome = { readonly checked: Checked } | { readonly silent: string }

/** Runs until something differs, or for ever with `keepGoing`.
 *  @returns the exit code: 13 when anything has differed, 1 when the last checks found nobody, 0 otherwise
 *  @throws Failure `usage`, `failed` */
export async function monitorSite(desk: Desk, options: Monitor, { wait = pause, visits = options.visits }: Waiting = {}): Promise<number> {
  const every = parseEvery(options.every)
  const { url, checker, proxy, keep } = await prepare(desk, options)
  const send = await mailer(options, proxy)
  const told = new Set<string>()
  let [silent, hasDiffered] = [0, false]
  for (let visit = 0; visits === undefined || visit < visits; visit++) {
    if (visit > 0) await wait(between(every))
    const outcome = await attempt(() => checker.check(visit === 0))
    if ("checked" in outcome) await keep()
    silent = "silent" in outcome ? silent + 1 : 0
    await note(desk, { log: options.log, url, way: proxy === undefined ? "direct" : "socks" }, outcome)
    if (isNews(outcome, silent, told)) await tell(desk, send, messageOf(url, outcome))
    if ("checked" in outcome && outcome.checked.differences.length > 0) {
      hasDiffered = true
      if (options.keepGoing !== true) break
    }
  }
  return hasDiffered ? EXIT["site-differs"] : silent >= SILENT_TIMES ? EXIT.failed : EXIT.done
}

/** Half as long to half as long again: whoever serves the page cannot foresee when. */
const between = (every: number): number => randomInt(Math.ceil(every / 2), Math.ceil(every * 1.5) + 1)

async function attempt(check: () => Promise<Checked>): Promise<Outcome> {
  try {
    return { checked: await check() }
  } catch (error) {
    if (error instanceof Failure && error.code === "failed") return { silent: error.message }
    throw error
  }
}

/** Whether there is something that nobody has been told yet: another difference, silence, or that all is well again. By path alone: in which of
 *  several ways a file was asked for is chance. */
function isNews(outcome: Outcome, silent: number, told: Set<string>): boolean {
  const now =
    "silent" in outcome
      ? silent < SILENT_TIMES
        ? []
        : ["silent"]
      : outcome.checked.differences.map(({ kind, at }) => `${kind} ${at.split(" ", 1)[0]}`)
  const isWell = "checked" in outcome && now.length === 0
  const isNew = isWell ? told.size > 0 : now.some((one) => !told.has(one))
  if (isWell) told.clear()
  for (const one of now) told.add(one)
  return isNew
}

interface Noted {
  readonly log: string | undefined
  readonly url: string
  readonly way: "direct" | "socks"
}
async function note({ terminal, clock }: Desk, { log, url, way }: Noted, outcome: Outcome): Promise<void> {
  const at = new Date(clock.seconds() * 1_000).toISOString()
  const said =
    "silent" in outcome
      ? { result: "silent", says: outcome.silent }
      : {
          result: outcome.checked.differences.length === 0 ? "same" : "differs",
          browser: outcome.checked.browser,
          answers: outcome.checked.answers,
          keyring: outcome.checked.keyring ?? null,
          release: outcome.checked.release ?? null,
          differences: outcome.checked.differences,
          notices: outcome.checked.notices,
          unreachable: outcome.checked.unreachable,
        }
  if (log !== undefined) await appendFile(log, `${asciiJson({ v: 1, at, url, way, ...said })}\n`, { mode: 0o600 })
  if ("silent" in outcome) terminal.say(`${at}  ${outcome.silent}`)
  else if (outcome.checked.differences.length === 0)
    terminal.answer(
      `${at}  the same: release ${outcome.checked.release}, keyring ${outcome.checked.keyring}, ${outcome.checked.answers} answers`,
    )
  else for (const { at: where, says } of outcome.checked.differences) terminal.answer(`${at}  DIFFERS  ${where}: ${says}`)
}

function messageOf(url: string, outcome: Outcome): Message {
  if ("silent" in outcome)
    return {
      subject: `${url} cannot be reached`,
      text: `${SILENT_TIMES} checks in a row found nobody at ${url}: ${outcome.silent}.\nThat may be a network that is down, here or there, or somebody who keeps checkers out.\n`,
    }
  const { differences, keyring, release } = outcome.checked
  if (differences.length === 0)
    return { subject: `${url} is as it should be`, text: `${url} is release ${release} as keyring ${keyring} names it, byte for byte.\n` }
  return {
    subject: `${url} differs from its release`,
    text: [
      `What ${url} serves is not what the newsroom's roots have signed:`,
      "",
      ...differences.map(({ at, says }) => `- ${at}: ${says}`),
      "",
      "Until somebody knows why, nobody should write by that page. Tell the newsroom, by another way than the page: it may be a",
      "mistake in an upgrade, or somebody who serves another page.",
      "",
    ].join("\n"),
  }
}

/** A mail that cannot be sent must not end the watch: it is said here, and the log has it. */
async function tell({ terminal }: Desk, send: Awaited<ReturnType<typeof mailer>>, message: Message): Promise<void> {
  try {
    await send?.(message)
  } catch {
    terminal.say("warning: the mail about this could not be handed over to the relay")
  }
}
