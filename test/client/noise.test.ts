/** A mailbox that others meddle with, in the built page and a real browser: noise, false dates, forgeries. What is there can still be reached and
 *  read, and what was found wrong stays said. SPEC.md §3.7, §8.1. */

import { describe, expect, test } from "@jest/globals"
import type { Page } from "playwright-core"
import { LAST_PAGE } from "../../client/messages.ts"
import { type Bytes, concat } from "../../envelope/bytes.ts"
import { addDays, type Day, dayOf } from "../../envelope/day.ts"
import type { Id } from "../../envelope/names.ts"
import { sealReply } from "../../envelope/seal.ts"
import { floorBytes } from "../../envelope/sizes.ts"
import { deriveSource, newWords, type Words } from "../../keyring/words.ts"
import { MAX_PAGE } from "../../server/mailbox.ts"
import { lookBody } from "../support/mailbox.ts"
import type { TestNewsroom } from "../support/newsroom.ts"
import { HASH } from "../support/tips.ts"
import { mailboxBodies } from "./mailbox.ts"
import { onStage } from "./on-stage.ts"
import type { Stage } from "./stage.ts"

const today = dayOf(Date.now())
const FLOOR = floorBytes(8)
let stage: Stage
let newsroom: TestNewsroom
let page: Page
let words: Words

onStage(async (given) => {
  ;({ stage, newsroom, page } = given)
  words = await newWords()
})

/** What the mailbox holds, page by page; the last one given is also every page after it. */
const mailbox = (...pages: readonly Bytes[]) => {
  stage.post = ({ body }) => ({
    status: 200,
    body: pages[Math.min(body[0] ?? 0, pages.length - 1)] as Bytes,
    headers: { "content-type": "application/octet-stream" },
  })
}
const to = (whom: Words, ...messages: readonly string[]) => mailboxBodies(newsroom, whom, messages)
/** Four bodies that open for somebody else: for this source they are noise, as random bytes of the right shape are. */
const noise = async () => to(await newWords(), "a", "b", "c", "d")
async function look(): Promise<void> {
  await page.locator("#have-words:enabled").click()
  await page.locator("#typed").fill(words)
  await page.locator("#look").click()
  await page.locator("#answers:not([hidden])").waitFor()
}
const further = () => page.getByRole("button", { name: "Look further back" })
const messages = () => page.locator("#answers-list .reply").allTextContents()
const pagesAsked = () => stage.posted.map(({ body }) => body)

describe("noise", () => {
  test("in all four places hides no answer: the page offers to look further back, asks only when told to, and finds it", async () => {
    mailbox(await noise(), await noise(), await to(words, "An answer behind noise."))
    await look()
    await page.getByText("There may be older answers.").waitFor()
    expect(pagesAsked()).toEqual([lookBody(0)])
    await further().click()
    await page.getByText("Nothing more was found there.").waitFor()
    await further().click()
    await page.getByText("An answer behind noise.").waitFor()
    expect(await page.locator("#answers-none").isVisible()).toBe(false)
    expect(pagesAsked()).toEqual([lookBody(0), lookBody(1), lookBody(2)])
  })

  test("has its end where the server's pages end", async () => {
    expect(LAST_PAGE).toBe(MAX_PAGE)
    mailbox(await noise())
    await look()
    for (let asked = 1; asked <= LAST_PAGE; asked++) {
      await further().click()
      await page.waitForFunction(() => !document.getElementById("older-button")?.hasAttribute("aria-disabled"))
    }
    expect(pagesAsked()).toHaveLength(LAST_PAGE + 1)
    expect(pagesAsked().at(-1)).toEqual(lookBody(LAST_PAGE))
    await further().waitFor({ state: "hidden" })
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("answers-title")
  }, 120_000)
})

describe("a reply with a false date", () => {
  test("later than tomorrow is not shown and stops nothing: the others are shown, and the page goes on", async () => {
    mailbox(concat(await dated("2099-12-31" as Day), await dated(addDays(today, 2)), (await to(words, "Honest.")).slice(0, 2 * FLOOR)))
    await look()
    expect(await messages()).toEqual(["Honest."])
    await page.getByText("How often: 2.").waitFor()
    await page.getByRole("button", { name: "Write again with these words" }).click()
    await page.locator("#writing").waitFor()
    expect(page.workers()).toHaveLength(1)
  })

  test("of tomorrow is shown, and kept no longer than one of today", async () => {
    mailbox(concat(await dated(addDays(today, 1)), (await to(words)).slice(0, 3 * FLOOR)))
    await look()
    expect(await messages()).toEqual(["Dated falsely."])
    const until = new Intl.DateTimeFormat("en", { dateStyle: "long", timeZone: "UTC" }).format(
      Date.parse(addDays(today, newsroom.chain.at(-1)?.policy.retentionDays ?? 0)),
    )
    expect(await page.locator("#answers-list").textContent()).toContain(until)
  })
})

describe("looking further back", () => {
  test("adds up what failed a check: a fault on one page is not forgotten for a page without one", async () => {
    const filler = (await to(words)).slice(0, 3 * FLOOR)
    mailbox(
      concat(await dated(today, { sign: "another" }), filler),
      await to(words, "Honest."),
      concat(await dated("2099-12-31" as Day), filler),
    )
    await look()
    for (const times of [1, 1, 2]) {
      await page.getByText(`How often: ${times}. Someone may be trying to deceive you.`).waitFor()
      await further().click()
      await page.waitForFunction(() => !document.getElementById("older-button")?.hasAttribute("aria-disabled"))
    }
    expect(await messages()).toEqual(["Honest."])
  })

  test("keeps the focus: on to the first answer that is new, or where it was; and says which", async () => {
    const [first, second] = [await to(words, "One.", "Two."), await to(words, "Three.", "Four.")]
    mailbox(first, second, await noise())
    await look()
    await further().focus()
    await page.keyboard.press("Enter")
    await page.getByText("Four.").waitFor()
    expect(await page.evaluate(() => document.activeElement?.closest("li")?.querySelector(".reply")?.textContent)).toMatch(
      /^(Three|Four)\.$/,
    )
    expect(
      await page.evaluate(() =>
        [...(document.activeElement?.closest("ol")?.children ?? [])].indexOf(document.activeElement?.closest("li") as Element),
      ),
    ).toBe(2)
    await page.waitForFunction(() => document.getElementById("status")?.textContent === "Answers found further back: 2.")
    await further().focus()
    await page.keyboard.press("Enter")
    await page.getByRole("status").getByText("Nothing more was found there.").waitFor()
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("older-button")
  })
})

/** One body by reporter one, dated as given. */
async function dated(day: Day, change: { readonly sign?: "another" } = {}): Promise<Bytes> {
  const { id, chain, reporters } = newsroom
  const { keys } = await deriveSource(words, id)
  const [one, two] = reporters as [(typeof reporters)[number], (typeof reporters)[number]]
  return sealReply({
    reply: { newsroom: id, keyring: chain.at(-1)?.hash ?? HASH, day, from: one.id, for: keys.verify, re: HASH, to: ["one"] as Id[] },
    message: "Dated falsely.",
    sign: (change.sign === undefined ? one : two).signer.key,
    slots: [keys.recipient, ...Array.from({ length: 8 }, () => undefined)],
  })
}
