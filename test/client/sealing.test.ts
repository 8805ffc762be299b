/** What the worker believes, and what it seals, run in Node: the answers of a hostile server, and drafts of every kind. */

import { beforeAll, describe, expect, test } from "@jest/globals"
import type { Draft } from "../../client/messages.ts"
import { type Believed, believe, seal as sealInPieces, viewOf, weigh } from "../../client/sealing.ts"
import { addDays, type Day, dayOf } from "../../envelope/day.ts"
import { newSignKey } from "../../envelope/keys.ts"
import type { Id } from "../../envelope/names.ts"
import { type OpenedTip, readTip, unlock } from "../../envelope/open.ts"
import { collect } from "../../envelope/reader.ts"
import { pinnedText } from "../../keyring/newsroom.ts"
import { signer } from "../../keyring/note.ts"
import { newWords } from "../../keyring/words.ts"
import type { TestNewsroom } from "../support/newsroom.ts"
import { type Fault, makeFaults } from "./faults.ts"
import { CALLOUT, makeDesk, todayAnswer } from "./newsroom.ts"

const today = dayOf(Date.now())
let newsroom: TestNewsroom
let answer: string
let pin: string
let faults: readonly Fault[]
let believed: Believed

beforeAll(async () => {
  const desk = await makeDesk(today)
  newsroom = desk.newsroom
  answer = await desk.answer()
  pin = pinnedText(newsroom.pinned)
  faults = await makeFaults(desk)
  believed = await believe({ pin, answer, today })
})

async function sealWith(...of: Parameters<typeof sealInPieces>) {
  const { day, bytes, next, drop } = await sealInPieces(...of)
  try {
    return { day, envelope: await next(bytes) }
  } finally {
    await drop()
  }
}
const seal = async (of: Believed, one: Draft) => sealWith(of, one, await newWords())
const chain = () => newsroom.chain.map(({ source }) => source)
const notesOn = (day: Day, reporters = newsroom.reporters.slice(0, 2)) =>
  Promise.all(reporters.map((reporter) => newsroom.dayNote(reporter, day, { made: day < today ? day : today })))
const draft = (change: Partial<Draft> = {}): Draft => ({
  to: ["one"],
  callout: "amazon-layoffs",
  answers: [],
  message: "Hello.",
  files: [],
  ...change,
})

async function open(envelope: Uint8Array, reporter = 0, day = today): Promise<OpenedTip | undefined> {
  const by = newsroom.reporters[reporter]
  if (by === undefined) throw new Error("no such reporter")
  const unlocked = await unlock([envelope], { identity: await by.seed(day), slot: by.slot, slots: 8 })
  return unlocked && readTip(unlocked)
}

