/** Two spellings by which the page weighs less on the way, and nothing else: what the engine and the page get is the same to the byte.
 *  The sources stay as people read them; only the bundles for browsers are spelled so. docs/decisions/0024-spelled-for-the-wire.md. */

import { readFile } from "node:fs/promises"
import { leanSodium } from "./lean-sodium.mjs"

const BASE64 = /"([A-Za-z0-9+/]{100000,}={0,2})"/g

/** libsodium carries its WebAssembly as base64, in which a compressor no longer sees bytes that repeat: 107 KB instead of 82. Here it stands as one
 *  character a byte, moved past the control characters, the quote and the backslash, so that none needs an escape; `btoa` gives libsodium back
 *  the very text that it came with. */
const characterOf = (byte) => String.fromCharCode(byte + (byte >= 59 ? 34 : byte >= 2 ? 33 : 32))
const byteOf = (character) => String.fromCharCode(((code) => code - (code > 92 ? 34 : code > 34 ? 33 : 32))(character.charCodeAt(0)))

function spellBytes(source, path) {
  let found = 0
  const spelled = source.replace(BASE64, (_, text) => {
    const characters = Array.from(Buffer.from(text, "base64"), characterOf).join("")
    if (btoa(characters.replace(/./gs, byteOf)) !== text) throw new Error(`${path}: the module does not come back as it was`)
    found++
    return `btoa(${JSON.stringify(characters)}.replace(/./gs, ${byteOf}))`
  })
  if (found === 0) throw new Error(`${path}: there is no module in base64 any more; this spelling is to be dropped or renewed`)
  return spelled
}

/** The word list is in order: each word says how many letters it shares with the one before. */
export function frontCode(words) {
  let previous = ""
  return words
    .map((word) => {
      let same = 0
      while (same < 9 && same < word.length && word[same] === previous[same]) same++
      previous = word
      return `${same}${word.slice(same)}`
    })
    .join("")
}

/** What the page runs to have the words back. */
const UNFOLD = `(coded) => {
  let word = ""
  return Array.from(coded.matchAll(/([0-9])([a-z-]+)/g), ([, same, rest]) => (word = word.slice(0, Number(same)) + rest))
}`

function spellWords(source, path) {
  const list = /= "([a-z -]{50000,})"\.split\(" "\)/.exec(source)?.[1]
  if (list === undefined) throw new Error(`${path}: the words do not stand there as one text any more`)
  const coded = frontCode(list.split(" "))
  let word = ""
  const back = Array.from(coded.matchAll(/([0-9])([a-z-]+)/g), ([, same, rest]) => {
    word = word.slice(0, Number(same)) + rest
    return word
  })
  if (back.join(" ") !== list) throw new Error(`${path}: the words do not come back as they were`)
  return `export const WORDS = (${UNFOLD})(${JSON.stringify(coded)})`
}

export const smaller = {
  name: "smaller",
  setup({ onLoad, esbuild }) {
    const lean = leanSodium(esbuild)
    onLoad({ filter: /node_modules[/\\]libsodium-wrappers[/\\]dist[/\\].*\.m?js$/ }, async () => ({
      contents: (await lean).wrappers,
      loader: "js",
    }))
    onLoad({ filter: /node_modules[/\\]libsodium[/\\]dist[/\\].*\.m?js$/ }, async ({ path }) => ({
      contents: spellBytes((await lean).module(await readFile(path, "utf8")), "libsodium"),
      loader: "js",
    }))
    onLoad({ filter: /keyring[/\\]wordlist\.ts$/ }, async ({ path }) => ({
      contents: spellWords(await readFile(path, "utf8"), "keyring/wordlist.ts"),
      loader: "js",
    }))
  },
}
