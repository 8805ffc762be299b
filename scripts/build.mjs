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
import { courtLists } from "./build/court.mjs"
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
  // In ASCII the engine keeps the text in one byte a letter, and without white space there is less of it to read: a third of the start.
  bundle("sotto.js", "scripts/sotto.ts", {
    ...forCommand,
    plugins: [...forCommand.plugins, apart],
    charset: "ascii",
    minifyWhitespace: true,
    minifySyntax: true,
    define: { SOTTO_WEB: await webPage() },
  }),
  bundle("operator.js", "scripts/operator/commands.ts", { ...forCommand, banner: { js: requireForPackages } }),
  // The threads beside the command.
  bundle("opener.js", "scripts/opener.program.ts", { ...forNode, plugins: [fastDigest] }),
  bundle("looker.js", "scripts/looker.program.ts", { ...forCommand, banner: { js: requireForPackages } }),
  // The same engines, held to published vectors by a test: nobody else runs it.
  bundle("vectors.js", "test/envelope/published/node.program.ts", forCommand),
  bundle("vectors-plain.js", "test/envelope/published/node.program.ts", { ...forCommand, plugins: [plainEngine] }),
  bundle("server.js", "server/main.ts", { ...forNode, banner: { js: requireForPackages }, external: optional }),
  // Runs from this folder only, where the packages are: the browser and PostgreSQL could not be bundled anyway.
  bundle("make-caddy.js", "scripts/operator/make-caddy.ts", { ...forNode, packages: "external" }),
  bundle("healthy.js", "scripts/operator/healthy.ts", forNode),
  bundle("bench.js", "scripts/bench.ts", { ...forNode, packages: "external", plugins: [fastDigest] }),
  bundle("bench-load.js", "scripts/bench/load.program.ts", forNode),
  bundle("make-schema.js", "scripts/operator/make-schema.ts", { ...forNode, packages: "external" }),
  bundle("pictures.js", "scripts/pictures.ts", { ...forNode, packages: "external" }),
  bundle("demo.js", "scripts/demo.ts", { ...forNode, packages: "external" }),
  bundle("page/page.js", "client/main.ts", forPage),
  bundle("page/worker.js", "client/worker.ts", forPage),
  // For browsers without WebAssembly.
  bundle("page/worker-plain.js", "client/worker.ts", { ...forPage, plugins: [plainEngine] }),
  bundle("page/style.css", "client/style.css", { minify: true, target: forPage.target, external: ["*.svg", "*.woff2"] }),
  copy("page/icon.svg", "client/icon.svg"),
])
await makeOffline("page/offline.html", "client/offline.html", "client/offline.ts")
await makeAnswers("client/sealed.html")
await makePlainPages("client/plain.html", "client/index.html")
await makeCourt("page/court.html", "client/court.html", "db/README.md")
await makePage("page/index.html", "client/index.html", "client/words/catalogues.ts")
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

async function copy(name, source) {
  if (await isThere(source)) files.set(name, await readFile(join(root, source)))
}

/** Fills the HTML: `{{words.key}}` from the English words, with the key left in an attribute by which the page says it in another language;
 *  `{{languages}}` as a button each; `{{integrity:page.js}}` from the files just built. `{{newsroom}}` and `{{channels}}` stay: the server
 *  knows them when it starts. */
async function makePage(name, source, wordsEntry) {
  if (!(await isThere(source)) || !(await isThere(wordsEntry))) return
  const { CATALOGUES } = await load(wordsEntry)
  const { plain } = await load("client/words/plain.ts")
  const html = (await readFile(join(root, source), "utf8")).replace(/ *<!--.*?-->\n/g, "")
  const withKeys = html.replace(
    />\{\{words\.([\w.-]+)\}\}</g,
    (_, key) => ` data-words="${key}">${escapeHtml(wordAt(CATALOGUES.en, key))}<`,
  )
  const filled = withKeys.replace(/\{\{(.*?)\}\}/g, (placeholder, what) => {
    if (what === "newsroom" || what === "channels") return placeholder
    if (what.startsWith("plain.")) return escapeHtml(wordAt(plain, what.slice("plain.".length)))
    if (what === "plainPages") return plainLinks(Object.values(CATALOGUES), "en")
    if (what === "languages") return Object.values(CATALOGUES).map(languageButton).join("")
    if (what.startsWith("integrity:")) return integrityOf(`page/${what.slice("integrity:".length)}`)
    throw new Error(`${source}: nothing is known of ${placeholder}`)
  })
  files.set(name, Buffer.from(filled))
}

