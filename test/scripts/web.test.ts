/** `web` in a real browser with every hostile text, and `watch` through a real proxy of ours: what they show, and what they keep to themselves. */

import { lstat, readdir, readFile } from "node:fs/promises"
import { createServer } from "node:http"
import { createRequire } from "node:module"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals"
import type { AxeResults } from "axe-core"
import { build } from "esbuild"
import type { Browser } from "playwright-core"
import { launchBrowser } from "../../scripts/browser.ts"
import { read } from "../../scripts/reporter/read.ts"
import { search } from "../../scripts/reporter/search.ts"
import { sync } from "../../scripts/reporter/sync.ts"
import { watch } from "../../scripts/reporter/watch.ts"
import { parseProxy } from "../../scripts/socks.ts"
import type { Assets } from "../../scripts/web/assets.ts"
import { HEADERS, serveWeb } from "../../scripts/web/serve.ts"
import { FORBIDDEN, HOSTILE, MARKUP } from "../support/hostile.ts"
import { exif, png, pngChunk } from "../support/photos.ts"
import { startProxy } from "../support/proxy.ts"
import { ask } from "../support/server.ts"
import { folder, removeFolders, type TestDesk, TODAY } from "./bench.ts"
import { type Line, makeLine } from "./line.ts"

const WEB = join(__dirname, "../../scripts/web")
const TEXTS = [...HOSTILE.map(([, text]) => text), ...MARKUP.map(([, text]) => text)].filter((text) => text.isWellFormed())

let line: Line
let one: TestDesk
let assets: Assets
let browser: Browser
beforeAll(async () => {
  line = await makeLine(["one"])
  one = line.reporters[0] as TestDesk
  const { outputFiles } = await build({ entryPoints: [join(WEB, "page.ts")], bundle: true, write: false, format: "iife" })
  const file = (name: string) => readFile(join(WEB, name), "utf8")
  assets = {
    "/": { type: "text/html", body: await file("page.html") },
    "/web.css": { type: "text/css", body: await file("page.css") },
    "/web.js": { type: "text/javascript", body: outputFiles[0]?.text ?? "" },
  }
  browser = (await launchBrowser()).browser
  await line.send({
    message: TEXTS.join("\n----\n"),
    files: [
      { name: "<img src=x onerror=alert(1)>\u202egnp.exe", content: new Uint8Array(1) },
      { name: "p.png", content: png(pngChunk("eXIf", exif(1))) },
    ],
    change: { answers: new Map([["x" as never, "<script>globalThis.ran=1</script>"]]) },
  })
  await line.send({ message: "second tip, with a needle" })
  await sync(one)
}, 60_000)
afterAll(async () => {
  await browser.close()
  await line.stop()
  await removeFolders()
})

