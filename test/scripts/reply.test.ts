/** `reply`, and what colleagues and threads make of it: over the real server, with the source's side opened as the page opens it. SPEC.md §3.7. */

import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, afterEach, describe, expect, test } from "@jest/globals"
import { type Mailbox, readMailbox } from "../../client/worker-replies.ts"
import { type Bytes, concat, toBase64url } from "../../envelope/bytes.ts"
import { addDays, type Day } from "../../envelope/day.ts"
import { newSignKey, type Recipient, type SignKey } from "../../envelope/keys.ts"
import type { Reply } from "../../envelope/letter.ts"
import { type Hash, hashBytes, type Id } from "../../envelope/names.ts"
import { collect } from "../../envelope/reader.ts"
import { sealReply, sealTip } from "../../envelope/seal.ts"
import { reachableOn } from "../../keyring/days.ts"
import { deriveSource, newWords, type SourceSecrets } from "../../keyring/words.ts"
import { getDayNotes, postReply } from "../../scripts/api.ts"
import { inbox } from "../../scripts/reporter/inbox.ts"
import { read } from "../../scripts/reporter/read.ts"
import { randomWait, reply } from "../../scripts/reporter/reply.ts"
import { sync } from "../../scripts/reporter/sync.ts"
import { readChain } from "../../scripts/vault/chain.ts"
import { readPin } from "../../scripts/vault/home.ts"
import { readRecords } from "../../scripts/vault/index-files.ts"
import { readSecrets } from "../../scripts/vault/secrets.ts"
import { look } from "../support/mailbox.ts"
import { removeFolders, type TestDesk, TODAY } from "./bench.ts"
import { type Line, makeLine, newSource } from "./line.ts"

interface Office extends Line {
  readonly one: TestDesk
  readonly bo: TestDesk
  readonly source: SourceSecrets
}
const lines: Line[] = []
async function office(ids: readonly string[] = ["one", "bo"]): Promise<Office> {
  const made = await makeLine(ids)
  lines.push(made)
  const [one, bo] = made.reporters as readonly [TestDesk, TestDesk]
  return { ...made, one, bo, source: await newSource(made) }
}
afterEach(async () => {
  for (const one of lines.splice(0)) await one.stop()
})
afterAll(removeFolders)

const later = (days: number): Day => addDays(TODAY, days)
/** Writes the text and answers with it. */
async function answer(desk: TestDesk, number: number, text = "Thank you.", options: object = {}) {
  const file = join(desk.home, "reply.txt")
  await writeFile(file, text)
  return reply(desk, { number, file, delay: 0, ...options })
}
/** The mailbox as the source's worker reads it. */
async function mailbox({ admin, server }: Line, source: SourceSecrets): Promise<Mailbox> {
  const pinned = await readPin(admin)
  const answered = await look(server.base, { key: source.mailbox, day: server.today(), url: pinned.url })
  return readMailbox(new Uint8Array(answered.body), source, { chain: await readChain(admin, pinned), pinned, told: server.today() })
}

