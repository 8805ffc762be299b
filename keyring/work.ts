/** The small sum against spam: what a flooder has to do a thousand times and a source once, and only while there is a flood. PBKDF2, because every
 *  browser does it natively, with WebAssembly and a compiler or without: no source waits a hundred times longer than another. SPEC.md §8.3. */

import { type Bytes, fromBase64url, toBase64url, utf8 } from "../envelope/bytes.ts"
import { EnvelopeError } from "../envelope/errors.ts"
import { hmacSha256 } from "../envelope/hash.ts"

/** So many parts, each with an answer of its own: the time it takes varies less than with one. */
export const WORK_PARTS = 8
/** Of PBKDF2, for one attempt. */
export const WORK_ROUNDS = 2_500
export const MAX_WORK_BITS = 8
const MAX_COUNTER = 1_048_575
const FORMAT = "sotto-work/1"
const SALT_BYTES = 16

/** What is asked for, as text: format, salt, bits, seconds since 1970 until which it is taken, and the server's own mark. */
export interface Challenge {
  readonly text: string
  /** 16 bytes in base64url: each is taken once. */
  readonly salt: string
  /** So many leading zero bits has each part's hash. */
  readonly bits: number
  readonly until: number
}

const markOf = async (key: Bytes, said: string): Promise<string> => toBase64url(await hmacSha256(key, utf8(`sotto/v1/work\n${said}`)))

/** @param key - the server's; whoever has it can tell its challenges from others
 *  @param salt - 16 random bytes */
export async function makeChallenge(key: Bytes, salt: Bytes, bits: number, until: number): Promise<string> {
  const said = `${FORMAT} ${toBase64url(salt)} ${bits} ${until}`
  return `${said} ${await markOf(key, said)}`
}

/** @returns `undefined`: not of this form */
export function parseChallenge(text: string): Challenge | undefined {
  const [, salt, bits, until] = /^sotto-work\/1 ([A-Za-z0-9_-]{22}) ([1-8]) (\d{10}) [A-Za-z0-9_-]{43}$/.exec(text) ?? []
  if (salt === undefined) return undefined
  try {
    if (fromBase64url(salt).length !== SALT_BYTES) return undefined
  } catch (error) {
    if (error instanceof EnvelopeError) return undefined
    throw error
  }
  return { text, salt, bits: Number(bits), until: Number(until) }
}

/** Whether a challenge is one that the server made. */
export async function isOurs(key: Bytes, { text }: Challenge): Promise<boolean> {
  const at = text.lastIndexOf(" ")
  const [given, ours] = [text.slice(at + 1), await markOf(key, text.slice(0, at))]
  let difference = given.length ^ ours.length
  for (let index = 0; index < ours.length; index++) difference |= given.charCodeAt(index) ^ ours.charCodeAt(index)
  return difference === 0
}

async function holds({ text, bits }: Challenge, part: number, counter: number): Promise<boolean> {
  const password = await crypto.subtle.importKey("raw", utf8(`${part} ${counter}`), "PBKDF2", false, ["deriveBits"])
  const parameters = { name: "PBKDF2", hash: "SHA-256", salt: utf8(text), iterations: WORK_ROUNDS }
  const [first = 0xff] = new Uint8Array(await crypto.subtle.deriveBits(parameters, password, 256))
  return first >> (8 - bits) === 0
}

/** Does the sum.
 *  @returns what the field `Sotto-Work` holds; `undefined`: it was aborted */
export async function solve(challenge: Challenge, signal?: AbortSignal): Promise<string | undefined> {
  const counters: number[] = []
  for (let part = 0; part < WORK_PARTS; part++)
    for (let counter = 0; ; counter++) {
      if (signal?.aborted === true) return undefined
      if (!(await holds(challenge, part, counter))) continue
      counters.push(counter)
      break
    }
  return `${challenge.text} ${counters.join(".")}`
}

/** What a field says was asked and answered; `undefined`: not of this form. */
export function parseWork(field: string): { challenge: Challenge; counters: readonly number[] } | undefined {
  const at = field.lastIndexOf(" ")
  const challenge = parseChallenge(field.slice(0, at))
  const counters = field
    .slice(at + 1)
    .split(".")
    .map((text) => (/^(0|[1-9]\d{0,6})$/.test(text) ? Number(text) : Number.NaN))
  const isWhole = counters.length === WORK_PARTS && counters.every((counter) => counter <= MAX_COUNTER)
  return challenge === undefined || !isWhole ? undefined : { challenge, counters }
}

/** Whether every part's answer is right; stops at the first that is not. */
export async function isSolved({ challenge, counters }: { challenge: Challenge; counters: readonly number[] }): Promise<boolean> {
  for (const [part, counter] of counters.entries()) if (!(await holds(challenge, part, counter))) return false
  return true
}
