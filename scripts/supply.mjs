/** `npm run supply`: every package that package-lock.json names, with what it weighs, under which licence, by whom, and whether it wants to run
 *  something when it is installed. Read from the lock file and from what is installed; nobody is asked. To be compared before and after an
 *  upgrade (docs/checking.md).
 *
 *  --all also those for tests and building; --json for a program. Ends with 1 where a package that runs has an install script, no hash or no licence. */

import { readdir, readFile, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const flags = new Set(process.argv.slice(2))
for (const flag of flags)
  if (flag !== "--all" && flag !== "--json") {
    process.stderr.write("supply: usage: npm run supply [-- --all] [-- --json]\n")
    process.exit(2)
  }

const { packages } = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8"))
const asked = JSON.parse(await readFile(join(root, "package.json"), "utf8"))
const direct = new Set(Object.keys({ ...asked.dependencies, ...asked.optionalDependencies, ...asked.devDependencies }))
const listed = []
for (const [path, locked] of Object.entries(packages)) {
  if (path === "" || locked.link === true) continue
  const use = locked.dev === true || locked.devOptional === true ? "tests" : locked.optional === true ? "trying out" : "runs"
  if (use === "tests" && !flags.has("--all")) continue
  listed.push(await describe(path, locked, use))
}
listed.sort((a, b) => order(a.use, b.use) || order(a.name, b.name))
const running = listed.filter(({ use }) => use === "runs")
const faults = running.flatMap(({ name, hasScript, isHashed, licence }) => [
  ...(hasScript ? [`${name} has an install script`] : []),
  ...(isHashed ? [] : [`${name} is not held by a hash`]),
  ...(licence === "unknown" ? [`${name} names no licence`] : []),
])

function order(a, b) {
  return a < b ? -1 : a > b ? 1 : 0
}

async function describe(path, locked, use) {
  const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length)
  const own = await readFile(join(root, path, "package.json"), "utf8").then(JSON.parse, () => undefined)
  return {
    name,
    version: locked.version,
    use,
    isDirect: direct.has(name) && path === `node_modules/${name}`,
    isInstalled: own !== undefined,
    bytes: own === undefined ? 0 : await weight(join(root, path)),
    licence: licenceOf(own?.license ?? locked.license),
    people: peopleOf(own ?? {}),
    hasScript: locked.hasInstallScript === true,
    isHashed: typeof locked.integrity === "string",
  }
}

function licenceOf(said) {
  return typeof said === "string" ? said : (said?.type ?? "unknown")
}

/** Who the package itself says looks after it. The registry's own list is of accounts, and is asked for with `npm owner ls`. */
function peopleOf({ maintainers = [], contributors = [], author }) {
  const names = [...[maintainers].flat(), ...[author ?? []].flat(), ...[contributors].flat()]
    .map((one) => (typeof one === "string" ? one : (one?.name ?? "")))
    .map((one) => one.replace(/[<(].*$/, "").trim())
    // A name is a stranger's text.
    .map((one) => one.replace(/[^\p{L}\p{N} .'@_-]/gu, ""))
  const known = [...new Set(names)].filter((one) => one !== "")
  return known.length > 0 ? known : ["(names nobody)"]
}

async function weight(folder) {
  let sum = 0
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    // What lies inside is a package of its own.
    if (entry.name === "node_modules") continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) sum += await weight(path)
    else if (entry.isFile()) sum += (await stat(path)).size
  }
  return sum
}

const kilobytes = (bytes) => `${Math.round(bytes / 1_024)} KB`
const sum = (list) => list.reduce((total, { bytes }) => total + bytes, 0)
if (flags.has("--json")) process.stdout.write(`${JSON.stringify({ v: 1, packages: listed, faults })}\n`)
else {
  for (const { name, version, use, isDirect, isInstalled, bytes, licence, people, hasScript } of listed) {
    const who = people.length > 3 ? `${people.slice(0, 3).join(", ")} and ${people.length - 3} more` : people.join(", ")
    const size = isInstalled ? kilobytes(bytes) : "not here"
    const marks = `${isDirect ? "" : "  (of another)"}${hasScript ? "  INSTALL SCRIPT" : ""}`
    process.stdout.write(
      `${use.padEnd(10)}  ${`${name} ${version}`.padEnd(40)}  ${size.padStart(9)}  ${licence.padEnd(14)}  ${who}${marks}\n`,
    )
  }

  process.stdout.write(
    `${running.length} packages run, ${running.filter(({ isDirect }) => isDirect).length} of them asked for by name, ${kilobytes(sum(running))} in all\n`,
  )
}
for (const fault of faults) process.stderr.write(`supply: ${fault}\n`)
process.exitCode = faults.length > 0 ? 1 : 0
