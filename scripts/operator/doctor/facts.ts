/** What `doctor` knows when it judges. A fact that is missing was not asked for; one that could not be found out is {@link UNKNOWN}, and a finding:
 *  silence about it would pass for well. */

import type { Day } from "../../../envelope/day.ts"
import type { Condition } from "../../../server/condition.ts"
import type { CanaryState } from "../../vault/canary.ts"
import type { Logged } from "./transparency.ts"

export type Verdict = "fine" | "warn" | "fail"
export interface Finding {
  readonly check: string
  readonly verdict: Verdict
  /** One sentence: what is, and why that matters. */
  readonly sentence: string
  /** One command or step that mends it; absent where nothing needs mending. */
  readonly mend?: string
}
export const UNKNOWN = "unknown" as const
type Unknown = typeof UNKNOWN
/** A judgement over facts alone. `undefined`: what it needs was not asked for. */
export interface Check<Facts> {
  readonly name: string
  readonly look: (facts: Facts) => Omit<Finding, "check"> | undefined
}
export const fine = (sentence: string) => ({ verdict: "fine", sentence }) as const
export const warn = (sentence: string, mend: string) => ({ verdict: "warn", sentence, mend }) as const
export const fail = (sentence: string, mend: string) => ({ verdict: "fail", sentence, mend }) as const

export const examine = <Facts>(checks: readonly Check<Facts>[], facts: Facts): readonly Finding[] =>
  checks.flatMap(({ name, look }) => {
    const found = look(facts)
    return found === undefined ? [] : [{ check: name, ...found }]
  })

/** An answer of the server, as anybody gets it. */
export interface Answer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface Certificate {
  readonly names: readonly string[]
  readonly daysLeft: number
  /** How many public logs have given a receipt for it. */
  readonly logs?: number
  readonly serial?: string
  readonly issuer?: string
}
export interface ReleaseFacts {
  readonly state: "none" | "holds" | "missing" | "unsigned"
  readonly version?: string
  /** This command's own version. */
  readonly ours: string
}

/** A line, from outside. */
export interface LineFacts {
  readonly url: string
  readonly today: Day
  readonly page?: Answer
  /** An address that does not exist, and one below /api/. */
  readonly unknown?: Answer
  readonly missing?: Answer
  /** The server's clock less ours, seconds. */
  readonly skewSeconds?: number
  readonly certificate?: Certificate
  /** Certificates for this name that somebody fetched from the public logs. */
  readonly logged?: readonly Logged[]
  /** Whether the zone is signed. */
  readonly dnssec?: "validated" | "signed" | "unsigned" | Unknown
  /** What the keyring says is served, and whether its note holds; `none`: the keyring names nothing. */
  readonly release?: ReleaseFacts
  readonly dns?:
    | {
        readonly addresses: readonly string[]
        /** Names behind the name: aliases, name servers, mail servers, names of the addresses. */
        readonly names: readonly string[]
        /** A question was not answered, so that there may be more. */
        readonly isPartial?: boolean
        readonly caa: readonly string[]
      }
    | Unknown
  /** Whom the callouts are about, as domains; and that company's published address ranges. */
  readonly subjects: readonly string[]
  readonly ranges: readonly string[]
  readonly keyring?: {
    readonly version: number
    readonly issued: Day
    readonly expires: Day
    readonly roots: number
    readonly threshold: number
    readonly onion?: string
  }
  /** What is wrong with the chain, as a code of keyring/errors.ts. */
  readonly keyringProblem?: string
  /** The newest version that this machine has seen before. */
  readonly seenVersion?: number
  /** Until when each reporter can be reached without a gap; absent: not today. */
  readonly reporters?: readonly { readonly name: string; readonly until?: Day }[]
  /** The onion address, asked over Tor; unknown without a proxy. */
  readonly onion?: Unknown | { readonly reached: boolean; readonly samePage: boolean }
  /** Hosts whose scripts run on the article that links to the page. */
  readonly articleHosts?: readonly string[] | Unknown
}

/** A server, from inside. */
export interface ServerFacts {
  readonly today: Day
  readonly settings?: Readonly<Record<string, string>>
  /** The mode of the file of settings. */
  readonly settingsMode?: number
  /** PostgreSQL's, by name. */
  readonly database?: Readonly<Record<string, string>>
  /** What waits in the outbox, and why. */
  readonly waiting?: Pick<Condition, "mailFailing" | "mailOldestDays">
  /** Where a marked request was found afterwards; unknown where it did not reach the server. */
  readonly marked?: readonly string[] | Unknown
  readonly backups?: { readonly newest?: Day; readonly count: number; readonly verified?: Day }
  /** Whether the onion service in torrc asks for work when many come; unknown: there is no onion service in it. */
  readonly onionWork?: boolean | Unknown
  readonly disk?: { readonly freeBytes: number; readonly allBytes: number }
  /** The relay's answer to a greeting. */
  readonly mail?: { readonly reached: boolean; readonly encrypted: boolean }
}

/** A reporter's or admin's own machine. */
export interface LaptopFacts {
  readonly today: Day
  readonly home: string
  /** Whether the disk below the home is encrypted, where that can be told. */
  readonly encrypted?: boolean | Unknown
  /** The service that copies the folder away, by its name in the path. */
  readonly syncedBy?: string
  /** Files and folders of the home that others may read. */
  readonly open?: readonly string[]
  readonly skewSeconds?: number
  /** Days whose keys are still here; and until when they should be at most. */
  readonly oldestSeed?: Day
  readonly seedDays?: number
  readonly unacknowledged?: number
  /** What became of our test tips. */
  readonly canary?: CanaryState | Unknown
  readonly hasDangerzone: boolean
}
