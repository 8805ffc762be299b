/** The ceremonies without a server: newsroom, callout, invitation, request, admission, and keyrings that are carried. */

import { cp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, describe, expect, test } from "@jest/globals"
import { addDays } from "../../envelope/day.ts"
import { type Id, newsroomIdText } from "../../envelope/names.ts"
import { keyringText } from "../../keyring/keyring.ts"
import { signNote } from "../../keyring/note.ts"
import { joinWords } from "../../keyring/spoken.ts"
import { closeCallout, newCallout } from "../../scripts/admin/callout.ts"
import { discardDraft } from "../../scripts/admin/change.ts"
import { parseJoinRequest } from "../../scripts/admin/invitation.ts"
import { admit, invite } from "../../scripts/admin/invite.ts"
import { importKeyring, keyringLog, renewKeyring } from "../../scripts/admin/keyring.ts"
import { newNewsroom, parseChannel } from "../../scripts/admin/newsroom.ts"
import { moveRoot, rotateRoot } from "../../scripts/admin/roots.ts"
import { signKeyring } from "../../scripts/admin/sign.ts"
import { join as joinNewsroom } from "../../scripts/reporter/join.ts"
import { status } from "../../scripts/reporter/status.ts"
import { readChain } from "../../scripts/vault/chain.ts"
import { homePaths, readPin } from "../../scripts/vault/home.ts"
import { readRoots, readSecrets } from "../../scripts/vault/secrets.ts"
import { CALLOUT, ceremony, deskAt, folder, removeFolders, TestClock, type TestDesk, TODAY, URL_OF_LINE } from "./bench.ts"

afterAll(removeFolders)

const chainOf = async (desk: TestDesk) => readChain(desk, await readPin(desk))

describe("a newsroom made by commands alone", () => {
  test("has a keyring that grows by one version with each change, and says each in words", async () => {
    const { admin } = await ceremony(["one", "bo"])
    const chain = await chainOf(admin)
    expect(chain.map(({ version }) => version)).toEqual([1, 2, 3, 4])
    expect(chain.at(-1)).toMatchObject({
      expires: addDays(TODAY, 90),
      reporters: [
        { slot: 1, id: "one", name: "Reporter one" },
        { slot: 2, id: "bo", name: "Reporter bo" },
      ],
      callouts: [CALLOUT],
    })
    expect(await keyringLog(admin)).toEqual([
      expect.stringMatching(/^keyring 1: .+, signed by root 1, 2026-11-22$/),
      `keyring 2: callout added, amazon-layoffs, ${JSON.stringify(CALLOUT.title)}, signed by root 1, 2026-11-22`,
      'keyring 3: slot 1 added, "Reporter one" (one), signed by root 1, 2026-11-22',
      expect.stringMatching(/^keyring 3: reporter one, six words of the request to join:( [a-z-]+){6}, signed by root 1, 2026-11-22$/),
      'keyring 4: slot 2 added, "Reporter bo" (bo), signed by root 1, 2026-11-22',
      expect.stringMatching(/^keyring 4: reporter bo, six words of the request to join:( [a-z-]+){6}, signed by root 1, 2026-11-22$/),
    ])
  })

  test("prints its id, and leaves nothing that others on the machine can read", async () => {
    const admin = deskAt(join(await folder(), "home"))
    const pin = await newNewsroom(admin, {
      name: "The Daily Test",
      url: URL_OF_LINE,
      channels: [parseChannel("Post | 1 Test Street | slow")],
    })
    expect(admin.said.out()).toBe(`${newsroomIdText(pin.id)}\n`)
    expect(pin.channels).toEqual([{ name: "Post", address: "1 Test Street", drawback: "slow" }])
    for (const name of ["", ...(await readdir(admin.home, { recursive: true }))]) {
      const { mode } = await stat(join(admin.home, name))
      // Nothing in newsroom.json is secret, and a server's user reads what is copied from here.
      expect([name, mode & 0o077]).toEqual([name, name === "newsroom.json" ? 0o044 : 0])
    }
    expect(await readFile(homePaths(admin.home).roots, "latin1")).not.toContain("PRIVATE")
  })

  test("refuses a second newsroom in the same folder, and what no keyring can hold", async () => {
    const { admin } = await ceremony([])
    await expect(newNewsroom(admin, { name: "Another", url: URL_OF_LINE })).rejects.toMatchObject({ code: "failed" })
    const empty = deskAt(join(await folder(), "home"))
    for (const [wrong, code] of [
      [{ url: "http://forms.example.org" }, "bad-keyring"],
      [{ colour: "red" }, "bad-keyring"],
      [{ name: "a\u001b[31m" }, "bad-keyring"],
      [{ slots: 5 }, "usage"],
      [{ roots: 1, threshold: 2 }, "usage"],
      [{ expiresIn: 91 }, "usage"],
    ] as const)
      await expect(newNewsroom(empty, { name: "N", url: URL_OF_LINE, ...wrong })).rejects.toMatchObject({ code })
    expect(() => parseChannel("Signal|+1 555 0100")).toThrow(expect.objectContaining({ code: "usage" }))
  })
})

