/** The release that a built dist/ is: which files the server would hand out and with which headers, asked of the server's own code.
 *  There is no list of them to forget something in. SPEC.md §14. */

import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { hashOf } from "../../envelope/names.ts"
import { HOLE } from "../../keyring/holes.ts"
import { type Header, type Hole, type ReleaseFile, type ReleaseText, releaseText, type ServedFile } from "../../keyring/release.ts"
import { commonHeaders } from "../../server/headers.ts"
import { type BuiltFile, builtFiles } from "../../server/page.ts"
import { Failure } from "../failure.ts"
import { wasmOf } from "./wasm-of.ts"

export interface Built {
  readonly text: string
  readonly release: ReleaseText
  /** By their path in dist/. */
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
}

/** @param dist - what `npm run build` gave
 *  @throws Failure `failed`: it holds no build */
export async function releaseOf(dist: string, version: string): Promise<Built> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>()
  async function described(file: string, bytes: Uint8Array): Promise<ReleaseFile> {
    const copy = new Uint8Array(bytes)
    files.set(file, copy)
    return { file, bytes: copy.length, sha256: await hashOf(copy) }
  }
  async function served({ path, type, name, bytes }: BuiltFile): Promise<ServedFile> {
    return { path, type, ...(await described(`page/${name}`, bytes)) }
  }
  const { html, page } = await builtFiles(join(dist, "page")).catch((cause) => {
    throw new Failure("failed", "there is no built page in that folder", "run `npm run build`, and name its dist/ with --dist", { cause })
  })
  const names = (await readdir(dist)).filter((name) => name.endsWith(".js")).sort()
  const release: ReleaseText = {
    version,
    html: { ...(await served(html)), holes: holesOf(html.bytes) },
    page: await all(page, served),
    headers: headers(),
    wasm: await wasmIn(page),
    programs: await all(names, async (name) => described(name, await readFile(join(dist, name)))),
  }
  return { text: releaseText(release), release, files }
}

/** One after the other, in order. */
async function all<From, To>(list: readonly From[], make: (one: From) => Promise<To>): Promise<To[]> {
  const made: To[] = []
  for (const one of list) made.push(await make(one))
  return made
}

function holesOf(html: Buffer): Hole[] {
  // A byte is a character in latin1: the places are those of the bytes.
  return [...html.toString("latin1").matchAll(HOLE)].map(({ index, 1: name = "" }) => ({ name, at: index }))
}

function headers(): ReleaseText["headers"] {
  const always = Object.entries(commonHeaders("http://localhost"))
  const https = Object.entries(commonHeaders("https://localhost")).filter(([name]) => !always.some(([other]) => other === name))
  return { always: always satisfies Header[], https }
}

async function wasmIn(page: readonly BuiltFile[]): Promise<ReleaseText["wasm"]> {
  const modules = new Map<string, ReleaseText["wasm"][number]>()
  // A worker loads its engine at once; the page itself only asks whether there is one.
  for (const { bytes } of page.filter(({ name, bytes }) => name.includes("worker") && bytes.includes("WebAssembly")))
    for (const module of await wasmOf(bytes.toString("utf8"))) {
      const sha256 = await hashOf(module)
      modules.set(sha256, { bytes: module.length, sha256 })
    }
  return [...modules.values()]
}
