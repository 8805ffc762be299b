/** Tells reporters that there may be something, with a mail that says nothing: the same words, subject and sender every time, at times
 *  that a tip cannot move. Never inside a source's request. A mail is never lost; a crash may repeat one, with the same Message-ID. */

import { setTimeout as pause } from "node:timers/promises"
import nodemailer from "nodemailer"
import type { Clock } from "./clock.ts"
import { type Log, nameOf } from "./log.ts"
import type { DueMail, Outbox } from "./outbox.ts"
import type { Schedule } from "./schedule.ts"
import { sealedStatus } from "./status.ts"
import { isUnavailable } from "./unavailable.ts"

export interface Post {
  /** Hands one mail to the relay; resolves only when the relay has taken it. */
  send(mail: DueMail): Promise<void>
  close(): void
}

const SUBJECT = "Desk note"
const TEXT = "Scheduled desk note. It is sent at fixed times and says nothing else.\n"

/** A relay that dribbles is never silent, and would hold up everybody's mails. Shorter than the lease of a mail. */
const MAIL_MS = 90_000

/** @param url - `smtp://…` or `smtps://…` of the relay
 *  @param mailMs - how long a mail may take in all */
export function smtpPost({ url, from, ehlo }: { url: string; from: string; ehlo: string }, mailMs = MAIL_MS): Post {
  // Here, and not on what is made from it: there nobody reads them, and the relay would be greeted with this machine's own name.
  const transport = nodemailer.createTransport({
    url,
    name: ehlo,
    connectionTimeout: 20_000,
    greetingTimeout: 20_000,
    socketTimeout: 60_000,
  })
  const domain = from.slice(from.indexOf("@") + 1)
  return {
    async send({ address, id, slot, status }) {
      await transport.sendMail({
        from,
        to: address,
        envelope: { from, to: [address] },
        subject: SUBJECT,
        text: status === undefined ? TEXT : await sealedStatus(status, slot, TEXT),
        messageId: `<${id}@${domain}>`,
        date: new Date(slot),
        xMailer: false,
        signal: AbortSignal.timeout(mailMs),
        disableFileAccess: true,
        disableUrlAccess: true,
      })
    },
    close: () => transport.close(),
  }
}

const RETRY_MS = [10_000, 60_000, 300_000, 1_800_000, 3_600_000]
const LONGEST_SLEEP_MS = 30_000

export interface Notifier {
  /** Ends after the mail in flight. */
  stop(): Promise<void>
}

/** Runs until stopped. Any number of processes may run one each. */
export function startNotifier(deps: {
  outbox: Outbox
  post: Post
  schedule: Schedule
  clock: Clock
  log: Log
  /** How it waits, for tests whose clock is not ours; wakes early when aborted. */
  wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>
}): Notifier {
  const { outbox, post, schedule, clock, log, wait = sleep } = deps
  const stopping = new AbortController()

  /** @returns whether the relay took it */
  async function deliver(mail: DueMail, upTo: number): Promise<boolean> {
    try {
      await post.send(mail)
    } catch (error) {
      log({
        event: "mail failed",
        reason: /ECONN|ETIMEDOUT|ESOCKET|EDNS|Abort|Timeout/.test(nameOf(error))
          ? "connection"
          : /EENVELOPE|EMESSAGE|EAUTH/.test(nameOf(error))
            ? "refused"
            : "other",
      })
      await outbox.failed(mail, clock.now() + (RETRY_MS[Math.min(mail.attempts, RETRY_MS.length) - 1] ?? LONGEST_SLEEP_MS))
      return false
    }
    await outbox.sent(mail, Math.max(upTo, mail.slot))
    return true
  }

  async function send(now: number): Promise<void> {
    let any = false
    while (!stopping.signal.aborted) {
      const mail = await outbox.claim(now)
      if (mail === undefined) break
      any = (await deliver(mail, now)) || any
    }
    if (any) log({ event: "mails sent" })
  }

  async function loop(): Promise<void> {
    // The first time is one to come, never one that passed before the start: what it would have said is said then.
    let tick = schedule.next(clock.now())
    while (!stopping.signal.aborted) {
      const now = clock.now()
      // A clock that was ahead and has been set right: the time that is waited for is not a year away.
      tick = Math.min(tick, schedule.next(now))
      try {
        if (now >= tick) {
          await outbox.tick(tick, schedule.paces(tick), schedule.jitterMs)
          tick = schedule.next(now)
        }
        await send(now)
      } catch (error) {
        if (isUnavailable(error)) log({ event: "database unavailable" })
        else log({ event: "broken", where: "notify", error: nameOf(error) })
      }
      await wait(Math.min(tick - clock.now(), LONGEST_SLEEP_MS), stopping.signal)
    }
  }

  const done = loop()
  return {
    async stop() {
      stopping.abort()
      await done
      post.close()
    },
  }
}

/** Takes its listener away again: what waits twice a minute for months would otherwise leave one each time. */
export const sleep = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  pause(Math.max(milliseconds, 50), undefined, { signal }).catch(() => undefined)
