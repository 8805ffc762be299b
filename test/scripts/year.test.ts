/** A year of a newsroom: three reporters, two admins with two of three roots; leaves, a lost laptop, a root and an identity that change, a server put
 *  back from last week's backup, a host that blocks syncing. After each step who can open what is compared with a table, and printed. SPEC.md §4, §7. */

import { cp } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, expect, test } from "@jest/globals"
import { believe } from "../../client/sealing.ts"
import type { Bytes } from "../../envelope/bytes.ts"
import { toBase64url } from "../../envelope/bytes.ts"
import { addDays, type Day, daysBetween } from "../../envelope/day.ts"
import type { Recipient } from "../../envelope/keys.ts"
import type { Id } from "../../envelope/names.ts"
import { readTip, unlock } from "../../envelope/open.ts"
import { collect } from "../../envelope/reader.ts"
import { sealTip } from "../../envelope/seal.ts"
import { pinnedText } from "../../keyring/newsroom.ts"
import { deriveSource, newWords } from "../../keyring/words.ts"
import type { Changed } from "../../scripts/admin/change.ts"
import { replaceFrom } from "../../scripts/admin/change.ts"
import { admit, invite } from "../../scripts/admin/invite.ts"
import { importKeyring, publishKeyrings, renewKeyring } from "../../scripts/admin/keyring.ts"
import { newNewsroom } from "../../scripts/admin/newsroom.ts"
import { revoke } from "../../scripts/admin/revoke.ts"
import { moveRoot, newRoot, rotateRoot } from "../../scripts/admin/roots.ts"
import { rotateReporter } from "../../scripts/admin/rotate.ts"
import { signKeyring } from "../../scripts/admin/sign.ts"
import { verifyNewsroom } from "../../scripts/admin/verify.ts"
import { back, handover } from "../../scripts/reporter/away.ts"
import { rotateIdentity } from "../../scripts/reporter/identity.ts"
import { join as joinNewsroom } from "../../scripts/reporter/join.ts"
import { sync } from "../../scripts/reporter/sync.ts"
import { openTip } from "../../scripts/reporter/tips.ts"
import { backup, restore } from "../../scripts/vault/backup.ts"
import { currentOf, readChain } from "../../scripts/vault/chain.ts"
import { homePaths, readPin } from "../../scripts/vault/home.ts"
import { heldDays, readSeed } from "../../scripts/vault/seeds.ts"
import { openVault } from "../../scripts/vault/vault.ts"
import { keepPartitions } from "../../server/partitions.ts"
import type { TestNewsroom } from "../support/newsroom.ts"
import { ask, startServer, type TestServer } from "../support/server.ts"
import { deskAt, folder, removeFolders, TestClock, type TestDesk, URL_OF_LINE } from "./bench.ts"

const START = "2027-01-04" as Day
const on = (offset: number): Day => addDays(START, offset)
/** The tables that a backup of the server has, in the order in which they can be put back. */
const TABLES = ["keyrings", "day_notes", "subscriptions", "closed_days", "envelopes", "nonces"] as const
type Dump = readonly { readonly table: string; readonly rows: readonly Record<string, unknown>[] }[]

interface Sent {
  readonly name: string
  readonly day: Day
  readonly message: string
  /** As it went over the wire: whoever listens has it for ever. */
  readonly envelope: Bytes
}

/** The newsroom on stage: everybody's folder, one clock, one server that can be exchanged. */
class Year {
  readonly clock = new TestClock(START)
  readonly tips: Sent[] = []
  readonly lines: string[] = []
  readonly homes = new Map<string, string>()
  present: string[] = []
  server!: TestServer
  pin = ""

  readonly carried: string
  constructor(carried: string) {
    this.carried = carried
  }

  at = (name: string) => join(this.carried, name)
  desk(name: string, base = this.server.base): TestDesk {
    return deskAt(this.homes.get(name) ?? this.at(name), { clock: this.clock, base })
  }
  get admin() {
    return this.desk("admin")
  }
  get second() {
    return this.desk("second")
  }

  async open(): Promise<void> {
    const admin = deskAt(this.at("admin"), { clock: this.clock })
    await newNewsroom(admin, { name: "The Daily Test", url: URL_OF_LINE, roots: 3, threshold: 2 })
    const pinned = await readPin(admin)
    this.pin = pinnedText(pinned)
    this.server = await startServer({ id: pinned.id, pinned, chain: [] } as unknown as TestNewsroom, START)
    await moveRoot(admin, { file: "roots-2.age", to: this.at("second") })
    await moveRoot(admin, { file: "roots-3.age", to: this.at("safe") })
    await publishKeyrings(this.admin)
  }

