/** Bech32 (BIP 173) without its limit of 90 characters, lower case, as SPEC.md §1 and age have it; for the second reader. */

import { refuse } from "./refused.mjs"

const ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
const GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]

function checksum(prefix, digits) {
  const codes = [...prefix].map((character) => character.charCodeAt(0))
  let sum = 1
  for (const value of [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31), ...digits]) {
    const top = sum >>> 25
    sum = ((sum & 0x1ffffff) << 5) ^ value
    for (const [bit, generator] of GENERATORS.entries()) if ((top >>> bit) & 1) sum ^= generator
  }
  return sum
}

export function fromBech32(spelt, prefix, length) {
  const digits = [...spelt.slice(prefix.length + 1)].map((character) => ALPHABET.indexOf(character))
  if (!spelt.startsWith(`${prefix}1`) || digits.includes(-1) || digits.length < 6 || checksum(prefix, digits) !== 1) refuse("bad-key")
  const bytes = []
  let [held, bits] = [0, 0]
  for (const digit of digits.slice(0, -6)) {
    held = ((held << 5) | digit) & 0xfff
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes.push((held >> bits) & 0xff)
  }
  if (bits >= 5 || (held & ((1 << bits) - 1)) !== 0 || bytes.length !== length) refuse("bad-key")
  return Uint8Array.from(bytes)
}

export function toBech32(prefix, bytes) {
  const all = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("")
  const digits = (all.match(/.{1,5}/g) ?? []).map((bits) => Number.parseInt(bits.padEnd(5, "0"), 2))
  const sum = checksum(prefix, [...digits, 0, 0, 0, 0, 0, 0]) ^ 1
  const last = [25, 20, 15, 10, 5, 0].map((shift) => (sum >>> shift) & 31)
  return `${prefix}1${[...digits, ...last].map((digit) => ALPHABET[digit]).join("")}`
}