/** One file with everything in it, which a browser opens from a disk: its policy names the hash of its one script and of its one style sheet. */
async function makeOffline(name, source, entry) {
  const { plain, offline } = await load("client/words/plain.ts")
  const { outputFiles } = await build({
    ...forPage,
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
    plugins: [plainEngine],
  })
  // What would end the script in HTML stands in no script of ours; a build where it does fails.
  const script = outputFiles[0].text
  if (/<\/script|<!--/i.test(script)) throw new Error("the offline page's script cannot stand in HTML")
  const style = Buffer.from(files.get("page/style.css")).toString("utf8").trim()
  const hashOf = (text) => `sha256-${createHash("sha256").update(text).digest("base64")}`
  const hashes = { "hash:script": hashOf(script), "hash:style": hashOf(style) }
  const html = (await readFile(join(root, source), "utf8"))
    .replace('<link rel="stylesheet" href="/style.css">', () => `<style>${style}</style>`)
    .replace('<script src="/offline.js"></script>', () => `<script>${script}</script>`)
  // Not within what was just put in, which has its hash: only what the source has.
  const filled = html.replace(/\{\{(.*?)\}\}/g, (_, what) => {
    if (Object.hasOwn(hashes, what)) return hashes[what]
    return escapeHtml(
      what.startsWith("offline.") ? wordAt(offline, what.slice("offline.".length)) : wordAt(plain, what.slice("plain.".length)),
    )
  })
  files.set(name, Buffer.from(filled))
  process.stderr.write(`build: offline.html has the SHA-256 ${createHash("sha256").update(filled).digest("hex")}\n`)
}

async function loadPlain() {
  const [{ PLAIN }, { CATALOGUES }] = await Promise.all([load("client/words/plain-catalogues.ts"), load("client/words/catalogues.ts")])
  return Object.values(CATALOGUES).map((page) => ({ page, plain: PLAIN[page.lang] }))
}
function plainPath(lang) {
  return lang === "en" ? "/" : `/plain-${lang}.html`
}
/** To the other languages. */
function plainLinks(pages, from) {
  const link = ({ lang, dir, name }) =>
    `<li><a href="${plainPath(lang)}" lang="${lang}" dir="${dir}" hreflang="${lang}">${escapeHtml(name)}</a></li>`
  return pages
    .filter(({ lang }) => lang !== from)
    .map(link)
    .join("")
}
/** Says a template, which is written as the English one, in a language. @param values - by the first part of a placeholder's name */
function said(html, { lang, dir }, values) {
  return html.replace('lang="en" dir="ltr"', `lang="${lang}" dir="${dir}"`).replace(/\{\{(\w+)(?:\.([\w.]+))?\}\}/g, (_, of, key) => {
    const value = values[of]
    return key === undefined ? value : escapeHtml(wordAt(value, key))
  })
}

/** The answers to the form, a page each, in every language: `sealed-kept.html`. The server chooses one and changes nothing in it. */
async function makeAnswers(source) {
  const all = await loadPlain()
  const html = await readFile(join(root, source), "utf8")
  const [first = "", each = "", last = ""] = html.split(/ *<!-- (?:each|end) -->\n/)
  const lesser = each.replace(/(?<=<\/?)h1\b/g, "h2")
  for (const [name, english] of Object.entries(all[0].plain)) {
    if (typeof english !== "object" || !("next" in english)) continue
    const parts = all.map(({ page, plain }) =>
      said(page.lang === "en" ? each : lesser, page, { plain, answer: plain[name], path: plainPath(page.lang) }),
    )
    const path = `page/sealed-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.html`
    files.set(path, Buffer.from(first + parts.join("") + last))
  }
}

/** What the page says without scripts, a page for each language but English, which is in the page itself. The channels are there alone: the
 *  server writes them. */
async function makePlainPages(source, index) {
  const all = await loadPlain()
  const [html, indexHtml] = await Promise.all([source, index].map((path) => readFile(join(root, path), "utf8")))
  const body = indexHtml.slice(
    indexHtml.indexOf('<section class="stop" aria-labelledby="noscript-stop">'),
    indexHtml.indexOf("</noscript>"),
  )
  const others = all.map(({ page }) => page)
  for (const { page, plain } of all) {
    if (page.lang === "en") continue
    const whole = html.replace("{{body}}", () => body.slice(0, body.lastIndexOf("<section")).trim())
    files.set(`page${plainPath(page.lang)}`, Buffer.from(said(whole, page, { page, plain, others: plainLinks(others, page.lang) })))
  }
}

/** What is stored, for whoever asks what could be taken from us. */
async function makeCourt(name, source, ledger) {
  const [html, listed] = await Promise.all([source, ledger].map((path) => readFile(join(root, path), "utf8")))
  files.set(name, Buffer.from(html.replace("{{court}}", () => courtLists(listed, escapeHtml))))
}

function languageButton({ lang, dir, name }) {
  return `<li><button type="button" class="link" lang="${lang}" dir="${dir}">${escapeHtml(name)}</button></li>`
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

function wordAt(words, key) {
  const found = key
    .split(".")
    .reduce((at, part) => (at !== null && typeof at === "object" && Object.hasOwn(at, part) ? at[part] : undefined), words)
  if (typeof found !== "string") throw new Error(`client/words/en.ts has no text at ${key}`)
  return found
}

function escapeHtml(text) {
  const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }
  return text.replace(/[&<>"']/g, (character) => entities[character])
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
