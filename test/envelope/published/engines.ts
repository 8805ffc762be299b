/** Whatever answers steps: a bundle of the page in a browser, the command's libsodium in Node, `node:crypto`. */

import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { readFile } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import type { Answer, Step } from "../../../client/worker-check.ts"
import type { Bytes } from "../../../envelope/bytes.ts"
import { nodeAead } from "../../../scripts/engine.ts"

export interface Engine {
  /** For people and reports. */
  readonly name: string
  /** An answer to each step, in order. */
  answer(steps: readonly Step[]): Promise<readonly Answer[]>
  /** Why this engine has no way to be asked a step. */
  cannot?(step: Step): string | undefined
  close(): Promise<void>
}

const root = join(__dirname, "../../..")
export type Bundle = "worker.js" | "worker-plain.js"

/** What Playwright's browser and Puppeteer's have in common, as far as it is needed. */
interface Launched {
  readonly name: string
  readonly browser: { newPage(): Promise<AnyPage> }
  close(): Promise<void>
}
interface AnyPage {
  goto(url: string): Promise<unknown>
  evaluate(run: (text: string) => Promise<string>, text: string): Promise<string>
}

/** A bundle of dist/page/, byte for byte, in a worker of a page on http://localhost. The browser is closed with it. */
export async function bundleEngine({ name, browser, close }: Launched, bundle: Bundle, how = ""): Promise<Engine> {
  const script = await readFile(join(root, "dist/page", bundle))
  const server = createServer(({ url }, response) => {
    const isBundle = url === `/${bundle}`
    response.setHeader("content-type", isBundle ? "text/javascript; charset=utf-8" : "text/html; charset=utf-8")
    response.end(isBundle ? script : "<!doctype html><title>Vectors</title>")
  }).listen(0, "localhost")
  const end = async () => {
    server.closeAllConnections()
    server.close()
    await close()
  }
  try {
    await once(server, "listening")
    const page = await browser.newPage()
    await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`)
    // Where there is WebAssembly, worker-plain.js would use it, and its plain JavaScript would go untested.
    const hasWasm = (await page.evaluate(async () => typeof WebAssembly, "")) !== "undefined"
    if (hasWasm !== (bundle === "worker.js")) throw new Error(`${bundle} in a browser ${hasWasm ? "with" : "without"} WebAssembly`)
    const first = await page.evaluate(startWorker, bundle)
    if (first !== "ready") throw new Error(`${bundle} does not run here: ${first}`)
    const answer = async (steps: readonly Step[]) => parseAnswers(await page.evaluate(askWorker, stepsText(steps)))
    return { name: `${name}${how}, ${bundle}`, answer, close: end }
  } catch (error) {
    await end()
    throw error
  }
}

// Bytes travel as hexadecimal text: the two protocols that carry it agree about text only. An answer that is text begins with a "!".
const stepsText = (steps: readonly Step[]) => JSON.stringify(steps.map(([operation, ...given]) => [operation, ...given.map(hexOf)]))
const parseAnswers = (text: string) => (JSON.parse(text) as string[]).map((one) => (one.startsWith("!") ? one.slice(1) : bytesOf(one)))
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex")
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, "hex"))

// The next two run in the page, so they reach nothing outside themselves.
async function startWorker(bundle: string): Promise<string> {
  const worker = new Worker(`/${bundle}`)
  Object.assign(globalThis, { sottoWorker: worker })
  return new Promise((resolve) => {
    worker.addEventListener("message", ({ data }) => resolve(String(data.message?.kind)), { once: true })
    worker.addEventListener("error", ({ message }) => resolve(message), { once: true })
  })
}

async function askWorker(text: string): Promise<string> {
  const { sottoWorker: worker } = globalThis as unknown as { sottoWorker: Worker }
  const toBytes = (hex: string) =>
    Uint8Array.from({ length: hex.length / 2 }, (_, at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16))
  const toHex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
  const steps = (JSON.parse(text) as string[][]).map(([operation, ...given]) => [operation, ...given.map(toBytes)])
  const answers = await new Promise<(string | Uint8Array)[]>((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data)
    worker.onerror = ({ message }) => reject(new Error(message))
    worker.postMessage({ kind: "check", steps })
  })
  return JSON.stringify(answers.map((one) => (typeof one === "string" ? `!${one}` : toHex(one))))
}

/** What the command computes with, built as sotto.js is, in a Node of its own: libsodium's ES module, and hashes from `node:crypto`.
 *  Jest would load another build of libsodium, and WebCrypto. */
export const commandEngine = (): Promise<Engine> => programEngine("vectors.js", "engines of sotto.js")
/** The engine of worker-plain.js in a Node of its own. */
export const plainEngine = (): Promise<Engine> => programEngine("vectors-plain.js", "engine of worker-plain.js")

async function programEngine(program: string, what: string): Promise<Engine> {
  const child = fork(join(root, "dist", program), { serialization: "advanced", execArgv: [] })
  await said(child)
  return {
    name: `Node ${process.versions.node}, ${what}`,
    async answer(steps) {
      child.send([...steps])
      return (await said(child)) as Answer[]
    },
    async close() {
      const ended = once(child, "exit")
      child.kill()
      await ended
    },
  }
}

/** What the program says next. */
async function said(program: ChildProcess): Promise<unknown> {
  const over = new AbortController()
  const ended = once(program, "exit", over).then(() => Promise.reject(new Error("the program has ended")))
  const [message] = await Promise.race([once(program, "message", over), ended]).finally(() => over.abort())
  return message
}

/** `node:crypto`, which the command uses for payloads only: the AEAD, without additional data. */
export const nodeCryptoEngine: Engine = {
  name: `Node ${process.versions.node}, node:crypto`,
  cannot: ([, , , aad]) => (aad?.length === 0 ? undefined : "with additional data, which a payload has none of"),
  async answer(steps) {
    return steps.map(([operation, key, nonce, , text]): Answer => {
      if (key === undefined || nonce === undefined || text === undefined) throw new Error("not a step for this engine")
      try {
        if (operation === "aead-seal") return nodeAead.seal(key as Bytes, nonce as Bytes, text)
        return nodeAead.open(key as Bytes, nonce as Bytes, text) ?? "not sealed with this key and nonce"
      } catch (error) {
        return String(error)
      }
    })
  },
  close: async () => undefined,
}
