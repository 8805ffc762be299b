/** The processor time that processes have used, from Linux's /proc. Elsewhere it is not known, and the figures say 0. */

import { readdirSync, readFileSync } from "node:fs"

const TICK_US = 10_000

interface Times {
  readonly parent: number
  /** Of the process itself, microseconds. */
  readonly own: number
  /** Of its children that have ended, microseconds. */
  readonly ended: number
}

function timesOf(pid: number): Times | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ")
      .map(Number)
    const [parent = 0, user = 0, system = 0, childUser = 0, childSystem = 0] = [1, 11, 12, 13, 14].map((at) => fields[at])
    return { parent, own: (user + system) * TICK_US, ended: (childUser + childSystem) * TICK_US }
  } catch {
    return undefined // it has ended
  }
}

/** Of a process and its children, those that have ended too, microseconds. */
export function cpuUsOf(pid: number): number {
  const self = timesOf(pid)
  if (self === undefined) return 0
  const children = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => timesOf(Number(name)) ?? [])
    .filter(({ parent }) => parent === pid)
  return self.own + self.ended + children.reduce((sum, { own, ended }) => sum + own + ended, 0)
}

/** Resident memory of a process in MB (1,000,000 bytes), 0 where it is not known. */
export function residentMB(pid: number): number {
  try {
    const [, kib = "0"] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? []
    return (Number(kib) * 1_024) / 1_000_000
  } catch {
    return 0
  }
}
