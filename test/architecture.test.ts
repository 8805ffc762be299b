/** Holds the rooms to ARCHITECTURE.md, "Who may import whom", and closes windows that lint cannot. */

import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "@jest/globals"
import { importsOf, sourceFiles } from "./support/imports.ts"
import { mayImport, parseRooms } from "./support/rooms.ts"

const root = join(__dirname, "..")
const read = (path: string): string => readFileSync(join(root, path), "utf8")
const rooms = parseRooms(read("ARCHITECTURE.md"))
const files = sourceFiles(root)

/** What is wrong with the imports of one file, a line each. */
function wrongImports(path: string, text: string): string[] {
  return importsOf(path, text)
    .filter((target) => !mayImport(rooms, path, target))
    .map((target) => `${path} may not import ${target}`)
}

describe("who may import whom", () => {
  test("every file keeps to the table in ARCHITECTURE.md", () => {
    expect(files.flatMap((path) => wrongImports(path, read(path)))).toEqual([])
  })

  test("the table names every room, and the files that the checker finds are there", () => {
    expect(rooms.map(({ path }) => path)).toEqual(
      expect.arrayContaining(["envelope/", "keyring/", "server/", "client/", "scripts/", "test/"]),
    )
    expect(files).toEqual(expect.arrayContaining(["envelope/errors.ts", "test/architecture.test.ts", "scripts/operator/postgres.ts"]))
  })

  test.each([
    ["server/app.ts", `import { seal } from "../envelope/seal.ts"`],
    ["server/app.ts", `import type { Letter } from "../envelope/letter.ts"`],
    ["server/app.ts", `export * from "../envelope/open.ts"`],
    ["server/app.ts", `const { seal } = await import("../envelope/seal.ts")`],
    ["server/app.ts", `const where = "../envelope/seal.ts"; await import(where)`],
    ["server/app.ts", `import "../client/main.ts"`],
    ["server/app.ts", `type Seal = import("../envelope/seal.ts").Seal`],
    ["keyring/note.ts", `import { seal } from "../envelope/seal.ts"`],
    ["keyring/note.ts", `import { readFile } from "node:fs/promises"`],
    ["envelope/seal.ts", `import { note } from "../keyring/note.ts"`],
    ["envelope/seal.ts", `import { createHash } from "crypto"`],
    ["client/main.ts", `import pg from "pg"`],
    ["envelope/hpke.ts", `import { ml_kem768 } from "@noble/post-quantum/ml-kem.js"`],
    ["client/main.ts", `import { app } from "../server/app.ts"`],
    ["scripts/reporter/read.ts", `import { app } from "../../server/app.ts"`],
    ["scripts/reporter/read.ts", `const app = require("../../server/app.ts")`],
  ])("the checker reports %s with %s", (path, text) => {
    expect(wrongImports(path, text)).toHaveLength(1)
  })

  test.each([
    ["server/app.ts", `import { parseHeader } from "../envelope/header.ts"`],
    ["server/app.ts", `// import "../envelope/seal.ts"\nconst text = 'import "../envelope/seal.ts"'`],
    ["envelope/noble.ts", `import { ml_kem768 } from "@noble/post-quantum/ml-kem.js"`],
    ["scripts/operator/serve.ts", `import { app } from "../../server/app.ts"`],
    ["scripts/demo.ts", `import { app } from "../server/app.ts"`],
    ["client/sealing.ts", `import { seal } from "../envelope/seal.ts"`],
  ])("the checker allows %s with %s", (path, text) => {
    expect(wrongImports(path, text)).toEqual([])
  })
})

describe("the compiler's projects", () => {
  const listOf = (path: string, key: "include" | "exclude"): string[] => {
    const list = new RegExp(`"${key}": \\[([^\\]]*)\\]`).exec(read(path))?.[1] ?? ""
    return [...list.matchAll(/"([^"]+)"/g)].map(([, name]) => name ?? "")
  }

  test("agree about what is the outside of an envelope", () => {
    expect(listOf("envelope/tsconfig.json", "exclude")).toEqual(listOf("envelope/tsconfig.outside.json", "include"))
  })

  test("keep every file that seals or opens out of the server's reach", () => {
    const outside = listOf("envelope/tsconfig.outside.json", "include")
    for (const inside of ["aead.ts", "archive.ts", "hpke.ts", "letter.ts", "open.ts", "seal.ts", "slots.ts", "stream.ts"]) {
      expect(outside).not.toContain(inside)
    }
  })
})

describe("one door to each dangerous thing", () => {
  /** Places of a pattern in the files of these rooms, as `path: match`. */
  const places = (pattern: RegExp, paths: readonly string[]): string[] =>
    paths.flatMap((path) => [...read(path).matchAll(pattern)].map(([found]) => `${path}: ${found}`))

  test("Math.random is used nowhere outside the tests", () => {
    const ours = files.filter((path) => !path.startsWith("test/"))
    expect(places(/Math\s*\.\s*random/g, ours)).toEqual([])
  })

  test("the page stores nothing and never turns text into HTML", () => {
    const page = files.filter((path) => path.startsWith("client/"))
    const never =
      /localStorage|sessionStorage|indexedDB|document\s*\.\s*cookie|(?:inner|outer)HTML|insertAdjacentHTML|document\s*\.\s*write/g
    expect(places(never, page)).toEqual([])
  })
})
