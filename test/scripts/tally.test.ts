/** Counting: one vote a source, ranges as least to most, and nothing small that could point to somebody; first the arithmetic, then the command. */

import { readFile, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import type { Answer } from "../../envelope/contents.ts"
import type { Id } from "../../envelope/names.ts"
import type { Question } from "../../keyring/callout.ts"
import { countCross, countQuestion, type Vote } from "../../scripts/reporter/count.ts"
import { exportLetters } from "../../scripts/reporter/export.ts"
import { spam } from "../../scripts/reporter/mark.ts"
import { sync } from "../../scripts/reporter/sync.ts"
import { tally } from "../../scripts/reporter/tally.ts"
import { LAYOFFS } from "../support/newsroom.ts"
import { folder, removeFolders, type TestDesk, TODAY } from "./bench.ts"
import { type Line, makeLine, newSource } from "./line.ts"

const [team, organisation, where] = LAYOFFS.questions as [Extract<Question, { kind: "range" }>, Question, Question]
const vote = (answers: Record<string, Answer>): Vote => ({ answers: new Map(Object.entries(answers)) })
const times = (count: number, answers: Record<string, Answer>): Vote[] => Array.from({ length: count }, () => vote(answers))
const name = (code: string) => code

describe("counts", () => {
  test("add ranges up from least to most, open where somebody said so many or more", () => {
    expect(countQuestion(team, [...times(6, { team: "1-9" }), ...times(5, { team: "10-49" })], 5, name).sum).toEqual({ min: 56, max: 299 })
    expect(countQuestion(team, [...times(6, { team: "1-9" }), ...times(5, { team: "50" })], 5, name).sum).toEqual({ min: 256, max: null })
  })

  test("below five are hidden, and a second where the total would give the first away", () => {
    const { cells, answered } = countQuestion(
      team,
      [...times(9, { team: "1-9" }), ...times(7, { team: "10-49" }), ...times(2, { team: "50" })],
      5,
      name,
    )
    expect(answered).toBe(18)
    expect(cells.map(({ count }) => count)).toEqual([9, null, null])
  })

  test("that are few altogether say nothing but that they are few", () => {
    expect(countQuestion(where, times(3, { where: "DE" }), 5, name)).toMatchObject({ answered: null, cells: [{ id: "DE", count: null }] })
    expect(countQuestion(team, times(3, { team: "1-9" }), 5, name).sum).toBeUndefined()
  })

  test("of an answer that the question cannot have are none", () => {
    const { answered, misfits } = countQuestion(team, [...times(5, { team: "1-9" }), ...times(6, { team: "a thousand" })], 5, name)
    expect([answered, misfits]).toEqual([5, 6])
  })

  test("answer the story's question: how many, in which organisation", () => {
    const votes = [...times(10, { team: "10-49", organisation: ["aws"] }), ...times(6, { team: "1-9", organisation: ["aws", "devices"] })]
    expect(countCross(team, organisation, votes, 5, name).rows).toEqual([
      { id: "aws", label: "AWS", count: 16, sum: { min: 106, max: 544 } },
      { id: "devices", label: "Devices", count: 6, sum: { min: 6, max: 54 } },
    ])
  })

  test("never leave fewer than five to be worked out from what is shown, whatever was answered", () => {
    const answer = fc.record({ team: fc.constantFrom("1-9", "10-49", "50", "none") })
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 40 }), fc.integer({ min: 2, max: 8 }), (answers, minCell) => {
        const { cells, answered, sum } = countQuestion(team, answers.map(vote), minCell, name)
        for (const { count } of cells) expect(count === null || count === 0 || count >= minCell).toBe(true)
        const gone = cells.filter(({ count }) => count === null)
        if (answered === null || gone.length === 0) return
        const shown = cells.reduce((all, { count }) => all + (count ?? 0), 0)
        const all = cells.filter(({ count }) => count !== 0)
        // Either several cells share what is missing and it is not small, or nothing of them is shown at all.
        expect(gone.length > 1 || all.length === 1).toBe(true)
        expect(answered - shown >= minCell || gone.length === all.length).toBe(true)
        // The sum follows from what is shown and from which bands are hidden, and so gives nothing away.
        const hiddenBands = team.bands.filter(({ id }) => gone.some((cell) => cell.id === id))
        const least = Math.min(...hiddenBands.map(({ from }) => from)) * (answered - shown)
        const known = team.bands.reduce((total, { id, from }) => total + from * (cells.find((cell) => cell.id === id)?.count ?? 0), 0)
        expect(sum?.min).toBe(known + least)
      }),
    )
  })
})