describe("the page", () => {
  test("shows, searches and tags in a browser; with hostile texts no script runs, no policy is broken and nothing is asked elsewhere", async () => {
    const web = await serveWeb(one, { assets })
    try {
      const context = await browser.newContext()
      const page = await context.newPage()
      const [asked, said]: [string[], string[]] = [[], []]
      page.on("request", (request) => asked.push(request.url()))
      page.on("console", (message) => said.push(message.text()))
      page.on("pageerror", (error) => said.push(error.message))
      await page.addInitScript(() => {
        document.addEventListener("securitypolicyviolation", (event) => console.log(`violation ${event.violatedDirective}`))
      })
      await page.goto(web.url)
      await page.locator("#letters button").first().waitFor()
      expect(page.url()).toBe(`${new URL(web.url).origin}/`)
      expect(await page.locator("#letters button").count()).toBe(2)
      const hostile = (await search(one, { words: ["fake"] }))[0]?.tip ?? 0
      await page.locator(`#letters button[data-number="${hostile}"]`).click()
      await page.locator("#letter .words").first().waitFor()
      const text = (await page.locator("#letter").textContent()) ?? ""
      expect(text).toContain("Unverified. Contains source material.")
      expect(text).toContain("<script>globalThis.ran=1</script>")
      expect(text).toContain("‹U+202E›gnp.exe")
      expect(text).not.toMatch(FORBIDDEN)
      expect(await page.evaluate(() => "ran" in globalThis)).toBe(false)
      const tags = await page.evaluate(() => [...new Set([...document.querySelectorAll("#letter *")].map(({ tagName }) => tagName))])
      expect(tags.sort((a, b) => a.localeCompare(b))).toEqual([
        "BUTTON",
        "DD",
        "DIV",
        "DL",
        "DT",
        "FORM",
        "H2",
        "H3",
        "INPUT",
        "LABEL",
        "P",
      ])
      await page.locator("#letter input").fill("checked")
      await page.locator("#letter form button").click()
      await page.getByText("Colleagues see it").waitFor()
      await page.locator("#words").fill("needle")
      await page.locator("#find button").click()
      await page.locator("#letters li:only-child").waitFor()
      expect(await page.locator("#letters button").count()).toBe(1)
      expect(await context.cookies()).toEqual([])
      expect(await page.evaluate(() => localStorage.length + sessionStorage.length)).toBe(0)
      for (const url of asked) expect(url.startsWith(`${new URL(web.url).origin}/`)).toBe(true)
      for (const url of asked) expect(url).not.toMatch(/needle|#|checked/)
      expect(said).toEqual([])
      await context.close()
    } finally {
      await web.stop()
    }
    one.said.clear()
    await read(one, { number: (await search(one, { words: ["fake"] }))[0]?.tip ?? 0 })
    expect(one.said.out()).toContain("#checked")
  }, 60_000)

  test("saves into quarantine as the command does, where it was started and nowhere else; nothing is opened, and nothing of a file comes into the browser", async () => {
    const place = await folder()
    const web = await serveWeb(one, { assets, folder: place })
    const number = (await search(one, { words: ["fake"] }))[0]?.tip ?? 0
    try {
      const context = await browser.newContext()
      const page = await context.newPage()
      const [downloads, asked]: [string[], string[]] = [[], []]
      page.on("download", (download) => downloads.push(download.url()))
      page.on("request", (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`))
      await page.goto(web.url)
      await page.locator(`#letters button[data-number="${number}"]`).click()
      await page.locator("#letter .save button").waitFor()
      // Reading wrote nothing.
      expect(await readdir(place)).toEqual([])
      await page.getByRole("button", { name: "Save 2 files into quarantine" }).click()
      await page.locator("#letter .report .words").first().waitFor()
      const report = (await page.locator("#letter .report").textContent()) ?? ""
      expect(report).toContain(join(place, `tip-${number}`))
      expect(report).toContain("‹U+202E›gnp.exe")
      // Behind a bar stands what somebody wrote, and nothing of ours.
      expect(await page.locator("#letter .report .words").allTextContents()).toEqual([
        "<img src=x onerror=alert(1)>‹U+202E›gnp.exe",
        "p.png",
      ])
      expect(report).toMatch(/carries a place.*\.clean\.png\.untrusted is the same picture without/)
      expect(report).toContain("Open it with Dangerzone")
      expect(report).not.toMatch(FORBIDDEN)
      const saved = await readdir(join(place, `tip-${number}`))
      expect(saved.length).toBe(4)
      for (const name of saved) {
        expect(name).toMatch(/^\d+-(\d+(\.clean)?\.[a-z]+\.untrusted|files\.json)$/)
        expect((await lstat(join(place, `tip-${number}`, name))).mode & 0o777).toBe(0o600)
      }
      // Once more: nothing is written over, and the page says so.
      await page.locator("#letter .save button").click()
      await page.getByText("nothing is written over").waitFor()
      expect([downloads, asked.filter((one) => one.startsWith("POST"))]).toEqual([[], ["POST /api/save", "POST /api/save"]])
      await context.close()
    } finally {
      await web.stop()
    }
  }, 60_000)

  test("can be used by everybody: axe finds nothing, light and dark, wide and at 320 pixels, and a letter is opened and saved by keyboard", async () => {
    const axe = await readFile(createRequire(__filename).resolve("axe-core/axe.min.js"), "utf8")
    const web = await serveWeb(one, { assets, folder: await folder() })
    const number = (await search(one, { words: ["fake"] }))[0]?.tip ?? 0
    try {
      for (const [width, colorScheme] of [
        [1_200, "light"],
        [320, "dark"],
      ] as const) {
        const context = await browser.newContext({ viewport: { width, height: 700 }, colorScheme })
        const page = await context.newPage()
        await page.goto(web.url)
        await page.locator(`#letters button[data-number="${number}"]`).focus()
        await page.keyboard.press("Enter")
        await page.locator('#letters button[aria-current="true"]').waitFor()
        expect(await page.evaluate(() => document.activeElement?.id)).toBe("letter")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        // The second time they are there already, and the page says so.
        await page
          .locator(width === 320 ? "#status:not(:empty)" : "#letter .report .words")
          .first()
          .waitFor()
        await page.evaluate(axe)
        const found = await page.evaluate(async () =>
          (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe
            .run()
            .then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])),
        )
        expect([width, found]).toEqual([width, []])
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
        await context.close()
      }
    } finally {
      await web.stop()
    }
  }, 60_000)

  test("does nothing for another page in the same browser, whichever way that page asks", async () => {
    const place = await folder()
    const web = await serveWeb(one, { assets, folder: place })
    const { origin } = new URL(web.url)
    const number = (await search(one, { words: ["fake"] }))[0]?.tip ?? 0
    const attacker = createServer((_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<p>another page</p>"))
    await new Promise<void>((resolve) => attacker.listen(0, "127.0.0.1", resolve))
    try {
      const context = await browser.newContext()
      await (await context.newPage()).goto(web.url)
      const page = await context.newPage()
      await page.goto(`http://127.0.0.1:${(attacker.address() as AddressInfo).port}/`)
      const statuses: number[] = []
      page.on("response", (response) => statuses.push(response.status()))
      const got = await page.evaluate(
        async ([target, body]) => {
          const ways: RequestInit[] = [
            { method: "POST", mode: "no-cors", headers: { "content-type": "text/plain" }, body },
            { method: "POST", headers: { "content-type": "application/json", authorization: "Bearer guess" }, body },
            { method: "POST", credentials: "include", body },
          ]
          const outcomes: string[] = []
          for (const way of ways)
            outcomes.push(
              await fetch(`${target}/api/save`, way).then(
                (answer) => answer.type,
                () => "refused",
              ),
            )
          const form = document.createElement("form")
          form.method = "post"
          form.enctype = "text/plain"
          form.action = `${target}/api/save`
          const input = document.createElement("input")
          input.name = body
          form.append(input)
          document.body.append(form)
          form.submit()
          return outcomes
        },
        [origin, JSON.stringify({ number })] as const,
      )
      await page.waitForURL(`${origin}/**`)
      expect(got).not.toContain("basic")
      expect(got).not.toContain("cors")
      expect(await page.textContent("body")).toContain("not this page")
      expect(statuses.filter((status) => status < 400)).toEqual([])
      expect(await readdir(place)).toEqual([])
      await context.close()
    } finally {
      attacker.close()
      await web.stop()
    }
  }, 60_000)

  test("gives nothing to who has no token, another host name or another path, and has the same strict headers on every answer", async () => {
    const web = await serveWeb(one, { assets })
    const { origin, host, hash } = new URL(web.url)
    const bearer = { authorization: `Bearer ${hash.slice(1)}` }
    try {
      const asks: readonly (readonly [number, string, string, Record<string, string>])[] = [
        [401, "GET", "/api/inbox", { host }],
        [401, "GET", "/api/inbox", { host, authorization: "Bearer x" }],
        [401, "GET", "/api/inbox", { host, cookie: `token=${hash.slice(1)}` }],
        [421, "GET", "/api/inbox", { host: "attacker.example", ...bearer }],
        [421, "GET", "/", { host: "localhost:1" }],
        [403, "GET", "/api/inbox", { host, origin: "http://attacker.example", ...bearer }],
        [403, "POST", "/api/save", { host, origin: "null", ...bearer }],
        [401, "POST", "/api/save", { host, origin }],
        [404, "GET", "/api/nothing", { host, ...bearer }],
        [404, "PUT", "/api/inbox", { host, ...bearer }],
        [200, "GET", "/api/inbox", { host, ...bearer }],
        [200, "GET", "/", { host }],
        [400, "GET", "/api/letter/999", { host, ...bearer }],
      ]
      for (const [status, method, target, headers] of asks) {
        const answer = await ask(origin, method, target, { headers })
        expect([target, answer.status]).toEqual([target, status])
        for (const [name, value] of Object.entries(HEADERS)) expect([name, answer.headers[name]]).toEqual([name, value])
        expect(Object.keys(answer.headers)).not.toEqual(expect.arrayContaining(["set-cookie"]))
        if (status !== 200) expect(answer.body.toString()).not.toMatch(/needle/)
      }
      const wrong = await ask(origin, "POST", "/api/tag", {
        headers: { host, ...bearer },
        body: Buffer.from('{"number":1,"tags":["<b>"],"remove":[]}'),
      })
      expect(wrong.status).toBe(400)
    } finally {
      await web.stop()
    }
  })

  test("listens on the loopback address alone, and locks itself when it is left alone", async () => {
    const web = await serveWeb(one, { assets, idleMs: 200 })
    expect(web.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#[A-Za-z0-9_-]{43}$/)
    await web.ended
    await expect(ask(new URL(web.url).origin, "GET", "/")).rejects.toThrow()
  })

  test("is not kept open by who has no token", async () => {
    const web = await serveWeb(one, { assets, idleMs: 1_000 })
    const { origin, hash } = new URL(web.url)
    const headers = { authorization: `Bearer ${hash.slice(1)}` }
    let [isOpen, refused] = [true, 0]
    void web.ended.then(() => (isOpen = false))
    // Who has it keeps it open beyond its time.
    for (let i = 0; i < 8; i++) {
      expect((await ask(origin, "GET", "/api/inbox", { headers })).status).toBe(200)
      await sleep(200)
    }
    // Who has not may ask as often as they like.
    const until = Date.now() + 3_000
    while (isOpen && Date.now() < until) {
      const answer = await ask(origin, "GET", "/api/inbox").catch(() => undefined)
      if (answer?.status === 401) refused++
      await sleep(50)
    }
    expect([isOpen, refused > 0]).toEqual([false, true])
  })
})

describe("watch", () => {
  test("looks at fixed times through the proxy, says that there is something and not what, and goes on after a failure", async () => {
    const proxy = await startProxy(Number(new URL(line.server.base).port))
    try {
      const notices: string[] = []
      const waits: number[] = []
      const { base: _, ...plain } = line.again(one)
      // The newsroom's own address, which leads nowhere here: only the proxy reaches the server.
      const desk = { ...plain, proxy: parseProxy(`127.0.0.1:${proxy.port}`) } as TestDesk
      let look = 0
      await watch(desk, {
        every: 15,
        times: 3,
        delay: 0,
        notify: async () => void notices.push("rung"),
        wait: async (ms) => {
          waits.push(ms)
          look++
          if (look === 2) await line.send({ message: "the secret words" })
          if (look === 3) proxy.server.close()
        },
      })
      expect(notices).toEqual(["rung"])
      expect(desk.said.out()).toBe(`${TODAY}  Something for you: inbox --unread\n`)
      expect(desk.said.out() + desk.said.err()).not.toMatch(/secret|tip 3|amazon/)
      expect(desk.said.err()).toContain("looking again at the next time")
      for (const [at, ms] of waits.entries()) expect(Math.round(ms / 60_000)).toBe(at * 15 === 0 ? 0 : 15 * at)
      expect(new Set(proxy.asked)).toEqual(new Set(["localhost:8080"]))
      // Each connection under a name of its own: Tor gives each a circuit.
      expect(proxy.names.size).toBe(proxy.asked.length)
    } finally {
      proxy.server.close()
    }
  })

  test("makes up for nothing that it missed while the machine slept", async () => {
    const desk = line.again(one)
    const now = Date.now
    let slept = 0
    const clock = jest.spyOn(Date, "now").mockImplementation(() => now() + slept)
    try {
      const waits: number[] = []
      await watch(desk, {
        every: 15,
        times: 3,
        delay: 0,
        notify: () => Promise.resolve(),
        wait: async (ms) => {
          waits.push(Math.round(ms / 60_000))
          slept += ms
          // Eight hours and a bit, after the first look.
          if (waits.length === 1) slept += (8 * 60 + 5) * 60_000
        },
      })
      expect(waits).toEqual([0, 10, 15])
    } finally {
      clock.mockRestore()
    }
  })

  test("goes around a proxy never: where it is not there, nothing is reached", async () => {
    const desk = { ...line.again(one), proxy: parseProxy("127.0.0.1:1") } as TestDesk
    await expect(sync(desk)).rejects.toMatchObject({ message: "the server cannot be reached" })
    for (const text of ["", "nowhere", "a:0", "a:99999", "a b:1"])
      expect(() => parseProxy(text)).toThrow(expect.objectContaining({ code: "usage" }))
  })
})
