/** What a TypeScript file imports, read from its syntax tree: comments and strings that look like imports do not count. */

import { readdirSync } from "node:fs"
import { dirname, join, normalize } from "node:path"
import { parseSync } from "@swc/core"
import { UNREADABLE } from "./rooms.ts"

/** Every TypeScript file of ours, as paths from the root. */
export function sourceFiles(root: string): string[] {
  const folders = readdirSync(root, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && !/^(\..*|node_modules|dist)$/.test(entry.name),
  )
  return folders.flatMap(({ name }) =>
    readdirSync(join(root, name), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .map((path) => `${name}/${path}`),
  )
}

/** Targets of every import, export-from, import(), require() and import type: `./path/from/root.ts` for ours, names for packages.
 *  @param path - of the file, from the root */
export function importsOf(path: string, text: string): string[] {
  const targets: string[] = []
  walk(parseSync(text, { syntax: "typescript", target: "es2022" }), (node) => {
    const source = sourceOf(node)
    if (source !== undefined) targets.push(source.startsWith(".") ? `./${normalize(join(dirname(path), source))}` : source)
  })
  return targets
}

type Node = Readonly<Record<string, unknown>>
const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null

function walk(value: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(value)) for (const one of value) walk(one, visit)
  else if (isNode(value)) {
    visit(value)
    for (const one of Object.values(value)) walk(one, visit)
  }
}

function sourceOf(node: Node): string | undefined {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportAllDeclaration":
    case "ExportNamedDeclaration":
      return literal(node.source)
    case "TsImportType":
      return literal(node.argument)
    case "TsExternalModuleReference":
      return literal(node.expression)
    case "CallExpression": {
      const callee = node.callee
      if (!isNode(callee) || !(callee.type === "Import" || (callee.type === "Identifier" && callee.value === "require"))) return undefined
      const [first] = node.arguments as { expression: unknown }[]
      return literal(first?.expression) ?? UNREADABLE
    }
    default:
      return undefined
  }
}

const literal = (value: unknown): string | undefined =>
  isNode(value) && value.type === "StringLiteral" && typeof value.value === "string" ? value.value : undefined
