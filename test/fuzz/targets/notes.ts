/** Signed notes, keyrings and day keys, as a hostile server might send them. SPEC.md §4.1, §4.2, §4.4. */

import { isDeepStrictEqual } from "node:util"
import { concat, toPaddedBase64 } from "../../../envelope/bytes.ts"
import { newsroomId } from "../../../envelope/names.ts"
import { parseDayNote, signDayKey, verifyDayNote } from "../../../keyring/days.ts"
import { type Keyring, keyringText, parseKeyring, verifyChain } from "../../../keyring/keyring.ts"
import { parseNote, type Signer, signedBy, signNote } from "../../../keyring/note.ts"
import { makeCorpus } from "../corpus.ts"
import { reporter as makeReporter, root as makeRoot } from "../keys.ts"
import { mutateJson } from "../mutate-json.ts"
import { attempt, demand, isCompact, sameJson } from "../oracle.ts"
import type { Random } from "../random.ts"
import type { Target } from "../target.ts"

/** Text as it comes out of a JSON answer: halves of surrogate pairs are possible there. */
const textOf = (input: Uint8Array): string => Buffer.from(input).toString("utf8").replaceAll("\ufffd\ufffd", "\ud800")
const dictionary = [
  "\n\n",
  " \n",
  "\n\u2014 ",
  "\u2014 fuzz.example.org/root ",
  "+",
  "=",
  "\r",
  "{",
  "}",
  ",",
  ":",
  '"',
  '"version":2',
  "null",
  "[",
  "]",
  "age1pq1",
  "2026-11-22",
  "sotto-day/1",
]
const maxBytes = 60_000

const [rootSigner, reporterSigner] = [makeRoot(), makeReporter()]
/** The trusted beginning: the corpus's two keyrings, verified. */
const trusted = makeCorpus().then(async (corpus): Promise<readonly Keyring[]> => {
  const sources = ["keyring/first", "keyring/second"].map((path) => textOf(corpus.get(path) ?? new Uint8Array(0)))
  return Promise.all(sources.map(parseKeyring))
})

export const note: Target = {
  name: "note",
  dictionary,
  maxBytes,
  async run(input) {
    const source = textOf(input)
    const parsed = await attempt("keyring", () => parseNote(source))
    if ("code" in parsed) return parsed.code
    const { text, signatures } = parsed.value
    const lines = signatures.map(({ name, id, signature }) => `\u2014 ${name} ${toPaddedBase64(concat(id, signature))}\n`)
    demand(`${text}\n${lines.join("")}` === source, "a note is spelt one way")
    const known = [(await rootSigner).verifier, (await reporterSigner).verifier]
    const signed = await attempt("keyring", () => signedBy(parsed.value, known))
    if ("code" in signed) return signed.code
    demand(signed.value.length <= 2, "a key counts once")
    return "taken"
  },
}

/** Changes the JSON of a note and, mostly, has it signed again. */
async function changeText(input: Buffer, random: Random, by: Signer): Promise<Buffer> {
  const [text = "", ...rest] = input.toString().split("\n\n")
  const changed = mutateJson(text, random, dictionary)
  if (changed === undefined) return input
  if (random.chance(4)) return Buffer.from([`${changed}`, ...rest].join("\n\n"))
  const signed = await attempt("keyring", () => signNote(`${changed}\n`, [by]))
  return "value" in signed ? Buffer.from(signed.value) : input
}

export const keyring: Target = {
  name: "keyring",
  dictionary,
  maxBytes,
  async run(input) {
    const source = textOf(input)
    const parsed = await attempt("keyring", () => parseKeyring(source))
    if ("code" in parsed) return parsed.code
    const text = keyringText(parsed.value)
    demand(isCompact(parsed.value.note.text.slice(0, -1)), "a keyring is compact")
    const again = await parseKeyring(await signNote(text, [await rootSigner]))
    demand(keyringText(again) === text, "a keyring is written one way")
    demand(sameJson(text, parsed.value.note.text), "a value in a keyring is spelt one way")
    const { hash: _h, note: _n, source: _s, ...said } = parsed.value
    const { hash: _h2, note: _n2, source: _s2, ...saidAgain } = again
    demand(isDeepStrictEqual(said, saidAgain), "a keyring that is written again says the same")
    const [first] = await trusted
    if (first === undefined) throw new Error("no keyring to begin with")
    const chain = await attempt("keyring", () => verifyChain([first.source, source], { newsroom: newsroomId(first.hash) }))
    return "code" in chain ? chain.code : "taken"
  },
  change: async (input, random) => changeText(input, random, await rootSigner),
}

export const day: Target = {
  name: "day",
  dictionary,
  maxBytes,
  async run(input) {
    const source = textOf(input)
    const parsed = await attempt("keyring", () => parseDayNote(source))
    if ("code" in parsed) return parsed.code
    const written = await signDayKey(parsed.value, await reporterSigner)
    const again = parseDayNote(written)
    demand(isCompact(parseNote(source).text.slice(0, -1)), "a day note is compact")
    demand(sameJson(parseNote(written).text, parseNote(source).text), "a value in a day note is spelt one way")
    demand(isDeepStrictEqual(again, parsed.value), "a day note that is written again says the same")
    const chain = await trusted
    const [first] = chain
    if (first === undefined) throw new Error("no keyring to begin with")
    const verified = await attempt("keyring", () => verifyDayNote(source, chain, newsroomId(first.hash)))
    return "code" in verified ? verified.code : "taken"
  },
  change: async (input, random) => changeText(input, random, await reporterSigner),
}
