/** libsodium's JavaScript with what the page calls and nothing else: its wrappers carry some two hundred functions, of which the envelope's door
 *  lists a handful (envelope/primitives.ts). The WebAssembly module is not touched. docs/decisions/0024-spelled-for-the-wire.md.
 *  Nothing can be lost unseen: the door refuses to open where a function of its list is missing, and the vectors are asked of this very bundle. */

import { readFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = join(dirname(fileURLToPath(import.meta.url)), "../..")
const WRAPPERS = "node_modules/libsodium-wrappers/dist/modules-esm/libsodium-wrappers.mjs"

/** libsodium's own test of itself, which runs before anything is sealed. */
const SELF_TEST = ["crypto_secretbox_easy", "crypto_secretbox_open_easy", "memcmp"]
const SELF_TEST_LENGTHS = ["crypto_secretbox_NONCEBYTES", "crypto_secretbox_KEYBYTES"]

const quoted = (names) => names.map((name) => JSON.stringify(name)).join()

/** Replaces what is there once; a build where it is not ends. */
function once(source, pattern, by) {
  const found = source.match(new RegExp(pattern, "g"))?.length ?? 0
  if (found !== 1) throw new Error(`libsodium-wrappers: ${pattern} is there ${found} times; this cut is to be dropped or renewed`)
  return source.replace(pattern, by)
}

/** The wrappers keep a list of names, a list of functions in the same order, and two lists of constants. What is taken out of them is
 *  called by nobody any more, and the bundler drops it. */
function withoutUnused(source, used) {
  const lists = /var e=\[((?:"\w+",?)+)\],a=\[((?:[\w$]+,?)+)\]/
  const functions = once(source, lists, (_, names, values) => {
    const [all, made] = [JSON.parse(`[${names}]`), values.split(",")]
    if (all.length !== made.length) throw new Error("libsodium-wrappers: its names and its functions are not as many")
    const kept = all.flatMap((name, at) => (used.has(name) ? [[name, made[at]]] : []))
    return `var e=[${quoted(kept.map(([name]) => name))}],a=[${kept.map(([, value]) => value)}]`
  })
  const lengths = once(functions, /(?<=var n=)\[(?:"\w+",?)+\]/, () => `[${quoted(SELF_TEST_LENGTHS)}]`)
  const texts = once(lengths, /(?<=var s=)\["SODIUM_VERSION_STRING"(?:,"\w+")*\]/, () => "[]")
  const exported = once(texts, /export\{[^}]*\};?/, "")
  return exported.replace(/,t\.(\w+)=[\w$]+(?=[,;])/g, (all, name) => (used.has(name) || name === "ready" ? all : ""))
}

/** What the module gives under a short name, each put where the wrappers look for it. */
const withoutUnasked = (source, wrappers) =>
  source.replace(/g\.(_\w+)=A\.[\w$]+,/g, (all, name) => (new RegExp(`\\b${name}\\b`).test(wrappers) ? all : ""))

/** @param {import("esbuild")} esbuild
 *  @returns {Promise<{wrappers: string, module: (source: string) => string}>} */
export async function leanSodium({ build }) {
  const door = await readFile(join(root, "envelope/primitives.ts"), "utf8")
  const used = new Set([...door.matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name).concat(SELF_TEST))
  const { outputFiles } = await build({
    stdin: { contents: withoutUnused(await readFile(join(root, WRAPPERS), "utf8"), used), loader: "js" },
    bundle: true,
    external: ["libsodium"],
    format: "esm",
    write: false,
    logLevel: "warning",
  })
  const wrappers = outputFiles[0].text
  return { wrappers, module: (source) => withoutUnasked(source, wrappers) }
}