describe("a reply", () => {
  test("reaches the source and the colleagues who had the tip, says who wrote it, and until when it is kept", async () => {
    const line = await office()
    const { one, bo, source, send } = line
    await send({ source, to: ["one", "bo"], message: "the tip" })
    for (const desk of [one, bo]) await sync(desk)
    expect(await mailbox(line, source)).toEqual({ replies: [], refused: 0 })
    expect(await answer(one, 1, "Can you\r\nsay more?")).toEqual({ v: 1, reply: 2, to: 1, day: TODAY, readers: ["one", "bo"], without: [] })
    const { replies, refused } = await mailbox(line, source)
    expect(refused).toBe(0)
    expect(replies).toEqual([
      { day: TODAY, until: later(90), name: "Reporter one", others: ["Reporter bo"], message: "Can you\nsay more?" },
    ])
    const synced = await sync(bo)
    expect(synced).toMatchObject({ kept: [], replies: [{ reply: 2, from: "one", state: "new" }], broken: 0, replays: 0 })
    bo.said.clear()
    expect(await read(bo, { number: 2 })).toMatchObject({ message: "Can you\nsay more?", reply: { from: "one" } })
    expect(bo.said.out()).toBe(
      [
        `reply 2 by "Reporter one" (one), dated ${TODAY}, to tip 1`,
        "also for bo",
        "",
        "│ Can you",
        "│ say more?",
        "",
        "thread",
        `  1  ${TODAY}  the source, new`,
        `  2  ${TODAY}  one, new`,
        "",
      ].join("\n"),
    )
    // Ours comes back by the feed, and is no copy.
    expect(await sync(one)).toMatchObject({ replies: [], broken: 0, replays: 0 })
    expect((await readRecords(one, await readSecrets(one))).replies.get(2)).toMatchObject({ state: "read", envelope: expect.any(String) })
    expect(await read(one, { number: 2 })).toMatchObject({ message: "Can you\nsay more?" })
  })

  test("is signed towards nobody: no request of it names a reporter, and the reply goes alone", async () => {
    const { one, source, send, server, requests } = await office()
    await send({ source })
    await sync(one)
    const signed: string[] = []
    const connections = new Set<unknown>()
    server.server.on("request", (request) => {
      connections.add(request.socket)
      if (request.headers["signature-input"] !== undefined) signed.push(request.url ?? "")
    })
    requests()
    await answer(one, 1)
    const made = requests()
    expect(made).toEqual(["GET /api/keyrings?from=4", `GET /api/days/${TODAY}`, `POST /api/replies?day=${TODAY}`])
    expect(signed).toEqual([])
    expect(connections.size).toBe(made.length)
  })

  test("waits a random while of half a minute to five, unless told", () => {
    const waits = Array.from({ length: 2_000 }, randomWait)
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(30)
    expect(Math.max(...waits)).toBeLessThanOrEqual(300)
    expect(new Set(waits).size).toBeGreaterThan(200)
  })

  test("cut after it was sent is brought back by the next sync, and counts once", async () => {
    const line = await office()
    const { one, source, send, again } = line
    await send({ source })
    await sync(one)
    const cut = again(one, {
      before: (step, path) => {
        if (step === "write" && path.endsWith("2.age")) throw new Error("cut")
      },
    })
    await expect(answer(cut as TestDesk, 1)).rejects.toThrow("cut")
    expect((await mailbox(line, source)).replies).toHaveLength(1)
    expect(await sync(one)).toMatchObject({ kept: [], replies: [], replays: 0, broken: 0 })
    expect((await readRecords(one, await readSecrets(one))).replies.get(2)).toMatchObject({ from: "one", state: "read" })
    expect(await sync(one)).toMatchObject({ replays: 0 })
  })

  test("has room for a long letter, always the same size, and says so when it is too long", async () => {
    const { one, source, send, server } = await office()
    await send({ source })
    await sync(one)
    await answer(one, 1, "x".repeat(14_000))
    await expect(answer(one, 1, "x".repeat(16_500))).rejects.toMatchObject({ message: expect.stringContaining("too long") })
    const { rows } = await server.database.query<{ size: number }>("select distinct octet_length(bytes) as size from envelopes")
    expect(rows).toEqual([{ size: 32_768 }])
  })

  test("takes its text from a file, a prepared text or nothing, and never sends nothing", async () => {
    const line = await office()
    const { one, source, send } = line
    await send({ source })
    await sync(one)
    await expect(reply(one, { number: 1, delay: 0, canned: "thanks" })).rejects.toMatchObject({
      hint: expect.stringContaining("as NAME.txt"),
    })
    await mkdir(join(one.home, "canned"))
    await writeFile(join(one.home, "canned", "thanks.txt"), "We have it.\n")
    await expect(reply(one, { number: 1, delay: 0, canned: "../secrets" })).rejects.toMatchObject({ hint: "there are: thanks" })
    await reply(one, { number: 1, delay: 0, canned: "thanks" })
    expect((await mailbox(line, source)).replies).toMatchObject([{ message: "We have it." }])
    await expect(answer(one, 1, " \n ")).rejects.toMatchObject({ code: "failed", message: "there is nothing to send" })
    await expect(reply(one, { number: 1, delay: 0 })).rejects.toMatchObject({ code: "needs-terminal" })
    await expect(answer(one, 1, "x", { canned: "thanks" })).rejects.toMatchObject({ code: "usage" })
    await expect(answer(one, 9)).rejects.toMatchObject({ message: "no tip 9 in your vault" })
  })

  test("written in an editor leaves nothing behind", async () => {
    const line = await office()
    const { one, source, send, again } = line
    await send({ source })
    await sync(one)
    const typing = again(one, { typed: [] })
    await reply(typing, { number: 1, delay: 0, editor: "printf 'From an editor.' >" })
    expect((await mailbox(line, source)).replies).toMatchObject([{ message: "From an editor." }])
    await expect(reply(typing, { number: 1, delay: 0, editor: "false" })).rejects.toMatchObject({
      message: expect.stringContaining("editor"),
    })
  })

  test("passes over a colleague who has no key today or has left, and says so", async () => {
    const line = await office(["one", "bo", "cy"])
    const { one, source, send, server, goTo } = line
    await send({ source, to: ["one", "bo", "cy"] })
    await sync(one)
    await goTo(later(3))
    await sync(one)
    await server.database.query("delete from day_notes where reporter = 'cy'")
    one.said.clear()
    expect(await answer(one, 1)).toMatchObject({ readers: ["one", "bo"], without: ["cy"] })
    expect(one.said.err()).toContain("cy had this tip and has no key for today")
    expect((await mailbox(line, source)).replies).toMatchObject([{ others: ["Reporter bo"] }])
  })
})

