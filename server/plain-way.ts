/** The routes for whoever has scripts off. SPEC.md §8.4. */

import type { Bytes } from "../envelope/bytes.ts"
import { reachableOn } from "../keyring/days.ts"
import type { Keyring } from "../keyring/keyring.ts"
import { questionsText, recipientsText } from "./plain-texts.ts"
import { Problem } from "./problem.ts"
import type { Answer, Route, Services } from "./route.ts"
import { answerPath, FORM_PATH, FORM_TYPE, type FormAnswer, MAX_FORM_BYTES, parseForm, refusalOf } from "./sealed.ts"
import { en, type ListWords } from "./words/en.ts"
import { listWords } from "./words/languages.ts"

const TEXT_TYPE = "text/plain; charset=utf-8"
const text = (body: string): Answer => ({ status: 200, type: TEXT_TYPE, body })

interface Keeping {
  readonly current: (services: Services) => Promise<Keyring>
  /** Checks an envelope from outside and keeps it for a day. */
  readonly keep: (day: string, envelope: Bytes, services: Services) => Promise<void>
}

async function page(answer: FormAnswer, status: number, { page: { files } }: Services): Promise<Answer> {
  const file = files.get(answerPath(answer))
  if (file === undefined) throw new Problem("broken", "The page has not been built.")
  return { status, type: file.type, body: await file.bytes("identity") }
}

/** A text at an address of its own in each language: one address has one content for everybody. docs/decisions/0047-languages-without-scripts.md */
function inEach(path: string, say: (words: ListWords, services: Services) => Promise<string>): readonly Route[] {
  const route = { method: "GET", access: "anyone", query: [] } as const
  return [
    { ...route, path, answer: async (_, services) => text(await say(en, services)) },
    {
      ...route,
      path: `${path}/:language`,
      async answer({ params: { language = "" } }, services) {
        const words = listWords(language)
        if (words === undefined) throw new Problem("not-found", "There is no such language here.")
        return text(await say(words, services))
      },
    },
  ]
}

export const plainWay = ({ current, keep }: Keeping): readonly Route[] => [
  ...inEach("/api/recipients", async (words, services) => {
    const today = services.clock.today()
    const keyring = await current(services)
    const chain = await services.keyrings.chain()
    const notes = await services.dayNotes.on(today)
    return recipientsText(keyring, await reachableOn(notes, { chain, newsroom: services.pinned.id, on: today, today }), today, words)
  }),
  ...inEach("/api/questions", async (words, services) => questionsText(await current(services), services.clock.today(), words)),
  {
    method: "POST",
    path: FORM_PATH,
    access: "anyone",
    query: [],
    body: { type: FORM_TYPE, maxBytes: MAX_FORM_BYTES, hasBoundary: true },
    headers: ["content-type"],
    async answer({ body, headers }, services) {
      const { envelope, day } = await parseForm(body, headers?.["content-type"])
      await keep(day ?? services.clock.today(), envelope, services)
      return page("kept", 201, services)
    },
    refused: (problem, services) => page(refusalOf(problem), problem.status, services),
  },
]
