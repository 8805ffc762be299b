/** An upload that is stopped, or that the server has given up, in a real browser, against a server by the book: what the page says became of it is what became of it. */

import { describe, expect, test } from "@jest/globals"
import type { Page } from "playwright-core"
import { POLICY } from "../support/newsroom.ts"
import { onStage } from "./on-stage.ts"
import { type Answer, type Posted, problem, type Stage } from "./stage.ts"

const PATH = `/api/uploads/${"A".repeat(43)}`
const FILE_BYTES = 1_500_000
let stage: Stage
let page: Page
/** How much the server has, of how much; `undefined`: there is no such upload. */
let upload: { received: number; readonly bytes: number } | undefined
/** Each of these is done, and its answer lost. */
let lost: (one: Posted) => boolean

onStage(
  async (given) => {
    ;({ stage, page } = given)
    upload = undefined
    lost = () => false
    stage.post = (one) => {
      const told = serve(one)
      return lost(one) ? undefined : told
    }
    await page.waitForSelector("#check:enabled")
    await page.getByLabel("Reporter One").check()
    await page.locator("#message").fill("Words that stay.")
    await page.setInputFiles("#files", [{ name: "list.bin", mimeType: "", buffer: Buffer.alloc(FILE_BYTES, 7) }])
    await page.getByRole("button", { name: "Check before sending" }).click()
  },
  { policy: { ...POLICY, maxTipBytes: 2 ** 24 } },
)

/** SPEC.md §8.2, as far as a page sees it. */
function serve({ method, target, headers, body }: Posted): Answer {
  if (target.startsWith("/api/uploads?")) {
    upload = { received: 0, bytes: Number(headers["upload-length"]) }
    return { status: 201, headers: { location: PATH } }
  }
  if (upload === undefined) return problem("not-found")
  const isWhole = upload.received === upload.bytes
  if (method === "DELETE") {
    if (isWhole) return problem("conflict")
    upload = undefined
    return { status: 204 }
  }
  if (method === "PATCH") {
    if (Number(headers["upload-offset"]) !== upload.received) return problem("conflict")
    upload.received += body.length
  }
  const state = { "upload-offset": String(upload.received), "upload-length": String(upload.bytes) }
  return { status: method === "PATCH" ? 204 : 200, headers: state }
}
const isLast = ({ method }: Posted) => method === "PATCH" && upload !== undefined && upload.received === upload.bytes
const send = () => page.getByRole("button", { name: "Seal and send" }).click()
const stop = () => page.getByRole("button", { name: "Stop, and go back" }).click()
const dropped = () => page.getByText("The connection dropped.").first().waitFor()
const status = () => page.locator("#status").textContent()

describe("an upload that is stopped", () => {
  test("before its end was sent has not been sent, also where the server says nothing more", async () => {
    let isOver = false
    lost = ({ method }) => {
      isOver ||= method === "PATCH" && (upload?.received ?? 0) > 300_000
      return isOver
    }
    await send()
    await dropped()
    expect(upload?.received).toBeLessThan(upload?.bytes ?? 0)
    await stop()
    await page.waitForSelector("#check:enabled")
    await page.waitForFunction(() => document.getElementById("status")?.textContent?.startsWith("Stopped. Your tip has not been sent."))
    expect(await page.locator("#message").inputValue()).toBe("Words that stay.")
  })

  test("after its last piece came, and its answer was lost, is sent, and says so", async () => {
    let isOver = false
    lost = (one) => {
      isOver ||= isLast(one)
      return isOver && one.method !== "DELETE" && !stage.requests.some((request) => request.startsWith("DELETE"))
    }
    await send()
    await dropped()
    await stop()
    await page.locator("#sent").waitFor()
    expect(stage.requests.slice(-2)).toEqual([`DELETE ${PATH}`, `HEAD ${PATH}`])
    expect(await page.locator("#words-list li").count()).toBe(8)
    expect(await status()).not.toContain("not been sent")
  })

  test("whose last piece was lost on its way has not been sent: the server says that it took it away", async () => {
    const before = stage.post
    stage.post = (one) => {
      const isEnd = upload !== undefined && Number(one.headers["upload-offset"]) + one.body.length === upload.bytes
      return one.method === "HEAD" || isEnd ? undefined : before(one)
    }
    await send()
    await dropped()
    await stop()
    await page.waitForSelector("#check:enabled")
    await page.waitForFunction(() => document.getElementById("status")?.textContent?.startsWith("Stopped. Your tip has not been sent."))
    expect(upload).toBeUndefined()
  })

  test("of which the server says nothing after its end was sent may have arrived, and can be sent again", async () => {
    let isOver = false
    lost = (one) => {
      isOver ||= isLast(one)
      return isOver
    }
    await send()
    await dropped()
    await stop()
    await page.getByText("We do not know whether your tip has arrived.").waitFor()
    expect(await status()).not.toContain("not been sent")
    lost = () => false
    await page.getByRole("button", { name: "Try again" }).click()
    await page.locator("#sent").waitFor()
  })
})

describe("an upload that the server has no longer", () => {
  const begun = () => stage.requests.filter((one) => one.startsWith("POST /api/uploads")).length
  const asked = () => stage.requests.filter((one) => one === "GET /api/today").length

  test.each([
    ["answers a piece", false],
    ["is asked how far it came", true],
  ])("when it %s is locked anew under fresh keys, to the same people, and sent", async (_when, isLost) => {
    let times = 0
    lost = ({ method }) => {
      if (method !== "PATCH" || ++times !== 2) return false
      // Nothing came for a whole UTC day, or the day is closed: the server deletes it. What comes next is answered with 404.
      upload = undefined
      return isLost
    }
    await send()
    await page.locator("#sent").waitFor({ timeout: 20_000 })
    expect([begun(), asked()]).toEqual([2, 2])
    expect(upload?.received).toBe(upload?.bytes)
  })

  test("each time it is begun can be tried again, and says nothing that is not so", async () => {
    const before = stage.post
    stage.post = (one) => (one.method === "PATCH" ? problem("not-found") : before(one))
    await send()
    await page.getByText("Try again: this page then locks it anew.").waitFor()
    expect(begun()).toBe(2)
    expect(await page.locator("#failed").textContent()).not.toContain("will not change that")
    stage.post = before
    await page.getByRole("button", { name: "Try again" }).click()
    await page.locator("#sent").waitFor()
  })
})
