/** `release webcat`: the manifest by which WEBCAT, the Freedom of the Press Foundation's browser extension, holds a page to its release. It is
 *  of one newsroom, because the page's HTML is. Time stamp and signatures come from WEBCAT's own tools: docs/checking.md. */

import { dirname, join } from "node:path"
import { utf8 } from "../../envelope/bytes.ts"
import { type Hash, hashOf } from "../../envelope/names.ts"
import { filledPage } from "../../keyring/holes.ts"
import type { PinnedNewsroom } from "../../keyring/newsroom.ts"
import { parseReleaseText, type ReleaseText } from "../../keyring/release.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { readGiven, writeGiven } from "../vault/given.ts"
import { readPin } from "../vault/home.ts"

/** As the extension's own interface has it, without what its tools add. */
export interface WebcatManifest {
  readonly name: string
  readonly version: string
  readonly default_csp: string
  readonly extra_csp: Readonly<Record<string, string>>
  /** Stands behind a path that ends with a slash. */
  readonly default_index: string
  readonly default_fallback: string
  /** By path; hashes as ours are spelt. */
  readonly files: Readonly<Record<string, Hash>>
  readonly wasm: readonly Hash[]
}
const INDEX = "index.html"
const CSP = "content-security-policy"

/** @param html - the page as built */
export async function webcatManifest(release: ReleaseText, html: string, pinned: PinnedNewsroom): Promise<WebcatManifest> {
  if ((await hashOf(utf8(html))) !== release.html.sha256)
    throw new Failure("site-differs", "that page is not the release's", "name the folder of this release")
  const csp = release.headers.always.find(([name]) => name.toLowerCase() === CSP)?.[1]
  if (csp === undefined) throw new Failure("failed", "this release has no CSP", "WEBCAT cannot hold a page without one")
  const page = await hashOf(utf8(filledPage(html, pinned)))
  return {
    name: "sotto",
    version: release.version,
    default_csp: csp,
    extra_csp: {},
    default_index: INDEX,
    // Where nothing is stands the page: so no other answer to a navigation exists.
    default_fallback: `/${INDEX}`,
    files: { [`/${INDEX}`]: page, ...Object.fromEntries(release.page.map(({ path, sha256 }) => [path, sha256])) },
    wasm: release.wasm.map(({ sha256 }) => sha256),
  }
}

/** Canonical JSON as WEBCAT signs it: members sorted by name, no white space, only quotation mark and backslash escaped. */
export function canonical(value: unknown): string {
  if (typeof value === "string") return `"${value.replace(/[\\"]/g, "\\$&")}"`
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${canonical(name)}:${canonical(member)}`).join(",")}}`
}

/** What WEBCAT demands of a manifest and of its CSP, as far as it can be seen here. @returns what is not so */
export function webcatFaults({
  default_csp: csp,
  files,
  default_index: index,
  default_fallback: fallback,
}: WebcatManifest): readonly string[] {
  const directives = new Map(
    csp
      .split(";")
      .map((one) => one.trim().split(/\s+/) as [string, ...string[]])
      .map(([name, ...values]) => [name, values]),
  )
  const only = (name: string, allowed: readonly string[]) =>
    (directives.get(name) ?? []).every((value) => allowed.includes(value)) ? [] : [`${name} allows what WEBCAT does not`]
  const own = ["'none'", "'self'"]
  return [
    ...(csp.includes(",") ? ["the CSP has a comma"] : []),
    ...(directives.has("default-src") ? only("default-src", own) : ["the CSP has no default-src"]),
    ...only("object-src", ["'none'"]),
    ...only("script-src", [...own, "'wasm-unsafe-eval'"]),
    ...only("worker-src", own),
    ...only("style-src", own),
    ...only("frame-src", own),
    ...only("child-src", own),
    ...(files[`/${index}`] === undefined ? ["the page is not among the files"] : []),
    ...(files[fallback] === undefined ? ["what stands where nothing is is not among the files"] : []),
  ]
}

export interface MakeWebcat {
  /** `release.json` or `release.note`, beside the release's files. */
  readonly file: string
  readonly out?: string
}

/** Writes the manifest of this folder's newsroom, in its canonical spelling.
 *  @throws Failure `failed`, `site-differs` */
export async function makeWebcat(desk: Desk, { file, out = "webcat-manifest.json" }: MakeWebcat): Promise<WebcatManifest> {
  const [text = ""] = (await readGiven(file)).split("\n\n", 1)
  const release = parseReleaseText(text.endsWith("\n") ? text : `${text}\n`)
  const html = await readGiven(join(dirname(file), release.html.file))
  const manifest = await webcatManifest(release, html, await readPin(desk))
  const faults = webcatFaults(manifest)
  if (faults.length > 0) throw new Failure("failed", `WEBCAT would refuse this release: ${faults.join("; ")}`, "change the headers")
  await writeGiven(out, canonical(manifest))
  desk.terminal.answer(out)
  desk.terminal.say("not signed yet: its time stamp and signatures come from WEBCAT's own tools (`webcat manifest sign`)")
  return manifest
}
