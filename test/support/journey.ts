/** The source's whole way through the page by keyboard alone, in whichever browser, engine and language: write, check, send, keep the words,
 *  come back with them. What playwright and puppeteer have in common is enough for it, so any browser that one of them drives can go it. */

/** A page of playwright or of puppeteer. */
export interface AnyPage {
  goto(url: string): Promise<unknown>
  /** Runs an expression in the page. */
  evaluate(expression: string): Promise<unknown>
  readonly keyboard: { press(key: "Tab" | "Enter" | " "): Promise<void>; type(text: string): Promise<void> }
}

export interface Way {
  readonly page: AnyPage
  /** The page's address, with or without a callout's name. */
  readonly url: string
  /** `de`: which language it has to speak. */
  readonly language: string
  /** By the button, because the browser asks for another language. Otherwise the page has to choose by itself. */
  readonly isSwitched?: boolean
  /** How long a step may take: without a compiler, minutes. */
  readonly patienceMs?: number
  /** Looks at each state on the way, named as the page's sections are. */
  readonly at?: (state: string) => Promise<void>
}

const POLL_MS = 50
const MOST_TABS = 80

async function until(page: AnyPage, condition: string, patienceMs = 60_000): Promise<void> {
  const end = performance.now() + patienceMs
  while ((await page.evaluate(`Boolean(${condition})`)) !== true) {
    if (performance.now() > end) throw new Error(`the page did not come to: ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
const isShown = (id: string) => `document.getElementById(${JSON.stringify(id)}).checkVisibility()`

/** Tab, until what has the focus is the one. */
async function tabTo(page: AnyPage, isIt: string): Promise<void> {
  const passed: unknown[] = []
  for (let presses = 0; presses < MOST_TABS; presses++) {
    await page.keyboard.press("Tab")
    const found = await page.evaluate(`(at => at === null ? "nothing" : ${isIt} ? true : at.id || at.tagName)(document.activeElement)`)
    if (found === true) return
    passed.push(found)
  }
  throw new Error(`Tab does not reach ${isIt}: ${passed.join(" ")}`)
}
const tabToId = (page: AnyPage, id: string) => tabTo(page, `at.id === ${JSON.stringify(id)}`)

/** Opens the page in its language, and waits until it can be used. */
async function open({ page, url, language, isSwitched = false, patienceMs }: Way): Promise<void> {
  await page.goto("about:blank") // an address that differs in its fragment only would not be loaded anew
  await page.goto(url)
  await until(page, "document.getElementById('check')?.disabled === false", patienceMs)
  if (isSwitched) {
    await tabTo(page, `at.tagName === 'BUTTON' && at.lang === ${JSON.stringify(language)}`)
    await page.keyboard.press("Enter")
  }
  await until(page, `document.documentElement.lang === ${JSON.stringify(language)}`)
}

/** Writes to the first reporter, answers nothing, sends.
 *  @returns the eight words */
export async function sendByKeyboard(way: Way, message: string): Promise<string> {
  const { page, patienceMs, at = async () => undefined } = way
  await open(way)
  await at("writing")
  await tabToId(page, "reader-0")
  await page.keyboard.press(" ")
  await tabToId(page, "message")
  await page.keyboard.type(message)
  await tabToId(page, "check")
  await page.keyboard.press("Enter")
  await until(page, isShown("checking"), patienceMs)
  await at("checking")
  await tabToId(page, "send")
  await page.keyboard.press("Enter")
  await until(page, isShown("sent"), patienceMs)
  await at("sent")
  const words = await page.evaluate("[...document.querySelectorAll('#words-list li')].map(one => one.textContent).join(' ')")
  await tabToId(page, "words-done")
  await page.keyboard.press("Enter")
  await until(page, isShown("sent-after"))
  await at("after the words")
  return String(words)
}

/** Comes back with words as somebody may have noted them.
 *  @returns what the page then says */
export async function comeBackByKeyboard(way: Way, words: string): Promise<string> {
  const { page, patienceMs, at = async () => undefined } = way
  await open(way)
  await tabToId(page, "have-words")
  await page.keyboard.press("Enter")
  await until(page, isShown("coming-back"))
  await at("coming back")
  await tabToId(page, "typed")
  await page.keyboard.type(words)
  await tabToId(page, "look")
  await page.keyboard.press("Enter")
  await until(page, isShown("answers"), patienceMs)
  await at("answers")
  return String(await page.evaluate("document.getElementById('answers').innerText"))
}