  /** A change that one admin begins, the other signs from a file, and the first publishes. */
  async change(make: (desk: TestDesk) => Promise<Changed>, words: readonly string[] = []): Promise<void> {
    const { keyring, missing } = await make(this.admin)
    expect(missing).toBe(1)
    await signKeyring(this.second, { file: homePaths(this.at("admin")).draft, yes: true, words })
    await importKeyring(this.admin, { file: homePaths(this.at("second")).keyring(keyring.version) })
    await publishKeyrings(this.admin)
  }

  async enter(id: string, name: string): Promise<void> {
    const [invitation, request] = [this.at(`invitation-${id}.json`), this.at(`join-${id}.note`)]
    await invite(this.admin, { name, id, out: invitation })
    const words = await joinNewsroom(this.desk(id), { file: invitation, out: request })
    await this.change((admin) => admit(admin, { file: request, words }), [words])
    this.present.push(id)
  }

  async goTo(day: Day): Promise<void> {
    this.clock.day = day
    this.server.clock.ms = this.clock.ms
    const chain = await readChain(this.admin, await readPin(this.admin))
    await keepPartitions(this.server.database, day, currentOf(chain).policy, () => undefined)
  }
  /** Life goes on: a sync every ten days by whoever is there, a new keyring when half of the old one's life is over. */
  async live(until: number): Promise<void> {
    const last = on(until)
    for (let day = this.clock.today(); day < last; ) {
      day = daysBetween(day, last) > 10 ? addDays(day, 10) : last
      await this.goTo(day)
      const current = currentOf(await readChain(this.admin, await readPin(this.admin)))
      if (daysBetween(replaceFrom(current), day) > 0) await this.change((admin) => renewKeyring(admin, {}))
      await this.syncAll()
    }
  }
  async syncAll(): Promise<void> {
    for (const id of this.present) await sync(this.desk(id))
  }

  /** Whom the page of this day offers, by the pin with which the newsroom began. */
  async offered(pin = this.pin): Promise<readonly string[]> {
    const { body } = await ask(this.server.base, "GET", "/api/today")
    return [...(await believe({ pin, answer: body.toString(), today: this.clock.today() })).reachable.keys()]
  }
  async send(name: string, to: readonly string[]): Promise<void> {
    const today = this.clock.today()
    const { body } = await ask(this.server.base, "GET", "/api/today")
    const { keyring, reachable, pinned } = await believe({ pin: this.pin, answer: body.toString(), today })
    const slots: (Recipient | undefined)[] = Array.from({ length: 9 }, () => undefined)
    for (const id of to) {
      const key = reachable.get(id as Id)
      if (key === undefined) throw new Error(`${id} cannot be reached on ${today}`)
      slots[key.slot] = key.recipient
    }
    const { keys, sign } = await deriveSource(await newWords(), pinned.id)
    const ids = to as readonly Id[]
    const tip = {
      newsroom: pinned.id,
      keyring: keyring.hash,
      day: today,
      to: ids,
      reachable: [...reachable.keys()],
      answers: new Map(),
      source: keys,
      files: [],
    }
    const message = `tip ${name}`
    const envelope = await collect(sealTip({ tip, message, files: [], sign, slots, maxBytes: 1_048_576 }).stream)
    const headers = { "content-type": "application/age" }
    expect((await ask(this.server.base, "POST", `/api/envelopes?day=${today}`, { headers, body: envelope })).status).toBe(201)
    this.tips.push({ name, day: today, message, envelope })
  }

  /** What somebody with this folder and its passphrase can open: `A` from the vault, `a` only with a day's seed and the wire's copy, `.` not at all. */
  async power(name: string): Promise<string> {
    const desk = this.desk(name)
    const vault = await openVault(desk)
    const kept = new Set<string>()
    for (const number of vault.records.tips.keys()) kept.add((await openTip(desk, vault, number)).opened.message)
    const letters: string[] = []
    for (const { name: tip, day, message, envelope } of this.tips) {
      const seed = await readSeed(desk, vault.secrets, day)
      letters.push(kept.has(message) ? tip : seed !== undefined && (await this.opens(envelope, seed, message)) ? tip.toLowerCase() : ".")
    }
    return letters.join("")
  }
  private async opens(envelope: Bytes, identity: NonNullable<Awaited<ReturnType<typeof readSeed>>>, message: string): Promise<boolean> {
    // A thief tries every slot.
    for (let slot = 1; slot <= 8; slot++) {
      const unlocked = await unlock([envelope], { identity, slot, slots: 8 })
      if (unlocked !== undefined) return (await readTip(unlocked)).message === message
    }
    return false
  }

  async step(what: string, expected: Readonly<Record<string, string>>): Promise<void> {
    const found: Record<string, string> = {}
    for (const name of Object.keys(expected)) found[name] = await this.power(name)
    const columns = Object.entries(found).map(([name, letters]) => `${name} ${letters}`)
    this.lines.push(`${this.clock.today()}  ${what.padEnd(62)}  ${columns.join("   ")}`)
    expect({ what, ...found }).toEqual({ what, ...expected })
  }

