/** A browser as people have it: with a profile, and nobody who listens to its network. A driver that does has each request's body copied out to it
 *  and spelled out again, which makes a page that sends large ones ten times slower than it is. Chromium's own protocol, over a pipe. */

import { spawn } from "node:child_process"
import { once } from "node:events"
import type { Readable, Writable } from "node:stream"
import { setTimeout as sleep } from "node:timers/promises"
import { browserCommand } from "../../scripts/browser.ts"

export interface Unwatched {
  goto(url: string): Promise<void>
  /** Runs an expression in the page; what it gives must have a JSON form. */
  evaluate(expression: string): Promise<unknown>
  /** Polls until the expression holds. @throws Error when it does not in time */
  until(expression: string, patienceMs: number): Promise<void>
  chooseFiles(selector: string, paths: readonly string[]): Promise<void>
  setOffline(isOffline: boolean): Promise<void>
  close(): Promise<void>
}

interface Answer {
  readonly id?: number
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly message: string }
}
type Send = (method: string, params?: object, sessionId?: string) => Promise<Readonly<Record<string, unknown>>>

/** Messages are JSON, each ended by a zero byte. */
function overPipe(input: Writable, output: Readable): Send {
  const waiting = new Map<number, (answer: Answer) => void>()
  let [count, text] = [0, ""]
  output.setEncoding("utf8").on("data", (chunk: string) => {
    const parts = (text + chunk).split("\0")
    text = parts.pop() ?? ""
    for (const part of parts) {
      const answer = JSON.parse(part) as Answer
      if (answer.id === undefined) continue // an event; nobody asked for any
      waiting.get(answer.id)?.(answer)
      waiting.delete(answer.id)
    }
  })
  output.once("close", () => {
    for (const tell of waiting.values()) tell({ error: { message: "the browser has ended" } })
  })
  return (method, params = {}, sessionId) =>
    new Promise((resolve, reject) => {
      const id = ++count
      waiting.set(id, ({ result, error }) => (result === undefined ? reject(new Error(`${method}: ${error?.message}`)) : resolve(result)))
      input.write(`${JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`)
    })
}

/** @param profile - a folder for what the browser keeps; must exist */
export async function launchUnwatched(profile: string): Promise<Unwatched> {
  const { path, env, args } = await browserCommand(profile)
  const all = [...args, "--headless", "--remote-debugging-pipe", `--user-data-dir=${profile}`, "about:blank"]
  const child = spawn(path, all, { env, stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] })
  const ended = once(child, "close")
  const [, , , input, output] = child.stdio
  const send = overPipe(input as Writable, output as Readable)
  const { targetInfos } = (await send("Target.getTargets")) as { targetInfos: readonly { type: string; targetId: string }[] }
  const targetId = targetInfos.find(({ type }) => type === "page")?.targetId
  const { sessionId } = (await send("Target.attachToTarget", { targetId, flatten: true })) as { sessionId: string }
  const inPage = (method: string, params?: object) => send(method, params, sessionId)
  const page: Unwatched = {
    async goto(url) {
      await inPage("Page.navigate", { url })
    },
    async evaluate(expression) {
      const { result, exceptionDetails } = (await inPage("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true })) as {
        result: { value?: unknown; description?: string }
        exceptionDetails?: unknown
      }
      if (exceptionDetails !== undefined) throw new Error(`in the page: ${result.description}`)
      return result.value
    },
    async until(expression, patienceMs) {
      for (const end = Date.now() + patienceMs; Date.now() < end; await sleep(100))
        // A page that is just being left or loaded has nothing to evaluate in.
        if ((await page.evaluate(`Boolean(${expression})`).catch(() => false)) === true) return
      throw new Error(`the page did not come to: ${expression}`)
    },
    async chooseFiles(selector, files) {
      const { result } = (await inPage("Runtime.evaluate", { expression: `document.querySelector(${JSON.stringify(selector)})` })) as {
        result: { objectId?: string }
      }
      await inPage("DOM.setFileInputFiles", { files, objectId: result.objectId })
    },
    async setOffline(isOffline) {
      await inPage("Network.enable", { maxTotalBufferSize: 0, maxResourceBufferSize: 0, maxPostDataSize: 0 })
      await inPage("Network.emulateNetworkConditions", { offline: isOffline, latency: 0, downloadThroughput: -1, uploadThroughput: -1 })
      // Its conditions end with it, so it listens while they last, and no longer.
      if (!isOffline) await inPage("Network.disable")
    },
    async close() {
      await send("Browser.close").catch(() => child.kill("SIGKILL"))
      await ended
    },
  }
  return page
}
