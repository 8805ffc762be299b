/** The page's handle on its worker. Which build runs is found out by trying, never by the browser's name. */

import { type FromWorker, parseFromWorker, type ToWorker, UNASKED } from "./messages.ts"

export interface Sealer {
  /** Each question has its own answer, also where several are asked at once. @throws Error when the worker fails, or has ended */
  ask(message: ToWorker): Promise<FromWorker>
  /** Ends the worker, and its memory with it. Idempotent. */
  end(): void
}

const FAST = "/worker.js" // libsodium in WebAssembly
const PLAIN = "/worker-plain.js" // noble, in plain JavaScript
type WorkerPath = typeof FAST | typeof PLAIN

/** The smallest WebAssembly module. */
const EMPTY_MODULE = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)

function compilesWebAssembly(): boolean {
  try {
    return new WebAssembly.Module(EMPTY_MODULE) instanceof WebAssembly.Module
  } catch {
    return false // absent, or forbidden here
  }
}

interface ScriptUrlPolicy {
  createScriptURL(path: string): string
}
interface TrustedTypes {
  createPolicy(name: string, rules: ScriptUrlPolicy): ScriptUrlPolicy
}

/** The only policy that the CSP allows, and it knows two scripts. */
function makePolicy(): ScriptUrlPolicy {
  const rules: ScriptUrlPolicy = {
    createScriptURL(path) {
      if (path !== FAST && path !== PLAIN) throw new TypeError("not a worker of this page")
      return path
    },
  }
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  return trustedTypes?.createPolicy("sotto-worker", rules) ?? rules
}
let policy: ScriptUrlPolicy | undefined

/** Starts the first build that works here.
 *  @param signal - ends the worker at any time, also while it starts
 *  @throws Error when none does */
export async function startSealer(signal: AbortSignal): Promise<Sealer> {
  const builds: readonly WorkerPath[] = compilesWebAssembly() ? [FAST, PLAIN] : [PLAIN]
  for (const path of builds) {
    signal.throwIfAborted()
    const sealer = openWorker(path, signal)
    const first = await sealer.next.catch(() => undefined)
    if (first?.kind === "ready") return sealer
    sealer.end()
  }
  throw new Error("no worker runs in this browser")
}

interface Waiting {
  readonly resolve: (message: FromWorker) => void
  readonly reject: (error: Error) => void
}

function openWorker(path: WorkerPath, signal: AbortSignal): Sealer & { next: Promise<FromWorker> } {
  policy ??= makePolicy()
  const worker = new Worker(policy.createScriptURL(path))
  /** By number: a question that waits for the network holds up no other, and no answer is taken for another's. */
  const waiting = new Map<number, Waiting>()
  let asked = 0
  let hasEnded = false
  const answerTo = (number: number) => new Promise<FromWorker>((resolve, reject) => waiting.set(number, { resolve, reject }))
  function end(): void {
    hasEnded = true
    worker.terminate()
    for (const { reject } of waiting.values()) reject(new Error("the worker has ended"))
    waiting.clear()
  }
  worker.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    try {
      const { number, message } = parseFromWorker(data)
      const one = waiting.get(number)
      if (one === undefined) throw new Error("nobody asked for this")
      waiting.delete(number)
      one.resolve(message)
    } catch {
      end()
    }
  })
  worker.addEventListener("error", end)
  worker.addEventListener("messageerror", end)
  signal.addEventListener("abort", end)
  return {
    next: answerTo(UNASKED),
    async ask(message) {
      signal.throwIfAborted()
      if (hasEnded) throw new Error("the worker has ended")
      const number = ++asked
      worker.postMessage({ number, message })
      return answerTo(number)
    },
    end,
  }
}
