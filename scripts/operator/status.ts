/** `operator status`: how the database behind a server is, once, for a person: are mails going out, what do closed days take. The same numbers as
 *  a monitor gets, and no other (docs/decisions/0023). */

import { type Condition, conditionOf } from "../../server/condition.ts"
import type { Desk } from "../desk.ts"
import { EXIT } from "../failure.ts"
import { openSession } from "./database-copy.ts"

const MB = 1_000_000
const RELAY = "check SOTTO_SMTP; the server's log says whether the relay refuses (mail failed, refused) or cannot be reached (connection)"

/** What is said of mails that wait; absent: none does that was tried. */
export function mailTrouble({ mailFailing, mailOldestDays }: Pick<Condition, "mailFailing" | "mailOldestDays">): string | undefined {
  if (mailOldestDays > 0)
    return `a mail has waited for ${mailOldestDays} ${mailOldestDays === 1 ? "day" : "days"}: reporters are not told to look`
  return mailFailing ? "the relay did not take a mail that still waits; it is tried again, and tips are taken all the while" : undefined
}

/** @returns the exit code: 1 when mails do not go out
 *  @throws Failure `failed`: the database cannot be reached */
export async function operatorStatus(desk: Desk, { databaseUrl, json = false }: { databaseUrl: string; json?: boolean }): Promise<number> {
  const session = await openSession(databaseUrl)
  let condition: Condition
  try {
    condition = await conditionOf(
      { query: async (sql, values) => ({ rowCount: null, ...(await session.query(sql, values)) }) },
      desk.clock.seconds() * 1_000,
    )
  } finally {
    await session.close()
  }
  const trouble = mailTrouble(condition)
  if (json) desk.terminal.json({ v: 1, ...condition })
  else {
    desk.terminal.answer(`mail         ${trouble ?? "nothing waits that was tried"}`)
    desk.terminal.answer(`closed days  ${Math.round(condition.closedDaysBytes / MB)} MB`)
    if (trouble !== undefined) desk.terminal.say(RELAY)
  }
  return trouble === undefined ? EXIT.done : EXIT.failed
}
