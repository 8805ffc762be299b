/** Both browsers, each as people have it: as it comes, without WebAssembly, and without WebAssembly and without a compiler for JavaScript, as Tor
 *  Browser is when set to safer and phones in Lockdown Mode. What a browser was asked for is not believed: a page says what it has. */

import { launchBrowser } from "./browser.ts"
import { launchFirefox, NO_JIT, NO_WASM } from "./firefox.ts"
import type { AnyPage } from "./journey.ts"

export interface EnginePage extends AnyPage {
  close(): Promise<void>
}
export interface LaunchedEngine {
  /** On a screen of 320 pixels. @param language - which one the browser asks for, where it can be told */
  newPage(language: string): Promise<EnginePage>
  close(): Promise<void>
}
export interface Engine {
  readonly name: string
  readonly hasWasm: boolean
  readonly hasCompiler: boolean
  launch(): Promise<LaunchedEngine>
}

const SMALL = { width: 320, height: 640 }

async function chromium(args: readonly string[], beforeTheFirstLine?: string): Promise<LaunchedEngine> {
  const { browser, close } = await launchBrowser({ args })
  return {
    close,
    async newPage(language) {
      const context = await browser.newContext({ viewport: SMALL, locale: language })
      if (beforeTheFirstLine !== undefined) await context.addInitScript(beforeTheFirstLine)
      const page = await context.newPage()
      return {
        goto: (url) => page.goto(url),
        evaluate: (expression) => page.evaluate(expression),
        keyboard: page.keyboard,
        close: () => context.close(),
      }
    },
  }
}

async function firefox(prefs: Readonly<Record<string, boolean>>): Promise<LaunchedEngine> {
  const { browser, close } = await launchFirefox({ prefs })
  return {
    close,
    async newPage() {
      const page = await browser.newPage()
      await page.setViewport(SMALL)
      return {
        goto: (url) => page.goto(url),
        evaluate: (expression) => page.evaluate(expression),
        keyboard: page.keyboard,
        close: () => page.close(),
      }
    },
  }
}

const asItComes = { name: "as it comes", hasWasm: true, hasCompiler: true }
const noWasm = { name: "without WebAssembly", hasWasm: false, hasCompiler: true }
const noCompiler = { name: "without WebAssembly and without a compiler", hasWasm: false, hasCompiler: false }

export const CHROMIUM_ENGINES: readonly Engine[] = [
  { ...asItComes, launch: () => chromium([]) },
  // This one's flag against WebAssembly does nothing: it is taken from the page before the page's first line. What its other worker is
  // made of never asks for it (the caller holds that against the built file).
  { ...noWasm, launch: () => chromium([], "delete globalThis.WebAssembly") },
  { ...noCompiler, launch: () => chromium(["--js-flags=--jitless"]) },
]
export const FIREFOX_ENGINES: readonly Engine[] = [
  { ...asItComes, launch: () => firefox({}) },
  { ...noWasm, launch: () => firefox(NO_WASM) },
  { ...noCompiler, launch: () => firefox({ ...NO_WASM, ...NO_JIT }) },
]

/** A loop, which a compiler makes some thirty times as fast, beside the copying of bytes, which the engine has ready made: no switch for its
 *  compilers can be read from a page. Each at its best of several, so that other work on the machine does not show. */
const LOOP_OVER_READY_MADE = `(() => {
  const best = (work) => Math.min(...Array.from({ length: 12 }, () => { const from = performance.now(); work(); return performance.now() - from }))
  const [from, to] = [new Uint8Array(4000000).fill(1), new Uint8Array(4000000)]
  const loop = () => { let sum = 0; for (let at = 0; at < 1000000; at++) sum = (sum * 31 + at) | 0; return sum }
  const readyMade = () => { for (let times = 0; times < 8; times++) to.set(from) }
  return best(loop) / Math.max(best(readyMade), 1)
})()`
/** Between what was seen with a compiler, 7 at most, and without one, 40 at least. */
const COMPILED_BELOW = 17

/** What the page found in its browser. */
export async function engineOf(page: AnyPage): Promise<Pick<Engine, "hasWasm" | "hasCompiler">> {
  const ratio = Number(await page.evaluate(LOOP_OVER_READY_MADE))
  return { hasWasm: (await page.evaluate("typeof WebAssembly")) !== "undefined", hasCompiler: ratio < COMPILED_BELOW }
}

/** Which of its workers the page has started, in order. */
export async function workersOf(page: AnyPage): Promise<unknown> {
  const found = await page.evaluate(
    "JSON.stringify(performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname).filter(path => path.startsWith('/worker')))",
  )
  return JSON.parse(String(found))
}
