/** Checks of a reporter's or admin's own machine: what a thief of it would have. */

import { daysBetween } from "../../../envelope/day.ts"
import { type Check, fail, fine, type LaptopFacts, UNKNOWN, warn } from "./facts.ts"

export const LAPTOP_CHECKS: readonly Check<LaptopFacts>[] = [
  {
    name: "disk encryption",
    look: ({ encrypted }) =>
      encrypted === undefined
        ? undefined
        : encrypted === UNKNOWN
          ? warn("whether the disk below your keys is encrypted cannot be told here", "look in this system's own settings")
          : encrypted
            ? fine("the disk below your keys is encrypted")
            : warn(
                "the disk below your keys is not encrypted, as far as can be told: a thief has one passphrase to guess",
                "turn on disk encryption (LUKS, FileVault, BitLocker)",
              ),
  },
  {
    name: "synced folder",
    look: ({ syncedBy, home }) =>
      syncedBy === undefined
        ? fine("your keys and tips are in no synced folder")
        : fail(`${syncedBy} copies your keys and tips away, and keeps what you destroy`, `move ${home} elsewhere, and set SOTTO_HOME`),
  },
  {
    name: "permissions",
    look: ({ open, home }) =>
      open &&
      (open.length === 0
        ? fine("your keys and tips are yours alone to read")
        : fail(`others on this machine can read: ${open.slice(0, 4).join(", ")}`, `chmod -R go= ${home}`)),
  },
  {
    name: "this clock",
    look: ({ skewSeconds }) =>
      skewSeconds === undefined
        ? undefined
        : Math.abs(skewSeconds) > 240
          ? fail("this machine's clock or the server's is minutes off", "set this machine's clock")
          : fine("this machine's clock agrees with the server's"),
  },
  {
    name: "old day keys",
    look({ oldestSeed, seedDays, today }) {
      if (seedDays === undefined) return undefined
      if (oldestSeed === undefined) return fine("no day key of the past is here")
      const age = daysBetween(oldestSeed, today)
      return age > seedDays
        ? fail(`a day key of ${oldestSeed} is still here, and should be gone`, "sotto sync")
        : age > 7
          ? warn(`day keys back to ${oldestSeed} are here: a thief of this machine could open those days`, "sotto sync")
          : fine(`day keys go back ${Math.max(age, 0)} days and no further`)
    },
  },
  {
    name: "acknowledged",
    look: ({ unacknowledged }) =>
      unacknowledged === undefined
        ? undefined
        : unacknowledged === 0
          ? fine("you have acknowledged the newest keyring")
          : warn("the keyring changed, and you have not said that you expected it", "sotto keyring log, then sotto keyring ack"),
  },
  {
    name: "last canary",
    look({ canary, today }) {
      if (canary === undefined) return undefined
      if (canary === UNKNOWN)
        return warn("what became of your test tips is not known: the vault was not opened", "run this again, with its passphrase")
      const { arrived, missing } = canary
      const last = missing.at(-1)
      if (last !== undefined && (arrived === null || arrived <= last))
        return fail(
          `your canary of ${last} did not come back: tips of sources may be lost in the same way`,
          "ask your admin by another way than this line",
        )
      if (arrived === null) return warn("no test tip of yours has come back yet", "sotto canary, and sotto sync tomorrow")
      const age = daysBetween(arrived, today)
      return age > 7
        ? warn(`the last canary that came back is ${age} days old`, "sotto canary, or sotto watch --canary")
        : fine(`the canary of ${arrived} came back`)
    },
  },
  {
    name: "safe viewer",
    look: ({ hasDangerzone }) =>
      hasDangerzone
        ? fine("Dangerzone is here, for files of strangers")
        : warn(
            "there is no Dangerzone: files of strangers open in ordinary programs",
            "install Dangerzone, or open them on a machine with no network",
          ),
  },
]
