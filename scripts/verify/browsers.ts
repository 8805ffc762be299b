/** The header fields that browsers send for each kind of request, in their order: whoever serves the page must not be able to tell a check
 *  from a source by them. Chromium's and Firefox's are held to the browsers themselves by a test; Tor Browser is a Firefox that says it runs on
 *  Windows, and was not at hand. Over TLS a handshake still tells Node.js from a browser: docs/checking.md. */

export type Kind = "document" | "style" | "script" | "worker" | "image" | "data"
export interface Browser {
  readonly name: string
  /** Name and value in order, without `Host`, which always comes first. */
  headers(kind: Kind, origin: string): Fields
  /** Of a request that the page's script makes with a body; absent: not known of this browser. */
  readonly sending?: (body: Body, origin: string) => Fields
}
export type Fields = readonly (readonly [name: string, value: string])[]
export interface Body {
  readonly type: string
  readonly bytes: Uint8Array
  /** Fields of the script's own, beside the type. */
  readonly more?: Fields
}
export const ENCODINGS = "gzip, deflate, br, zstd"

const CHROMIUM = "147"
const FIREFOX = "153.0"
/** What sources speak: a page for one language would be seen as little as one for one visitor. */
export const LANGUAGES = [
  "en-US,en;q=0.9",
  "en-GB,en;q=0.9",
  "de-DE,de;q=0.9",
  "es-ES,es;q=0.9",
  "fr-FR,fr;q=0.9",
  "pt-BR,pt;q=0.9",
] as const

const FETCH: Readonly<Record<Kind, readonly [dest: string, mode: string]>> = {
  document: ["document", "navigate"],
  style: ["style", "no-cors"],
  script: ["script", "cors"],
  worker: ["worker", "same-origin"],
  image: ["image", "no-cors"],
  data: ["empty", "cors"],
}
const CHROMIUM_ACCEPT: Readonly<Record<Kind, string>> = {
  document:
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
  style: "text/css,*/*;q=0.1",
  script: "*/*",
  worker: "*/*",
  image: "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
  data: "*/*",
}
const FIREFOX_ACCEPT: Readonly<Record<Kind, string>> = {
  ...CHROMIUM_ACCEPT,
  document: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
  image: "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5",
}
const FIREFOX_PRIORITY: Readonly<Partial<Record<Kind, string>>> = {
  document: "u=0, i",
  style: "u=2",
  worker: "u=4",
  image: "u=6",
  data: "u=4",
}

export function chromium(language: string, agent: string): Browser {
  const brands = `"Chromium";v="${CHROMIUM}", "Google Chrome";v="${CHROMIUM}", "Not.A/Brand";v="8"`
  const [ua, mobile, platform] = [
    ["sec-ch-ua", brands] as const,
    ["sec-ch-ua-mobile", "?0"] as const,
    ["sec-ch-ua-platform", '"Windows"'] as const,
  ]
  const userAgent = ["User-Agent", agent] as const
  return {
    name: "chromium",
    headers(kind, origin) {
      const [dest, mode] = FETCH[kind]
      const accept = ["Accept", CHROMIUM_ACCEPT[kind]] as const
      const fetched = [
        ["Sec-Fetch-Site", kind === "document" ? "none" : "same-origin"],
        ["Sec-Fetch-Mode", mode],
        ...(kind === "document" ? [["Sec-Fetch-User", "?1"] as const] : []),
        ["Sec-Fetch-Dest", dest],
      ] as const
      const middle =
        kind === "document"
          ? [ua, mobile, platform, ["Upgrade-Insecure-Requests", "1"] as const, userAgent, accept, ...fetched]
          : kind === "worker"
            ? [accept, ...fetched, userAgent]
            : [...(kind === "script" ? [["Origin", origin] as const] : []), platform, userAgent, ua, mobile, accept, ...fetched]
      return [["Connection", "keep-alive"], ...middle, ["Accept-Encoding", ENCODINGS], ["Accept-Language", language]]
    },
  }
}

export function firefox(language: string, agent: string, name = "firefox"): Required<Browser> {
  const fields = (kind: Kind, about: Fields): Fields => {
    const [dest, mode] = FETCH[kind]
    const priority = FIREFOX_PRIORITY[kind]
    return [
      ["User-Agent", agent],
      ["Accept", FIREFOX_ACCEPT[kind]],
      ["Accept-Language", language],
      ["Accept-Encoding", ENCODINGS],
      ...about,
      ["Connection", "keep-alive"],
      ...(kind === "document" ? [["Upgrade-Insecure-Requests", "1"] as const] : []),
      ["Sec-Fetch-Dest", dest],
      ["Sec-Fetch-Mode", mode],
      ["Sec-Fetch-Site", kind === "document" ? "none" : "same-origin"],
      ...(kind === "document" ? [["Sec-Fetch-User", "?1"] as const] : []),
      ...(priority === undefined ? [] : [["Priority", priority] as const]),
      // What the page asks for with `cache: "no-store"`.
      ...(kind === "data" ? [["Pragma", "no-cache"] as const, ["Cache-Control", "no-cache"] as const] : []),
    ]
  }
  return {
    name,
    headers: (kind) => fields(kind, []),
    sending: ({ type, bytes, more = [] }, origin) =>
      fields("data", [["content-type", type], ...more, ["Content-Length", String(bytes.length)], ["Origin", origin]]),
  }
}

/** As Tor Browser: it asks for English, whatever its user reads. */
export const torBrowser = (): Required<Browser> => firefox("en-US,en;q=0.5", firefoxAgent("Windows NT 10.0"), "tor")
const firefoxAgent = (system: string) => `Mozilla/5.0 (${system}; rv:${FIREFOX}) Gecko/20100101 Firefox/${FIREFOX}`
export const firefoxIn = (language: string): Required<Browser> => firefox(language, firefoxAgent("Windows NT 10.0; Win64; x64"))

export const BROWSERS = ["chromium", "firefox", "tor"] as const
export type BrowserName = (typeof BROWSERS)[number]

export function browser(name: BrowserName, language: string): Browser {
  if (name === "chromium")
    return chromium(
      language,
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${CHROMIUM}.0.0.0 Safari/537.36`,
    )
  return name === "tor" ? torBrowser() : firefoxIn(language)
}