describe("what a page believes", () => {
  test("is a chain under the pinned roots and the notes that its reporters signed", () => {
    const view = viewOf(believed)
    expect(view.newsroom).toEqual({ name: "The Daily Test", colour: "#0a5c7a", leaveTo: "https://www.example.org/" })
    expect(view.readers).toEqual([
      { id: "one", name: "Reporter One", beat: "Labour and tech", isReachable: true },
      { id: "two", name: "Reporter Two", beat: "Cloud companies", isReachable: true },
      { id: "three", name: "Reporter Three", beat: "Courts", isReachable: false },
    ])
    expect(view.callouts).toEqual([{ ...CALLOUT, isOpen: true }])
    expect(view.limit.bytes).toBe(1_048_576)
    expect(view.floor).toBe(32_768)
  })

  test.each([-1, 1])("holds when the server's day is %i beside its own, and is sealed for the server's", async (days) => {
    const beside = addDays(today, days)
    const told = todayAnswer(beside, chain(), await notesOn(beside))
    expect((await believe({ pin, answer: told, today })).day).toBe(beside)
  })

  test("prefers its own day where there are notes for both", async () => {
    const beside = addDays(today, 1)
    const told = todayAnswer(beside, chain(), [...(await notesOn(beside)), ...(await notesOn(today))])
    expect((await believe({ pin, answer: told, today })).day).toBe(today)
  })

  test("never is another day than its own and the ones beside it", async () => {
    const far = addDays(today, 2)
    await expect(believe({ pin, answer: todayAnswer(far, chain(), await notesOn(far)), today })).rejects.toMatchObject({ code: "clock" })
  })

  test("lasts to the end of the day on which the keyring expires", async () => {
    const last = newsroom.chain[2]?.expires as Day
    const notes = await Promise.all([newsroom.dayNote(newsroom.reporters[0] as (typeof newsroom.reporters)[number], last, { made: last })])
    expect((await believe({ pin, answer: todayAnswer(last, chain(), notes), today: last })).day).toBe(last)
    const after = addDays(last, 1)
    await expect(believe({ pin, answer: todayAnswer(after, chain(), notes), today: after })).rejects.toMatchObject({ code: "expired" })
  })

  test("refuses every fault in the table, each with its code; or has nobody to seal to, and then seals to nobody", async () => {
    for (const { what, code, pin: faulty, answer: told } of faults) {
      if (told.status !== 200) continue
      const refusal = await believe({ pin: faulty ?? pin, answer: String(told.body ?? ""), today }).then(
        async (found) => {
          for (const one of ["one", "two", "three"])
            await expect(seal(found, draft({ to: [one] }))).rejects.toMatchObject({ fault: "not-reachable" })
          return found.reachable.size === 0 ? "nobody" : "believed"
        },
        (error: { code: string }) => error.code,
      )
      expect([what, refusal]).toEqual([what, code])
    }
  })

  test("closes a callout after its last day, and asks nothing more", async () => {
    const desk = await makeDesk(today)
    await desk.newsroom.next({ callouts: [{ ...CALLOUT, closes: addDays(today, -1) }] })
    const closed = await believe({ pin: pinnedText(desk.newsroom.pinned), answer: await desk.answer(), today })
    expect(viewOf(closed).callouts).toEqual([expect.objectContaining({ id: "amazon-layoffs", isOpen: false, questions: [] })])
    await expect(seal(closed, draft())).resolves.toMatchObject({ day: today })
    await expect(seal(closed, draft({ answers: [["team", "few"]] }))).rejects.toMatchObject({ fault: "bad-draft" })
  })
})

