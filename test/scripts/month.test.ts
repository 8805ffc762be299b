/** Three reporters work a story for a month: tips to three callouts and to whoever the source chose, follow-ups, tags, notes, who takes what, answers,
 *  a week away, spam and purging. At the end their vaults agree on all that they share. It takes about as long as ninety syncs do:
 *  `SOTTO_MONTH_TIPS=20`, for a smaller one, takes half the time. */

import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, expect, test } from "@jest/globals"
import type { Answer } from "../../envelope/contents.ts"
import { addDays } from "../../envelope/day.ts"
import type { Hash, Id } from "../../envelope/names.ts"
import type { SourceSecrets } from "../../keyring/words.ts"
import { newCallout } from "../../scripts/admin/callout.ts"
import { publishKeyrings } from "../../scripts/admin/keyring.ts"
import { assign, hold, note, spam, tag } from "../../scripts/reporter/mark.ts"
import { purge } from "../../scripts/reporter/purge.ts"
import { read } from "../../scripts/reporter/read.ts"
import { reply } from "../../scripts/reporter/reply.ts"
import { search } from "../../scripts/reporter/search.ts"
import { sync } from "../../scripts/reporter/sync.ts"
import { tally } from "../../scripts/reporter/tally.ts"
import { tell } from "../../scripts/reporter/tell.ts"
import { readRecords } from "../../scripts/vault/index-files.ts"
import { saidOf } from "../../scripts/vault/marks.ts"
import type { Records } from "../../scripts/vault/records.ts"
import { readSecrets } from "../../scripts/vault/secrets.ts"
import { Random } from "../fuzz/random.ts"
import { CALLOUT, folder, removeFolders, type TestDesk, TODAY } from "./bench.ts"
import { makeLine, newSource, type TipToSend } from "./line.ts"

const TIPS = Number(process.env.SOTTO_MONTH_TIPS ?? 1_000)
const DAYS = 30
/** One of them is not there from and until. */
const [LEAVES, RETURNS] = [Math.floor(DAYS / 3), Math.floor((DAYS * 2) / 3)]
const IDS = ["one", "bo", "cy"] as Id[]
const CALLOUTS = ["amazon-layoffs", "k7q2", "pay"] as Id[]

afterAll(removeFolders)

const recordsOf = async (desk: TestDesk): Promise<Records> => readRecords(desk, await readSecrets(desk))
/** By the name that all have for it, what a desk has of a tip: marks, the answers to it, and for whom it is. */
function shared({ tips, replies }: Records): ReadonlyMap<Hash, unknown> {
  return new Map(
    [...tips.values()].flatMap(({ re, marks, to, state }) => {
      if (re === undefined || state === "purged") return []
      const answers = [...replies.values()].filter((one) => one.re === re).map(({ from, signature }) => `${from} ${signature}`)
      return [[re, { marks, to, said: saidOf(marks, to), answers: answers.sort((a, b) => a.localeCompare(b)) }] as const]
    }),
  )
}