describe("the command", () => {
  let line: Line
  let one: TestDesk
  const answers = (of: Record<string, Answer>) => ({
    callout: "amazon-layoffs" as Id,
    answers: new Map(Object.entries(of)) as unknown as Map<Id, Answer>,
  })
  beforeAll(async () => {
    line = await makeLine(["one"])
    one = line.reporters[0] as TestDesk
    const changing = await newSource(line)
    await line.send({ source: changing, change: answers({ team: "1-9" }), message: "the same words as another" })
    await sync(one)
    // The same source again: this is its vote.
    await line.send({ source: changing, change: answers({ team: "10", org: ["aws"], where: "DE" }) })
    for (let sent = 0; sent < 5; sent++)
      await line.send({ change: answers({ team: "10", org: ["aws"], where: "DE" }), message: "=HYPERLINK(1) the same words as another" })
    await line.send({ change: answers({ team: "1-9", org: ["devices"], where: "FR" }), message: "noise" })
    const noise = await sync(one)
    const [last] = noise.kept.filter(({ tip }) => tip === 8)
    expect(last).toBeDefined()
  }, 60_000)
  afterAll(async () => {
    await line.stop()
    await removeFolders()
  })

  test("counts each source once, by its latest tip, and says how many look alike", async () => {
    const found = await tally(one, { callout: "amazon-layoffs", minCell: 1 })
    expect(found).toMatchObject({ v: 1, heading: "Unverified reports by readers", tips: 8, sources: 7, days: 1, lookAlike: 5, broken: 0 })
    const cells = (id: string) => found.questions.find((one) => one.id === id)?.cells.map((cell) => [cell.id, cell.count])
    expect(cells("team")).toEqual([
      ["1-9", 1],
      ["10", 6],
    ])
    expect(cells("where")).toEqual([
      ["DE", 6],
      ["FR", 1],
    ])
    expect(found.crosses[0]?.rows[0]).toMatchObject({ label: "AWS", count: 6, sum: { min: 60, max: null } })
  })

  test("hides what is small, and takes nothing that was marked as spam", async () => {
    const hidden = await tally(one, { callout: "amazon-layoffs" })
    expect(hidden.questions.find(({ id }) => id === "where")?.cells.map(({ count }) => count)).toEqual([null, null])
    const number = [...Array(8).keys()].map((at) => at + 1)
    const { readRecords } = await import("../../scripts/vault/index-files.ts")
    const { readSecrets } = await import("../../scripts/vault/secrets.ts")
    const { search } = await import("../../scripts/reporter/search.ts")
    const [noise] = await search(one, { words: ["noise"] })
    expect(number).toContain(noise?.tip)
    await spam(one, { number: noise?.tip ?? 0 })
    one.said.clear()
    const found = await tally(one, { callout: "amazon-layoffs" })
    expect(found.sources).toBe(6)
    expect(one.said.out()).toContain("Unverified reports by readers: Affected by the layoffs?\n")
    expect(one.said.out()).toMatch(/Germany +█+ 6\n/)
    expect(one.said.out()).toContain("together: 60 or more\n")
    expect(one.said.out()).toMatch(/ AWS +60 or more {2}\(6 sources\)\n/)
    expect((await readRecords(one, await readSecrets(one))).tips.size).toBe(8)
  })

  test("writes a page, a sheet and data, new and private, and warns when two of them differ by a few", async () => {
    const out = await folder()
    for (const ending of ["html", "csv", "json"]) {
      const file = join(out, `t.${ending}`)
      await tally(one, { callout: "amazon-layoffs", out: file })
      expect((await stat(file)).mode & 0o777).toBe(0o600)
      expect((await readFile(file, "utf8")).slice(0, 60)).toContain("Unverified. Contains source material.")
      await writeFile(join(out, `precious.${ending}`), "precious")
      await expect(tally(one, { callout: "amazon-layoffs", out: join(out, `precious.${ending}`) })).rejects.toMatchObject({
        code: "failed",
      })
    }
    const page = await readFile(join(out, "t.html"), "utf8")
    expect(page).toContain("<svg ")
    expect(page).not.toMatch(/<script|href=|src=/)
    expect(one.said.err()).not.toContain("differ by fewer")
    await line.send({ change: answers({ team: "10", org: ["aws"], where: "DE" }) })
    await sync(one)
    await tally(one, { callout: "amazon-layoffs", out: join(out, "later.json") })
    expect(one.said.err()).toContain("differ by fewer than 5")
    await expect(tally(one, { callout: "other" })).rejects.toMatchObject({ message: "there is no such callout in the keyring" })
    await expect(tally(one, { callout: "amazon-layoffs", out: join(out, "x.xls") })).rejects.toMatchObject({ code: "usage" })
  })

  test("export writes letters out, new and private, and without what says whose they are when asked", async () => {
    const out = await folder()
    const whole = join(out, "whole.json")
    expect(await exportLetters(one, { numbers: [1], thread: true, format: "json", out: whole })).toMatchObject({ letters: 2, broken: [] })
    expect((await stat(whole)).mode & 0o777).toBe(0o600)
    const { letters } = JSON.parse(await readFile(whole, "utf8")) as { letters: Record<string, unknown>[] }
    expect(letters[0]).toMatchObject({ number: 1, kind: "tip", day: TODAY, to: ["one"], message: "the same words as another" })
    const { mailbox, source } = letters[0] as { mailbox: string; source: string }
    expect(mailbox).toHaveLength(43)
    for (const format of ["md", "html", "csv", "eml", "json"]) {
      const file = join(out, `anonymous.${format}`)
      await exportLetters(one, { numbers: [], callout: "amazon-layoffs", format, out: file, anonymise: true })
      const text = await readFile(file, "utf8")
      const body = format === "eml" ? Buffer.from(text.split("\r\n\r\n")[1] ?? "", "base64").toString() : text
      for (const secret of [mailbox, source]) expect(body).not.toContain(secret)
      expect(body).toContain("the same words as another")
    }
    for (const format of ["age", "tar"]) await exportLetters(one, { numbers: [1], format, out: join(out, `1.${format}`) })
    expect((await readFile(join(out, "1.age"))).subarray(0, 21).toString()).toBe("age-encryption.org/v1")
    expect((await readFile(join(out, "1.tar"))).subarray(0, 10).toString()).toBe("sotto.json")
    await expect(exportLetters(one, { numbers: [99], format: "md", out: join(out, "none.md") })).rejects.toMatchObject({ code: "failed" })
    await expect(exportLetters(one, { numbers: [1], format: "doc" })).rejects.toMatchObject({ code: "usage" })
  })

  test("export skips what cannot be read, names and counts it", async () => {
    const { homePaths } = await import("../../scripts/vault/home.ts")
    const { search } = await import("../../scripts/reporter/search.ts")
    // Any but the one that is spam, which is exported by its number only; the order of a day's tips is random.
    const [noise] = await search(one, { words: ["noise"] })
    const damaged = noise?.tip === 3 ? 4 : 3
    const path = homePaths(one.home).tip(damaged)
    const bytes = await readFile(path)
    bytes[bytes.length - 20_000] = (bytes[bytes.length - 20_000] ?? 0) ^ 1
    bytes[3_000] = (bytes[3_000] ?? 0) ^ 1
    await writeFile(path, bytes)
    const out = join(await folder(), "all.csv")
    expect(await exportLetters(one, { numbers: [], all: true, format: "csv", out })).toMatchObject({ broken: [damaged] })
    expect(one.said.err()).toContain(`warning: ${damaged} cannot be read and is left out`)
    expect((await tally(one, { callout: "amazon-layoffs" })).broken).toBe(1)
  })
})