describe("what is sealed", () => {
  const full = () =>
    draft({
      to: ["one", "two"],
      answers: [
        ["team", "few"],
        ["organisation", ["aws", "stores"]],
        ["where", "IE"],
        ["role", "Support"],
        ["reason", "Two\nlines"],
      ],
      message: "Grüße, they said.\n\ud800 half",
      files: [
        { name: "a\u202e\u0007b.PDF", type: "application/pdf", blob: new Blob(["%PDF"]) },
        { name: " ", type: "weird\n", blob: new Blob([]) },
      ],
    })

  test("opens for each reader who was chosen, with answers, words and files", async () => {
    const { day, envelope } = await seal(believed, full())
    expect(day).toBe(today)
    for (const reporter of [0, 1]) {
      const opened = await open(envelope, reporter)
      expect(opened?.message).toBe("Grüße, they said.\n\ufffd half")
      expect(opened?.tip).toMatchObject({ day: today, to: ["one", "two"], reachable: ["one", "two"], callout: "amazon-layoffs" })
      expect(Object.fromEntries(opened?.tip.answers ?? [])).toEqual({
        team: "few",
        organisation: ["aws", "stores"],
        where: "IE",
        role: "Support",
        reason: "Two\nlines",
      })
      expect(opened?.tip.files).toEqual([
        { name: "a\u202e b.PDF", type: "application/pdf", bytes: 4 },
        { name: "file", type: "", bytes: 0 },
      ])
      const bodies: string[] = []
      if (opened) for await (const { bytes } of opened.files()) bodies.push(Buffer.from(await collect(bytes)).toString())
      expect(bodies).toEqual(["%PDF", ""])
    }
  })

  test("stays shut for a reader who was not chosen", async () => {
    const { envelope } = await seal(believed, draft())
    expect(await open(envelope, 0)).toBeDefined()
    expect(await open(envelope, 1)).toBeUndefined()
  })

  test("has a new source each time: two tips cannot be joined", async () => {
    const [one, two] = await Promise.all([seal(believed, draft()), seal(believed, draft())])
    const [a, b] = await Promise.all([open(one.envelope), open(two.envelope)])
    expect(a?.tip.source.verify).not.toEqual(b?.tip.source.verify)
    expect(a?.tip.source.mailbox).not.toBe(b?.tip.source.mailbox)
  })

  test("has the same source each time for the same words: a further tip is tied to the first by its signature", async () => {
    const words = await newWords()
    const [one, two] = await Promise.all([
      sealWith(believed, draft(), words),
      sealWith(believed, draft({ again: true, message: "More." }), words),
    ])
    const [a, b] = await Promise.all([open(one.envelope), open(two.envelope)])
    expect(b?.tip.source).toEqual(a?.tip.source)
    expect(b?.signature).not.toEqual(a?.signature)
    // What is sent twice by mistake is the same letter, and its reader sees one tip.
    expect((await open((await sealWith(believed, draft(), words)).envelope))?.signature).toEqual(a?.signature)
  })

  test("weighs exactly what it was said to weigh", async () => {
    for (const one of [draft(), full(), draft({ message: "x".repeat(200_000) })])
      expect((await seal(believed, one)).envelope.length).toBe((await weigh(believed, one)).bytes)
  })

  test("may fill the largest class, and nothing larger", async () => {
    const blob = (size: number) => [{ name: "a", type: "", blob: new Blob([new Uint8Array(size)]) }]
    expect(await weigh(believed, draft({ files: blob(believed.limit.holds - 10_240) }))).toMatchObject({ bytes: 1_048_576 })
    await expect(weigh(believed, draft({ files: blob(believed.limit.holds) }))).rejects.toMatchObject({ fault: "too-large" })
  })

  test.each<[string, Partial<Draft>, string]>([
    ["nobody", { to: [] }, "bad-draft"],
    ["somebody who is away", { to: ["one", "three"] }, "not-reachable"],
    ["somebody unknown", { to: ["mallory"] }, "not-reachable"],
    ["somebody who cannot be a name", { to: ["Reporter One!"] }, "bad-draft"],
    ["an unknown callout", { callout: "other" }, "bad-draft"],
    ["an answer to no question", { answers: [["other", "x"]] }, "bad-draft"],
    ["an option that was not offered", { answers: [["notice", "pigeon"]] }, "bad-draft"],
    ["a list where one was asked for", { answers: [["notice", ["mail"]]] }, "bad-draft"],
    ["the same option twice", { answers: [["organisation", ["aws", "aws"]]] }, "bad-draft"],
    ["a line too long", { answers: [["role", "x".repeat(201)]] }, "bad-draft"],
    ["too many words", { message: "x".repeat(600_000) }, "too-large"],
    ["too large a file", { files: [{ name: "a", type: "", blob: new Blob([new Uint8Array(1_048_576)]) }] }, "too-large"],
  ])("is never %s", async (_what, change, fault) => {
    await expect(seal(believed, draft(change))).rejects.toMatchObject({ fault })
  })

  test("is nothing when a file can no longer be read, or has changed", async () => {
    const broken = () => new ReadableStream({ pull: () => Promise.reject(new Error("gone")) })
    const gone = Object.assign(new Blob(["abc"]), { stream: broken })
    const longer = Object.assign(new Blob(["abc"]), { stream: () => new Blob(["abcd"]).stream() })
    const whole = { name: "whole", type: "", blob: new Blob(["abc"]) }
    for (const blob of [gone, longer])
      await expect(seal(believed, draft({ files: [whole, { name: "a", type: "", blob }] }))).rejects.toMatchObject({
        fault: "unreadable-file",
        file: 2,
      })
  })
})

test("a reporter's id in somebody else's name does not verify", async () => {
  const [one] = newsroom.reporters
  if (one === undefined) throw new Error("no reporter")
  const stranger = await signer(one.signer.verifier.name, await newSignKey())
  const note = await newsroom.dayNote({ ...one, id: "one" as Id }, today, {}, stranger)
  await expect(believe({ pin, answer: todayAnswer(today, chain(), [note]), today })).resolves.toMatchObject({ reachable: new Map() })
})
