/** `sotto.json`, as SPEC.md §1 and §3.6 have it, for the second reader. */

import { fromBech32 } from "./bech32.mjs"
import { refuse } from "./refused.mjs"

const need = (holds) => holds || refuse("bad-json")
const CONTROL = /\p{Cc}/u

const isText = (value, least, most) =>
  typeof value === "string" && value.length >= least && value.length <= most && value.isWellFormed() && !CONTROL.test(value)
const isId = (value) => typeof value === "string" && /^[a-z0-9-]{1,32}$/.test(value)
const isHash = (value) =>
  typeof value === "string" && value.length === 43 && Buffer.from(value, "base64url").toString("base64url") === value
const isDay = (value) =>
  typeof value === "string" && /^20\d\d-\d\d-\d\d$/.test(value) && String(new Date(`${value}T00:00Z`).toJSON()).startsWith(value)
const isList = (value, least, most, each) => Array.isArray(value) && value.length >= least && value.length <= most && value.every(each)
const isSet = (value, least, most, each) => isList(value, least, most, each) && new Set(value).size === value.length
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value)
function hasExactly(value, required, optional = []) {
  if (!isObject(value)) return false
  const names = Object.keys(value)
  return required.every((name) => names.includes(name)) && names.every((name) => required.includes(name) || optional.includes(name))
}
const isBech32 = (value, prefix, length) => {
  try {
    return typeof value === "string" && fromBech32(value, prefix, length).length === length
  } catch {
    return false
  }
}

const isAnswer = (value) =>
  Array.isArray(value) ? isSet(value, 0, 50, isId) : typeof value === "string" && isText(value.replace(/[\n\t]/g, " "), 0, 4_000)
const isFile = (value) =>
  hasExactly(value, ["name", "type", "bytes"], ["cleaned"]) &&
  (value.cleaned === undefined || value.cleaned === true) &&
  isText(value.name, 1, 255) &&
  isText(value.type, 0, 100) &&
  Number.isInteger(value.bytes) &&
  value.bytes >= 0 &&
  value.bytes <= 2 ** 32
const isSource = (value) =>
  hasExactly(value, ["recipient", "verify", "mailbox"]) &&
  isBech32(value.recipient, "age1pq", 1_216) &&
  isHash(value.verify) &&
  isHash(value.mailbox)

/** @returns the letter's value, exactly as it is in the text */
export function checkLetter(text) {
  let letter
  try {
    letter = JSON.parse(text)
    need(JSON.stringify(letter) === text)
  } catch {
    refuse("bad-json")
  }
  const members = ["format", "newsroom", "keyring", "day", "to", "reachable", "answers", "source", "files"]
  need(hasExactly(letter, members, ["callout"]))
  need(letter.format === "sotto-tip/1")
  need(isBech32(letter.newsroom, "sotto-newsroom-", 32))
  need(isHash(letter.keyring) && isDay(letter.day))
  need(isSet(letter.to, 1, 32, isId) && isSet(letter.reachable, 1, 32, isId))
  need(letter.callout === undefined || isId(letter.callout))
  need(isObject(letter.answers))
  const answers = Object.entries(letter.answers)
  need(answers.length <= 20 && answers.every(([question, answer]) => isId(question) && isAnswer(answer)))
  need(isSource(letter.source))
  need(isList(letter.files, 0, 1_000, isFile))
  return letter
}
