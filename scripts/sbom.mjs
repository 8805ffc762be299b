/** `npm run sbom`: what this project is made of. Writes dist/sbom.cdx.json (CycloneDX) and dist/licences.txt for what ships, checks that
 *  package-lock.json pins every package by version and hash, and asks the registry for known flaws; says so when it does not answer.
 *  Ends with 1 when the lockfile does not hold, a licence is not on the list, or a flaw of what ships is known. */

import { execFile } from "node:child_process"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const run = promisify(execFile)
const npm = (...args) => run("npm", args, { cwd: root, maxBuffer: 64 * 1_048_576 })

/** Licences that may be combined into one under GPL-3.0-or-later. */
const COMPATIBLE =
  /^\(?(MIT|MIT-0|ISC|BSD-2-Clause|BSD-3-Clause|Apache-2\.0|0BSD|Unlicense|CC0-1\.0|BlueOak-1\.0\.0|LGPL-3\.0\+|LGPL-3\.0-or-later|GPL-3\.0-or-later)($|[ )])/

const complaints = []
const lock = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8"))
const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"))

for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies }))
  if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) complaints.push(`package.json does not pin ${name} to one version`)

const shipped = []
let hashless = 0
for (const [path, one] of Object.entries(lock.packages)) {
  if (path === "") continue
  const name = path.replace(/^.*node_modules\//, "")
  // Binaries of other platforms, where a registry does not carry them: they are never installed here.
  if (one.integrity === undefined && !one.optional) complaints.push(`package-lock.json has no hash of ${name}`)
  if (one.integrity === undefined) hashless++
  if (one.dev || one.devOptional || one.optional) continue
  const licence = one.license ?? JSON.parse(await readFile(join(root, path, "package.json"), "utf8")).license ?? "unknown"
  if (!COMPATIBLE.test(licence)) complaints.push(`the licence of ${name}, ${licence}, is not on the list`)
  if (one.hasInstallScript) complaints.push(`${name} wants an install script`)
  shipped.push(`${name} ${one.version} ${licence}`)
}

await mkdir(join(root, "dist"), { recursive: true })
await writeFile(join(root, "dist/licences.txt"), `${shipped.sort((one, other) => one.localeCompare(other)).join("\n")}\n`)
// Of everything, and then what ships: npm's own --omit=dev leaves out what a tool needs as well.
const { stdout } = await npm("sbom", "--sbom-format", "cyclonedx")
const whole = JSON.parse(stdout)
const names = new Set(shipped.map((one) => one.split(" ").slice(0, 2).join("@")))
const isShipped = ({ group, name, version }) => names.has(`${group ? `${group}/` : ""}${name}@${version}`)
const components = whole.components.filter(isShipped)
const refs = new Set([whole.metadata.component["bom-ref"], ...components.map((one) => one["bom-ref"])])
const dependencies = whole.dependencies
  .filter(({ ref }) => refs.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => refs.has(one)) }))
await writeFile(join(root, "dist/sbom.cdx.json"), `${JSON.stringify({ ...whole, components, dependencies }, null, 2)}\n`)
if (components.length !== names.size) complaints.push(`the SBOM names ${components.length} of ${names.size} packages`)

// npm ends with 1 when it found something, and says what; without an answer it says that there was an error.
const audit = await npm("audit", "--json", "--omit", "dev").catch((error) => error)
let flaws
try {
  flaws = JSON.parse(audit.stdout).metadata?.vulnerabilities
} catch {
  flaws = undefined
}
if (flaws?.total > 0) complaints.push(`${flaws.total} known flaws in what ships: npm audit --omit dev says which`)

console.log(
  `${shipped.length} packages ship; dist/licences.txt, dist/sbom.cdx.json (${whole.bomFormat} ${whole.specVersion}, ${components.length} components)`,
)
console.log(`${Object.keys(lock.packages).length - 1} packages in package-lock.json, ${hashless} optional ones without a hash`)
console.log(
  flaws === undefined
    ? "npm audit: the registry did not answer, so nothing is known"
    : `npm audit: ${flaws.total} known flaws in what ships`,
)
for (const complaint of complaints) console.error(`sbom: ${complaint}`)
process.exitCode = complaints.length === 0 ? 0 : 1