describe("a thread", () => {
  test("shows in inbox and read, with what follows what and who has answered", async () => {
    const { one, bo, source, send } = await office()
    await send({ source, message: "first" })
    for (const desk of [one, bo]) await sync(desk)
    await answer(one, 1)
    await send({ source, message: "second" })
    one.said.clear()
    await sync(one)
    expect(one.said.err()).toContain("tip 3 is by the same source as tip 1\n")
    one.said.clear()
    await inbox(one)
    expect(one.said.out()).toBe(
      [
        `1  ${TODAY}  -  0 files  new  say more in 92 days`,
        `2  ${TODAY}  -  reply  read  by one to 1`,
        `3  ${TODAY}  -  0 files  new, follows 1  acknowledge in 7 days`,
        "",
      ].join("\n"),
    )
    one.said.clear()
    await read(one, { number: 3 })
    expect(one.said.out()).toContain("by the same source as tip 1\n")
    expect(one.said.out()).toMatch(/thread\n {2}1 .* the source, new\n {2}2 .* you\n {2}3 .* the source, new\n$/)
    one.said.clear()
    await read(one, { number: 3, json: true })
    expect(JSON.parse(one.said.out())).toMatchObject({ v: 1, follows: 1, mark: null, thread: { tips: [1, 3], replies: [2] } })
    one.said.clear()
    await inbox(one, { json: true })
    expect(JSON.parse(one.said.out())).toMatchObject({ v: 1, tips: [{ tip: 1 }, { tip: 3, follows: 1 }], replies: [{ reply: 2, to: 1 }] })
  })

  test("warns when two answer at once, before and after", async () => {
    const { one, bo, source, send } = await office()
    await send({ source })
    for (const desk of [one, bo]) await sync(desk)
    await answer(one, 1, "from one")
    await answer(bo, 1, "from bo")
    await sync(one)
    expect(one.said.err().replaceAll("\n", " ")).toContain(`one and bo answered the same source at once, on ${TODAY} and ${TODAY}`)
    await sync(bo)
    expect(bo.said.err().replaceAll("\n", " ")).toContain("answered the same source at once")
    bo.said.clear()
    await answer(bo, 1, "again")
    expect(bo.said.err().replaceAll("\n", " ")).toContain("one has answered this source, and you have not read it")
    await read(bo, { number: 3 })
    bo.said.clear()
    await answer(bo, 1, "once more")
    expect(bo.said.err().replaceAll("\n", " ")).toContain(`one answered this source on ${TODAY}; two answers at once confuse`)
  })

  test.each([
    ["changed", "ANOTHER MAILBOX THAN 1", "IS SIGNED BY THE SOURCE OF TIP 1 AND WANTS ITS ANSWER ELSEWHERE"],
    ["another-hand", "ANOTHER HAND THAN 1", "IS BY ANOTHER HAND THAN TIP 1"],
  ] as const)("says of a tip that is %s what it is, in sync, inbox and read", async (what, inInbox, inRead) => {
    const line = await office()
    const { one, source, send } = line
    const other = await newSource(line)
    await send({ source })
    await sync(one)
    const [by, keys] =
      what === "changed"
        ? [source, { ...source.keys, recipient: other.keys.recipient }]
        : [other, { ...other.keys, recipient: source.keys.recipient }]
    await send({ source: { ...by, keys } })
    await sync(one)
    expect(one.said.err().replaceAll("\n", " ")).toContain(`warning: TIP 2 ${inRead}`)
    one.said.clear()
    await inbox(one)
    expect(one.said.out()).toContain(inInbox)
    await read(one, { number: 2 })
    expect(one.said.out().replaceAll("\n", " ")).toContain(`warning: TIP 2 ${inRead}`)
    if (what === "changed") await expect(answer(one, 2)).rejects.toMatchObject({ hint: expect.stringContaining("answer tip 1") })
    else {
      // It may be answered: the answer is for the key that signed, and the first source's page refuses it.
      await answer(one, 2)
      const { replies, refused } = await mailbox(line, source)
      expect([replies.length, refused]).toEqual([0, 0])
    }
  })
})