  async dump(): Promise<Dump> {
    const dump: { table: string; rows: readonly Record<string, unknown>[] }[] = []
    for (const table of TABLES) {
      const days =
        table === "envelopes" || table === "closed_days" || table === "nonces"
          ? "day::text as day"
          : table === "day_notes"
            ? "day::text as day, made::text as made"
            : ""
      const { rows } = await this.server.database.query<Record<string, unknown>>(`select * ${days === "" ? "" : `, ${days}`} from ${table}`)
      dump.push({ table, rows })
    }
    return dump
  }
  /** Another server with what was in the dump: what came since is not there. */
  async putBack(dump: Dump): Promise<void> {
    await this.server.stop()
    const pinned = await readPin(this.admin)
    this.server = await startServer({ id: pinned.id, pinned, chain: [] } as unknown as TestNewsroom, this.clock.today())
    const { database } = this.server
    for (const { table, rows } of dump)
      for (const row of rows) {
        if (table === "envelopes") await keepPartitions(database, row.day as Day, undefined, () => undefined)
        const names = Object.keys(row)
        const places = names.map((_, at) => `$${at + 1}`).join(", ")
        await database.query(`insert into ${table} (${names.join(", ")}) values (${places})`, Object.values(row))
      }
    await this.goTo(this.clock.today())
  }
}

let year: Year | undefined
afterAll(async () => {
  if (year !== undefined) {
    process.stdout.write(
      `\nWho can open what: A from the vault, a only with a day's seed and a copy from the wire, . not at all\n${year.lines.join("\n")}\n`,
    )
    await year.server?.stop()
  }
  await removeFolders()
})

