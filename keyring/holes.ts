/** What the server fills into the page's HTML: the only bytes of a page that differ from one newsroom to another. Made from the pin alone, so
 *  that whoever knows the pin knows them too. SPEC.md §14.2. */

import { type Bytes, concat, utf8 } from "../envelope/bytes.ts"
import { type PinnedNewsroom, pinnedText } from "./newsroom.ts"
import { type Hole, holeMark } from "./release.ts"

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** The other ways to reach the newsroom as a list: for whoever has scripts off, and so no keyring. */
function channelList({ channels }: PinnedNewsroom): string {
  const items = channels.map(
    ({ name, address, drawback }) => `<li>${escapeHtml(name)}: ${escapeHtml(address)}. ${escapeHtml(drawback)}</li>`,
  )
  return items.length === 0 ? "" : `<ul>${items.join("")}</ul>`
}

const FILLED: Readonly<Record<string, (pinned: PinnedNewsroom) => string>> = {
  newsroom: (pinned) => escapeHtml(pinnedText(pinned)),
  channels: channelList,
}
/** @returns `undefined`: nothing of that name is filled in by this version */
export const holeText = (name: string, pinned: PinnedNewsroom): string | undefined =>
  Object.hasOwn(FILLED, name) ? FILLED[name]?.(pinned) : undefined

/** What stands in the built HTML where something is to be filled in: {@link holeMark}. */
export const HOLE = /\{\{([a-z]+)\}\}/g

/** The page of a newsroom. In one pass: what is filled in may look like a hole itself, and is none. */
export const filledPage = (html: string, pinned: PinnedNewsroom): string =>
  html.replace(HOLE, (mark: string, name: string) => holeText(name, pinned) ?? mark)

/** The pin as it stands in a page's HTML, or `undefined` where none does. */
export function pinInPage(html: string): string | undefined {
  const [, found] = /<meta name="sotto-newsroom" content="([^"]*)">/.exec(html) ?? []
  return found?.replace(/&#(\d{1,3});/g, (_, code: string) => String.fromCharCode(Number(code)))
}

export interface NotFilledSo {
  /** The hole's name. */
  readonly hole: string
  /** Where in the served page it should stand. */
  readonly at: number
}

/** Takes out of a served page what a server has filled in, and puts the holes back.
 *  @returns the page as it was built, if it is that one; or the first hole that does not hold what it should */
export function unfilled(served: Bytes, holes: readonly Hole[], pinned: PinnedNewsroom): Bytes | NotFilledSo {
  const parts: Bytes[] = []
  let [builtAt, servedAt] = [0, 0]
  for (const { name, at } of holes) {
    const text = holeText(name, pinned)
    const filled = text === undefined ? undefined : utf8(text)
    const start = servedAt + at - builtAt
    if (filled === undefined || !filled.every((byte, index) => served[start + index] === byte)) return { hole: name, at: start }
    parts.push(served.slice(servedAt, start), utf8(holeMark(name)))
    builtAt = at + holeMark(name).length
    servedAt = start + filled.length
  }
  return concat(...parts, served.slice(servedAt))
}
