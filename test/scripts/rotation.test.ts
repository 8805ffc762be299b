/** The ceremonies that change who signs and who reads: tried first, resumed after a cut at every write, and said in words before and after. SPEC.md §4.2, §4.6. */

import { readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, test } from "@jest/globals"
import { addDays, type Day } from "../../envelope/day.ts"
import { closeCallout, listCallouts, newCallout } from "../../scripts/admin/callout.ts"
import type { Changed } from "../../scripts/admin/change.ts"
import { discardDraft } from "../../scripts/admin/change.ts"
import { admit, invite } from "../../scripts/admin/invite.ts"
import { acknowledgeKeyring, importKeyring, keyringLog, publishKeyrings, renewKeyring, showKeyring } from "../../scripts/admin/keyring.ts"
import { newNewsroom } from "../../scripts/admin/newsroom.ts"
import { revoke } from "../../scripts/admin/revoke.ts"
import { moveRoot, newRoot, rotateRoot } from "../../scripts/admin/roots.ts"
import { rotateNewsroom, rotatePolicy, rotateReporter } from "../../scripts/admin/rotate.ts"
import { signKeyring } from "../../scripts/admin/sign.ts"
import { away, back, handover } from "../../scripts/reporter/away.ts"
import { rotateIdentity } from "../../scripts/reporter/identity.ts"
import { join as joinNewsroom } from "../../scripts/reporter/join.ts"
import { keysStatus } from "../../scripts/reporter/keys.ts"
import { setNotify } from "../../scripts/reporter/notify.ts"
import { status } from "../../scripts/reporter/status.ts"
import { sync } from "../../scripts/reporter/sync.ts"
import { currentOf, readChain } from "../../scripts/vault/chain.ts"
import { homePaths, readPin } from "../../scripts/vault/home.ts"
import { readRoots, readSecrets, rootFiles } from "../../scripts/vault/secrets.ts"
import { outbox } from "../../server/outbox.ts"
import { CALLOUT, ceremony, deskAt, folder, TestClock, type TestDesk, TODAY, URL_OF_LINE } from "./bench.ts"
import { freshLines } from "./line.ts"

const line = freshLines()

const later = (days: number): Day => addDays(TODAY, days)
const chainOf = async (desk: TestDesk) => readChain(desk, await readPin(desk))
const current = async (desk: TestDesk) => currentOf(await chainOf(desk))
const spoken = (desk: TestDesk) => desk.said.err().replaceAll(/\s+/g, " ")
const files = async (desk: TestDesk) => {
  const names = (await readdir(desk.home, { recursive: true })).filter((name) => /\.(note|json|age)$/.test(name))
  return Promise.all(names.map(async (name) => `${name} ${(await readFile(join(desk.home, name))).toString("base64")}`))
}

/** Cuts `work` before its first write, its second, and so on, running it again each time, until it runs through.
 *  @returns how many times it was cut */
async function cutEverywhere(home: string, work: (desk: TestDesk) => Promise<unknown>, between: () => Promise<void>): Promise<number> {
  for (let cuts = 0; ; cuts++) {
    let left = cuts
    const cutting = deskAt(home, {
      before: () => {
        if (left-- === 0) throw new Error("power cut")
      },
    })
    const end = await work(cutting).then(
      () => "done",
      (error: Error) => error.message,
    )
    await between()
    if (end === "done") return cuts
    expect(end).toBe("power cut")
  }
}

