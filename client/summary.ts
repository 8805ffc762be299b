/** The last look before sending: who will read, what is sent, how it may be answered, how big it is. */

import type { HowAnswered } from "./answering.ts"
import { answerText } from "./answers.ts"
import { type Child, make } from "./elements.ts"
import { type Sentence, words } from "./language.ts"
import type { AskedCallout, Draft, View } from "./messages.ts"
import { durationText, fill, listText, sizeText } from "./wording.ts"

interface Shown {
  readonly view: View
  readonly callout: AskedCallout | undefined
  readonly draft: Draft
  /** The envelope's exact length, and for how long this device will lock it. */
  readonly weighed: { readonly bytes: number; readonly lockMs: number }
  readonly how: HowAnswered
}

/** What takes longer to lock is told before it begins. */
const LONG_MS = 10_000

/** Up to here every reporter fetches the whole of it. Above, only who can open it asks for the rest, and the server sees who asks (SPEC.md §8.2). */
const FETCHED_BY_ALL_BYTES = 1_048_576

export function showSummary(into: HTMLElement, { view, callout, draft, weighed: { bytes, lockMs }, how }: Shown): void {
  const list = make("dl", { class: "summary" })
  // Values stand under their names in the page's direction; what others wrote has its own inside (bdi), and only whole paragraphs are aligned by it.
  const row = (term: Sentence, ...values: readonly Child[]) =>
    list.append(make("div", {}, make("dt", {}, term), ...values.map((value) => make("dd", {}, value))))

  const names = view.readers.filter(({ id }) => draft.to.includes(id)).map(({ name }) => name)
  row(
    () => words.check.who,
    () => listText(names),
  )
  if (callout !== undefined) row(() => words.check.about, make("bdi", { lang: callout.lang }, callout.title))
  const answers = draft.answers.flatMap(([id, answer]) => {
    const question = callout?.questions.find((one) => one.id === id)
    if (question === undefined || callout === undefined) return []
    const asked = make("span", { class: "hint block", lang: callout.lang }, make("bdi", {}, question.label))
    return [
      make(
        "span",
        {},
        asked,
        make("bdi", {}, () => answerText(question, answer)),
      ),
    ]
  })
  if (answers.length > 0) row(() => words.check.answers, ...answers)
  row(
    () => words.check.message,
    draft.message.trim() === ""
      ? () => words.check.noMessage
      : make("span", { class: "written block", dir: "auto", translate: "no" }, draft.message),
  )
  if (draft.files.length > 0)
    row(
      () => words.check.files,
      ...draft.files.map(({ name, blob }) => make("span", { translate: "no" }, make("bdi", {}, name), () => ` (${sizeText(blob.size)})`)),
    )
  row(
    () => words.check.reply,
    () => (how === "words" ? words.check.replyWords : words.answer[how]),
  )
  row(
    () => words.check.size,
    () => fill(bytes === view.floor ? words.check.floor : words.check.larger, { size: sizeText(bytes) }),
    ...(bytes <= FETCHED_BY_ALL_BYTES ? [] : [() => fill(words.check.fetched, { size: sizeText(FETCHED_BY_ALL_BYTES) })]),
  )
  const locking = () => fill(words.check.locking, { time: durationText(lockMs / 1_000) })
  into.replaceChildren(list, ...(lockMs < LONG_MS ? [] : [make("p", {}, locking)]))
}
