/** The vault: another key, another passphrase, a backup that holds no day key, a second device; each cut at every write and run again. SPEC.md §7. */

import { execFile } from "node:child_process"
import { cp, readdir, readFile, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { describe, expect, test } from "@jest/globals"
import { Decrypter } from "age-encryption"
import { addDays, type Day } from "../../envelope/day.ts"
import { identityText } from "../../envelope/keys.ts"
import { readTip, unlock } from "../../envelope/open.ts"
import { admit, invite } from "../../scripts/admin/invite.ts"
import { publishKeyrings } from "../../scripts/admin/keyring.ts"
import { inbox } from "../../scripts/reporter/inbox.ts"
import { join as joinNewsroom } from "../../scripts/reporter/join.ts"
import { read } from "../../scripts/reporter/read.ts"
import { sync } from "../../scripts/reporter/sync.ts"
import { backup, restore, verifyBackup } from "../../scripts/vault/backup.ts"
import { namesIn } from "../../scripts/vault/disk.ts"
import { homePaths } from "../../scripts/vault/home.ts"
import { newPassphrase, rekey } from "../../scripts/vault/rekey.ts"
import { readSecrets } from "../../scripts/vault/secrets.ts"
import { heldDays, readSeed } from "../../scripts/vault/seeds.ts"
import { openVault } from "../../scripts/vault/vault.ts"
import { deskAt, type TestDesk, TODAY } from "./bench.ts"
import { freshLines } from "./line.ts"

const run = promisify(execFile)
const line = freshLines()

const later = (days: number): Day => addDays(TODAY, days)
const messages = async (desk: TestDesk) =>
  Promise.all((await inbox(desk)).map(async ({ tip }) => (await read(desk, { number: tip })).message))

/** Runs `work` with the disk cut before its first write, then before its second, and so on until it runs through. */
async function cutEverywhere(
  work: (desk: TestDesk) => Promise<unknown>,
  desk: (before: () => void) => TestDesk,
  between: () => Promise<void>,
): Promise<number> {
  for (let cuts = 0; ; cuts++) {
    let left = cuts
    const done = await work(
      desk(() => {
        if (left-- === 0) throw new Error("power cut")
      }),
    ).then(
      () => true,
      (error: Error) => {
        expect(error.message).toBe("power cut")
        return false
      },
    )
    await between()
    if (done) return cuts
  }
}

describe("forward secrecy", () => {
  test("a copy of the whole disk, with the passphrase, opens no purged tip of a closed day that was caught on the wire", async () => {
    const { one, send, goTo, carried } = await line(["one"])
    const wire = await send({ message: "for one day only" })
    await sync(one)
    await cp(one.home, join(carried, "before"), { recursive: true })
    await goTo(later(3))
    await sync(one)
    // Purged: the vault's own copy is deleted by its reader.
    await one.disk.remove(homePaths(one.home).tip(1))
    await cp(one.home, join(carried, "after"), { recursive: true })

    // The control: the same thief, a copy from before the day was closed.
    expect(await opensWith(join(carried, "before"), wire)).toBe("for one day only")
    expect(await opensWith(join(carried, "after"), wire)).toBeUndefined()
  })

  /** Tries every key that can be had from a folder and its passphrase, on every slot. */
  async function opensWith(home: string, envelope: Uint8Array): Promise<string | undefined> {
    const thief = deskAt(home)
    const secrets = await readSecrets(thief)
    const identities = [secrets.vault, ...secrets.older]
    for (const day of await heldDays(thief)) identities.push(...[await readSeed(thief, secrets, day)].flatMap((seed) => seed ?? []))
    expect(identities.length).toBeGreaterThan(10)
    for (const identity of identities)
      for (let slot = 0; slot <= 8; slot++) {
        const unlocked = await unlock([envelope], { identity, slot, slots: 8 })
        if (unlocked !== undefined) return (await readTip(unlocked)).message
      }
    return undefined
  }
})

describe("vault rekey", () => {
  test("gives everything a new header, and stock age opens it with the new key and not with the old", async () => {
    const { one, send } = await line(["one"])
    await send({ message: "before" })
    await sync(one)
    const old = (await readSecrets(one)).vault
    const before = await readFile(homePaths(one.home).tip(1))
    expect(await rekey(one, { dryRun: true })).toBe(0)
    expect(await readFile(homePaths(one.home).tip(1))).toEqual(before)
    // The index and its page, the tip and its words, and 15 days.
    expect(await rekey(one)).toBe(19)
    const { vault, older } = await readSecrets(one)
    expect(older).toEqual([])
    expect(identityText(vault)).not.toBe(identityText(old))
    const after = await readFile(homePaths(one.home).tip(1))
    const opens = async (identity: typeof vault) => {
      const decrypter = new Decrypter()
      decrypter.addIdentity(identityText(identity))
      return Buffer.from(await decrypter.decrypt(after)).includes("before")
    }
    expect(await opens(vault)).toBe(true)
    await expect(opens(old)).rejects.toThrow()
    expect(after.subarray(-1_000)).toEqual(before.subarray(-1_000))
    await send({ message: "after" })
    await sync(one)
    expect(await messages(one)).toEqual(["before", "after"])
  })

  test("cut at any write loses nothing, and comes to its end when it is run again", async () => {
    const { one, send, again } = await line(["one"])
    await send({ message: "first" })
    await send({ message: "second" })
    await sync(one)
    const cuts = await cutEverywhere(
      rekey,
      (before) => again(one, { before }),
      async () => {
        expect((await messages(one)).sort((a, b) => a.localeCompare(b))).toEqual(["first", "second"])
        const vault = await openVault(one)
        for (const day of await heldDays(one)) expect(await readSeed(one, vault.secrets, day)).toBeDefined()
      },
    )
    // Each run goes on where the one before was cut.
    expect(cuts).toBeGreaterThan(8)
    expect((await readSecrets(one)).older).toEqual([])
    await send({ message: "third" })
    expect((await sync(one)).kept).toHaveLength(1)
  }, 120_000)
})

describe("vault passphrase", () => {
  test("is another one for the same keys, and the one before opens nothing any more", async () => {
    const { one, again } = await line(["one"])
    const before = identityText((await readSecrets(one)).vault)
    const asked: boolean[] = []
    const changing = {
      ...again(one),
      passphrase: ({ isNew }: { isNew: boolean }) => {
        asked.push(isNew)
        return Promise.resolve(isNew ? "another passphrase" : "a passphrase for tests")
      },
    }
    await newPassphrase(changing)
    expect(asked).toEqual([false, true])
    await expect(readSecrets(one)).rejects.toMatchObject({ code: "wrong-passphrase" })
    expect(identityText((await readSecrets(again(one, { passphrase: "another passphrase" }))).vault)).toBe(before)
    await expect(newPassphrase(again(one), { roots: true })).rejects.toMatchObject({ code: "not-set-up" })
  })
})

describe("a backup", () => {
  test("is one age file with a tar inside: keys, tips, index and chain, and no day key", async () => {
    const { one, send, carried } = await line(["one"])
    await send({ message: "kept" })
    await sync(one)
    const file = join(carried, "one.backup")
    await backup(one, { file, dryRun: true })
    expect(await readdir(carried)).not.toContain("one.backup")
    await backup(one, { file })
    expect(await verifyBackup(one, { file })).toMatchObject({ tips: [1] })
    expect(one.said.out()).toContain("every part opens")
    const decrypter = new Decrypter()
    decrypter.addPassphrase("a passphrase for tests")
    const tar = join(carried, "one.tar")
    await writeFile(tar, await decrypter.decrypt(await readFile(file)))
    const { stdout } = await run("tar", ["-tf", tar])
    expect(stdout.trim().split("\n")).toEqual([
      "secrets.txt",
      "newsroom.json",
      "keyring/1.note",
      "keyring/2.note",
      "keyring/3.note",
      "index.age",
      "index/0.age",
      "tips/1.age",
    ])
    await expect(backup(one, { file })).rejects.toMatchObject({ code: "failed", message: `${file} is there already` })
    await expect(verifyBackup({ ...one, passphrase: () => Promise.resolve("wrong") }, { file })).rejects.toMatchObject({
      code: "wrong-passphrase",
    })
    const bytes = await readFile(file)
    bytes[bytes.length - 30_000] = (bytes[bytes.length - 30_000] ?? 0) ^ 1
    await writeFile(`${file}.damaged`, bytes)
    await expect(verifyBackup(one, { file: `${file}.damaged` })).rejects.toMatchObject({ code: "bad-payload" })
  })

  test("may lie in the folder itself: the next one does not hold it, and another vault key leaves it alone", async () => {
    const { one, send } = await line(["one"])
    await send({ message: "kept" })
    await sync(one)
    const [first, second] = [join(one.home, "first.age"), join(one.home, "second.age")]
    await backup(one, { file: first })
    await backup(one, { file: second })
    expect(Math.abs((await stat(second)).size - (await stat(first)).size)).toBeLessThan(2_000)
    await verifyBackup(one, { file: second })
    await rekey(one)
    await verifyBackup(one, { file: first })
  })

  test("is put back into an empty folder; day keys are made new and replace the published ones from today on", async () => {
    const { one, send, again, carried, goTo } = await line(["one"])
    await send({ message: "in the backup" })
    await sync(one)
    const file = join(carried, "one.backup")
    await backup(one, { file })
    await goTo(later(1))
    await send({ message: "after the backup, fetched by nobody else" })
    await sync(one)
    // The machine is lost. Its keys of today were replaced several times; the new ones must win all the same.
    await send({ message: "sealed to the lost seeds" })
    const found = again({ home: join(carried, "restored") } as TestDesk)
    await expect(restore(one, { file })).rejects.toMatchObject({ code: "failed" })
    await restore(found, { file })
    expect(await heldDays(found)).toEqual([])
    expect(await messages(found)).toEqual(["in the backup"])
    await sync(found)
    await send({ message: "to the new seeds" })
    expect((await sync(found)).kept).toHaveLength(1)
    expect(await messages(found)).toEqual(["in the backup", "to the new seeds"])
    // The other copy learns at once that it is not alone.
    await sync(one)
    expect(one.said.err()).toContain("another copy of this vault is in use")
  })

  test("is put back whole wherever the restore was cut", async () => {
    const { one, send, again, carried } = await line(["one"])
    await send({ message: "kept" })
    await sync(one)
    const file = join(carried, "one.backup")
    await backup(one, { file })
    const home = join(carried, "restored")
    for (let cuts = 0; ; cuts++) {
      let left = cuts
      const cutting = again({ home } as TestDesk, {
        before: () => {
          if (left-- === 0) throw new Error("power cut")
        },
      })
      const end = await restore(cutting, { file }).catch((error: Error) => error.message)
      if (end === "power cut") continue
      // Cut while the last folder was flushed: secrets.age is there, and the restore is complete.
      if (typeof end === "string") expect(end).toBe("this folder is a reporter's already")
      expect(cuts).toBeGreaterThan(10)
      break
    }
    const found = again({ home } as TestDesk)
    expect(await messages(found)).toEqual(["kept"])
    await sync(found)
    expect((await namesIn(homePaths(home).days)).length).toBe(15)
  })
})

describe("a second device", () => {
  test("is a second slot with an id of its own: both open what was sealed to both, and either can be revoked", async () => {
    const { admin, one, carried, again, send } = await line(["one"])
    const [invitation, request] = [join(carried, "phone.json"), join(carried, "phone.note")]
    await invite(admin, { name: "Reporter One, second device", id: "one-b", out: invitation })
    const second = again({ home: join(carried, "one-b") } as TestDesk)
    const words = await joinNewsroom(second, { file: invitation, out: request })
    await admit(admin, { file: request, words })
    await publishKeyrings(admin)
    await sync(second)
    await sync(one)
    await send({ to: ["one", "one-b"], message: "on both" })
    for (const desk of [one, second]) expect((await sync(desk)).kept).toHaveLength(1)
    // The same slot twice is refused: two machines with one identity would replace each other's day keys.
    await expect(invite(admin, { name: "Reporter One", id: "one-c", slot: 1, out: join(carried, "x") })).rejects.toMatchObject({
      message: "slot 1 is taken",
    })
  })
})