describe("a dry run", () => {
  test("of any ceremony says what would change, needs no passphrase, and changes nothing", async () => {
    const { admin, reporters, carried } = await ceremony(["one", "bo"])
    // Also carried to a reporter who has never been online: all at once, for the pin there is of a later version.
    const [first = "", ...others] = (await chainOf(admin)).map(({ version }) => homePaths(admin.home).keyring(version))
    await importKeyring(reporters[0] as TestDesk, { file: first, others })
    expect(await chainOf(reporters[0] as TestDesk)).toHaveLength(4)
    const before = await files(admin)
    const tried = { ...deskAt(admin.home), passphrase: () => Promise.reject(new Error("asked for a passphrase")) }
    const dryRun = true
    await renewKeyring(tried, { dryRun })
    await closeCallout(tried, { id: CALLOUT.id, dryRun })
    await revoke(tried, { id: "bo", lost: true, offline: true, dryRun })
    await rotateRoot(tried, { number: 1, dryRun })
    await rotatePolicy(tried, { noteDays: 10, dryRun })
    expect(await files(admin)).toEqual(before)
    const said = tried.said.err().replaceAll(/\s+/g, " ")
    for (const words of [
      "keyring 5 will change: renewed until 2027-02-20",
      "callout closes after 2026-11-22, amazon-layoffs",
      'slot 2 removed, "Reporter bo" (bo)',
      "roots changed: 1, of which 1 must sign; root 1 removed; root 1 is a new key",
      "policy changed: noteDays from 14 to 10",
    ])
      expect(said).toContain(words)
    const empty = deskAt(join(carried, "empty"))
    await newNewsroom(empty, { name: "N", url: URL_OF_LINE, dryRun })
    expect(await files(empty)).toEqual([])
  })
})

describe("revoke", () => {
  test("says what the machine can still open, who reads on, and takes effect with the next page load", async () => {
    const { admin, one, bo, goTo, send, server } = await line()
    await goTo(later(5))
    await sync(one)
    await goTo(later(9))
    await sync(bo)
    const { openDays, others } = await revoke(admin, { id: "one", lost: true, yes: true })
    expect(openDays).toEqual({ from: later(3), to: later(19), isKnown: true })
    expect(others.map(({ id }) => id)).toEqual(["bo"])
    expect(spoken(admin)).toContain('others read on, with keys that do not change: "Reporter bo" (bo)')
    expect(spoken(admin)).toContain("A device of ours was lost. What you sent us from 2026-11-25 on")
    for (const reporter of [one, bo]) await setNotify(reporter, { address: "desk@example.org", mode: "always" })
    await publishKeyrings(admin)
    // Who has left gets no mail, and leaves no address behind.
    const { rows } = await server.database.query<{ reporter: string }>("select reporter from subscriptions")
    expect(rows).toEqual([{ reporter: "bo" }])
    await sync(bo)
    await send({ to: ["one", "bo"], message: "after" })
    expect((await sync(bo)).kept).toHaveLength(1)
    await expect(sync(one)).rejects.toMatchObject({ code: "not-set-up" })
    // Run again, it has come to its end.
    expect(await revoke(admin, { id: "one", lost: true, yes: true })).toMatchObject({ missing: 0 })
    expect(spoken(admin)).toContain("says this already: nothing was changed")
  })

  test("names the widest span where nothing is known, and asks before it changes anything", async () => {
    const { admin } = await ceremony(["one"])
    await expect(revoke(deskAt(admin.home, { typed: ["no"] }), { id: "one", offline: true })).rejects.toMatchObject({ code: "failed" })
    await expect(revoke(deskAt(admin.home), { id: "one", offline: true })).rejects.toMatchObject({
      code: "needs-terminal",
      hint: "use --yes",
    })
    await expect(revoke(admin, { id: "nobody", yes: true })).rejects.toMatchObject({ code: "failed" })
    const clock = new TestClock(later(70))
    const desk = deskAt(admin.home, { clock })
    expect((await revoke(desk, { id: "one", offline: true, yes: true })).openDays).toEqual({
      from: later(10),
      to: later(84),
      isKnown: false,
    })
    expect(spoken(desk)).toContain("NOBODY ELSE READS")
  })

  test("leaves the slot empty until nothing can come for its last holder, and the id to that person", async () => {
    const { admin, carried } = await ceremony(["one", "bo"])
    await revoke(admin, { id: "one", offline: true, yes: true })
    const on = (days: number) => deskAt(admin.home, { clock: new TestClock(later(days)) })
    const wanted = (slot?: number) => ({
      name: "Reporter Three",
      id: "three",
      out: join(carried, `three-${slot ?? "any"}.json`),
      ...(slot === undefined ? {} : { slot }),
    })
    await expect(invite(on(15), wanted(1))).rejects.toMatchObject({ message: "slot 1 is free for somebody else on 2026-12-08" })
    expect(await invite(on(15), wanted())).toMatchObject({ slot: 3 })
    expect(await invite(on(16), wanted(1))).toMatchObject({ slot: 1 })
    await expect(invite(on(20), { name: "Somebody Else", id: "one", out: join(carried, "x") })).rejects.toMatchObject({
      message: "this id was another person's",
    })
    // The same person may come back at once, with another key.
    expect(await invite(on(1), { name: "Reporter one", id: "one", slot: 1, out: join(carried, "again.json") })).toMatchObject({ slot: 1 })
    // An invitation from before the wait is over is refused when it is admitted.
    const early = deskAt(join(carried, "early"))
    const words = await joinNewsroom(early, { file: join(carried, "three-1.json"), out: join(carried, "early.note") })
    await expect(admit(on(3), { file: join(carried, "early.note"), words })).rejects.toMatchObject({ code: "failed" })
  })
})

