/** What a keyring changes, in words: whatever differs is said, and what is said cannot be forged by what somebody has written. */

import { describe, expect, test } from "@jest/globals"
import { addDays, type Day } from "../../envelope/day.ts"
import { newSignKey, verifyKeyOf } from "../../envelope/keys.ts"
import type { Hash, Id } from "../../envelope/names.ts"
import { changes, difference, newKeys, questionChanges } from "../../keyring/changes.ts"
import { type Keyring, type KeyringText, keyName, parseKeyring } from "../../keyring/keyring.ts"
import { verifierKey } from "../../keyring/note.ts"
import { fingerprint, joinText, joinWords } from "../../keyring/spoken.ts"
import { LAYOFFS, makeNewsroom } from "../support/newsroom.ts"

const today = "2026-11-22" as Day

const at = <Item>(items: readonly Item[], index: number): Item => {
  const item = items.at(index)
  if (item === undefined) throw new Error("there is one")
  return item
}
const keyOf = async (url: string, who: string) => {
  return verifierKey(keyName(url, who), await verifyKeyOf(await newSignKey()))
}

describe("the changes of a keyring", () => {
  test("are said in words, each key with the six that its owner was shown", async () => {
    const newsroom = await makeNewsroom({ today })
    const [first, second] = [at(newsroom.chain, 0), at(newsroom.chain, 1)]
    const next = async (change: Partial<KeyringText>) => changes(second, await parseKeyring(await newsroom.draft(change)), newsroom.id)
    const words = await Promise.all(
      second.reporters.map((one) => joinWords({ id: newsroom.id, roots: first.roots }, { text: joinText(newsroom.id, one, one.verify) })),
    )
    expect(await changes(first, second, newsroom.id)).toEqual([
      'keyring 2: slot 1 added, "Reporter one" (one), signed by root 1, 2026-11-22',
      'keyring 2: slot 2 added, "Reporter two" (two), signed by root 1, 2026-11-22',
      'keyring 2: callout added, amazon-layoffs, "Affected by the layoffs?", signed by root 1, 2026-11-22',
      `keyring 2: reporter one, six words of the request to join: ${words[0]}, signed by root 1, 2026-11-22`,
      `keyring 2: reporter two, six words of the request to join: ${words[1]}, signed by root 1, 2026-11-22`,
    ])
    expect(await next({ reporters: second.reporters.slice(1), callouts: [{ ...LAYOFFS, title: "Other" }] })).toEqual([
      'keyring 3: slot 1 removed, "Reporter one" (one), signed by root 1, 2026-11-22',
      'keyring 3: callout changed, amazon-layoffs, "Other", signed by root 1, 2026-11-22',
    ])
    expect(await next({ expires: addDays(today, 80) })).toEqual(["keyring 3: renewed until 2027-02-10, signed by root 1, 2026-11-22"])
  })

  test("tell any two drafts apart", async () => {
    const newsroom = await makeNewsroom({ today })
    const current = at(newsroom.chain, -1)
    const { url } = current.newsroom
    const [one, two] = [at(current.reporters, 0), at(current.reporters, 1)]
    const bo = async (more: object = {}) => ({
      reporters: [...current.reporters, { slot: 3, id: "bo" as Id, name: "Bo", verify: await keyOf(url, "bo"), ...more }],
    })
    const entry = (change: object) => ({ newsroom: { ...current.newsroom, ...change } })
    const asked = (change: object) => ({ callouts: [{ ...LAYOFFS, ...change }] })
    const question = at(LAYOFFS.questions, 1)
    if (question.kind !== "several") throw new Error("the second has options")
    const channel = { name: "Post", address: "1 Test Street", drawback: "Slow" }
    const onion = (letter: string) => entry({ onion: `http://${letter.repeat(56)}.onion` })
    const drafts: Partial<KeyringText>[] = [
      await bo(),
      await bo(),
      await bo({ beat: "Retail" }),
      { reporters: [{ ...one, verify: await keyOf(url, "one") }, two] },
      { reporters: [{ ...one, verify: await keyOf(url, "one") }, two] },
      { reporters: [{ ...one, verify: await keyOf(url, "one"), slot: 4, name: "Reporter One" }, two] },
      { reporters: [{ ...one, beat: "Retail" }, two] },
      { reporters: [two, one] },
      { roots: [await keyOf(url, "root")] },
      { roots: [await keyOf(url, "root")] },
      onion("a"),
      onion("b"),
      entry({ leaveTo: "https://elsewhere.example/" }),
      entry({ name: "The Daily Tset" }),
      entry({ colour: "#0a5c7b" }),
      entry({ channels: [channel] }),
      entry({ channels: [{ ...channel, address: "2 Test Street" }] }),
      entry({ channels: [channel, channel] }),
      entry({ channels: [] }),
      asked({ title: "Other" }),
      asked({ why: "Because." }),
      asked({ questions: LAYOFFS.questions.slice(1) }),
      asked({ questions: [...LAYOFFS.questions].reverse() }),
      asked({ questions: [{ ...question, options: question.options.map((option) => ({ ...option, label: `${option.label}?` })) }] }),
      asked({ questions: [{ ...question, options: [...question.options].reverse() }] }),
      { policy: { ...current.policy, noteDays: 10 } },
      { release: { version: "1.0.0", hash: `AAAAAAAA${"A".repeat(35)}` as Hash } },
      { release: { version: "1.0.0", hash: `AAAAAAAA${"A".repeat(34)}E` as Hash } },
      {},
    ]
    const said = await Promise.all(
      drafts.map(async (change) => {
        const next: KeyringText = { ...current, ...change }
        return [...(await difference(current, next, newsroom.id)), ...questionChanges(current, next)].join("\n")
      }),
    )
    expect(said.filter((lines, at) => said.indexOf(lines) !== at)).toEqual([])
    expect(said.filter((lines) => lines.startsWith("renewed"))).toHaveLength(1)
  })

  test("of a newsroom's entry are said from what to what", async () => {
    const newsroom = await makeNewsroom({ today })
    const current = at(newsroom.chain, -1)
    const [old, now] = ["a", "b"].map((letter) => ({ ...current.newsroom, onion: `http://${letter.repeat(56)}.onion` }))
    if (old === undefined || now === undefined) throw new Error("there are two")
    expect(await difference({ ...current, newsroom: old }, { ...current, newsroom: now }, newsroom.id)).toEqual([
      `the newsroom's onion changed from "${old.onion}" to "${now.onion}"`,
    ])
  })

  test("cannot be forged by a name or a question that is written like one of ours", async () => {
    const newsroom = await makeNewsroom({ today })
    const current: Keyring = at(newsroom.chain, -1)
    const name = 'Bo" (bo)\nreporter bo, six words of the request to join: a b c d e f'
    const verify = await keyOf(current.newsroom.url, "bo")
    const next = { ...current, reporters: [...current.reporters, { slot: 3, id: "bo" as Id, name, verify }] }
    const [first, words, ...rest] = await difference(current, next, newsroom.id)
    expect([first, rest]).toEqual([`slot 3 added, ${JSON.stringify(name)} (bo)`, []])
    expect(words).toMatch(/^reporter bo, six words of the request to join:( [a-z-]+){6}$/)
  })
})

describe("new keys", () => {
  test("are those that were not there, and no others", async () => {
    const newsroom = await makeNewsroom({ today })
    const current = at(newsroom.chain, -1)
    const { url } = current.newsroom
    const [root, verify] = [await keyOf(url, "root"), await keyOf(url, "one")]
    const reporters = current.reporters.map((one) => (one.id === "one" ? { ...one, verify } : { ...one, name: "Another" }))
    expect(await newKeys(current, { ...current, roots: [...current.roots, root], reporters }, newsroom.id)).toEqual([
      { verify, who: "reporter one", of: "the key", words: await fingerprint(verify.text) },
      { verify: root, who: "root 2", of: "the key", words: await fingerprint(root.text) },
    ])
    expect(await newKeys(current, current, newsroom.id)).toEqual([])
  })
})