test(`after ${DAYS} days and ${TIPS} tips the vaults of three reporters agree`, async () => {
  const random = new Random(20_261_122)
  const pick = <One>(of: readonly One[]): One => of[random.below(of.length)] as One
  const line = await makeLine(IDS)
  try {
    for (const id of CALLOUTS.slice(1)) {
      const file = join(await folder(), "callout.json")
      await writeFile(file, JSON.stringify({ ...CALLOUT, id, title: `Callout ${id}` }))
      await newCallout(line.admin, { file })
    }
    await publishKeyrings(line.admin)
    const noteFile = join(await folder(), "note.txt")
    const sources: SourceSecrets[] = []
    let made = 0
    for (let at = 0; at < DAYS; at++) {
      const day = addDays(TODAY, at)
      await line.goTo(day)
      const due = Math.round((TIPS * (at + 1)) / DAYS)
      const today: TipToSend[] = []
      for (; made < due; made++) {
        const source = sources.length > 5 && random.below(5) === 0 ? pick(sources) : await newSource(line)
        sources.push(source)
        const to = IDS.filter(() => random.below(3) > 0)
        const answers = new Map<string, Answer>([
          ["team", pick(["1-9", "10"])],
          ["org", [pick(["aws", "devices"])]],
          ["where", pick(["DE", "US", "IN"])],
        ])
        today.push({
          source,
          to: to.length === 0 ? ["one"] : to,
          message: `tip number ${made}: they told us about the ${pick(["badge", "laptop", "memo"])}`,
          change: { callout: pick(CALLOUTS), answers: answers as unknown as Map<Id, Answer> },
        })
      }
      // Sources do not wait for each other.
      for (let from = 0; from < today.length; from += 8) await Promise.all(today.slice(from, from + 8).map((tip) => line.send(tip)))
      // In another order every day; one of them is not there for a week.
      const order = [...line.reporters]
        .sort(() => random.below(3) - 1)
        .filter((desk) => !(desk === line.reporters[2] && at >= LEAVES && at < RETURNS))
      for (const desk of order) {
        await sync(desk)
        const { tips } = await recordsOf(desk)
        const open = [...tips.values()].filter(({ state, marks, to }) => state !== "purged" && !saidOf(marks, to).spam)
        for (let work = 0; work < Math.min(open.length, 4); work++) {
          const { tip: number, to = [], state, day: of } = pick(open)
          if (state === "new") await read(desk, { number })
          const what = random.below(12)
          if (what < 3) await tag(desk, { number, tags: [pick(["checked", "urgent", "call-back"])] })
          else if (what < 5) await tag(desk, { number, tags: [], remove: [pick(["checked", "urgent", "call-back"])] })
          else if (what < 7) await assign(desk, { number, to: pick([...to, "nobody"]) })
          else if (what === 7) await hold(desk, { number, reason: "a court may ask" })
          else if (what === 8) await hold(desk, { number, off: true })
          else if (what === 9) await spam(desk, { number })
          else if (what === 10) {
            await writeFile(noteFile, `seen on ${day}, tip of ${of}`)
            await note(desk, { number, file: noteFile })
          } else if (random.below(3) === 0) {
            await writeFile(noteFile, "Thank you. We read it.")
            await reply(desk, { number, file: noteFile, delay: 0 })
          }
        }
        if (random.below(2) === 0) await tell(desk, { delay: 0 })
      }
    }
    // Whoever said something says it, and everybody hears it. Those who were away get what was said meanwhile.
    for (let round = 0; round < 2; round++) {
      for (const desk of line.reporters) await sync(desk)
      for (const desk of line.reporters) await tell(desk, { delay: 0, now: true })
    }
    for (const desk of line.reporters) await sync(desk)
    const all = await Promise.all(line.reporters.map(recordsOf))
    const vaults = all.map(shared)
    const names = new Set(vaults.flatMap((vault) => [...vault.keys()]))
    expect(names.size).toBe(TIPS)
    let marked = 0
    for (const name of names) {
      const [first, ...others] = vaults.flatMap((vault) =>
        vault.has(name) ? [vault.get(name) as { readonly marks?: unknown; readonly to: readonly Id[] }] : [],
      )
      // Whoever was chosen has it, and nobody else.
      expect(others.length + 1).toBe(first?.to.length)
      for (const other of others) expect(other).toEqual(first)
      if (first?.marks !== undefined && others.length > 0) marked++
    }
    expect(marked).toBeGreaterThan(Math.min(TIPS / 5, 30))
    for (const { outgoing, waiting } of all) expect([outgoing.every(({ sent: to }) => to.length > 0), waiting.size]).toEqual([true, 0])
    // The work of a month can be counted, searched and cleared away.
    const [one] = line.reporters
    if (one === undefined) throw new Error("there are three")
    const counted = await Promise.all(CALLOUTS.map((callout) => tally(one, { callout, minCell: 1 })))
    const mine = [...(all[0]?.tips.values() ?? [])].filter(({ marks, to, state }) => state !== "purged" && !saidOf(marks, to).spam)
    expect(counted.reduce((sum, { tips }) => sum + tips, 0)).toBe(mine.length)
    expect((await search(one, { words: ["they told us"], limit: 0 })).length).toBe(all[0]?.tips.size)
    line.clock.day = addDays(TODAY, DAYS + 10)
    const spamOfOne = [...(all[0]?.tips.values() ?? [])].filter(
      ({ marks, to }) => saidOf(marks, to).spam && saidOf(marks, to).hold === undefined,
    )
    expect((await purge(one, { numbers: [], due: true, yes: true })).length).toBe(spamOfOne.length)
  } finally {
    await line.stop()
  }
}, 900_000)