describe("a callout", () => {
  test("is closed with a last day, and taken out only when that is asked for", async () => {
    const { admin, carried } = await ceremony([])
    await closeCallout(admin, { id: CALLOUT.id, on: "2026-12-01" })
    expect((await current(admin)).callouts).toMatchObject([{ id: CALLOUT.id, closes: "2026-12-01" }])
    expect((await keyringLog(admin)).at(-1)).toContain("keyring 3: callout closes after 2026-12-01, amazon-layoffs")
    expect(await closeCallout(admin, { id: CALLOUT.id, on: "2026-12-05" })).toMatchObject({ keyring: { version: 3 } })
    await closeCallout(admin, { id: CALLOUT.id, remove: true })
    expect(await listCallouts(admin)).toEqual([])
    await expect(closeCallout(admin, { id: CALLOUT.id })).rejects.toMatchObject({ code: "failed" })
    await newCallout(admin, { file: join(carried, "callout.json") })
    expect(await listCallouts(admin)).toHaveLength(1)
  })
})

describe("roots on machines of their own", () => {
  test("are carried one by one; a root that is lost is replaced by one made elsewhere, with old and new ones signing", async () => {
    const { admin, carried } = await ceremony([], {}, { roots: 3, threshold: 2 })
    expect(await rootFiles(admin.home)).toEqual(["roots-1.age", "roots-2.age", "roots-3.age"])
    const second = deskAt(join(carried, "second"))
    const third = deskAt(join(carried, "third"))
    await moveRoot(admin, { file: "roots-2.age", to: second.home })
    await moveRoot(admin, { file: "roots-3.age", to: join(carried, "drawer") })
    expect(await rootFiles(admin.home)).toEqual(["roots-1.age"])
    const request = join(carried, "root.note")
    const words = await newRoot(third, { newsroom: homePaths(admin.home).newsroom, out: request })
    expect(await newRoot(third, { out: request })).toBe(words)
    await expect(rotateRoot(admin, { number: 3, request, words: "six other words than those spoken", yes: true })).rejects.toMatchObject({
      code: "failed",
    })
    expect(await rotateRoot(admin, { number: 3, request, words, yes: true })).toMatchObject({ missing: 1 })
    // Again, while the draft is away: the same draft, no second one.
    const draft = await readFile(homePaths(admin.home).draft)
    expect(await rotateRoot(admin, { number: 3, request, words, yes: true })).toMatchObject({ missing: 1 })
    expect(await readFile(homePaths(admin.home).draft)).toEqual(draft)
    // Whoever made the draft is not believed about whose key it brings in.
    const sign = { file: homePaths(admin.home).draft, yes: true }
    await expect(signKeyring(second, sign)).rejects.toMatchObject({ code: "needs-terminal", hint: 'use --words "SIX WORDS"' })
    await expect(signKeyring(second, { ...sign, words: ["six other words than those spoken"] })).rejects.toMatchObject({ code: "failed" })
    await signKeyring(second, { ...sign, words: [words] })
    await importKeyring(admin, { file: homePaths(second.home).keyring(3) })
    expect((await readPin(admin)).roots.map(({ text }) => text)).toEqual((await current(admin)).roots.map(({ text }) => text))
    // What this folder proposed itself needs no second look.
    expect((await showKeyring(admin)).unacknowledged).toBe(0)
    // The new root signs with the first; the lost one counts for nothing.
    for (const version of [1, 2, 3]) await importKeyring(third, { file: homePaths(second.home).keyring(version) })
    await renewKeyring(admin, {})
    expect(await signKeyring(third, { file: homePaths(admin.home).draft, yes: true })).toMatchObject({ missing: 0 })
    // A change that is given up leaves nothing.
    await renewKeyring(second, { dryRun: true })
    await importKeyring(admin, { file: homePaths(third.home).keyring(4) })
    await renewKeyring(admin, {})
    expect(await discardDraft(admin)).toBe(true)
    expect(await discardDraft(admin)).toBe(false)
  })
})