describe("joining", () => {
  test("makes the same request when it is run again, and both sides see the same six words", async () => {
    const { admin, carried } = await ceremony([])
    const invitation = join(carried, "invitation.json")
    await invite(admin, { name: "Reporter One", id: "one", beat: "labour", out: invitation })
    const one = deskAt(join(carried, "one"))
    const out = join(carried, "join.note")
    const words = await joinNewsroom(one, { file: invitation, out })
    expect(words.split(" ")).toHaveLength(6)
    expect(await joinNewsroom(one, { file: invitation, out })).toBe(words)
    const pin = await readPin(admin)
    expect(await joinWords(pin, await parseJoinRequest(await readFile(out, "utf8"), pin))).toBe(words)
  })

  test("is admitted on the admin's yes, typed on a terminal, and by nothing else", async () => {
    const { admin, carried } = await ceremony([])
    const invitation = join(carried, "invitation.json")
    const out = join(carried, "join.note")
    await invite(admin, { name: "Reporter One", id: "one", out: invitation })
    const words = await joinNewsroom(deskAt(join(carried, "one")), { file: invitation, out })
    const asked = (typed?: readonly string[]) => deskAt(admin.home, typed === undefined ? {} : { typed })
    await expect(admit(asked(), { file: out })).rejects.toMatchObject({ code: "needs-terminal", hint: 'use --words "SIX WORDS"' })
    await expect(admit(asked(["no"]), { file: out })).rejects.toMatchObject({ code: "failed" })
    await expect(admit(asked([""]), { file: out })).rejects.toMatchObject({ code: "failed" })
    await expect(admit(asked(), { file: out, words: words.replace(/^\w+/, "abacus") })).rejects.toMatchObject({ code: "failed" })
    expect(await chainOf(admin)).toHaveLength(2)
    const yes = asked(["yes"])
    await admit(yes, { file: out })
    expect(yes.said.err()).toContain(words)
    expect((await chainOf(admin)).at(-1)?.reporters).toMatchObject([{ id: "one", slot: 1 }])
    // The same words, typed in another way.
    // A ceremony that has come to its end says so, and changes nothing.
    expect(await admit(asked(), { file: out, words: words.toUpperCase().replaceAll(" ", ", ") })).toMatchObject({ missing: 0 })
    expect(await chainOf(admin)).toHaveLength(3)
  })

  test("shows other words when the request was exchanged on its way", async () => {
    const { admin, carried } = await ceremony([])
    const invitation = join(carried, "invitation.json")
    await invite(admin, { name: "Reporter One", id: "one", out: invitation })
    const words = await joinNewsroom(deskAt(join(carried, "one")), { file: invitation, out: join(carried, "hers.note") })
    await joinNewsroom(deskAt(join(carried, "mallory")), { file: invitation, out: join(carried, "theirs.note") })
    await expect(admit(admin, { file: join(carried, "theirs.note"), words })).rejects.toMatchObject({ code: "failed" })
  })

  test("is refused for a taken slot or id, an altered request, and one to another newsroom", async () => {
    const { admin, carried } = await ceremony(["one"])
    await expect(invite(admin, { name: "Bo", id: "bo", slot: 1, out: join(carried, "x") })).rejects.toMatchObject({
      message: "slot 1 is taken",
    })
    await expect(invite(admin, { name: "Bo", id: "bo", slot: 9, out: join(carried, "x") })).rejects.toMatchObject({ code: "failed" })
    await expect(invite(admin, { name: "Reporter One", id: "one", out: join(carried, "x") })).rejects.toMatchObject({ code: "failed" })
    await expect(invite(admin, { name: "Bo", id: "Bo!", out: join(carried, "x") })).rejects.toMatchObject({ code: "bad-newsroom" })
    const other = await ceremony([], {}, { name: "Another" })
    const request = join(carried, "join-one.note")
    await expect(admit(other.admin, { file: request, words: "" })).rejects.toMatchObject({ code: "foreign" })
    const altered = (await readFile(request, "utf8")).replace('"slot":1', '"slot":2')
    await writeFile(join(carried, "altered.note"), altered)
    await expect(admit(admin, { file: join(carried, "altered.note"), words: "" })).rejects.toMatchObject({ code: "not-a-note" })
  })

  test("never writes over another file, nor into another's folder", async () => {
    const { admin, reporters, carried } = await ceremony(["one"])
    await writeFile(join(carried, "precious"), "mine")
    await expect(invite(admin, { name: "Bo", id: "bo", out: join(carried, "precious") })).rejects.toMatchObject({ code: "failed" })
    expect(await readFile(join(carried, "precious"), "utf8")).toBe("mine")
    await invite(admin, { name: "Bo", id: "bo", out: join(carried, "invitation-bo.json") })
    await expect(joinNewsroom(reporters[0] as TestDesk, { file: join(carried, "invitation-bo.json") })).rejects.toMatchObject({
      code: "failed",
    })
  })

  test("shows the reporter's folder as it is: known, and not in a keyring yet", async () => {
    const { reporters } = await ceremony(["one"])
    expect(await status(reporters[0] as TestDesk)).toMatchObject({ v: 1, keyring: null, reporter: null, tips: 0, reachableUntil: null })
  })

  test("may be done in the admin's own folder", async () => {
    const { admin, carried } = await ceremony([])
    await invite(admin, { name: "Reporter One", id: "one", out: join(carried, "i.json") })
    const words = await joinNewsroom(admin, { file: join(carried, "i.json"), out: join(carried, "j.note") })
    await admit(admin, { file: join(carried, "j.note"), words })
    expect((await readSecrets(admin)).signer.verifier.name).toBe("localhost:8080/one")
    expect(await status(admin)).toMatchObject({ keyring: { version: 3 }, reporter: { id: "one", slot: 1 } })
  })
})

