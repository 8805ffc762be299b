/** The import table of ARCHITECTURE.md as rules. */

import { builtinModules } from "node:module"

export interface Room {
  /** A folder with its slash, or a file. */
  readonly path: string
  /** Folders with their slash, and files; `undefined`: anything. */
  readonly allowed: readonly string[] | undefined
}

/** Rooms that browsers run, and the packages they may carry. */
const PAGE_ROOMS = ["envelope/", "keyring/", "client/"]
const PAGE_PACKAGES = ["@scure/base", "libsodium-wrappers"]
/** The other engine behind libsodium's door, and the only file that knows its packages. */
const NOBLE_DOOR = "envelope/noble.ts"
const BUILTINS = new Set(builtinModules)

/** Reads the table under "Who may import whom".
 *  @throws Error if there is none */
export function parseRooms(markdown: string): Room[] {
  const [, section = ""] = markdown.split(/^## Who may import whom$/m)
  const rows = [...section.matchAll(/^\| (`.*?) \| (.*?) \|$/gm)]
  if (rows.length === 0) throw new Error("ARCHITECTURE.md has no table under ## Who may import whom")
  const rooms: Room[] = []
  for (const [, names = "", rule = ""] of rows) {
    for (const path of codes(names)) rooms.push({ path, allowed: rule.startsWith("anything") ? undefined : allowedBy(path, rule, rooms) })
  }
  return rooms
}

function allowedBy(path: string, rule: string, above: readonly Room[]): string[] {
  const inherited = /^as `([^`]+)`/.exec(rule)?.[1]
  const base = above.find((room) => room.path === inherited)?.allowed ?? []
  const itself = rule.startsWith("itself") ? [path] : []
  return [...base, ...itself, ...codes(rule)]
}

/** What stands in backticks, with `a/{b,c}` spelt out as `a/b.ts` and `a/c.ts`. */
function codes(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].flatMap(([, code = ""]) => {
    const [, folder, names] = /^(.*)\{(.*)\}$/.exec(code) ?? []
    return names === undefined ? [code] : names.split(",").map((name) => `${folder}${name}.ts`)
  })
}

/** Whether the file may import the target: a path from the root, or the name of a package or of a part of Node. */
export function mayImport(rooms: readonly Room[], path: string, target: string): boolean {
  const room = rooms.filter((one) => covers(one.path, path)).sort((a, b) => b.path.length - a.path.length)[0]
  if (room === undefined) return false // a room that the table does not name
  if (room.allowed === undefined) return true
  if (isOurs(target)) return room.allowed.some((one) => covers(one, target))
  if (!PAGE_ROOMS.some((one) => covers(one, path))) return target !== UNREADABLE
  if (target.startsWith("@noble/")) return path === NOBLE_DOOR
  return PAGE_PACKAGES.includes(target) && !BUILTINS.has(target)
}

/** Stands for the target of an import that is computed: nobody can tell what it reaches. */
export const UNREADABLE = "(computed)"

const isOurs = (target: string): boolean => target.startsWith("./")
const covers = (room: string, path: string): boolean => {
  const plain = path.replace(/^\.\//, "")
  return room.endsWith("/") ? plain.startsWith(room) : plain === room
}
