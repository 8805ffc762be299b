/** The page's handle on its worker. Which build runs is found out by trying, never by the browser's name. */

import { type FromWorker, parseFromWorker, type ToWorker } from "./messages.ts"

export interface Sealer {
  /** One question at a time. @throws Error when the worker fails or is ended */
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

function openWorker(path: WorkerPath, signal: AbortSignal): Sealer & { next: Promise<FromWorker> } {
  policy ??= makePolicy()
  const worker = new Worker(policy.createScriptURL(path))
  let settle: { resolve: (message: FromWorker) => void; reject: (error: Error) => void } | undefined
  const next = () =>
    new Promise<FromWorker>((resolve, reject) => {
      settle = { resolve, reject }
    })
  function end(): void {
    worker.terminate()
    settle?.reject(new Error("the worker has ended"))
  }
  worker.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    try {
      settle?.resolve(parseFromWorker(data))
    } catch {
      end()
    }
  })
  worker.addEventListener("error", end)
  worker.addEventListener("messageerror", end)
  signal.addEventListener("abort", end)
  return {
    next: next(),
    ask(message) {
      signal.throwIfAborted()
      const answered = next()
      worker.postMessage(message)
      return answered
    },
    end,
  }
}
