/** Builds dist/: the command, the server, the demo, and the page with its integrity hashes. The same sources and the same lock file give the
 *  same bytes and modes, in whatever folder, by whomever, with whatever umask, time zone and language (test/scripts/reproducible.test.ts).
 *  Says nothing on stdout, which belongs to the program that runs next.
 *
 *  --verify RELEASE writes nothing: it compares what would be built with a release (its note, its folder, or another dist/), says which file
 *  differs and where, and ends with 13 if one does. */

import { createHash } from "node:crypto"
import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { courtPages } from "./build/court.mjs"
import { escapeHtml, languageButtons, languageLinks, withKeys, wordAt } from "./build/html.mjs"
import { madeAlready, offlinePage } from "./build/offline.mjs"
import { answerPages, plainPages, plainPath } from "./build/plain.mjs"
import { smaller } from "./build/smaller.mjs"
import { compareWith, readRelease } from "./compare-build.mjs"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const dist = join(root, "dist")
const given = verifyArgument(process.argv.slice(2))
const release = given && (await readRelease(given))
if (given !== undefined && release === undefined) process.exit(1)

/** Every file of dist/, by its path there. Written at the end, so that a failed build changes nothing. */
const files = new Map()

/** CommonJS packages ask for Node's modules with `require`, which an ES module does not have. */
const requireForPackages = `import { createRequire as sottoRequire } from "node:module"; const require = sottoRequire(import.meta.url);`

const forNode = { platform: "node", target: "node20.19", format: "esm" }
const forPage = {
  platform: "browser",
  target: ["es2022", "chrome109", "firefox115", "safari16"],
  // A classic script in a scope of its own: runs as a module too, and in workers of either type.
  format: "iife",
  minify: true,
  // libsodium looks for itself beside its script, which it does not need: its WebAssembly is inside.
  define: { "import.meta.url": '""' },
  plugins: [smaller],
}

/** In the command the hashes come from node:crypto: the same values, and no trip to another thread for each. */
const fastDigest = {
  name: "fast-digest",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/digest\.ts$/ }, ({ importer }) =>
      importer === join(root, "envelope/hash.ts") ? { path: join(root, "scripts/digest.ts") } : undefined,
    )
  },
}

/** Where there is no WebAssembly, another engine stands behind the door to libsodium. */
const plainEngine = {
  name: "plain-engine",
  setup({ onResolve }) {
    onResolve({ filter: /\/sodium\.ts$/ }, () => ({ path: join(root, "envelope/noble.ts") }))
  },
}

/** What packages ask for if it happens to be there: bundled, the bytes would depend on what else is installed. */
const optional = ["pg-native", "supports-color"]

/** What only an operator needs is a program of its own beside the command, which starts without it. */
const apart = {
  name: "apart",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/operator\/commands\.ts$/ }, () => ({ path: "./operator.js", external: true }))
  },
}

const forCommand = {
  ...forNode,
  banner: { js: `#!/usr/bin/env node\n${requireForPackages}` },
  external: optional,
  plugins: [fastDigest],
}

/** In ASCII the engine keeps the text in one byte a letter, and without white space there is less of it to read: a third of the command's start,
 *  and some megabytes that the server would hold for as long as it runs. */
const quickToRead = { charset: "ascii", minifyWhitespace: true, minifySyntax: true }

/** The reporter's own page (`sotto web`), inside the command: nothing of it is looked for on the disk. */
async function webPage() {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ["scripts/web/page.ts"],
    bundle: true,
    write: false,
    logLevel: "warning",
    ...forPage,
    charset: "ascii",
  })
  const read = (name) => readFile(join(root, "scripts/web", name), "utf8")
  return JSON.stringify({ html: await read("page.html"), css: await read("page.css"), js: outputFiles[0].text })
}

await Promise.all([
  bundle("sotto.js", "scripts/sotto.ts", {
    ...forCommand,
    ...quickToRead,
    plugins: [...forCommand.plugins, apart],
    define: { SOTTO_WEB: await webPage() },
  }),
  bundle("operator.js", "scripts/operator/commands.ts", { ...forCommand, banner: { js: requireForPackages } }),
  // The threads beside the command.
  bundle("opener.js", "scripts/opener.program.ts", { ...forNode, plugins: [fastDigest] }),
  bundle("looker.js", "scripts/looker.program.ts", { ...forCommand, banner: { js: requireForPackages } }),
  // The same engines, held to published vectors by a test: nobody else runs it.
  bundle("vectors.js", "test/envelope/published/node.program.ts", forCommand),
  bundle("vectors-plain.js", "test/envelope/published/node.program.ts", { ...forCommand, plugins: [plainEngine] }),
  bundle("server.js", "server/main.ts", { ...forNode, ...quickToRead, banner: { js: requireForPackages }, external: optional }),
  // Runs from this folder only, where the packages are: the browser and PostgreSQL could not be bundled anyway.
  bundle("make-caddy.js", "scripts/operator/make-caddy.ts", { ...forNode, packages: "external" }),
  bundle("healthy.js", "scripts/operator/healthy.ts", forNode),
  bundle("bench.js", "scripts/bench.ts", { ...forNode, packages: "external", plugins: [fastDigest] }),
  bundle("bench-load.js", "scripts/bench/load.program.ts", forNode),
  bundle("make-schema.js", "scripts/operator/make-schema.ts", { ...forNode, packages: "external" }),
  bundle("pictures.js", "scripts/pictures.ts", { ...forNode, packages: "external" }),
  bundle("pictures-desk.js", "scripts/pictures-desk.ts", { ...forNode, packages: "external" }),
  bundle("demo.js", "scripts/demo.ts", { ...forNode, packages: "external" }),
  bundle("page/page.js", "client/main.ts", forPage),
  bundle("page/worker.js", "client/worker.ts", forPage),
  // For browsers without WebAssembly.
  bundle("page/worker-plain.js", "client/worker.ts", { ...forPage, plugins: [plainEngine] }),
  bundle("page/style.css", "client/style.css", { minify: true, target: forPage.target, external: ["*.svg", "*.woff2"] }),
  copy("page/icon.svg", "client/icon.svg"),
])
const words = await loadWords()
await makeOffline("page/offline.html", "client/offline.html", "client/offline.ts", words)
for (const [name, html] of answerPages(await readText("client/sealed.html"), words)) files.set(`page/${name}`, Buffer.from(html))
for (const [path, html] of plainPages(await readText("client/plain.html"), await readText("client/index.html"), words))
  files.set(`page${path}`, Buffer.from(html))
