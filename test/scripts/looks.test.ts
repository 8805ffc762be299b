/** Envelopes opened with the thread beside, as `sync` opens many: each is what it is without it, in its place, whatever becomes of the thread. */

import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { type Identity, newIdentity, recipientOf } from "../../envelope/keys.ts"
import { type Id, newsroomId } from "../../envelope/names.ts"
import type { Fetched, Look, Opener } from "../../scripts/reporter/look.ts"
import { startLooks } from "../../scripts/reporter/looks.ts"
import { DAY, file, HASH, makeDesk, noise, sealed } from "../support/tips.ts"

const PROGRAM = join(__dirname, "../../dist/looker.js")
const COUNT = 60

let opener: Opener
let vault: Identity
let fetched: readonly Fetched[]
beforeAll(async () => {
  const [ours, theirs] = [await makeDesk([2]), await makeDesk([3])]
  const seed = ours.identities.get(2)
  if (seed === undefined) throw new Error("there is no slot 2")
  vault = await newIdentity()
  opener = { day: DAY, seed, slot: 2, slots: 8, newsroom: newsroomId(HASH), reporter: "reporter-2" as Id, chain: [] }
  const one = async (index: number): Promise<Uint8Array> => {
    if (index % 7 === 3) return sealed(theirs)
    // Larger ones among them, which take longer: an answer in another's place would be seen.
    const files = index % 9 === 4 ? [file("a.bin", new Uint8Array(600_000))] : []
    const envelope = await sealed(ours, { message: `tip ${index}`, files })
    if (index % 11 === 5) envelope[envelope.length - 1] = (envelope.at(-1) ?? 0) ^ 1
    return index % 13 === 6 ? noise(envelope.length) : envelope
  }
  const all = await Promise.all(Array.from({ length: COUNT }, (_, index) => one(index)))
  fetched = all.map((bytes, index) => ({ envelope: `envelope-${index}`, bytes: new Uint8Array(bytes) }))
})

const looked = async (program: string, afterMs = 0): Promise<readonly Look[]> => {
  const looks = startLooks(opener, await recipientOf(vault), COUNT, program)
  try {
    await new Promise((resolve) => setTimeout(resolve, afterMs))
    return await looks.at(fetched)
  } finally {
    await looks.end()
  }
}
/** What is sealed to the vault is sealed anew each time. */
const told = (looks: readonly Look[]) => looks.map((look) => ("kept" in look ? { ...look, kept: look.kept.length } : look))

describe("the thread beside sync", () => {
  test("finds in every envelope what is found without it, in their order", async () => {
    const [beside, alone] = [await looked(PROGRAM), await looked("/nowhere/looker.js")]
    expect(told(beside)).toEqual(told(alone))
    const kinds = alone.map(({ what }) => what)
    expect(new Set(kinds)).toEqual(new Set(["tip", "not-ours", "broken"]))
    expect(alone.map((look) => (look.what === "tip" ? look.words : ""))).toContain("tip 0\n")
  })

  describe("when it fails", () => {
    let folder: string
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "sotto-looks-"))
    })
    afterAll(() => rm(folder, { recursive: true }))

    test.each([
      [
        "throws when it is asked",
        `import { parentPort } from "node:worker_threads"; parentPort.on("message", () => { throw new Error("no") })`,
      ],
      ["ends when it is asked", `import { parentPort } from "node:worker_threads"; parentPort.on("message", () => process.exit(0))`],
      ["throws at once", `throw new Error("no")`],
    ])("%s, all of it is found without it", async (name, program) => {
      const path = join(folder, `${name.replaceAll(" ", "-")}.mjs`)
      await writeFile(path, program)
      // Late enough that it is over before anything is asked of it.
      expect(told(await looked(path, 500))).toEqual(told(await looked("/nowhere/looker.js")))
    })
  })
})
