/** `npm run pictures`: docs/pictures/ and docs/screen-reader.md, from the real page of a demo line. Nothing in them is drawn or typed by hand. */

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import type { BrowserContextOptions, Page } from "playwright-core"
import { launchBrowser } from "./browser.ts"
import { startLine } from "./demo/line.ts"

const PORT = 8421
const DIST = dirname(fileURLToPath(import.meta.url))
const DOCS = join(DIST, "../docs")
const PHONE = { width: 390, height: 844 }
const DESK = { width: 1_000, height: 1_120 }

/** Each picture: what the browser is, and how far the source has come. */
const PICTURES: readonly (readonly [name: string, BrowserContextOptions, at: "top" | "questions" | "words"])[] = [
  ["light", { viewport: DESK, colorScheme: "light" }, "top"],
  ["dark", { viewport: DESK, colorScheme: "dark" }, "top"],
  ["phone", { viewport: PHONE }, "top"],
  ["phone-questions", { viewport: PHONE }, "questions"],
  ["phone-words", { viewport: PHONE }, "words"],
  ["arabic", { viewport: PHONE, locale: "ar" }, "top"],
  ["narrow-dark-german", { viewport: { width: 320, height: 844 }, colorScheme: "dark", locale: "de" }, "questions"],
  ["forced-colours", { viewport: PHONE, forcedColors: "active" }, "questions"],
]

const READING = `# What a screen reader meets

Written by \`npm run pictures\` from the accessibility tree that Chromium gives to screen readers: each thing's role and name, in the order in which it is read. **No person has listened to it yet**; until somebody who uses a screen reader has gone the whole way, this is only what
should be heard. \`test/client/accessible.test.ts\` holds the names, roles, descriptions, headings and live regions to it, and that focus goes to each step's heading.

What changes by itself is told by one polite region, at most one message in five seconds: that the page is ready, files added and removed, locking, sending, what went wrong. Errors beside a field are its description, and the field takes the focus.
`

async function send(page: Page): Promise<void> {
  await page.locator("#reader-0").check()
  await page.locator("#message").fill("Eleven of us were told on Monday.")
  await page.locator("#check").click()
  await page.locator("#checking").waitFor()
}

async function take(page: Page, name: string, at: "top" | "questions" | "words"): Promise<void> {
  await page.locator("#check:enabled").waitFor()
  if (at === "questions") await page.locator("#readers").evaluate((title) => title.scrollIntoView())
  if (at === "words") {
    await send(page)
    await page.locator("#send").click()
    await page.locator("#words").waitFor()
    await page.locator("#sent-title").evaluate((title) => title.scrollIntoView())
  }
  await page.screenshot({ path: join(DOCS, "pictures", `${name}.png`) })
}

/** The words of this run are nobody's, and differ each time: a page that is written again should not. */
const withoutWords = (tree: string) => tree.replace(/(- listitem: )[a-z-]+$/gm, "$1(a word)")

async function readAloud(page: Page): Promise<string> {
  const parts: string[] = []
  const at = async (title: string) => {
    const tree = withoutWords(await page.locator("body").ariaSnapshot())
    parts.push(`## ${title}\n\n\`\`\`\n${tree}\n\`\`\`\n`)
  }
  await page.locator("#check:enabled").waitFor()
  await at("Writing")
  await send(page)
  await at("Checking before sending")
  await page.locator("#send").click()
  await page.locator("#words").waitFor()
  await at("Sent, with the eight words")
  await page.locator("#words-done").click()
  await at("After the words")
  await page.reload()
  await page.locator("#have-words:enabled").click()
  await at("Coming back")
  return `${READING}\n${parts.join("\n")}`
}

const folder = await mkdtemp(join(tmpdir(), "sotto-pictures-"))
const line = await startLine({ sotto: join(DIST, "sotto.js"), server: join(DIST, "server.js") }, folder, PORT, () => undefined)
const { browser, close } = await launchBrowser()
try {
  await mkdir(join(DOCS, "pictures"), { recursive: true })
  const open = async (options: BrowserContextOptions) => {
    const page = await (await browser.newContext({ locale: "en", ...options })).newPage()
    await page.goto(`${line.url}/#amazon-layoffs`)
    return page
  }
  for (const [name, options, at] of PICTURES) {
    const page = await open(options)
    await take(page, name, at)
    await page.context().close()
  }
  await writeFile(join(DOCS, "screen-reader.md"), await readAloud(await open({ viewport: DESK })))
} finally {
  await close()
  await line.stop()
  await rm(folder, { recursive: true, force: true })
}
