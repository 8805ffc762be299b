/** The WebAssembly modules that a script hands to the engine, however it spells them: the built script runs until it does so. Our own build
 *  and nobody else's: a context of `node:vm` keeps names apart, and is no wall. */

import { setImmediate as turn } from "node:timers/promises"
import { createContext, runInContext } from "node:vm"

/** Turns of the event loop within which a worker has asked for its module. */
const TURNS = 50

/** @param script - a classic script that runs as a worker
 *  @returns the bytes, in the order in which they were asked for */
export async function wasmOf(script: string): Promise<readonly Uint8Array<ArrayBuffer>[]> {
  const found: Uint8Array<ArrayBuffer>[] = []
  const keep = (bytes: unknown) => {
    const view = ArrayBuffer.isView(bytes)
      ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      : new Uint8Array(bytes as ArrayBuffer)
    found.push(new Uint8Array(view))
  }
  /** Never goes on: what comes after the module is of no interest. */
  const never = (bytes: unknown) => {
    keep(bytes)
    return new Promise<never>(() => undefined)
  }
  const ignore = () => undefined
  const context: Record<string, unknown> = {
    WebAssembly: {
      instantiate: never,
      compile: never,
      instantiateStreaming: never,
      Memory: WebAssembly.Memory,
      Table: WebAssembly.Table,
      RuntimeError: WebAssembly.RuntimeError,
    },
    ...{
      addEventListener: ignore,
      removeEventListener: ignore,
      postMessage: ignore,
      close: ignore,
      setTimeout,
      clearTimeout,
      queueMicrotask,
      console,
    },
    ...{ btoa, atob, TextEncoder, TextDecoder, crypto, performance, URL, Blob, AbortController },
    location: new URL("https://localhost/worker.js"),
    navigator: { userAgent: "", language: "en" },
    isSecureContext: true,
  }
  context.self = context
  runInContext(script, createContext(context))
  for (let at = 0; at < TURNS && found.length === 0; at++) await turn()
  return found
}
