/** Wrong input to every route: a 4xx problem document that names the rule, echoes nothing, and changes nothing.
 *  The cases are made from the route table itself, so that a new route is tested the day it is written. */

import { createHash } from "node:crypto"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import type { Bytes } from "../../envelope/bytes.ts"
import { utf8 } from "../../envelope/bytes.ts"
import { addDays, type Day } from "../../envelope/day.ts"
import { newSignKey, type SignKey, signKey } from "../../envelope/keys.ts"
import { keyName } from "../../keyring/keyring.ts"
import { type Signer, signer } from "../../keyring/note.ts"
import { CONTENT_SECURITY_POLICY } from "../../server/headers.ts"
import { loadPage } from "../../server/page.ts"
import type { Route } from "../../server/route.ts"
import { routes } from "../../server/routes.ts"
import { lookBody, signedLook } from "../support/mailbox.ts"
import { makeNewsroom, POLICY, type TestNewsroom } from "../support/newsroom.ts"
import { type Answered, ask, signedHeaders, startServer, type TestServer } from "../support/server.ts"

const today = "2026-11-22" as Day
const BYTES = "application/octet-stream"
const MARKER = "zebra-marker-7f3a"
const MAILBOX_KEY = signKey(new Uint8Array(32).fill(5))
let newsroom: TestNewsroom
let server: TestServer
let stranger: Signer
beforeAll(async () => {
  newsroom = await makeNewsroom({ today, policy: { ...POLICY, maxTipBytes: 2_147_483_648 } })
  server = await startServer(newsroom, today, await loadPage(join(__dirname, "../../dist/page"), newsroom.pinned))
  stranger = await signer(keyName(newsroom.url, "stranger"), await newSignKey())
  const begun = await ask(server.base, "POST", `/api/uploads?day=${today}`, { headers: TUS })
  example[":upload"] = String(begun.headers.location).replace("/api/uploads/", "")
})
afterAll(() => server.stop())

/** A hash of every row of every table. A reporter's well-signed request spends its nonce whatever its body was, so for those routes that
 *  one table is left out. */
async function stateHash({ access }: Route): Promise<string> {
  const { rows: tables } = await server.database.query<{ name: string }>(
    "select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind = 'r' and ($1::boolean or c.relname <> 'nonces') order by 1",
    [access !== "reporter"],
  )
  const hash = createHash("sha256")
  for (const { name } of tables) {
    const { rows } = await server.database.query<{ row: string }>(`select t::text as row from ${name} t order by 1`)
    hash.update(`${name}\n${rows.map(({ row }) => row).join("\n")}\n`)
  }
  return hash.digest("hex")
}

const example: Record<string, string> = { ":day": today, ":version": "1", ":id": "00000000-0000-4000-8000-000000000000" }
/** What an upload is begun and gone on with, all of it right. */
const TUS = { "tus-resumable": "1.0.0", "upload-length": "1310720", "upload-offset": "0" }
const examplePath = ({ path }: Route) => path.replace(/:\w+/g, (name) => example[name] ?? "x")
const exampleQuery: Readonly<Record<string, string>> = { day: today, from: "1" }
const target = (route: Route, query = route.query.map((name) => `${name}=${exampleQuery[name]}`).join("&")) =>
  `${examplePath(route)}${query ? `?${query}` : ""}`

interface Case {
  readonly what: string
  readonly route: Route
  readonly statuses: readonly number[]
  readonly send: (route: Route) => Promise<Answered>
}
async function send(
  route: Route,
  change: {
    method?: string
    target?: string
    type?: string
    body?: Bytes
    headers?: Record<string, string>
    by?: Signer
    at?: number
  } = {},
): Promise<Answered> {
  const method = change.method ?? route.method
  const asked = change.target ?? target(route)
  const body = change.body ?? (route.body === undefined ? undefined : utf8("{}"))
  const by = change.by ?? newsroom.reporters[0]?.signer
  const signature =
    route.access === "reporter" && by !== undefined
      ? await signedHeaders(newsroom, by, (change.at ?? server.clock.ms) / 1_000, {
          method,
          target: asked,
          body: body ?? new Uint8Array(0),
        })
      : {}
  const type = change.type ?? (route.body?.hasBoundary ? `${route.body.type}; boundary=x` : route.body?.type)
  const looked = route.access === "source" ? (await signedBy(MAILBOX_KEY, body)).headers : {}
  const tus = route.headers?.includes("tus-resumable") ? TUS : {}
  return ask(server.base, method, asked, {
    headers: { ...signature, ...looked, ...tus, ...(type === undefined ? {} : { "content-type": type }), ...change.headers },
    ...(body === undefined ? {} : { body }),
  })
}

const signedBy = (key: SignKey, body = lookBody(), day = server.today()) => signedLook({ key, day, url: newsroom.url }, body)

