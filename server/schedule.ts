/** When mails go out: at fixed times of the day, or every so many seconds to try it. Never because of one event. */

import { PACES, type Pace } from "./subscriptions.ts"

/** The times of the schedule, in milliseconds since 1970. */
export interface Schedule {
  /** The first time after `now`. */
  next(now: number): number
  /** Who is told at a time of the schedule. */
  paces(time: number): readonly Pace[]
  /** A mail leaves so many milliseconds after its time at most, by chance alone: who watches a relay learns nothing from when. */
  readonly jitterMs: number
}

const JITTER_MS = 300_000

const DAY_MS = 86_400_000

/** @param text - `07:30 16:30` in the time zone, or `every 5s`
 *  @throws Error that names the rule */
export function parseSchedule(text: string, timeZone: string): Schedule {
  const every = /^every (\d{1,5})s$/.exec(text)?.[1]
  if (every !== undefined && Number(every) > 0) return everySeconds(Number(every))
  const times = text.split(" ")
  if (times.length > 24 || !times.every((time) => /^([01]\d|2[0-3]):[0-5]\d$/.test(time)))
    throw new Error("SOTTO_MAIL_AT is times like 07:30, with a space between")
  return daily(times, timeZone)
}

function everySeconds(seconds: number): Schedule {
  const step = seconds * 1_000
  return { next: (now) => (Math.floor(now / step) + 1) * step, paces: () => PACES, jitterMs: 0 }
}

function daily(times: readonly string[], timeZone: string): Schedule {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" })
  const [earliest] = [...times].sort((one, other) => one.localeCompare(other))
  /** The instant at which clocks in the zone show a local time; in the hour that a change of clocks skips, the hour after. */
  function instant(local: string): number {
    const utc = Date.parse(`${local}Z`)
    const offset = (at: number) => Date.parse(`${format.format(at).replace(" ", "T")}Z`) - at
    const first = utc - offset(utc)
    return utc - offset(first)
  }
  let [from, until] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  return {
    next(now) {
      // Asked with every tip, and the same for hours.
      if (from <= now && now < until) return until
      const days = [-1, 0, 1, 2].map((shift) => new Date(now + shift * DAY_MS).toISOString().slice(0, 10))
      const all = days.flatMap((day) => times.map((time) => instant(`${day}T${time}:00`))).filter((at) => at > now)
      from = now
      until = Math.min(...all)
      return until
    },
    paces(time) {
      const local = format.format(time)
      const isFirst = local.slice(11, 16) === earliest
      const isMonday = new Date(`${local.slice(0, 10)}T00:00:00Z`).getUTCDay() === 1
      return isFirst && isMonday ? PACES : isFirst ? ["each", "daily"] : ["each"]
    },
    jitterMs: JITTER_MS,
  }
}
