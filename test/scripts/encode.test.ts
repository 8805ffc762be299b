/** Each kind of file has its own encoding; what somebody wrote can be nothing but text in any of them. */

import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import { simpleParser } from "mailparser"
import { launchBrowser } from "../../scripts/browser.ts"
import { csv, csvCell } from "../../scripts/encode/csv.ts"
import { eml } from "../../scripts/encode/eml.ts"
import { html, htmlPage } from "../../scripts/encode/html.ts"
import { fenced, inline } from "../../scripts/encode/markdown.ts"
import { harmless } from "../../scripts/harmless.ts"
import type { Letter } from "../../scripts/reporter/letters.ts"
import { FORMATS, NOTICE, rendered } from "../../scripts/reporter/render.ts"
import { FORBIDDEN, HOSTILE, MARKUP } from "../support/hostile.ts"
import { DAY } from "../support/tips.ts"

const ALL = [...HOSTILE.map(([what, text]) => [what, text] as const), ...MARKUP]
const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.constantFrom(...ALL.map(([, text]) => text)),
  fc.string({ unit: fc.constantFrom('"', "'", ",", "\n", "\r", "=", "`", "<", ">", "&", "a", " "), maxLength: 20 }),
)

/** A reader of RFC 4180 that knows nothing of ours. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = []
  let [row, cell, isQuoted]: [string[], string, boolean] = [[], "", false]
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (isQuoted && char === '"' && text[at + 1] === '"') {
      cell += '"'
      at++
    } else if (char === '"') isQuoted = !isQuoted
    else if (!isQuoted && char === ",") {
      row.push(cell)
      cell = ""
    } else if (!isQuoted && char === "\r" && text[at + 1] === "\n") {
      rows.push([...row, cell])
      ;[row, cell] = [[], ""]
      at++
    } else cell += char
  }
  return rows
}

describe("CSV", () => {
  test("keeps rows and cells, computes nothing, and shows what cannot be seen", () => {
    fc.assert(
      fc.property(fc.array(fc.array(anyText, { minLength: 1, maxLength: 4 }), { maxLength: 4 }), (rows) => {
        const parsed = parseCsv(csv(rows))
        expect(parsed.map((row) => row.length)).toEqual(rows.map((row) => row.length))
        for (const cell of parsed.flat()) {
          expect(cell).not.toMatch(/^\s*[=+\-@|%\uff1d\uff0b\uff0d\uff20]/)
          expect(cell).not.toMatch(FORBIDDEN)
          expect(cell).not.toContain("\n")
        }
      }),
    )
  })

  test("computes nothing in a sheet that is divided by something else, however it takes quotes", () => {
    const divided = fc.string({ unit: fc.constantFrom(";", "\t", "|", "=", "-", '"', ",", " ", "a", "\uff1d"), maxLength: 12 })
    fc.assert(
      fc.property(fc.array(fc.oneof(divided, anyText), { minLength: 1, maxLength: 3 }), (row) => {
        for (const piece of csv([row]).split(/[;\t|]/)) expect(piece).not.toMatch(/^[\s"]*[=+\-@%\uff1d\uff0b\uff0d\uff20]/)
      }),
    )
  })

  test.each([
    ["first; -2", `"first; '-2"`],
    ["a, -5; b", '"a, -5; b"'],
    ['x;"=1+1"', `"x;""'=1+1"""`],
    ["=1+1", `"'=1+1"`],
    ["\t=1+1", `"'    =1+1"`],
    ["\uff1d1+1", `"'\uff1d1+1"`],
    ["-3", `"'-3"`],
    ['say "hi"', '"say ""hi"""'],
  ])("of %j is %s", (text, cell) => expect(csvCell(text)).toBe(cell))

  test("leaves our own numbers numbers", () => expect(csv([[1, -2.5, "3"]])).toBe('1,-2.5,"3"\r\n'))
})

describe("Markdown", () => {
  test("has a stranger's words as code, in a fence that nothing in them ends", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const lines = fenced(text).split("\n")
        const fence = /^(`+)text$/.exec(lines[0] ?? "")?.[1] ?? ""
        const inside = lines.slice(1, -2)
        expect(lines.at(-2)).toBe(fence)
        for (const line of inside) expect(line).not.toContain(fence)
        const one = inline(text)
        expect(one).not.toContain("\n")
        const mark = /^`+/.exec(one)?.[0] ?? ""
        if (one !== "") expect(one.slice(mark.length, -mark.length)).not.toContain(mark)
      }),
    )
  })
})

describe("a mail", () => {
  test("says in headers nothing but ours, and in its body the words", async () => {
    for (const [, text] of ALL) {
      const source = eml({ subject: NOTICE, day: DAY, text })
      expect(source).toMatch(/^[ -~\r\n]*$/)
      const mail = await simpleParser(source, { skipHtmlToText: true, skipTextToHtml: true })
      expect([...mail.headers.keys()].sort((a, b) => a.localeCompare(b))).toEqual(
        ["content-transfer-encoding", "content-type", "date", "from", "mime-version", "subject", "to"].sort((a, b) => a.localeCompare(b)),
      )
      expect(mail.attachments).toEqual([])
      expect(mail.text?.replaceAll("\r\n", "\n").trimEnd()).toBe(harmless(text, { isUnicode: true }).trimEnd())
    }
    expect(() => eml({ subject: "a\r\nBcc: b", day: DAY, text: "" })).toThrow(TypeError)
  })
})

const letter = (text: string): Letter => ({
  number: 1,
  kind: "tip",
  day: DAY,
  callout: { id: text, title: text },
  answers: [{ id: text, question: text, answer: text, text, fits: false }],
  message: text,
  files: [{ name: text, type: text, bytes: 1, sha256: text }],
  warnings: [text],
  by: text,
  to: [text],
  source: text,
  mailbox: text,
  tags: [text],
  notes: [{ id: text, by: text as never, day: DAY, text }],
  assignee: text,
})

describe("what is exported", () => {
  test.each(FORMATS)("as %s begins with the notice and has nothing in it that a screen obeys", (format) => {
    for (const [, text] of ALL) {
      const file = rendered(format, [letter(text)])
      expect(file.slice(0, 120)).toContain(NOTICE)
      expect(file.replaceAll("\r\n", "\n")).not.toMatch(FORBIDDEN)
    }
  })
})

describe("HTML", () => {
  test("takes no string for markup, in no place", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const made = html`<p title="${text}">${text}</p>`.toString()
        const inner = made.replace(/^<p title="/, "").replace(/<\/p>$/, "")
        expect(inner.replace('">', "")).not.toMatch(/[<>"'`]/)
      }),
    )
  })

  test("runs nothing, fetches nothing and breaks no policy in a browser, with every hostile text in every place", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sotto-html-"))
    const { browser } = await launchBrowser()
    try {
      const file = join(folder, "export.html")
      await writeFile(
        file,
        rendered(
          "html",
          ALL.map(([, text]) => letter(text)),
        ),
      )
      const page = await browser.newPage()
      const [requests, said]: [string[], string[]] = [[], []]
      page.on("request", (request) => requests.push(request.url()))
      page.on("console", (message) => said.push(message.text()))
      page.on("pageerror", (error) => said.push(error.message))
      await page.goto(`file://${file}`)
      expect(requests).toEqual([`file://${file}`])
      expect(said).toEqual([])
      expect(await page.evaluate(() => "ran" in globalThis)).toBe(false)
      const tags = await page.evaluate(() => [...new Set([...document.body.querySelectorAll("*")].map(({ tagName }) => tagName))])
      expect(tags.sort((a, b) => a.localeCompare(b))).toEqual([
        "ARTICLE",
        "H1",
        "H2",
        "H3",
        "LI",
        "OL",
        "P",
        "STRONG",
        "TABLE",
        "TBODY",
        "TD",
        "TH",
        "TR",
      ])
      expect(await page.locator("p.words").count()).toBe(ALL.length * 3)
      // The page's own style is the one that its policy names.
      expect(
        await page
          .locator("p.words")
          .first()
          .evaluate((words) => getComputedStyle(words).whiteSpace),
      ).toBe("pre-wrap")
    } finally {
      await browser.close()
      await rm(folder, { recursive: true })
    }
  })

  test("has a policy that allows its own style and nothing else", () => {
    const page = htmlPage({ title: "t", style: "p{}", body: html`<p>x</p>` })
    expect(page).toMatch(/content="default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; base-uri 'none'; form-action 'none'"/)
  })
})