function casesOf(route: Route): Case[] {
  const cases: Case[] = []
  const add = (what: string, statuses: readonly number[], sender: Case["send"]) =>
    cases.push({ what: `${route.method} ${route.path}: ${what}`, route, statuses, send: sender })
  const here = routes.filter(({ path }) => path === route.path).map(({ method }) => method as string)
  for (const method of ["DELETE", "PATCH", "OPTIONS"].filter((one) => !here.includes(one)))
    add(`method ${method}`, [405], (of) => send(of, { method }))
  add("a parameter too many", [400], (of) => send(of, { target: `${target(of)}${of.query.length > 0 ? "&" : "?"}${MARKER}=1` }))
  for (const name of route.query) {
    add(`without ${name}`, [400], (of) => send(of, { target: examplePath(of) }))
    add(`${name} twice`, [400], (of) => send(of, { target: `${target(of)}&${name}=${exampleQuery[name]}` }))
    for (const value of ["", MARKER, "2026-02-30", "-1", "2026-11-22T00:00", "%00", "%ff", "1e3"])
      add(`${name}=${value}`, [400, 422], (of) => send(of, { target: `${examplePath(of)}?${name}=${value}` }))
  }
  if (route.path.includes(":"))
    for (const value of [MARKER, "0", "-1", "2026-13-01", "99999999", "%00", "..%2f..", "1;drop"])
      add(`path ${value}`, [404], (of) => send(of, { target: of.path.replace(/:\w+/, value) }))
  if (route.path.startsWith("/api/"))
    add("a path that is not well-formed", [400, 404], (of) => send(of, { target: `${of.path.replace(/:\w+/, "x")}/%E0%A4%A` }))
  if (route.body !== undefined) {
    const { maxBytes, isStream } = route.body
    add("another media type", [415], (of) => send(of, { type: "text/html" }))
    add("no media type", [415], (of) => send(of, { type: "" }))
    add("a form, as a page without script would send", [415], (of) =>
      send(of, { type: "application/x-www-form-urlencoded", body: utf8(`message=${MARKER}`) }),
    )
    add("a content encoding", [415], (of) => send(of, { headers: { "content-encoding": "gzip" } }))
    add("nothing", [400, 422], (of) => send(of, { body: new Uint8Array(0) }))
    add("plain words", [400, 422], (of) => send(of, { body: utf8(`${MARKER} my boss is stealing`) }))
    add("JSON of another shape", [400, 422], (of) => send(of, { body: utf8(JSON.stringify({ [MARKER]: MARKER })) }))
    add("bytes that are not UTF-8", [400, 422], (of) => send(of, { body: new Uint8Array(64).fill(0xff) }))
    if (isStream !== true) add("one byte too many", [413, 422], (of) => send(of, { body: new Uint8Array(maxBytes + 1).fill(0x61) }))
  }
  if (route.access === "source") {
    const look = async (change: Record<string, string>, signed = signedBy(MAILBOX_KEY)) => {
      const { headers, body } = await signed
      return ask(server.base, route.method, target(route), { headers: { ...headers, ...change }, body })
    }
    add("no signature", [401], () =>
      ask(server.base, route.method, target(route), { headers: { "content-type": BYTES }, body: lookBody() }),
    )
    add("what used to be shown, a secret as a bearer token", [401], () =>
      ask(server.base, route.method, target(route), {
        headers: { "content-type": BYTES, authorization: `Bearer ${Buffer.from(MAILBOX_KEY).toString("base64url")}` },
        body: lookBody(),
      }),
    )
    for (const days of [-2, 2, 400])
      add(`a signature for ${days} days from now`, [401], () => look({}, signedBy(MAILBOX_KEY, lookBody(), addDays(server.today(), days))))
    add("a signature that was altered", [401], () => look({ signature: `sotto=:${"A".repeat(86)}==:` }))
    add("another's signature under this key", [401], async () =>
      look({ signature: (await signedBy(await newSignKey())).headers.signature }),
    )
    add("a signature for another host", [401], () => look({ host: "elsewhere.example" }))
    add("another body than was signed", [401], () => look({ "content-digest": `sha-256=:${"A".repeat(43)}=:` }))
    add("hashes put into a look", [401], async () =>
      ask(server.base, route.method, target(route), {
        headers: (await signedBy(MAILBOX_KEY)).headers,
        body: lookBody(0, [new Uint8Array(32).fill(1)]),
      }),
    )
    add("a reporter's signature", [401], async () => {
      const [by] = newsroom.reporters
      if (by === undefined) throw new Error("no reporter")
      const parts = { method: route.method, target: target(route), body: lookBody() }
      return look(await signedHeaders(newsroom, by.signer, server.clock.ms / 1_000, parts))
    })
    const input = (change: (text: string) => string) => async () => {
      const { "signature-input": text, ...headers } = (await signedBy(MAILBOX_KEY)).headers
      return look({ ...headers, "signature-input": change(text) })
    }
    add(
      "a signature of another form",
      [401],
      input(() => `sig1=("@method");created=1;keyid="${MARKER}"`),
    )
    add(
      "a signature with a time in it",
      [401],
      input((text) => text.replace(/created=(\d{9})\d/, "created=$17")),
    )
    add(
      "a signature that covers less",
      [401],
      input((text) => text.replace(' "content-digest"', "")),
    )
    add(
      "a signature with a reporter's tag",
      [401],
      input((text) => text.replace("/mailbox", "")),
    )
    add(
      "a key of another length",
      [401],
      input((text) => text.replace(/keyid="./, 'keyid="')),
    )
    add(
      "a second spelling of a key",
      [401],
      input((text) => text.replace(/(keyid=".{42})./, "$1_")),
    )
    add(
      "zeros for a key",
      [401],
      input((text) => text.replace(/keyid="[^"]+/, `keyid="${"A".repeat(43)}`)),
    )
  }
  if (route.access === "reporter") {
    add("no signature", [401], (of) =>
      ask(server.base, of.method, target(of), of.body === undefined ? {} : { headers: { "content-type": of.body.type }, body: utf8("{}") }),
    )
    add("a stranger's signature", [403], (of) => send(of, { by: stranger }))
    add("a signature of yesterday", [401], (of) => send(of, { at: server.clock.ms - 86_400_000 }))
    add("a signature of tomorrow", [401], (of) => send(of, { at: server.clock.ms + 86_400_000 }))
    add("a signature that was altered", [401], (of) => send(of, { headers: { signature: `sotto=:${"A".repeat(86)}==:` } }))
    add("a signature field of another form", [401], (of) =>
      send(of, { headers: { "signature-input": `sig1=("@method");created=1;keyid="${MARKER}"` } }),
    )
    add("a signature for another host", [401], (of) => send(of, { headers: { host: "elsewhere.example" } }))
    add("another body than was signed", [401], (of) => send(of, { headers: { "content-digest": `sha-256=:${"A".repeat(43)}=:` } }))
  }
  return cases
}

const special: Case[] = []
function post(path: string): Route {
  const route = routes.find((one) => one.method === "POST" && one.path === path)
  if (route === undefined) throw new Error("no such route")
  return route
}
const envelopes = post("/api/envelopes")
for (const [what, length] of [
  ["a byte short of the floor", 32_767],
  ["a byte over the floor", 32_769],
  ["no class", 40_000],
] as const)
  special.push({
    what: `an envelope: ${what}`,
    route: envelopes,
    statuses: [422],
    send: (of) => send(of, { body: new Uint8Array(length) }),
  })
special.push({
  what: "an envelope: zeros of the right length",
  route: envelopes,
  statuses: [422],
  send: (of) => send(of, { body: new Uint8Array(32_768) }),
})
special.push({
  what: "an envelope: with the slots of another newsroom",
  route: envelopes,
  statuses: [422],
  async send(of) {
    const other = await makeNewsroom({
      today,
      policy: { slots: 4, noteDays: 14, acceptDays: 2, seedDays: 60, retentionDays: 90, maxTipBytes: 1_048_576 },
    })
    return send(of, { body: await other.tip(today, other.reporters, "x") })
  },
})
const replies = post("/api/replies")
for (const [what, length] of [
  ["without its address", 32_768],
  ["a byte short", 32_799],
  ["a byte over", 32_801],
  ["zeros of the right length", 32_800],
  ["of the next class", 65_568],
] as const)
  special.push({ what: `a reply: ${what}`, route: replies, statuses: [422], send: (of) => send(of, { body: new Uint8Array(length) }) })
const mailbox = post("/api/mailbox")
for (const [what, body] of [
  ["a page that is none", lookBody(100)],
  ["the last number a byte can have", lookBody(255)],
  ["a byte short", lookBody().slice(1)],
  ["a byte too many", new Uint8Array(130)],
  ["the JSON that it once was", utf8('{"page":0}')],
] as const)
  special.push({ what: `a mailbox: ${what}`, route: mailbox, statuses: [400, 413, 422], send: (of) => send(of, { body }) })
special.push({
  what: "a keyring: signed by nobody we know",
  route: post("/api/keyring"),
  statuses: [422],
  send: async (of) => send(of, { body: utf8(await newsroom.draft({}, [stranger])) }),
})
special.push({
  what: "a keyring: another newsroom's",
  route: post("/api/keyring"),
  statuses: [422],
  send: async (of) => send(of, { body: utf8((await makeNewsroom({ today })).chain[1]?.source ?? "") }),
})
special.push({
  what: "a keyring: a version skipped",
  route: post("/api/keyring"),
  statuses: [422],
  send: async (of) => send(of, { body: utf8(await newsroom.draft({ version: 9 })) }),
})
const days = routes.find(({ path, method }) => path === "/api/days" && method === "PUT") as Route
special.push({
  what: "day notes: a colleague's",
  route: days,
  statuses: [403],
  async send(of) {
    const [, second] = newsroom.reporters
    return send(of, { body: utf8(JSON.stringify({ notes: second === undefined ? [] : [await newsroom.dayNote(second, today)] })) })
  },
})
special.push({
  what: "day notes: made too long ahead",
  route: days,
  statuses: [422],
  async send(of) {
    const [one] = newsroom.reporters
    return send(of, {
      body: utf8(JSON.stringify({ notes: one === undefined ? [] : [await newsroom.dayNote(one, today, { made: "2026-10-01" as Day })] })),
    })
  },
})
const begin = post("/api/uploads")
const goOn = routes.find(({ method }) => method === "PATCH") as Route
for (const [what, status, headers] of [
  ["of another version of tus", 412, { "tus-resumable": "0.2.2" }],
  ["of no length", 422, { "upload-length": "" }],
  ["of a length that is no class", 422, { "upload-length": "1310721" }],
  ["of a length that is posted whole", 422, { "upload-length": "1048576" }],
  ["of a length that is told later", 422, { "upload-length": "", "upload-defer-length": "1" }],
  ["of more than the newsroom takes", 413, { "upload-length": "4294967296" }],
  ["of a length in another spelling", 422, { "upload-length": "1.31072e6" }],
  ["with metadata", 400, { "upload-metadata": `filename ${Buffer.from(MARKER).toString("base64")}` }],
] as const)
  special.push({ what: `an upload: ${what}`, route: begin, statuses: [status], send: (of) => send(of, { headers }) })
special.push({ what: "an upload: begun with a body", route: begin, statuses: [400], send: (of) => send(of, { body: utf8(MARKER) }) })
special.push({
  what: "an upload: for a day long gone",
  route: begin,
  statuses: [422],
  send: (of) => send(of, { target: "/api/uploads?day=2026-10-01" }),
})
for (const [what, status, headers, bytes] of [
  ["of another version of tus", 412, { "tus-resumable": "" }, 65_536],
  ["at an offset that is not there", 409, { "upload-offset": "65536" }, 65_536],
  ["at no offset", 400, { "upload-offset": "" }, 65_536],
  ["at an offset below zero", 400, { "upload-offset": "-1" }, 65_536],
  ["longer than the upload", 413, {}, 1_310_721],
  ["that is no envelope's header whole", 422, {}, 14_082],
] as const)
  special.push({
    what: `a piece: ${what}`,
    route: goOn,
    statuses: [status],
    send: (of) => send(of, { headers, body: new Uint8Array(bytes) }),
  })
special.push({
  what: "a piece: for an upload that nobody began",
  route: goOn,
  statuses: [404],
  send: (of) => send(of, { target: `/api/uploads/${"B".repeat(42)}A`, body: new Uint8Array(65_536) }),
})
special.push({
  what: "an unknown address under /api/",
  route: envelopes,
  statuses: [404],
  send: () => ask(server.base, "GET", `/api/${MARKER}`),
})
special.push({ what: "the bare /api", route: envelopes, statuses: [404], send: () => ask(server.base, "POST", "/api") })
special.push({ what: "a page address with POST", route: envelopes, statuses: [405], send: () => ask(server.base, "POST", "/") })

const cases = [...routes.flatMap(casesOf), ...special]

describe(`wrong input to ${routes.length} routes`, () => {
  test.each(cases.map((one) => [one.what, one] as const))("%s", async (_what, { route, statuses, send: sender }) => {
    const before = await stateHash(route)
    const answer = await sender(route)
    expect(statuses).toContain(answer.status)
    const isForPeople = route.refused !== undefined && answer.status !== 405
    expect(answer.headers["content-type"]).toBe(isForPeople ? "text/html; charset=utf-8" : "application/problem+json")
    expect(answer.headers["content-security-policy"]).toBe(CONTENT_SECURITY_POLICY)
    // A HEAD has no body; its problem is its status.
    if (route.method === "HEAD" && answer.body.length === 0) return expect(await stateHash(route)).toBe(before)
    if (!isForPeople)
      expect(JSON.parse(answer.body.toString("utf8"))).toEqual({
        type: expect.stringMatching(/^urn:sotto:problem:[a-z-]+$/),
        title: expect.stringMatching(/^[A-Z].*\.$/),
        status: answer.status,
      })
    expect(answer.body.toString("utf8") + JSON.stringify(answer.headers)).not.toContain(MARKER)
    expect(await stateHash(route)).toBe(before)
  })
})
