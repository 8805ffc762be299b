/** The last look before sending: who will read, what is sent, how big it is. */

import { make } from "./elements.ts"
import type { AskedCallout, Draft, View } from "./messages.ts"
import { answerText } from "./questions.ts"
import { fill, listText, sizeText } from "./wording.ts"
import { words } from "./words/en.ts"

/** @param bytes - the envelope's exact length */
export function showSummary(into: HTMLElement, view: View, callout: AskedCallout | undefined, draft: Draft, bytes: number): void {
  const list = make("dl", { class: "summary" })
  const row = (term: string, ...values: readonly (Node | string)[]) =>
    list.append(make("div", {}, make("dt", {}, term), ...values.map((value) => make("dd", { dir: "auto" }, value))))

  row(words.check.who, listText(view.readers.filter(({ id }) => draft.to.includes(id)).map(({ name }) => name)))
  if (callout !== undefined) row(words.check.about, callout.title)
  const answers = draft.answers.flatMap(([id, answer]) => {
    const question = callout?.questions.find((one) => one.id === id)
    return question === undefined
      ? []
      : [make("span", {}, make("span", { class: "hint block" }, question.label), answerText(question, answer))]
  })
  if (answers.length > 0) row(words.check.answers, ...answers)
  row(
    words.check.message,
    draft.message.trim() === "" ? words.check.noMessage : make("span", { class: "written", translate: "no" }, draft.message),
  )
  if (draft.files.length > 0)
    row(words.check.files, ...draft.files.map(({ name, blob }) => make("span", { translate: "no" }, `${name} (${sizeText(blob.size)})`)))
  row(words.check.size, fill(bytes === view.floor ? words.check.floor : words.check.larger, { size: sizeText(bytes) }))
  into.replaceChildren(list)
}