describe("the promise clock", () => {
  test("says how many days are left to acknowledge and to say more; each reply settles it", async () => {
    const { one, bo, source, send, goTo } = await office()
    await send({ source })
    for (const desk of [one, bo]) await sync(desk)
    const column = async (desk: TestDesk) => {
      desk.said.clear()
      await inbox(desk)
      return desk.said.out().split("\n")[0]?.split("  ").at(-1)
    }
    expect(await column(one)).toBe("acknowledge in 7 days")
    await goTo(later(6))
    expect(await column(one)).toBe("acknowledge in 1 day")
    await goTo(later(7))
    expect(await column(one)).toBe("acknowledge today")
    await goTo(later(9))
    expect(await column(one)).toBe("acknowledge, 2 days late")
    for (const desk of [one, bo]) await sync(desk)
    await answer(one, 1)
    expect(await column(one)).toBe("say more in 92 days")
    // A colleague's clock is settled by ours, once they have fetched it.
    expect(await column(bo)).toBe("acknowledge, 2 days late")
    await sync(bo)
    expect(await column(bo)).toBe("say more in 92 days")
    await answer(bo, 1)
    expect(await column(bo)).toBe("-")
  })
})

describe("what is not a reply of ours", () => {
  interface Forged {
    readonly change?: Partial<Reply>
    readonly key?: SignKey
    readonly to?: SourceSecrets
    readonly slot0?: Recipient
    readonly message?: string
  }
  /** A reply as only a test makes it, to the source's slot and to bo's. */
  async function forge(line: Office, { change = {}, key, to, slot0, message = "forged" }: Forged): Promise<Bytes> {
    const { one, admin, source, server, clock } = line
    const [pinned, secrets] = [await readPin(admin), await readSecrets(one)]
    const chain = await readChain(admin, pinned)
    const today = clock.today()
    const address = { url: pinned.url, base: server.base, clock }
    const keys = await reachableOn(await getDayNotes(address, today), { chain, newsroom: pinned.id, on: today, today })
    const bo = keys.get("bo" as Id)
    const slots: (Recipient | undefined)[] = Array.from({ length: 9 }, () => undefined)
    slots[0] = slot0 ?? (to ?? source).keys.recipient
    if (bo !== undefined) slots[bo.slot] = bo.recipient
    const tip = [...(await readRecords(one, secrets)).tips.values()][0]
    const made: Reply = {
      newsroom: pinned.id,
      keyring: chain.at(-1)?.hash as Hash,
      day: today,
      from: "one" as Id,
      for: source.keys.verify,
      re: tip?.re as Hash,
      to: ["one", "bo"] as Id[],
      ...change,
    }
    const envelope = await sealReply({ reply: made, message, sign: key ?? secrets.signer.key, slots })
    await postReply(address, today, hashBytes((to ?? source).keys.mailbox), envelope)
    return envelope
  }
  async function withTip(ids?: readonly string[]): Promise<Office> {
    const line = await office(ids)
    await line.send({ source: line.source })
    for (const desk of line.reporters) await sync(desk)
    return line
  }

  const other = Buffer.alloc(32, 9).toString("base64url") as Hash
  test.each<[string, (line: Office) => Promise<Forged>, string]>([
    ["forged: signed by a stranger's key", async () => ({ key: await newSignKey() }), "bad-signature"],
    ["forged: signed by a colleague in another's name", async ({ bo }) => ({ key: (await readSecrets(bo)).signer.key }), "bad-signature"],
    ["from somebody whom the keyring does not list", async () => ({ change: { from: "eve" as Id } }), "bad-signature"],
    ["under a keyring that is not on the chain", async () => ({ change: { keyring: other } }), "bad-signature"],
    [
      "under the keyring before its writer came",
      async ({ admin }) => ({ change: { keyring: (await readChain(admin, await readPin(admin)))[1]?.hash as Hash } }),
      "bad-signature",
    ],
    ["of another newsroom", async () => ({ change: { newsroom: new Uint8Array(32).fill(3) as Reply["newsroom"] } }), "wrong-newsroom"],
  ])("%s: refused by the source's page and by colleagues", async (_what, forged, code) => {
    const line = await withTip()
    await forge(line, await forged(line))
    expect(await mailbox(line, line.source)).toEqual({ replies: [], refused: 1 })
    line.bo.said.clear()
    const { replies, broken } = await sync(line.bo)
    expect([replies, broken]).toEqual([[], 1])
    expect(line.bo.said.err()).toContain(`(${code})`)
  })

  test("passed on to another source: refused by that source's page; in the colleague's vault it stays with the first", async () => {
    const line = await withTip()
    const second = await newSource(line)
    await forge(line, { to: second })
    expect(await mailbox(line, second)).toEqual({ replies: [], refused: 1 })
    expect(await mailbox(line, line.source)).toEqual({ replies: [], refused: 0 })
    expect((await sync(line.bo)).replies).toMatchObject([{ source: toBase64url(line.source.keys.verify) }])
  })

  test("shown to no reporter but the ones it names, and not for another day than the key that opened it", async () => {
    const line = await withTip()
    await forge(line, { change: { to: ["one"] as Id[] } })
    await forge(line, { change: { day: later(-1) } })
    line.bo.said.clear()
    expect(await sync(line.bo)).toMatchObject({ replies: [], broken: 2 })
    expect(line.bo.said.err()).toContain("(not-addressed)")
    expect(line.bo.said.err()).toContain("(wrong-day)")
  })

  test("posted twice: shown once", async () => {
    const line = await withTip()
    const envelope = await forge(line, { message: "true" })
    const address = { url: "http://localhost:8080", base: line.server.base, clock: line.clock }
    await postReply(address, TODAY, hashBytes(line.source.keys.mailbox), envelope)
    expect((await mailbox(line, line.source)).replies).toHaveLength(1)
    expect(await sync(line.bo)).toMatchObject({ replies: [{ from: "one" }], replays: 1 })
  })

  test("a tip in the mailbox, sealed to the source: refused", async () => {
    const line = await withTip()
    const { source, admin } = line
    const pinned = await readPin(admin)
    const current = (await readChain(admin, pinned)).at(-1)
    const ids = ["one"] as Id[]
    const tip = {
      newsroom: pinned.id,
      keyring: current?.hash as Hash,
      day: TODAY,
      to: ids,
      reachable: ids,
      answers: new Map(),
      source: source.keys,
      files: [],
    }
    const slots: (Recipient | undefined)[] = Array.from({ length: 9 }, () => undefined)
    slots[0] = source.keys.recipient
    const envelope = await collect(sealTip({ tip, message: "x", files: [], sign: source.sign, slots, maxBytes: 1_048_576 }).stream)
    const address = { url: "http://localhost:8080", base: line.server.base, clock: line.clock }
    await postReply(address, TODAY, hashBytes(source.keys.mailbox), envelope)
    expect(await mailbox(line, source)).toEqual({ replies: [], refused: 1 })
  })

  test("noise of the right form: passed over like a filler", async () => {
    const line = await withTip()
    const address = { url: "http://localhost:8080", base: line.server.base, clock: line.clock }
    const { filler } = await import("../../server/filler.ts")
    await postReply(address, TODAY, hashBytes(line.source.keys.mailbox), await filler(new Uint8Array(32), new Uint8Array(32), "x", 8))
    expect(await mailbox(line, line.source)).toEqual({ replies: [], refused: 0 })
  })

  test("another newsroom's words open another mailbox, in which there is nothing", async () => {
    const line = await withTip()
    await answer(line.one, 1)
    const words = await newWords()
    const there = await deriveSource(words, new Uint8Array(32).fill(1) as Reply["newsroom"])
    const here = await deriveSource(words, (await readPin(line.admin)).id)
    expect(there.keys).not.toEqual(here.keys)
    for (const source of [there, here]) expect(await mailbox(line, source)).toEqual({ replies: [], refused: 0 })
    expect(concat(there.mailbox)).not.toEqual(here.mailbox)
  })
})
