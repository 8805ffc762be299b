/** `watch`: a sync at a fixed rate, whether or not anything comes, so that the times say nothing; and a notice that says only that there is something.
 *  Opened here; nothing of it leaves this machine, not even a count. */

import { spawn } from "node:child_process"
import { setTimeout as sleep } from "node:timers/promises"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { describe } from "../faults.ts"
import type { Terminal } from "../terminal.ts"
import { canary, momentIn } from "./canary.ts"
import { sync } from "./sync.ts"
import { tell } from "./tell.ts"

export interface Watch {
  /** Minutes. */
  readonly every: number
  /** Looks so often and ends; absent: until it is interrupted. */
  readonly times?: number
  readonly notify?: (desk: Desk) => Promise<void>
  readonly wait?: (ms: number) => Promise<unknown>
  /** Seconds before colleagues are told; a random while if absent. */
  readonly delay?: number
  /** Once a day a tip of our own, between two looks. */
  readonly canary?: boolean
  /** A random whole number from 0 to before that. */
  readonly below?: (limit: number) => number
}
const NOTICE = "Something for you"
const DAY_MINUTES = 1_440

/** @throws Failure `usage`, `not-set-up`, `wrong-passphrase`: what a later look cannot mend */
export async function watch(desk: Desk, { every, times, notify = desktopNotice, wait = sleep, delay, ...rest }: Watch): Promise<void> {
  if (every < 1 || every > DAY_MINUTES) throw new Failure("usage", "once a minute at the most, once a day at the least", "--every 15")
  const { terminal } = desk
  const quiet: Desk = { ...desk, held: desk.held ?? {}, terminal: withoutAnswers(terminal) }
  terminal.say(`looking every ${every === 1 ? "minute" : `${every} minutes`}; Ctrl-C ends it`)
  let next = Date.now()
  for (let look = 0; times === undefined || look < times; look++) {
    await wait(Math.max(next - Date.now(), 0))
    // From the plan and not from the end of the work: otherwise the times would show how much there was.
    next += every * 60_000
    // A machine that slept makes up for nothing: a row of looks at once would say for how long it did.
    while (next <= Date.now()) next += every * 60_000
    if (await hasNews(quiet)) {
      terminal.answer(`${desk.clock.today()}  ${NOTICE}: inbox --unread`)
      await notify(desk)
    }
    await told(quiet, delay)
    if (rest.canary) await maybeCanary(quiet, { ...rest, wait, delay, next, everyMs: every * 60_000 })
  }
}

async function hasNews(desk: Desk): Promise<boolean> {
  try {
    const { kept, replies, unacknowledged } = await sync(desk)
    return kept.length + replies.length + unacknowledged > 0
  } catch (error) {
    if (error instanceof Failure && ["not-set-up", "wrong-passphrase", "needs-terminal", "interrupted"].includes(error.code)) throw error
    const { message } = describe(error)
    desk.terminal.say(`warning: ${message}; looking again at the next time`)
    return false
  }
}

/** What was said of tips goes out with a look, and may fail without ending the watch. */
async function told(desk: Desk, delay: number | undefined): Promise<void> {
  try {
    await tell(desk, delay === undefined ? {} : { delay })
  } catch (error) {
    desk.terminal.say(`warning: ${describe(error).message}; colleagues are told later`)
  }
}

const DAY_MS = DAY_MINUTES * 60_000

/** Today's canary, if it falls between this look and the next. What keeps it from being sent is said, and ends nothing. */
async function maybeCanary(
  desk: Desk,
  {
    next,
    everyMs,
    wait,
    delay,
    below,
  }: Pick<Watch, "below"> & { next: number; everyMs: number; delay: number | undefined; wait: (ms: number) => Promise<unknown> },
): Promise<void> {
  const now = Date.now()
  const leftMs = DAY_MS - ((desk.clock.seconds() * 1_000) % DAY_MS)
  const moment = momentIn({ now, next, everyMs, leftMs, ...(delay === undefined ? {} : { delay }) }, below)
  if (moment === undefined) return
  try {
    await wait(moment.begin - now)
    // A machine that slept until now sends nothing at the moment at which it wakes.
    if (Date.now() < next) await canary(desk, { once: true, delay: moment.delay })
  } catch (error) {
    desk.terminal.say(`warning: there is no canary today: ${describe(error).message}`)
  }
}

/** Only warnings are worth a line every few minutes. */
const withoutAnswers = (terminal: Terminal): Terminal => ({
  ...terminal,
  answer: () => undefined,
  tell: () => undefined,
  quote: () => undefined,
  next: () => undefined,
  say: (line) => {
    if (line.startsWith("warning: ")) terminal.say(line)
  },
})

/** The desktop's own notice where there is one, a bell otherwise. Never a word of a tip, nor its callout or number. */
async function desktopNotice({ terminal }: Desk): Promise<void> {
  const isShown = await new Promise<boolean>((resolve) => {
    const child = spawn("notify-send", ["--app-name=Desk", NOTICE], { stdio: "ignore" })
    child.once("error", () => resolve(false))
    child.once("close", (code) => resolve(code === 0))
  })
  if (!isShown) terminal.bell()
}
