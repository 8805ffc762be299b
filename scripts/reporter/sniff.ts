/** What a file is by its first bytes. Only for a name: nothing is opened, unpacked or believed. */

/** Enough for every mark below. */
export const SNIFFED_BYTES = 4_096

interface Kind {
  /** What such a file is called when the source's own extension does not fit. */
  readonly extension: string
  /** Extensions that fit these bytes as well. */
  readonly also?: readonly string[]
  readonly fits: (head: Uint8Array) => boolean
}

const latin = (head: Uint8Array) => String.fromCharCode(...head)
const begins =
  (mark: string, at = 0) =>
  (head: Uint8Array) =>
    latin(head.subarray(at, at + mark.length)) === mark
/** An office file is a zip archive whose first entries name what is in it. */
const zipWith = (folder: string) => (head: Uint8Array) => begins("PK\u0003\u0004")(head) && latin(head).includes(folder)

const KINDS: readonly Kind[] = [
  { extension: "pdf", fits: begins("%PDF-") },
  { extension: "jpg", also: ["jpeg"], fits: begins("\u00ff\u00d8\u00ff") },
  { extension: "png", fits: begins("\u0089PNG\r\n\u001a\n") },
  { extension: "gif", fits: begins("GIF8") },
  { extension: "webp", fits: (head) => begins("RIFF")(head) && begins("WEBP", 8)(head) },
  { extension: "wav", fits: (head) => begins("RIFF")(head) && begins("WAVE", 8)(head) },
  { extension: "heic", also: ["heif"], fits: begins("ftypheic", 4) },
  { extension: "mp4", also: ["mov", "m4a", "m4v", "3gp"], fits: begins("ftyp", 4) },
  { extension: "mp3", fits: (head) => begins("ID3")(head) || begins("\u00ff\u00fb")(head) },
  { extension: "docx", fits: zipWith("word/") },
  { extension: "xlsx", fits: zipWith("xl/") },
  { extension: "pptx", fits: zipWith("ppt/") },
  { extension: "zip", also: ["docx", "xlsx", "pptx", "odt", "ods", "odp", "epub", "pages", "key"], fits: begins("PK\u0003\u0004") },
  { extension: "ole", also: ["doc", "xls", "ppt", "msg"], fits: begins("\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1") },
  { extension: "rtf", fits: begins("{\\rtf") },
  { extension: "txt", also: ["csv", "tsv", "md", "json", "eml", "log", "xml", "ics"], fits: isText },
]

function isText(head: Uint8Array): boolean {
  if (head.length === 0 || head.includes(0)) return false
  try {
    // `stream`: the last character may be cut where we stopped looking.
    new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true })
    return true
  } catch {
    return false
  }
}

/** An extension for the file: the source's own if the bytes allow it, else one that the bytes suggest, else `bin`. Always 1 to 5 of a-z, 0-9.
 *  @param head - its first {@link SNIFFED_BYTES} bytes or all of it
 *  @param name - the source's name for it */
export function extensionFor(head: Uint8Array, name: string): string {
  const kind = KINDS.find(({ fits }) => fits(head))
  if (kind === undefined) return "bin"
  const own = /\.([A-Za-z0-9]{1,5})$/.exec(name)?.[1]?.toLowerCase()
  return own !== undefined && (own === kind.extension || kind.also?.includes(own)) ? own : kind.extension
}
