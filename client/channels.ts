/** The other ways to reach the newsroom, each with what speaks against it. Plain text: an address that is clicked is a request. */

import { make } from "./elements.ts"
import { words } from "./language.ts"
import type { Channel } from "./messages.ts"
import { fill } from "./wording.ts"

export function showChannels(into: HTMLElement, channels: readonly Channel[]): void {
  const title = make("h3", {}, () => words.channels.title)
  const list = channels.map(({ name, address, drawback }) =>
    make(
      "li",
      {},
      make("strong", { dir: "auto" }, name),
      make("span", { class: "address", translate: "no", dir: "auto" }, address),
      make("span", { class: "hint", dir: "auto" }, () => fill(words.channels.drawback, { drawback })),
    ),
  )
  into.replaceChildren(title, list.length > 0 ? make("ul", { class: "channels" }, ...list) : make("p", {}, () => words.channels.none))
}
