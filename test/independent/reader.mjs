/** A second reader of envelopes, written from SPEC.md alone and on the noble libraries: it shares no line with envelope/.
 *  Where the two disagree, the text is unclear or one of them is wrong.
 *
 *  node test/independent/reader.mjs <envelope> <slots> <slot> <file that holds the identity> */

import { readFileSync } from "node:fs"
import { chacha20poly1305 } from "@noble/ciphers/chacha.js"
import { ed25519 } from "@noble/curves/ed25519.js"
import { hkdf } from "@noble/hashes/hkdf.js"
import { hmac } from "@noble/hashes/hmac.js"
import { sha256 } from "@noble/hashes/sha2.js"
import { fromBech32 } from "./bech32.mjs"
import { openFileKey } from "./hpke.mjs"
import { checkLetter } from "./letter.mjs"
import { Refused, refuse } from "./refused.mjs"

export { Refused }

const ascii = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0))
const toHex = (bytes) => Buffer.from(bytes).toString("hex")
const joined = (...parts) => Uint8Array.from(Buffer.concat(parts))
const text = (bytes) => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return refuse("bad-encoding")
  }
}

/** §3.1, and the age format: one expression for the whole header. */
const HEADER =
  /^age-encryption\.org\/v1\n((?:->(?: [\x21-\x7e]+)+\n(?:[A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/]{0,63}\n)+)--- ([A-Za-z0-9+/]{43})\n/
const STANZA = /->((?: [\x21-\x7e]+)+)\n((?:[A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/]{0,63})\n/g

function fromBase64(spelt, code) {
  const bytes = Buffer.from(spelt, "base64")
  return bytes.toString("base64").replace(/=+$/, "") === spelt ? Uint8Array.from(bytes) : refuse(code)
}

function parseHeader(envelope, slots) {
  const found = HEADER.exec(Buffer.from(envelope.subarray(0, 65_536)).toString("latin1"))
  if (found === null) return refuse("bad-header")
  const [whole, body, mac] = found
  const stanzas = [...body.matchAll(STANZA)].map(([, args, lines]) => ({
    args: args.slice(1).split(" "),
    body: fromBase64(lines.replaceAll("\n", ""), "bad-header"),
  }))
  const wanted = fromBase64(mac, "bad-header")
  if (stanzas.length !== slots + 1) refuse("wrong-slots")
  for (const { args, body } of stanzas) {
    if (args.length !== 2 || args[0] !== "mlkem768x25519" || args[1].length !== 1_494 || body.length !== 32) refuse("bad-stanza")
    fromBase64(args[1], "bad-stanza")
  }
  return { stanzas, mac: wanted, covered: ascii(whole.slice(0, -45)), length: whole.length }
}

/** §3.1: the own slot, then the MAC. `undefined`: this slot is a decoy, or somebody else's. */
function unlock(envelope, { slots, slot, identity }) {
  const { stanzas, mac, covered, length } = parseHeader(envelope, slots)
  const { args, body } = stanzas[slot]
  const fileKey = openFileKey(identity, fromBase64(args[1], "bad-stanza"), body)
  if (fileKey === undefined) return undefined
  const macKey = hkdf(sha256, fileKey, new Uint8Array(0), ascii("header"), 32)
  if (toHex(hmac(sha256, macKey, covered)) !== toHex(mac)) refuse("bad-mac")
  return { fileKey, payload: envelope.subarray(length) }
}

/** §3.2. */
function openPayload(fileKey, payload) {
  if (payload.length < 16) refuse("bad-payload")
  const key = hkdf(sha256, fileKey, payload.subarray(0, 16), ascii("payload"), 32)
  const plaintext = []
  for (let at = 16, counter = 0; ; counter++) {
    const chunk = payload.subarray(at, at + 65_552)
    at += chunk.length
    const last = at === payload.length
    if (chunk.length < 16 || (counter > 0 && chunk.length === 16)) refuse("bad-payload")
    const nonce = new Uint8Array(12)
    new DataView(nonce.buffer).setUint32(7, counter) // 11 bytes of counter, of which the low four are enough here
    nonce[11] = last ? 1 : 0
    try {
      plaintext.push(chacha20poly1305(key, nonce).decrypt(chunk))
    } catch {
      refuse("bad-payload")
    }
    if (last) return joined(...plaintext)
  }
}

/** §3.4: the block that a name and a size have. */
function headerBlock(name, size) {
  const fields = [
    [name, 100],
    ["0000600", 8],
    ["0000000", 8],
    ["0000000", 8],
    [size.toString(8).padStart(11, "0"), 12],
    ["00000000000", 12],
    ["        ", 8],
    ["0", 1],
    ["", 100],
    ["ustar", 6],
    ["00", 2],
    ["", 32],
    ["", 32],
    ["0000000", 8],
    ["0000000", 8],
    ["", 167],
  ]
  const block = ascii(fields.map(([value, length]) => value.padEnd(length, "\0")).join(""))
  const sum = block.reduce((total, byte) => total + byte)
  block.set(ascii(`${sum.toString(8).padStart(6, "0")}\0 `), 148)
  return block
}

const same = (a, b) => Buffer.from(a).equals(Buffer.from(b))
const zeros = (bytes) => bytes.every((byte) => byte === 0)

/** Walks an archive, an entry at a time; knows where each begins, for what a signature covers. */
class Archive {
  #bytes
  #at = 0
  constructor(bytes) {
    this.#bytes = bytes
  }

  /** Everything before the next entry. */
  get before() {
    return this.#bytes.subarray(0, this.#at)
  }

  /** The next entry's name and size, not yet taken; `undefined` at the end. */
  peek() {
    const block = this.#bytes.subarray(this.#at, this.#at + 512)
    if (block.length < 512) refuse("bad-archive")
    if (zeros(block)) {
      const second = this.#bytes.subarray(this.#at + 512, this.#at + 1_024)
      if (second.length < 512 || !zeros(second)) refuse("bad-archive")
      return undefined
    }
    const raw = Buffer.from(block).toString("latin1")
    const name = raw.slice(0, 100).split("\0", 1)[0]
    const size = raw.slice(124, 135)
    if (!/^[a-z0-9./]+$/.test(name) || !/^[0-7]{11}$/.test(size)) refuse("bad-archive")
    const bytes = Number.parseInt(size, 8)
    if (!same(block, headerBlock(name, bytes))) refuse("bad-archive")
    return { name, bytes }
  }

  take(name, allowed) {
    const entry = this.peek()
    if (entry?.name !== name) refuse("bad-letter")
    allowed(entry.bytes)
    const from = this.#at + 512
    const padded = Math.ceil(entry.bytes / 512) * 512
    const body = this.#bytes.subarray(from, from + entry.bytes)
    const padding = this.#bytes.subarray(from + entry.bytes, from + padded)
    if (from + padded > this.#bytes.length || !zeros(padding)) refuse("bad-archive")
    this.#at = from + padded
    return body
  }

  end() {
    if (this.peek() !== undefined) refuse("bad-letter")
    if (!zeros(this.#bytes.subarray(this.#at))) refuse("bad-archive")
  }
}

/** §3.5. */
function tree(bytes) {
  const length = new Uint8Array(8)
  new DataView(length.buffer).setBigUint64(0, BigInt(bytes.length))
  const hashes = []
  for (let at = 0; at < bytes.length; at += 1_048_576) hashes.push(sha256(bytes.subarray(at, at + 1_048_576)))
  return sha256(joined(length, ...hashes))
}

/** §3.4 to §3.6: a payload's plaintext as a letter, its message and its files, everything checked. */
export function readArchive(plaintext) {
  const archive = new Archive(plaintext)
  const atMost = (limit) => (bytes) => bytes <= limit || refuse("too-large")
  const letter = checkLetter(text(archive.take("sotto.json", atMost(262_144))))
  const message = text(archive.take("message.txt", atMost(524_288)))
  const signed = (name) => {
    const over = joined(ascii("sotto/v1/tip\n"), fromBech32(letter.newsroom, "sotto-newsroom-", 32), tree(archive.before))
    const signature = archive.take(name, atMost(64))
    const verify = Uint8Array.from(Buffer.from(letter.source.verify, "base64url"))
    // RFC 8032 to the letter: without this, the library takes more than one form of some points.
    const good = signature.length === 64 && ed25519.verify(signature, over, verify, { zip215: false })
    return good ? toHex(signature) : refuse("bad-signature")
  }
  const signature = signed("signature")
  const files = letter.files.map(({ name, type, bytes }, index) => {
    const extension = /\.[A-Za-z0-9]{1,5}$/.exec(name)?.[0].toLowerCase() ?? ""
    const content = archive.take(`files/${index + 1}${extension}`, (length) => length === bytes || refuse("bad-letter"))
    return { name, type, bytes, sha256: toHex(sha256(content)) }
  })
  if (files.length > 0) signed("files/signature")
  archive.end()
  return { letter, message, signature, files }
}

/** An envelope, opened at a slot. @returns `undefined` when this slot is not for this identity
 *  @throws Refused with the code that SPEC.md gives */
export function openEnvelope(envelope, { slots, slot, identity }) {
  const seed = fromBech32(identity.toLowerCase(), "age-secret-key-pq-", 32)
  const unlocked = unlock(envelope, { slots, slot, identity: seed })
  return unlocked && readArchive(openPayload(unlocked.fileKey, unlocked.payload))
}

/** §3.3, for numbers of slots and lengths: every class, ascending. */
export function classes(slots) {
  const header = 22 + 1_557 * (slots + 1) + 48
  const reachable = (total) => (total - header - 16) % 65_552 === 0 || (total - header - 16) % 65_552 > 16
  let floor = 1
  while (floor < header + 16 + 16_384) floor *= 2
  const found = []
  for (let power = floor; power < 2 ** 32; power *= 2)
    found.push(power, ...(power >= 2 ** 20 ? [power * 1.25, power * 1.5, power * 1.75] : []))
  return [...found, 2 ** 32].filter(reachable)
}

const [, program, path, slots, slot, identityPath] = process.argv
if (program?.endsWith("independent/reader.mjs")) {
  try {
    const identity = readFileSync(identityPath, "utf8").trim()
    const opened = openEnvelope(Uint8Array.from(readFileSync(path)), { slots: Number(slots), slot: Number(slot), identity })
    process.stdout.write(`${JSON.stringify(opened ?? { refused: "not for this slot" })}\n`)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    process.stdout.write(`${JSON.stringify({ refused: error.code })}\n`)
    process.exitCode = 1
  }
}
