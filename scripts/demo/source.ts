/** A source: opens the page in a real browser, answers, writes, attaches, checks, sends, and waits for "sent". */

import type { Browser, BrowserContext } from "playwright-core"

export interface Tip {
  readonly callout: string
  /** As a person would: a choice by its words, a list by its question's. */
  readonly choose: readonly string[]
  readonly select: Readonly<Record<string, string>>
  readonly message: string
  readonly file: { readonly name: string; readonly content: Buffer }
}
export interface Sent {
  /** Every request that the page made, in order. */
  readonly requests: readonly { readonly method: string; readonly url: string; readonly bytes: number }[]
  readonly envelope: Buffer
  readonly day: string
  readonly readyMs: number
  readonly sendMs: number
}

/** @param har - where to write the whole traffic, if anywhere */
export async function sendTip(browser: Browser, url: string, tip: Tip, har?: string): Promise<Sent> {
  const context = await browser.newContext(har === undefined ? {} : { recordHar: { path: har } })
  try {
    return await fillAndSend(context, url, tip)
  } finally {
    await context.close() // writes the HAR
  }
}

async function fillAndSend(context: BrowserContext, url: string, { callout, choose, select, message, file }: Tip): Promise<Sent> {
  const page = await context.newPage()
  const requests: { method: string; url: string; bytes: number }[] = []
  page.on("request", (request) =>
    requests.push({ method: request.method(), url: request.url(), bytes: request.postDataBuffer()?.length ?? 0 }),
  )
  const started = performance.now()
  await page.goto(`${url}/#${callout}`)
  await page.locator("#check:enabled").waitFor()
  const readyMs = performance.now() - started
  await page.locator("#readers input[type=checkbox]").first().check()
  for (const words of choose) await page.getByLabel(words, { exact: true }).check()
  for (const [question, value] of Object.entries(select)) await page.getByLabel(question).selectOption(value)
  await page.locator("#message").fill(message)
  await page.locator("#files").setInputFiles({ name: file.name, mimeType: "text/plain", buffer: file.content })
  await page.locator("#check").click()
  const posting = page.waitForRequest((request) => request.method() === "POST")
  const pressed = performance.now()
  await page.locator("#send").click()
  const post = await posting
  await page.locator("#sent").waitFor({ state: "visible" })
  const envelope = post.postDataBuffer()
  if (envelope === null) throw new Error("the page sent nothing")
  const day = new URL(post.url()).searchParams.get("day") ?? ""
  return { requests, envelope, day, readyMs, sendMs: performance.now() - pressed }
}