describe("a rotated identity", () => {
  test("signs from the next sync on; nothing that was kept or is still sealed is lost", async () => {
    const { admin, one, send, carried } = await line(["one"])
    await send({ message: "before" })
    const before = (await readSecrets(one)).signer.verifier.text
    const out = join(carried, "rotate.note")
    expect(await rotateIdentity(one, { dryRun: true })).toBeUndefined()
    const words = (await rotateIdentity(one, { out })) ?? ""
    expect(await rotateIdentity(one, { out })).toBe(words)
    // Asked for, not granted: the old key signs on.
    expect((await sync(one)).kept).toHaveLength(1)
    await expect(rotateReporter(admin, { file: out, words: "not these six words at all" })).rejects.toMatchObject({ code: "failed" })
    await rotateReporter(admin, { file: out, words })
    expect(await rotateReporter(admin, { file: out, words })).toMatchObject({ missing: 0 })
    await publishKeyrings(admin)
    await sync(one)
    const after = await readSecrets(one)
    expect(after.signer.verifier.text).toBe((await current(admin)).reporters[0]?.verify.text)
    expect(after.signer.verifier.text).not.toBe(before)
    expect(after.next).toBeUndefined()
    await send({ message: "after" })
    expect((await sync(one)).kept).toHaveLength(1)
    // A request is good for the key that it names and no other.
    const again = join(carried, "again.note")
    await rotateIdentity(one, { out: again })
    await expect(rotateReporter(admin, { file: out, words })).resolves.toMatchObject({ missing: 0 })
  })
})

describe("a leave", () => {
  test("takes prepared keys back where a colleague can be reached, shares none, and ends", async () => {
    const { one, bo, send, goTo, again, clock } = await line()
    await send({ to: ["one"], message: "sealed before the notice" })
    await expect(handover(one, { to: "nobody", span: `${later(0)}..${later(9)}` })).rejects.toMatchObject({ code: "failed" })
    await handover(one, { to: "bo", span: `${later(0)}..${later(9)}` })
    expect(spoken(one)).toContain('what was or is sealed to you alone "Reporter bo" CANNOT open')
    await expect(send({ to: ["one"], message: "x", change: {} }).then(() => sync(one))).resolves.toMatchObject({ kept: [{ tip: 1 }] })
    const notes = await keysStatus(one)
    expect(notes.reachableUntil).toBeNull()
    expect(notes.days.filter(({ state }) => state === "away")).toHaveLength(10)
    expect(notes.days.filter(({ state }) => state === "ready")).toHaveLength(5)
    await goTo(later(4))
    await sync(again(one))
    expect((await keysStatus(one)).reachableUntil).toBeNull()
    await back(one)
    expect((await keysStatus(one)).reachableUntil).toBe(later(18))
    await send({ to: ["one"], message: "back" })
    expect((await sync(one)).kept).toHaveLength(1)
    expect(clock.today()).toBe(later(4))
    expect((await sync(bo)).kept).toHaveLength(0)
  })

  test("of the only reporter changes nothing, unless the line is to close", async () => {
    const { one } = await line(["one"])
    const span = `${later(1)}..${later(3)}`
    await expect(away(one, { span })).rejects.toMatchObject({
      code: "failed",
      hint: expect.stringContaining("your keys stay, nothing is lost"),
    })
    expect((await keysStatus(one)).reachableUntil).toBe(later(14))
    expect(await away(one, { span, anyway: true })).toEqual([1, 2, 3].map((days) => ({ day: later(days), others: [] })))
    expect((await keysStatus(one)).reachableUntil).toBe(TODAY)
  })
})

