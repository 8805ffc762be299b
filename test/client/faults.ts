/** Everything that a hostile or broken server may show a page, one fault each, and the code with which the page refuses it. `nobody` is no code:
 *  all holds, and there is no key to seal to. */

import type { RefusalCode } from "../../client/messages.ts"
import { addDays, type Day, dayOf } from "../../envelope/day.ts"
import { newSignKey } from "../../envelope/keys.ts"
import type { Hash, Id } from "../../envelope/names.ts"
import type { DayKey } from "../../keyring/days.ts"
import { type Keyring, keyringText, parseKeyring } from "../../keyring/keyring.ts"
import { pinnedText } from "../../keyring/newsroom.ts"
import { signer, signNote } from "../../keyring/note.ts"
import type { TestNewsroom } from "../support/newsroom.ts"
import { makeDesk, todayAnswer } from "./newsroom.ts"
import { type Answer, problem, said } from "./stage.ts"

export interface Fault {
  readonly what: string
  readonly code: RefusalCode | "nobody"
  readonly answer: Answer
  /** Where the fault is in what the HTML pins. */
  readonly pin?: string
}

type Desk = Awaited<ReturnType<typeof makeDesk>>

export async function makeFaults({ newsroom, answer }: Desk): Promise<readonly Fault[]> {
  const today = dayOf(Date.now())
  const good = (await answer()).trimEnd()
  const { roots, reporters, chain } = newsroom
  const [one, two, three] = chain as [Keyring, Keyring, Keyring]
  const [firstReporter, secondReporter] = reporters as [(typeof reporters)[number], (typeof reporters)[number]]
  const sources = chain.map(({ source }) => source)
  const notes = [await newsroom.dayNote(firstReporter, today), await newsroom.dayNote(secondReporter, today)]
  const told = (keyrings: readonly string[], days: readonly string[] = notes, day: Day = today) => said(todayAnswer(day, keyrings, days))
  const root = (await signer(roots[0]?.verifier.name ?? "", await newSignKey())) as (typeof roots)[number]

  /** The third keyring again with a change, signed by the true roots: what only a fault of theirs could bring about. */
  const third = (change: Partial<Keyring>, by = roots) => signNote(keyringText({ ...three, ...change }), by)
  const note = (change: Partial<DayKey>, reporter = firstReporter) => newsroom.dayNote(reporter, today, change)
  const nobody = async (what: string, change: Partial<DayKey>): Promise<Fault> => ({
    what,
    code: "nobody",
    answer: told(sources, [await note(change)]),
  })

  const other = await makeDesk(today)
  const fork = await signNote(keyringText({ ...three, previous: one.hash }), roots)
  const unsigned = `${three.note.text}\n— stranger.example/root ${Buffer.alloc(68).toString("base64")}\n`
  const broken = three.source.replace('"version":3', '"version":3 ')
  const twice = await signNote(three.note.text.replace('"version":3', '"version":2,"version":3'), roots)
  const extra = await signNote(three.note.text.replace('"version":3', '"version":3,"note":"x"'), roots)
  const pinAt3 = pinnedText({ ...newsroom.pinned, version: 3 })
  const reborn = await rebornNewsroom(newsroom)

  return [
    { what: "no answer of 200", code: "no-answer", answer: problem("broken") },
    { what: "a busy server", code: "no-answer", answer: problem("not-ready", { "retry-after": "5" }) },
    { what: "an empty answer", code: "bad-answer", answer: said("") },
    { what: "HTML", code: "bad-answer", answer: said("<!doctype html>") },
    { what: "malformed JSON", code: "bad-answer", answer: said(good.slice(0, -1)) },
    { what: "a duplicate member", code: "bad-answer", answer: said(good.replace('"days":', '"days":[],"days":')) },
    { what: "an unknown member", code: "bad-answer", answer: said(`${good.slice(0, -1)},"redirect":"https://evil.example"}`) },
    { what: "something after the spaces", code: "bad-answer", answer: said(`${good}   {}`) },
    { what: "another format", code: "bad-answer", answer: said(good.replace("sotto-today/1", "sotto-today/2")) },
    { what: "a day that is none", code: "bad-answer", answer: told(sources, notes, "2026-02-30" as Day) },
    { what: "no keyring", code: "too-few-roots", answer: told([]) },
    { what: "an unsigned keyring", code: "too-few-roots", answer: told([unsigned]) },
    { what: "a keyring signed by another root", code: "too-few-roots", answer: told([await third({}, [root])]) },
    {
      what: "a keyring whose own roots signed, but not the ones before",
      code: "too-few-roots",
      answer: told([one.source, two.source, await third({ roots: [root.verifier] }, [root])]),
    },
    { what: "an altered keyring", code: "bad-keyring", answer: told([three.source.replace("Reporter One", "Reporter Four")]) },
    { what: "a keyring that is not compact JSON", code: "bad-keyring", answer: told([broken]) },
    { what: "a keyring with a duplicate member", code: "bad-keyring", answer: told([twice]) },
    { what: "a keyring with an unknown member", code: "bad-keyring", answer: told([extra]) },
    {
      what: "an expired keyring",
      code: "expired",
      answer: told([await third({ issued: addDays(today, -91), expires: addDays(today, -1) })]),
    },
    {
      what: "a keyring of the future",
      code: "not-yet",
      answer: told([await third({ issued: addDays(today, 2), expires: addDays(today, 30) })]),
    },
    { what: "a keyring rolled back below the pin", code: "rolled-back", pin: pinAt3, answer: told([one.source, two.source]) },
    { what: "a forked keyring", code: "forked", answer: told([one.source, two.source, fork]) },
    { what: "a version gap", code: "version-gap", answer: told([one.source, three.source]) },
    { what: "keyrings out of order", code: "version-gap", answer: told([two.source, one.source, three.source]) },
    {
      what: "another number of slots",
      code: "bad-keyring",
      answer: told([one.source, two.source, await third({ policy: { ...three.policy, slots: 16 } })]),
    },
    { what: "a foreign newsroom", code: "too-few-roots", answer: said(await other.answer()) },
    { what: "the same roots under another first keyring", code: "foreign", answer: told(reborn) },
    { what: "no day notes", code: "nobody", answer: told(sources, []) },
    {
      what: "a day note of a reporter who is not in the keyring",
      code: "nobody",
      answer: told(sources, [await newsroom.dayNote({ ...firstReporter, id: "eve" as Id }, today)]),
    },
    await nobody("a day note for another's slot", { slot: 2 }),
    await nobody("a day note of another newsroom", { newsroom: other.newsroom.id }),
    await nobody("a day note made too long ahead", { made: addDays(today, -15) }),
    await nobody("a day note made after its day", { made: addDays(today, 1) }),
    await nobody("a day note for another day", { day: addDays(today, 1) }),
    await nobody("a day note under a keyring that is not in the chain", { keyring: { version: 3, hash: one.hash as Hash } }),
    await nobody("a day note under a later keyring", { keyring: { version: 4, hash: three.hash } }),
    {
      what: "an unsigned day note",
      code: "nobody",
      answer: told(sources, [(notes[0] ?? "").replace(/\n— .*\n$/, `\n— stranger.example/x ${Buffer.alloc(68).toString("base64")}\n`)]),
    },
    {
      what: "a day note signed by a colleague",
      code: "nobody",
      answer: told(sources, [await newsroom.dayNote(firstReporter, today, {}, secondReporter.signer)]),
    },
    {
      what: "a day note signed by a root",
      code: "nobody",
      answer: told(sources, [await newsroom.dayNote(firstReporter, today, {}, roots[0])]),
    },
    { what: "an altered day note", code: "nobody", answer: told(sources, [(notes[0] ?? "").replace('"seq":0', '"seq":1')]) },
    {
      what: "yesterday's notes under today's date",
      code: "nobody",
      answer: told(sources, [await newsroom.dayNote(firstReporter, addDays(today, -1), { made: addDays(today, -1) })]),
    },
    { what: "a server two days ahead", code: "clock", answer: told(sources, notes, addDays(today, 2)) },
    { what: "a server two days behind", code: "clock", answer: told(sources, notes, addDays(today, -2)) },
    { what: "a pin that cannot be read", code: "bad-newsroom", pin: `${pinnedText(newsroom.pinned)} `, answer: said(good) },
    {
      what: "a pin with another root",
      code: "too-few-roots",
      pin: pinnedText({ ...newsroom.pinned, roots: [root.verifier] }),
      answer: said(good),
    },
  ]
}

/** The same roots, address and reporters, begun again: another newsroom, although every signature is true. */
async function rebornNewsroom({ chain, roots }: TestNewsroom): Promise<readonly string[]> {
  const [one, , three] = chain as [Keyring, Keyring, Keyring]
  const first = await signNote(keyringText({ ...one, newsroom: { ...one.newsroom, name: "Another" } }), roots)
  const second = await signNote(keyringText({ ...three, version: 2, previous: (await parseKeyring(first)).hash }), roots)
  return [first, second]
}