for (const [path, html] of courtPages(await readText("client/court.html"), await readText("db/README.md"), words))
  files.set(`page${path}`, Buffer.from(html))
await makePage("page/index.html", "client/index.html", words)
if (release === undefined) await writeAll()
else process.exitCode = compareWith(release, files, (line) => process.stdout.write(`${line}\n`))

/** @returns the path after `--verify`, or `undefined` */
function verifyArgument(args) {
  if (args.length === 0) return undefined
  const [flag, path, ...rest] = args
  if (flag === "--verify" && path !== undefined && rest.length === 0) return path
  process.stderr.write("build: usage: npm run build [-- --verify RELEASE]\n")
  process.exit(2)
}

async function bundle(name, entry, options) {
  if (!(await isThere(entry))) return
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: join(dist, name),
    bundle: true,
    write: false,
    charset: "utf8",
    legalComments: "external",
    logLevel: "warning",
    ...options,
  })
  for (const { path, contents } of outputFiles) {
    // esbuild makes an empty file where no package asks to be named.
    if (contents.length > 0) files.set(relative(dist, path), contents)
  }
}

async function readText(path) {
  return readFile(join(root, path), "utf8")
}

async function copy(name, source) {
  if (await isThere(source)) files.set(name, await readFile(join(root, source)))
}

/** Fills the HTML: `{{words.key}}` from the English words, with the key left in an attribute by which the page says it in another language;
 *  `{{languages}}` as a button each; `{{integrity:page.js}}` from the files just built. `{{newsroom}}` and `{{channels}}` stay: the server
 *  knows them when it starts. */
async function makePage(name, source, { CATALOGUES, PLAIN }) {
  const html = (await readText(source)).replace(/ *<!--.*?-->\n/g, "")
  const filled = withKeys(html, "words", CATALOGUES.en).replace(/\{\{(.*?)\}\}/g, (placeholder, what) => {
    if (what === "newsroom" || what === "channels") return placeholder
    if (what.startsWith("plain.")) return escapeHtml(wordAt(PLAIN.en, what.slice("plain.".length)))
    if (what === "plainPages") return languageLinks(Object.values(CATALOGUES), "en", plainPath)
    if (what === "languages") return languageButtons(Object.values(CATALOGUES))
    if (what.startsWith("integrity:")) return integrityOf(`page/${what.slice("integrity:".length)}`)
    throw new Error(`${source}: nothing is known of ${placeholder}`)
  })
  files.set(name, Buffer.from(filled))
}

async function makeOffline(name, source, entry, { OFFLINE }) {
  const { outputFiles } = await build({
    ...forPage,
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
    plugins: [plainEngine, smaller, madeAlready(/words[/\\]offline-catalogues\.ts$/, { OFFLINE })],
  })
  const style = Buffer.from(files.get("page/style.css")).toString("utf8").trim()
  const html = offlinePage(await readText(source), { OFFLINE, script: outputFiles[0].text, style })
  files.set(name, Buffer.from(html))
  process.stderr.write(`build: offline.html has the SHA-256 ${createHash("sha256").update(html).digest("hex")}\n`)
}

/** Every sentence of every page. */
async function loadWords() {
  const names = ["catalogues", "plain-catalogues", "offline-catalogues", "court-catalogues"]
  return Object.assign({}, ...(await Promise.all(names.map((name) => load(`client/words/${name}.ts`)))))
}

async function load(entry) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    logLevel: "warning",
  })
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`)
}

function integrityOf(name) {
  const contents = files.get(name)
  if (contents === undefined) throw new Error(`the page refers to ${name}, which was not built`)
  return `sha384-${createHash("sha384").update(contents).digest("base64")}`
}

async function isThere(path) {
  const there = await stat(join(root, path)).then(
    () => true,
    () => false,
  )
  if (!there) process.stderr.write(`build: skipped, there is no ${path} yet\n`)
  return there
}

/** Replaces each file in one step, so that whoever runs or serves the old one never meets half of a new one. */
async function writeAll() {
  for (const [name, contents] of files) {
    const path = join(dist, name)
    await mkdir(dirname(path), { recursive: true })
    const half = `${path}.${process.pid}`
    await writeFile(half, contents)
    // Not left to the umask: whoever runs the server may be another user than whoever built it.
    await chmod(half, name === "sotto.js" ? 0o755 : 0o644)
    await chmod(dirname(path), 0o755)
    await rename(half, path)
  }
  for (const entry of await readdir(dist, { recursive: true, withFileTypes: true }).catch(() => [])) {
    const name = relative(dist, join(entry.parentPath, entry.name))
    // Another build may be at work: what ends in its number is not ours to remove.
    if (entry.isFile() && !files.has(name) && !/\.\d+$/.test(name)) await rm(join(dist, name))
  }
}