describe("keys status", () => {
  test("has two dates a key, and warns from half of the prepared days on", async () => {
    const { one, goTo, again } = await line(["one"])
    expect((await keysStatus(one)).days[0]).toEqual({ day: TODAY, acceptedUntil: later(2), destroyedAfter: later(60), state: "open" })
    for (const [days, isHalfOver] of [
      [7, false],
      [8, true],
      [20, true],
    ] as const) {
      await goTo(later(days))
      const desk = again(one)
      expect((await keysStatus(desk)).isHalfOver).toBe(isHalfOver)
      expect(spoken(desk).includes("warning: sources can")).toBe(isHalfOver)
      const other = again(one)
      await status(other)
      expect(spoken(other).includes("warning: sources can")).toBe(isHalfOver)
    }
  })
})

describe("the mail that says nothing", () => {
  test("comes to whoever wants it with news only, once half of their prepared days are over", async () => {
    const { one, bo, goTo, server, clock } = await line()
    await setNotify(one, { address: "one@example.org", mode: "news" })
    await setNotify(bo, { address: "bo@example.org", mode: "never" })
    const mails = outbox(server.database)
    const due = async () => {
      clock.ms += 1 // each time of the schedule is told once
      await mails.tick(clock.ms, ["each"], 0)
      const { rows } = await server.database.query<{ reporter: string }>("select distinct reporter from mails order by 1")
      return rows.map(({ reporter }) => reporter)
    }
    for (const [days, wanted] of [
      [0, []],
      [7, []],
      [8, ["one"]],
    ] as const) {
      await goTo(later(days))
      expect(await due()).toEqual(wanted)
    }
    await sync(one)
    await server.database.query("delete from mails")
    expect(await due()).toEqual([])
  })
})

describe("the keyring's own dates", () => {
  test("are two: replace from half of its life on, and expires; said by status, sync and show", async () => {
    const { admin, one, goTo, again } = await line(["one"])
    expect(await showKeyring(admin)).toMatchObject({
      issued: TODAY,
      replaceFrom: later(45),
      expires: later(90),
      roots: [{ number: 1, since: TODAY }],
    })
    await goTo(later(46))
    for (const command of [sync, status, showKeyring] as readonly ((desk: TestDesk) => Promise<unknown>)[]) {
      const desk = again(one)
      await command(desk)
      expect(spoken(desk)).toContain(`wants to be replaced since ${later(45)} and expires on ${later(90)}, in 44 days`)
    }
  })
})

describe("a change that somebody else made", () => {
  test("is said by sync and status until it is acknowledged", async () => {
    const { admin, one, again } = await line(["one"])
    expect((await sync(one)).unacknowledged).toBe(0)
    await renewKeyring(admin, { expiresIn: 30 })
    await publishKeyrings(admin)
    for (let times = 0; times < 2; times++) {
      const desk = again(one)
      expect((await sync(desk)).unacknowledged).toBe(1)
      expect(spoken(desk)).toContain("nobody here has acknowledged it yet: keyring 4: renewed until 2026-12-22")
    }
    await expect(acknowledgeKeyring(again(one))).rejects.toMatchObject({ code: "needs-terminal", hint: "use --yes" })
    await expect(acknowledgeKeyring(again(one, { typed: ["what?"] }))).rejects.toMatchObject({ code: "failed" })
    expect(await acknowledgeKeyring(again(one, { typed: ["yes"] }))).toBe(1)
    expect((await status(one)).unacknowledged).toBe(0)
  })
})

const ONION = `http://${"a".repeat(56)}.onion`

describe("rotate newsroom", () => {
  test("puts an onion address and other ways into the keyring, takes them away again, and refuses what no keyring holds", async () => {
    const { admin } = await ceremony(["one"])
    const channels = [{ name: "Post", address: "1 Example Street", drawback: "slow" }]
    await rotateNewsroom(admin, { onion: ONION, channels, yes: true })
    expect((await current(admin)).newsroom).toMatchObject({ url: URL_OF_LINE, onion: ONION, channels })
    expect((await readPin(admin)).channels).toEqual(channels)
    const { version } = await current(admin)
    await rotateNewsroom(admin, { onion: ONION, yes: true })
    expect((await current(admin)).version).toBe(version)
    await rotateNewsroom(admin, { onion: "none", yes: true })
    expect((await current(admin)).newsroom).not.toHaveProperty("onion")
    await expect(rotateNewsroom(admin, { onion: "https://tips.example.org", yes: true })).rejects.toMatchObject({ code: "bad-keyring" })
    await expect(rotateNewsroom(admin, { yes: true })).rejects.toMatchObject({ code: "usage" })
    expect((await current(admin)).version).toBe(version + 1)
  })
})

