/** The inbox as a page. Everything that somebody wrote arrives made harmless (serve.ts) and is placed as text, never as markup.
 *  The token comes in the fragment, is taken out of the address at once, and lives in this script alone: no cookie, no storage. */

import type { Shown, ShownLetter, ShownSaved } from "./shown.ts"

const token = location.hash.slice(1)
history.replaceState(null, "", "/")

function byId(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the page has no ${id}`)
  return found
}
const [letters, letter, status] = [byId("letters"), byId("letter"), byId("status")]

/** Strings become text, whatever they hold. */
function make(tag: string, text: string | readonly Node[], name?: string): HTMLElement {
  const element = document.createElement(tag)
  if (name !== undefined) element.className = name
  if (typeof text === "string") element.textContent = text
  else element.append(...text)
  return element
}

async function ask(path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(path, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    credentials: "omit",
    cache: "no-store",
  })
  const found = (await answer.json()) as { readonly error?: string }
  if (!answer.ok) throw new Error(found.error ?? "it did not work")
  return found
}

async function tried(work: () => Promise<void>): Promise<void> {
  status.textContent = ""
  try {
    await work()
  } catch (error) {
    status.textContent = error instanceof Error && error.name === "Error" ? error.message : "The command has ended. Run it again."
  }
}

function list({ rows, more }: Shown): void {
  letters.replaceChildren(
    ...rows.map((row) => {
      const button = make("button", [make("span", row.title, row.isNew ? "new" : undefined), make("small", row.about)])
      button.setAttribute("type", "button")
      button.dataset.number = String(row.number)
      button.addEventListener("click", () => void tried(() => open(row.number)))
      return make("li", [button])
    }),
  )
  status.textContent = rows.length === 0 ? "Nothing here." : more > 0 ? `and ${more} more` : ""
}

/** What the list shows: asked for again when a letter of it was opened, which is new no more. */
let listed = async (): Promise<Shown> => (await ask("/api/inbox")) as Shown
async function showList(wanted: () => Promise<Shown>): Promise<void> {
  listed = wanted
  list(await wanted())
}
const showInbox = () => showList(async () => (await ask("/api/inbox")) as Shown)

const words = (text: string): HTMLElement => {
  const shown = make("p", text, "words")
  shown.dir = "auto"
  return shown
}

async function open(number: number): Promise<void> {
  const found = (await ask(`/api/letter/${number}`)) as ShownLetter
  show(found)
  list(await listed())
  for (const button of letters.querySelectorAll("button"))
    button.setAttribute("aria-current", String(button.dataset.number === String(number)))
  letter.scrollTo(0, 0)
  letter.focus()
}

function show({ number, title, parts, tags, canTag, files }: ShownLetter): void {
  // What the program says stands together; what somebody wrote stands under its heading, behind a bar.
  const about = parts.filter(({ isOurs }) => isOurs).flatMap(({ heading, text }) => [make("dt", heading), make("dd", text)])
  const theirs = parts.filter(({ isOurs }) => !isOurs).flatMap(({ heading, text }) => [make("h3", heading), words(text)])
  letter.replaceChildren(make("h2", title), make("p", "Unverified. Contains source material.", "notice"), make("dl", about), ...theirs)
  if (files > 0) letter.append(saveForm(number, files))
  if (canTag) letter.append(tagForm(number, tags))
}

/** Writes the files into quarantine on the disk, as the command does. Nothing of them comes into the browser. */
function saveForm(number: number, files: number): HTMLElement {
  const button = document.createElement("button")
  button.type = "button"
  button.textContent = files === 1 ? "Save the file into quarantine" : `Save ${files} files into quarantine`
  const report = make("div", [], "report")
  report.role = "status"
  button.addEventListener("click", () => {
    button.disabled = true
    void tried(async () => {
      try {
        const { lines } = (await ask("/api/save", { number })) as ShownSaved
        report.replaceChildren(...lines.map(({ text, isOurs }) => (isOurs ? make("p", text) : words(text))))
      } finally {
        button.disabled = false
      }
    })
  })
  return make("div", [button, report], "save")
}

function tagForm(number: number, tags: readonly string[]): HTMLElement {
  const input = document.createElement("input")
  input.autocomplete = "off"
  input.spellcheck = false
  input.value = tags.join(" ")
  const form = make("form", [
    make("label", [document.createTextNode("Tags "), input]),
    document.createTextNode(" "),
    make("button", "Keep"),
  ])
  form.addEventListener("submit", (event) => {
    event.preventDefault()
    void tried(async () => {
      const wanted = input.value.split(/[\s,]+/).filter((one) => one !== "")
      const remove = tags.filter((one) => !wanted.includes(one))
      await ask("/api/tag", { number, tags: wanted, remove })
      await open(number)
      status.textContent = "Kept. Colleagues see it after the next sync."
    })
  })
  return form
}

byId("all").addEventListener("click", () => void tried(showInbox))
byId("find").addEventListener("submit", (event) => {
  event.preventDefault()
  const input = document.getElementById("words")
  const text = input instanceof HTMLInputElement ? input.value : ""
  void tried(() => showList(async () => (await ask("/api/search", { words: text })) as Shown))
})
void tried(showInbox)