describe("two of three roots, on machines of their own", () => {
  /** The newsroom's folder with one root, and a second folder to which another was carried. */
  async function separated(): Promise<{ first: TestDesk; second: TestDesk; carried: string }> {
    const { admin: first, carried } = await ceremony([], {}, { roots: 3, threshold: 2 })
    const second = deskAt(join(carried, "second"))
    await moveRoot(first, { file: "roots-2.age", to: second.home })
    await moveRoot(first, { file: "roots-3.age", to: join(carried, "safe") })
    return { first, second, carried }
  }

  test("sign a change that neither could make alone", async () => {
    const { first, second } = await separated()
    const { missing } = await renewKeyring(first, { expiresIn: 30 })
    expect(missing).toBe(1)
    expect(await chainOf(first)).toHaveLength(2)
    const { draft } = homePaths(first.home)
    // A draft is no keyring yet.
    await expect(importKeyring(second, { file: draft })).rejects.toMatchObject({ code: "failed" })
    await expect(closeCallout(first, { id: CALLOUT.id })).rejects.toMatchObject({ message: "a change still waits for signatures" })
    await expect(signKeyring(second, { file: draft })).rejects.toMatchObject({ code: "needs-terminal", hint: "use --yes" })
    const asked = deskAt(second.home, { typed: ["yes"] })
    expect(await signKeyring(asked, { file: draft })).toMatchObject({ missing: 0 })
    expect(asked.said.err()).toContain("keyring 3: renewed until 2026-12-22")
    await importKeyring(first, { file: homePaths(second.home).keyring(3) })
    expect((await chainOf(first)).at(-1)).toMatchObject({ version: 3, expires: addDays(TODAY, 30) })
    // The draft waits for nothing any more: the next change can be made.
    expect(await renewKeyring(first, {})).toMatchObject({ missing: 1 })
  })

  test("are moved into no folder of another newsroom, and take nothing from one that has seen more", async () => {
    const { admin } = await ceremony([], {}, { roots: 2, threshold: 1 })
    const { admin: stranger } = await ceremony([])
    const before = await readFile(homePaths(stranger.home).newsroom, "utf8")
    await expect(moveRoot(admin, { file: "roots-2.age", to: stranger.home })).rejects.toMatchObject({ code: "failed" })
    expect(await readFile(homePaths(stranger.home).newsroom, "utf8")).toBe(before)
    expect(await readdir(admin.home)).toContain("roots-2.age")

    const other = deskAt(join(await folder(), "other"))
    await cp(admin.home, other.home, { recursive: true })
    await rm(join(other.home, "roots-2.age"))
    await renewKeyring(other, {})
    await rotateRoot(other, { number: 2, remove: true, threshold: 1, yes: true })
    const [pin, chain] = [await readPin(other), await chainOf(other)]
    await moveRoot(admin, { file: "roots-2.age", to: other.home })
    expect([await readPin(other), await chainOf(other)]).toEqual([pin, chain])
    expect(await readdir(other.home)).toContain("roots-2.age")
  })

  test("sign nobody's key but that of whoever reads its words to them: a proposer who exchanged it is found out", async () => {
    const { first, second, carried } = await separated()
    const file = join(carried, "bo.json")
    await invite(first, { name: "Bo", id: "bo", out: file })
    const [honest, other] = ["honest", "other"].map((name) => ({ desk: deskAt(join(carried, name)), out: join(carried, `${name}.note`) }))
    if (honest === undefined || other === undefined) throw new Error("there are two")
    const wordsOfBo = await joinNewsroom(honest.desk, { file, out: honest.out })
    const otherWords = await joinNewsroom(other.desk, { file, out: other.out })
    const { draft } = homePaths(first.home)

    await admit(first, { file: other.out, words: otherWords })
    const swapped = await readFile(draft, "utf8")
    await expect(signKeyring(second, { file: draft, yes: true, words: [wordsOfBo] })).rejects.toMatchObject({ code: "failed" })
    const asked = deskAt(second.home, { typed: ["yes", "no"] })
    await expect(signKeyring(asked, { file: draft })).rejects.toMatchObject({
      message: "the words were not confirmed, nothing was changed",
    })
    expect(asked.said.err().replaceAll(/\s+/g, " ")).toContain(`reporter bo, six words of the request to join: ${otherWords}`)
    expect(await readFile(draft, "utf8")).toBe(swapped)
    expect(await chainOf(second)).toHaveLength(2)

    await discardDraft(first)
    await admit(first, { file: honest.out, words: wordsOfBo })
    expect(await signKeyring(second, { file: draft, yes: true, words: [wordsOfBo.toUpperCase()] })).toMatchObject({ missing: 0 })
    // Run again, as after a cut: nothing is asked twice.
    expect(await signKeyring(second, { file: draft, yes: true })).toMatchObject({ missing: 0 })
  })

  test("are shown an address, an outer way and a question before they are asked to sign them", async () => {
    const { first, second, carried } = await separated()
    const current = (await chainOf(first)).at(-1)
    if (current === undefined) throw new Error("there is a keyring")
    const onion = `http://${"a".repeat(56)}.onion`
    const text = keyringText({
      ...current,
      version: current.version + 1,
      previous: current.hash,
      newsroom: { ...current.newsroom, onion, leaveTo: "https://elsewhere.example/" },
      callouts: current.callouts.map((one) => ({ ...one, questions: [{ id: "who" as Id, kind: "short", label: "Your name?\u202e" }] })),
    })
    const file = join(carried, "draft.note")
    await writeFile(file, await signNote(text, await readRoots(first)))
    const asked = deskAt(second.home, { typed: ["no"] })
    await expect(signKeyring(asked, { file })).rejects.toMatchObject({ message: "nothing was signed" })
    const said = asked.said.err().replaceAll(/\s+/g, " ")
    for (const line of [
      `the newsroom's onion changed from nothing to "${onion}"`,
      "the newsroom's leaveTo changed from",
      'callout amazon-layoffs: question who: short: "Your name?‹U+202E›"',
      `valid until ${current.expires}`,
    ])
      expect(said).toContain(line)
  })

  test("cannot be made to sign what does not follow their chain, nor twice by one", async () => {
    const { first, second } = await separated()
    await renewKeyring(first, {})
    const { draft } = homePaths(first.home)
    await expect(signKeyring(first, { file: draft, yes: true })).rejects.toMatchObject({
      message: "the roots in this folder have signed it already",
    })
    const forked = (await readFile(draft, "utf8")).replace(/"previous":"(.)/, (_, first) => `"previous":"${first === "_" ? "A" : "_"}`)
    await writeFile(`${draft}.forked`, forked)
    await expect(signKeyring(second, { file: `${draft}.forked`, yes: true })).rejects.toMatchObject({
      code: expect.stringMatching(/forked|not-a-note|bad-keyring/),
    })
  })
})

describe("a change", () => {
  test("is refused when the clock stands before the last one, or the file is not a callout", async () => {
    const { admin, carried } = await ceremony([])
    const early = deskAt(admin.home, { clock: new TestClock(addDays(TODAY, -1)) })
    await expect(renewKeyring(early, {})).rejects.toMatchObject({ code: "failed", hint: "check this machine's clock" })
    await writeFile(join(carried, "other.json"), JSON.stringify({ ...CALLOUT, title: "Other" }))
    await expect(newCallout(admin, { file: join(carried, "other.json") })).rejects.toMatchObject({
      message: "there is a callout with this id",
    })
    for (const text of ["", "{", '{"id":"x"}', JSON.stringify({ ...CALLOUT, tracking: "x" }), "\ufeff{}"]) {
      await writeFile(join(carried, "bad.json"), text)
      await expect(newCallout(admin, { file: join(carried, "bad.json") })).rejects.toMatchObject({ code: "bad-keyring" })
    }
    await expect(newCallout(admin, { file: join(carried, "nowhere.json") })).rejects.toMatchObject({ code: "failed" })
    expect(await chainOf(admin)).toHaveLength(2)
  })

  test("of a callout is a change in the log", async () => {
    const { admin, carried } = await ceremony([])
    await writeFile(join(carried, "callout.json"), JSON.stringify({ ...CALLOUT, title: "Affected?" }))
    await newCallout(admin, { file: join(carried, "callout.json"), replace: true })
    expect((await keyringLog(admin)).at(-1)).toBe('keyring 3: callout changed, amazon-layoffs, "Affected?", signed by root 1, 2026-11-22')
  })

  test("that was cut at any write leaves a chain that verifies, and can be made again", async () => {
    const { admin } = await ceremony([])
    for (let cut = 0; ; cut++) {
      let left = cut
      const cutting = deskAt(admin.home, {
        before: () => {
          if (left-- === 0) throw new Error("power cut")
        },
      })
      const before = (await chainOf(admin)).length
      const made = await renewKeyring(cutting, {}).catch(() => undefined)
      const after = (await chainOf(admin)).length
      expect(after === before || after === before + 1).toBe(true)
      if (made !== undefined) {
        expect(after).toBe(before + 1)
        expect(cut).toBeGreaterThan(3)
        break
      }
    }
    expect(await renewKeyring(admin, {})).toMatchObject({ missing: 0 })
  })
})