describe("a ceremony that is cut at any write, and run again,", () => {
  const ceremonies: readonly (readonly [string, (desk: TestDesk) => Promise<Changed>])[] = [
    ["callout close", (desk) => closeCallout(desk, { id: CALLOUT.id })],
    ["revoke", (desk) => revoke(desk, { id: "bo", lost: true, offline: true, yes: true })],
    ["rotate policy", (desk) => rotatePolicy(desk, { noteDays: 10, yes: true })],
    ["rotate newsroom", (desk) => rotateNewsroom(desk, { onion: ONION, yes: true })],
    ["rotate root", (desk) => rotateRoot(desk, { number: 1, yes: true })],
  ]
  test.each(ceremonies)("%s: makes one version, and its keys can sign the next", async (what, work) => {
    const { admin } = await ceremony(["one", "bo"])
    const cuts = await cutEverywhere(admin.home, work, async () => {
      // A new root that was complete but for the last flush of a folder is replaced once more: that is no loss.
      expect([4, 5, 6]).toContain((await chainOf(admin)).length)
      expect((await readRoots(admin)).length).toBeGreaterThan(0)
    })
    expect(cuts).toBeGreaterThan(3)
    expect((await chainOf(admin)).length).toBe(what === "rotate root" ? 6 : 5)
    expect(await readRoots(admin)).toHaveLength(1)
    expect((await readPin(admin)).roots[0]?.text).toBe((await current(admin)).roots[0]?.text)
    expect(await renewKeyring(admin, {})).toMatchObject({ missing: 0 })
  })

  test("join and admit: one request with one key, one new version, and the words still fit", async () => {
    const { admin, carried } = await ceremony(["one", "bo"])
    const [invitation, request] = [join(carried, "three.json"), join(carried, "three.note")]
    await invite(admin, { name: "Reporter Three", id: "three", out: invitation })
    const home = join(carried, "three")
    let words = ""
    const joins = await cutEverywhere(
      home,
      async (desk) => {
        words = await joinNewsroom(desk, { file: invitation, out: request })
      },
      async () => undefined,
    )
    expect(joins).toBeGreaterThan(3)
    const admits = await cutEverywhere(
      admin.home,
      (desk) => admit(desk, { file: request, words }),
      async () => expect([4, 5]).toContain((await chainOf(admin)).length),
    )
    expect(admits).toBeGreaterThan(3)
    const added = (await current(admin)).reporters.find(({ id }) => id === "three")
    expect(added?.verify.text).toBe((await readSecrets(deskAt(home))).signer.verifier.text)
    expect(await renewKeyring(admin, {})).toMatchObject({ missing: 0 })
  })

  test("callout new: the callout is there once", async () => {
    const { admin, carried } = await ceremony(["one", "bo"])
    const file = join(carried, "another.json")
    await writeFile(file, JSON.stringify({ ...CALLOUT, id: "another" }))
    const cuts = await cutEverywhere(
      admin.home,
      (desk) => newCallout(desk, { file }),
      async () => expect([4, 5]).toContain((await chainOf(admin)).length),
    )
    expect(cuts).toBeGreaterThan(3)
    expect((await current(admin)).callouts.filter(({ id }) => id === "another")).toHaveLength(1)
  })

  test("keyring sign on the second machine, and import on the first: a version is there whole or not at all", async () => {
    const { admin, carried } = await ceremony([], {}, { roots: 2, threshold: 2 })
    const second = join(carried, "second")
    await moveRoot(admin, { file: "roots-2.age", to: second })
    const before = (await chainOf(admin)).length
    expect(await renewKeyring(admin, {})).toMatchObject({ missing: 1 })
    const signs = await cutEverywhere(
      second,
      (desk) => signKeyring(desk, { file: homePaths(admin.home).draft, yes: true }),
      async () => undefined,
    )
    expect(signs).toBeGreaterThan(0)
    const imports = await cutEverywhere(
      admin.home,
      (desk) => importKeyring(desk, { file: homePaths(second).keyring(before + 1) }),
      async () => expect([before, before + 1]).toContain((await chainOf(admin)).length),
    )
    expect(imports).toBeGreaterThan(0)
    expect((await chainOf(admin)).length).toBe(before + 1)
  })

  test("root move: the root is in one folder or in both, and at last in the other only", async () => {
    const { admin, carried } = await ceremony([], {}, { roots: 2, threshold: 2 })
    const to = join(carried, "stick")
    const cuts = await cutEverywhere(
      admin.home,
      (desk) => moveRoot(desk, { file: "roots-2.age", to }),
      async () => {
        const both = [...(await rootFiles(admin.home)), ...(await rootFiles(to))]
        expect(new Set(both)).toEqual(new Set(["roots-1.age", "roots-2.age"]))
      },
    )
    expect(cuts).toBeGreaterThan(5)
    expect(await rootFiles(to)).toEqual(["roots-2.age"])
    expect(await readRoots(deskAt(to))).toHaveLength(1)
  })

  test("rotate identity and the sync that follows it: one key is asked for, and it is the one that signs", async () => {
    const { admin, one, carried, again, send } = await line(["one"])
    const out = join(carried, "rotate.note")
    const cutting = async (work: (desk: TestDesk) => Promise<unknown>) => {
      for (let cuts = 0; ; cuts++) {
        let left = cuts
        const desk = again(one, {
          before: () => {
            if (left-- === 0) throw new Error("power cut")
          },
        })
        const end = await work(desk).then(
          () => "done",
          (error: Error) => error.message,
        )
        if (end === "done") return
        expect(end).toBe("power cut")
      }
    }
    let words = ""
    await cutting(async (desk) => {
      words = (await rotateIdentity(desk, { out })) ?? ""
    })
    const cuts = await cutEverywhere(
      admin.home,
      (desk) => rotateReporter(desk, { file: out, words }),
      async () => undefined,
    )
    expect(cuts).toBeGreaterThan(3)
    await publishKeyrings(admin)
    await cutting((desk) => sync(desk))
    expect((await readSecrets(one)).signer.verifier.text).toBe((await current(admin)).reporters[0]?.verify.text)
    await send({ message: "after all" })
    expect((await sync(one)).kept).toHaveLength(1)
  })

  test("away: the days are away, on this machine and on the server, and come back", async () => {
    const { one, again } = await line()
    await sync(one)
    const span = `${later(3)}..${later(5)}`
    let cuts = 0
    for (let end = ""; end !== "done"; cuts++) {
      let left = cuts
      const desk = again(one, {
        before: () => {
          if (left-- === 0) throw new Error("power cut")
        },
      })
      end = await away(desk, { span }).then(
        () => "done",
        (error: Error) => error.message,
      )
      expect(["done", "power cut"]).toContain(end)
    }
    expect(cuts).toBeGreaterThan(1)
    expect((await keysStatus(one)).days.filter(({ state }) => state === "away").map(({ day }) => day)).toEqual([3, 4, 5].map(later))
    await back(one)
    expect((await keysStatus(one)).days.filter(({ state }) => state === "away")).toEqual([])
  })

  test("newsroom new, with several roots: the last run's keys are the ones that count", async () => {
    const home = join(await folder(), "home")
    const wanted = { name: "The Daily Test", url: URL_OF_LINE, roots: 3, threshold: 2 }
    let made: Awaited<ReturnType<typeof newNewsroom>> | undefined
    for (let cuts = 0; made === undefined; cuts++) {
      let left = cuts
      const desk = deskAt(home, {
        before: () => {
          if (left-- === 0) throw new Error("power cut")
        },
      })
      made = await newNewsroom(desk, wanted).catch((error: Error) => {
        if (error.message === "there is a newsroom in this folder") return readPin(deskAt(home))
        expect(error.message).toBe("power cut")
        return undefined
      })
    }
    expect(await renewKeyring(deskAt(home), {})).toMatchObject({ missing: 0 })
  })
})
