/** The canary's own words, and what is known of those that were sent: `canary.age`. SPEC.md §7, docs/decisions/0021. */

import { type Bytes, fromUtf8, utf8 } from "../../envelope/bytes.ts"
import { type Day, day, daysBetween } from "../../envelope/day.ts"
import { array, literal, object, parseJson, type Shaped, string } from "../../envelope/json.ts"
import { wipe } from "../../envelope/keys.ts"
import type { NewsroomId } from "../../envelope/names.ts"
import { deriveSource, newWords, parseWords, type Words } from "../../keyring/words.ts"
import type { Desk } from "../desk.ts"
import { readIfThere } from "./disk.ts"
import { homePaths } from "./home.ts"
import { openFromVault, sealToVault } from "./sealed.ts"
import type { Secrets, VaultKeys } from "./secrets.ts"

const shape = object(
  {
    format: literal("sotto-canary/1"),
    words: string({ max: 200 }),
    sent: array(
      object({
        day,
        /** Random, and in the letter: so that a copy of an earlier one is not taken for this one. */
        mark: string({ max: 22, pattern: /^[A-Za-z0-9_-]{22}$/ }),
        /** `yes`: the server has said that it keeps it. */
        kept: literal("yes", "no"),
      }),
      { max: 1_000 },
    ),
  },
  {
    /** The day of the newest that came back. */
    arrived: day,
    /** The day of the newest sync that ran to its end. */
    looked: day,
  },
)
export type SentCanary = Shaped<typeof shape>["sent"][number]
/** What is outstanding: one that came back is taken out. */
export interface Canary extends Pick<Shaped<typeof shape>, "sent" | "arrived" | "looked"> {
  readonly words: Words
}

export const newCanary = async (): Promise<Canary> => ({ words: await newWords(), sent: [] })

/** `undefined`: none was ever sent from this vault. */
export async function readCanary({ home }: Pick<Desk, "home">, keys: VaultKeys): Promise<Canary | undefined> {
  const sealed = await readIfThere(homePaths(home).canary)
  if (sealed === undefined) return undefined
  const { format: _, words, ...rest } = parseJson(fromUtf8(await openFromVault(sealed, keys, "canary.age")).trimEnd(), shape, "canary.age")
  return { ...rest, words: parseWords(words) }
}

export async function keepCanary(
  { home, disk }: Pick<Desk, "home" | "disk">,
  { recipient }: Pick<Secrets, "recipient">,
  { words, sent, arrived, looked }: Canary,
): Promise<void> {
  const dates = { ...(arrived === undefined ? {} : { arrived }), ...(looked === undefined ? {} : { looked }) }
  const text = JSON.stringify({ format: "sotto-canary/1", words, sent, ...dates })
  await disk.replace(homePaths(home).canary, await sealToVault(utf8(`${text}\n`), recipient))
}

/** The key that our canaries are signed with, by which they are told from tips: nobody else has it. */
export async function canaryKey({ words }: Canary, newsroom: NewsroomId): Promise<Bytes> {
  const { keys, identity, sign, mailbox } = await deriveSource(words, newsroom)
  await wipe(identity, sign, mailbox)
  return keys.verify
}
/** That key as an opener wants it; none where no canary was ever sent. */
export async function keyOfOwnCanary(
  desk: Pick<Desk, "home">,
  { secrets, pin }: { readonly secrets: VaultKeys; readonly pin: { readonly id: NewsroomId } },
): Promise<{ readonly canary?: Bytes }> {
  const own = await readCanary(desk, secrets)
  return own === undefined ? {} : { canary: await canaryKey(own, pin.id) }
}

/** As long as one that did not come is worth a word. */
const REMEMBERED_DAYS = 30

/** It came back: it is outstanding no more. */
export const withArrived = (canary: Canary, day: Day, mark: string): Canary => ({
  ...canary,
  sent: canary.sent.filter((one) => one.mark !== mark),
  arrived: canary.arrived === undefined || canary.arrived < day ? day : canary.arrived,
})

/** Writes down which came back. */
export async function keepArrived(
  desk: Pick<Desk, "home" | "disk">,
  secrets: Secrets,
  came: readonly { readonly day: Day; readonly mark: string }[],
): Promise<void> {
  const canary = came.length === 0 ? undefined : await readCanary(desk, secrets)
  if (canary === undefined) return
  await keepCanary(
    desk,
    secrets,
    came.reduce((now, { day, mark }) => withArrived(now, day, mark), canary),
  )
}

/** After a sync that ran to its end. */
export const withLook = (canary: Canary, today: Day): Canary => ({
  ...canary,
  sent: canary.sent.filter((one) => daysBetween(one.day, today) <= REMEMBERED_DAYS),
  looked: today,
})

/** The days of those that the server said it keeps and that were not there on a later day. */
export const missingDays = ({ sent, looked }: Canary): readonly Day[] => [
  ...new Set(sent.filter(({ kept, day }) => kept === "yes" && looked !== undefined && day < looked).map(({ day }) => day)),
]

/** What people and programs are told of it. */
export interface CanaryState {
  /** The day of the newest that was tried, whatever became of it; `null`: none is outstanding. */
  readonly waiting: Day | null
  readonly arrived: Day | null
  readonly missing: readonly Day[]
}
export const stateOf = (canary: Canary | undefined): CanaryState => ({
  waiting: canary?.sent.at(-1)?.day ?? null,
  arrived: canary?.arrived ?? null,
  missing: canary === undefined ? [] : missingDays(canary),
})

/** Until a later one has come back: then the way is open again, and `status` and `doctor` still name the day.
 *  @returns a warning after one miss, or nothing */
export function canaryWarning({ arrived, missing }: CanaryState): string | undefined {
  const last = missing.at(-1)
  if (last === undefined || (arrived !== null && arrived > last)) return undefined
  return `warning: the canary of ${missing.join(", ")} did not come back: the server said that it keeps it, and does not show it. What sources send may be lost in the same way, or kept from you: run sotto doctor, and tell your admin by another way than this line`
}