test("a year: after each step everybody can open what the table says, and nothing else", async () => {
  const y = new Year(await folder())
  year = y
  await y.open()
  for (const [id, name] of [
    ["one", "Reporter One"],
    ["two", "Reporter Two"],
    ["three", "Reporter Three"],
  ] as const)
    await y.enter(id, name)
  await y.syncAll()
  expect(await y.offered()).toEqual(["one", "three", "two"])
  await y.send("A", ["one", "two"])
  await y.send("B", ["two"])
  await y.step("two tips have come, nobody has synced", { one: "a.", two: "ab", three: ".." })
  await y.goTo(on(1))
  await y.syncAll()
  await y.step("everybody has synced", { one: "A.", two: "AB", three: ".." })

  await y.live(21)
  await y.send("C", ["three"])
  await y.goTo(on(22))
  await handover(y.desk("three"), { to: "two", span: `${on(23)}..${on(52)}` })
  y.present = ["one", "two"]
  await y.goTo(on(25))
  expect(await y.offered()).toEqual(["one", "two"])
  await y.send("D", ["one", "two"])
  await y.live(40)
  // Past the prepared days nobody knows of the leave any more, and nobody can reach the absent either.
  expect(await y.offered()).toEqual(["one", "two"])
  await y.step("three is on leave; C waits on three's machine", { one: "A..D", two: "AB.D", three: "..c." })
  await y.goTo(on(52))
  const { kept } = await sync(y.desk("three"))
  expect(kept).toHaveLength(1)
  await back(y.desk("three"))
  y.present = ["one", "two", "three"]
  await y.live(53)
  expect(await y.offered()).toEqual(["one", "three", "two"])
  await y.step("three is back after 30 days: nothing is lost", { one: "A..D", two: "AB.D", three: "..C." })

  await y.live(84)
  await backup(y.desk("two"), { file: y.at("two.backup") })
  await y.live(88)
  await y.send("E", ["two"])
  await y.send("F", ["one", "two"])
  await y.goTo(on(89))
  await sync(y.desk("one"))
  await cp(y.at("two"), y.at("lost"), { recursive: true })
  y.homes.set("two", y.at("two-restored"))
  y.present = ["one", "three"]
  let openDays: unknown
  await y.change(async (admin) => {
    const revoked = await revoke(admin, { id: "two", lost: true, yes: true })
    openDays = revoked.openDays
    return revoked
  })
  expect(openDays).toEqual({ from: on(86), to: on(102), isKnown: true })
  expect(await y.offered()).toEqual(["one", "three"])
  await restore(y.desk("two"), { file: y.at("two.backup") })
  await y.step("two's laptop is lost with its passphrase; a backup is put back", {
    one: "A..D.F",
    two: "AB.D..",
    three: "..C...",
    lost: "AB.Def",
  })
  await y.enter("two-b", "Reporter Two")
  await y.syncAll()
  await y.send("G", ["one", "two-b"])
  await y.live(100)
  await expect(sync(y.desk("lost"))).rejects.toMatchObject({ code: "not-set-up" })
  await y.step("two has a new slot; the lost laptop opens nothing new", {
    one: "A..D.FG",
    two: "AB.D...",
    "two-b": "......G",
    three: "..C....",
    lost: "AB.Def.",
  })

  await y.live(150)
  const request = y.at("root.note")
  const words = await newRoot(y.second, { out: request })
  await y.change((admin) => rotateRoot(admin, { number: 2, request, words, yes: true }), [words])
  await y.live(155)
  // The page that was printed in January, and one that pins the new roots.
  for (const pin of [y.pin, pinnedText(await readPin(y.admin))]) expect(await y.offered(pin)).toEqual(["one", "three", "two-b"])
  await y.send("H", ["three"])
  await y.live(160)
  await y.step("root 2 is another key; the old pin and the printed name still hold", {
    one: "A..D.FG.",
    "two-b": "......G.",
    three: "..C....H",
    lost: "AB.Def..",
  })

  await y.live(200)
  const rotation = y.at("rotate.note")
  const spoken = (await rotateIdentity(y.desk("one"), { out: rotation })) ?? ""
  await y.change((admin) => rotateReporter(admin, { file: rotation, words: spoken }), [spoken])
  expect(await y.offered()).toEqual(["three", "two-b"])
  await sync(y.desk("one"))
  expect(await y.offered()).toEqual(["one", "three", "two-b"])
  await y.send("I", ["one"])
  await y.live(205)
  await y.step("one signs with another key; what was kept opens as before", { one: "A..D.FG.I", "two-b": "......G..", three: "..C....H." })

  await y.live(243)
  const dump = await y.dump()
  await y.goTo(on(246))
  await y.send("J", ["one", "three"])
  await y.goTo(on(247))
  await y.change((admin) => renewKeyring(admin, {}))
  await y.syncAll()
  await y.goTo(on(249))
  await y.send("K", ["one"])
  await y.goTo(on(250))
  await y.putBack(dump)
  await expect(sync(y.desk("one"))).rejects.toMatchObject({ code: "rolled-back" })
  await y.step("the server is put back from last week's backup: refused", {
    one: "A..D.FG.IJk",
    "two-b": "......G....",
    three: "..C....H.J.",
  })
  expect(await publishKeyrings(y.admin)).toBe(1)
  const noticing = y.desk("one")
  await sync(noticing)
  expect(noticing.said.err()).toMatch(/the server did not have your keys of \d+ days/)
  await y.syncAll()
  expect(await y.offered()).toEqual(["one", "three", "two-b"])
  await y.send("L", ["one", "two-b", "three"])
  await y.live(260)
  // K had reached the server after its backup and nobody before: only what was fetched survives a server.
  await y.step("published again; what came since and was fetched is kept, K is lost", {
    one: "A..D.FG.IJ.L",
    "two-b": "......G....L",
    three: "..C....H.J.L",
  })

  await y.live(300)
  await y.send("M", ["three"])
  y.present = ["one", "two-b"]
  for (const day of [310, 320, 330, 340, 350]) {
    await y.live(day)
    await expect(sync(y.desk("three", "http://127.0.0.1:9"))).rejects.toMatchObject({ message: "the server cannot be reached" })
  }
  await y.live(360)
  const blocked = y.desk("three", "http://127.0.0.1:9")
  await expect(sync(blocked)).rejects.toMatchObject({ message: "the server cannot be reached" })
  await y.step("a host has blocked three for 60 days: M waits, with warnings", { three: "..C....H.J.Lm" })
  expect(blocked.said.err()).toMatch(/will be destroyed in \d+ days/)
  await y.live(361)
  await expect(sync(y.desk("three", "http://127.0.0.1:9"))).rejects.toMatchObject({ message: "the server cannot be reached" })
  await y.step("a day more: seeds do not outlive seedDays, whoever blocks", {
    one: "A..D.FG.IJ.L.",
    "two-b": "......G....L.",
    three: "..C....H.J.L.",
  })
  expect((await heldDays(y.desk("three"))).every((day) => daysBetween(day, y.clock.today()) <= 60)).toBe(true)

  await y.live(365)
  const outside = y.desk("nobody")
  const seen = await verifyNewsroom(outside, { url: URL_OF_LINE, pin: homePaths(y.at("admin")).newsroom, json: true })
  expect(seen).toMatchObject({ reachable: ["one", "two-b"], unreachable: ["three"] })
  expect(toBase64url(Uint8Array.from((await readPin(y.admin)).id))).toBe(toBase64url(Uint8Array.from((await readPin(y.desk("one"))).id)))
  await y.step("a year is over", { one: "A..D.FG.IJ.L.", "two-b": "......G....L.", three: "..C....H.J.L.", lost: "AB.Def......." })
}, 180_000)
