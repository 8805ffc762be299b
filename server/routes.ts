/** Every URL of the server, each with who may call it, what it takes and what it does. SPEC.md §8. */

import { type Bytes, fromUtf8 } from "../envelope/bytes.ts"
import { addDays, day, daysBetween } from "../envelope/day.ts"
import { EnvelopeError } from "../envelope/errors.ts"
import { array, distinct, literal, object, type Shape, string } from "../envelope/json.ts"
import { type Hash, hash } from "../envelope/names.ts"
import { checkOutside } from "../envelope/outside.ts"
import { floorBytes, isSizeClass, LARGEST_BYTES, type SlotCount, SMALL_BYTES } from "../envelope/sizes.ts"
import { verifyDayNote } from "../keyring/days.ts"
import { parseRelease, verifyRelease } from "../keyring/release.ts"
import { filler } from "./filler.ts"
import { parseRange } from "./large.ts"
import { MAX_PAGE, PAGE_BODIES } from "./mailbox.ts"
import { chooseEncoding } from "./page.ts"
import { plainWay } from "./plain-way.ts"
import { Problem } from "./problem.ts"
import {
  type Answer,
  BYTES_TYPE,
  bodyJson,
  currentKeyring,
  JSON_TYPE,
  json,
  NOTE_TYPE,
  parsed,
  pathDay,
  type Route,
  type Services,
} from "./route.ts"
import { isPublicKey, MAX_KEY_CHARACTERS } from "./status.ts"
import { MODES, PACES } from "./subscriptions.ts"
import { todayFile, todayText } from "./today.ts"
import { capabilities, checkUpload, checkVersion, createUpload, findUpload, OFFSET_TYPE, receive, TUS_HEADERS, uploadState } from "./tus.ts"

const MAX_FETCH = 64

/** The page, the notes: for anyone. */
const reading: readonly Route[] = [
  {
    method: "GET",
    path: "/api/today",
    access: "anyone",
    query: [],
    headers: ["accept-encoding"],
    async answer({ headers }, { keyrings, dayNotes, clock, pinned }) {
      const today = clock.today()
      const text = todayText(today, await keyrings.chain(), await dayNotes.on(today), pinned.version)
      const encoding = chooseEncoding(headers?.["accept-encoding"])
      const named = { Vary: "Accept-Encoding", ...(encoding === "identity" ? {} : { "Content-Encoding": encoding }) }
      return { status: 200, type: JSON_TYPE, headers: named, body: await todayFile(JSON_TYPE, text).bytes(encoding) }
    },
  },
  {
    method: "GET",
    path: "/api/keys",
    access: "anyone",
    query: [],
    async answer(_, { keyrings, dayNotes, clock }) {
      const today = clock.today()
      // From the first version on: whoever carries it has nothing but the newsroom's line to begin with.
      return { status: 200, type: JSON_TYPE, body: todayText(today, await keyrings.chain(), await dayNotes.on(today), 1) }
    },
  },
  {
    method: "GET",
    path: "/api/keyring/:version",
    access: "anyone",
    query: [],
    async answer({ params }, { keyrings }) {
      const version = /^[1-9]\d{0,6}$/.test(params.version ?? "") ? Number(params.version) : 0
      const keyring = (await keyrings.chain())[version - 1]
      if (keyring === undefined) throw new Problem("not-found", "There is no keyring of this version.")
      return { status: 200, type: NOTE_TYPE, body: keyring.source }
    },
  },
  {
    method: "GET",
    path: "/api/keyrings",
    access: "anyone",
    query: ["from"],
    async answer({ query }, { keyrings }) {
      if (!/^[1-9]\d{0,6}$/.test(query.from ?? "")) throw new Problem("bad-query", "The parameter from is a keyring version.")
      const first = Number(query.from) - 1
      return json({ keyrings: (await keyrings.chain()).slice(first, first + 100).map(({ source }) => source) })
    },
  },
  {
    method: "GET",
    path: "/api/days/:day",
    access: "anyone",
    query: [],
    answer: async ({ params }, { dayNotes }) => json({ days: await dayNotes.on(pathDay(params.day)) }),
  },
  {
    method: "GET",
    path: "/api/challenge",
    access: "anyone",
    query: [],
    answer: async (_, { gate }) => json({ challenge: (await gate.challenge()) ?? null }),
  },
  {
    method: "GET",
    path: "/healthz",
    access: "anyone",
    query: [],
    async answer(_, { alive }) {
      await alive()
      return { status: 204 }
    },
  },
]

/** What a source sends. */
const sending: readonly Route[] = [
  {
    method: "POST",
    path: "/api/envelopes",
    access: "anyone",
    query: ["day"],
    body: { type: "application/age", maxBytes: SMALL_BYTES },
    async checkLength(length, services) {
      const { slots } = (await currentKeyring(services)).policy
      if (!isSizeClass(slots, length)) throw new Problem("wrong-length", "An envelope's length is one of the size classes.")
    },
    headers: ["sotto-work"],
    async answer({ query, body, headers }, services) {
      const { policy } = await currentKeyring(services)
      if (body.length > policy.maxTipBytes) throw new Problem("too-large", "This is more than the newsroom takes.")
      await keepEnvelope(query.day, body, services, undefined, headers?.["sotto-work"])
      return { status: 201 } // only now: the commit is durable
    },
  },
]

/** Keeps one envelope after every check that can be made from outside; for a reply under its address too. */
async function keepEnvelope(sent: string | undefined, body: Bytes, services: Services, mailbox?: Bytes, work?: string): Promise<void> {
  const { envelopes, clock, schedule, gate } = services
  const { policy } = await currentKeyring(services)
  const sealedFor = parsed(() => day(sent, "day"), "bad-query", "The parameter day is a UTC day, YYYY-MM-DD.")
  const age = daysBetween(sealedFor, clock.today())
  if (age < -1 || age > policy.acceptDays) throw new Problem("day-closed", "Nothing is taken for this day; check your device's date.")
  try {
    checkOutside(body, body.length, policy.slots)
  } catch (cause) {
    if (!(cause instanceof EnvelopeError)) throw cause
    throw new Problem("bad-envelope", `This is not an envelope of this newsroom: ${cause.message}.`, { cause })
  }
  // Last, so that only what could be kept is counted, and no sum is used up by a mistake.
  await gate.admit(body.length === floorBytes(policy.slots), work)
  if (!(await envelopes.keep(sealedFor, body, schedule.next(clock.now()), mailbox)))
    throw new Problem("day-closed", "Nothing is taken for this day any more.")
}

/** What whoever has scripts off asks for and hands in. */
const byHand = plainWay({ current: currentKeyring, keep: keepEnvelope })

const ADDRESS_BYTES = 32
const MAX_FLOOR_BYTES = floorBytes(32)
const HASH_BYTES = 32
/** A page's number, then the hash of each body to delete: zeros where none is. */
const LOOK_BYTES = 1 + PAGE_BODIES * HASH_BYTES

function checkLookLength(length: number): void {
  if (length !== LOOK_BYTES) throw new Problem("wrong-length", "The body is a page of one byte and four hashes of 32 bytes.")
}

function parseLook(body: Bytes): { page: number; named: readonly Bytes[] } {
  checkLookLength(body.length)
  const [page = 0] = body
  if (page > MAX_PAGE) throw new Problem("bad-body", "There is no such page.")
  const hashes = Array.from({ length: PAGE_BODIES }, (_, at) => body.slice(1 + at * HASH_BYTES, 1 + (at + 1) * HASH_BYTES))
  return { page, named: hashes.filter((hash) => hash.some((byte) => byte !== 0)) }
}

function checkReplyLength(length: number, slots: SlotCount): void {
  if (length !== ADDRESS_BYTES + floorBytes(slots))
    throw new Problem("wrong-length", "The body is an address of 32 bytes and an envelope of the smallest size.")
}

/** What is answered: posted by address alone, collected with the key behind it. */
const answering: readonly Route[] = [
  {
    method: "POST",
    path: "/api/replies",
    access: "anyone", // the signature is inside: nobody is to learn here who answers
    query: ["day"],
    body: { type: BYTES_TYPE, maxBytes: ADDRESS_BYTES + MAX_FLOOR_BYTES },
    async checkLength(length, services) {
      const { slots } = (await currentKeyring(services)).policy
      checkReplyLength(length, slots)
    },
    headers: ["sotto-work"],
    async answer({ query, body, headers }, services) {
      const { slots } = (await currentKeyring(services)).policy
      // Again: a body that comes in chunks announces no length.
      checkReplyLength(body.length, slots)
      await keepEnvelope(query.day, body.slice(ADDRESS_BYTES), services, body.slice(0, ADDRESS_BYTES), headers?.["sotto-work"])
      return { status: 201 }
    },
  },
  {
    method: "POST",
    path: "/api/mailbox",
    access: "source",
    query: [],
    body: { type: BYTES_TYPE, maxBytes: LOOK_BYTES },
    checkLength: async (length) => checkLookLength(length),
    headers: ["sotto-work"],
    async answer({ body, mailbox, headers }, services) {
      if (mailbox === undefined) throw new Problem("no-mailbox", "This request must be signed by the key of a mailbox.")
      const { mailboxes, gate } = services
      const { page, named } = parseLook(body)
      await gate.admitLook(headers?.["sotto-work"])
      const { slots } = (await currentKeyring(services)).policy
      if (named.length > 0) await mailboxes.drop(mailbox, named)
      const seed = await mailboxes.fillerSeed()
      // All four are made each time, before anybody has looked for a reply.
      const fillers: Bytes[] = []
      for (let place = 0; place < PAGE_BODIES; place++) fillers.push(await filler(seed, mailbox, `${page} ${place}`, slots))
      return { status: 200, type: BYTES_TYPE, body: await mailboxes.page(mailbox, page, fillers) }
    },
  },
]

const uuid: Shape<string> = string({ max: 36, pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/ })
const fetchShape = object({ day, ids: distinct(array(uuid, { min: 1, max: MAX_FETCH }), (id) => id) })
const daysShape = object({ notes: array((value, where) => string({ max: 10_000, lines: true })(value, where), { min: 1, max: 31 }) })
const notifyShape = object(
  { address: string({ max: 200, pattern: /^[^\s@<>"]+@[A-Za-z0-9.-]+$/ }), mode: literal(...MODES) },
  {
    pace: literal(...PACES),
    openpgp: string({ max: MAX_KEY_CHARACTERS, lines: true }),
  },
)

/** One envelope in a bulk answer: id (16 bytes), length (8 bytes), bytes. */
function frame({ id, bytes }: { id: string; bytes: Buffer }): Buffer {
  const length = Buffer.alloc(8)
  length.writeBigUInt64BE(BigInt(bytes.length))
  return Buffer.concat([Buffer.from(id.replaceAll("-", ""), "hex"), length, bytes])
}

/** What a reporter's command line asks for. */
const reporting: readonly Route[] = [
  {
    method: "GET",
    path: "/api/feed",
    access: "reporter",
    query: [],
    async answer({ reporter }, services) {
      const { envelopes, dayNotes, clock } = services
      if (reporter === undefined) throw new Problem("not-signed", "This request must be signed by a reporter.")
      const today = clock.today()
      const { acceptDays, retentionDays } = (await currentKeyring(services)).policy
      await envelopes.close(addDays(today, -retentionDays), addDays(today, -acceptDays - 1))
      // From yesterday on: around midnight the reporter's day may still be that one.
      return json({
        today,
        days: await envelopes.feed(addDays(today, -acceptDays)),
        notes: await dayNotes.of(reporter.id, addDays(today, -1)),
      })
    },
  },
  {
    method: "GET",
    path: "/api/feed/:day",
    access: "reporter",
    query: [],
    async answer({ params }, { envelopes }) {
      const on = pathDay(params.day)
      return json({ day: on, envelopes: await envelopes.list(on) })
    },
  },
  {
    method: "POST",
    path: "/api/feed/fetch",
    access: "reporter",
    query: [],
    body: { type: JSON_TYPE, maxBytes: 16_384 },
    async answer({ body }, { envelopes }) {
      const wanted = bodyJson(body, fetchShape, "The body names a day and 1 to 64 ids.")
      const found = await envelopes.fetch(wanted.day, wanted.ids)
      return { status: 200, type: BYTES_TYPE, body: Buffer.concat(found.map(frame)) }
    },
  },
  {
    method: "PUT",
    path: "/api/days",
    access: "reporter",
    query: [],
    body: { type: JSON_TYPE, maxBytes: 262_144 },
    async answer({ body, reporter }, { keyrings, dayNotes, pinned }) {
      const { notes } = bodyJson(body, daysShape, "The body holds 1 to 31 day notes.")
      const chain = await keyrings.chain()
      const verified = []
      for (const source of notes) {
        const { key } = await verifyDayNote(source, chain, pinned.id)
        if (key.reporter !== reporter?.id) throw new Problem("not-allowed", "A reporter publishes their own day keys only.")
        verified.push({ key, source })
      }
      await dayNotes.put(verified)
      return { status: 204 }
    },
  },
  {
    method: "PUT",
    path: "/api/notify",
    access: "reporter",
    query: [],
    body: { type: JSON_TYPE, maxBytes: 32_768 },
    async answer({ body, reporter }, { subscriptions }) {
      const wanted = bodyJson(body, notifyShape, "The body holds an address and a mode.")
      if (reporter === undefined) throw new Problem("not-signed", "This request must be signed by a reporter.")
      const { openpgp, mode } = wanted
      if (openpgp !== undefined && (mode !== "always" || !(await isPublicKey(openpgp))))
        throw new Problem("bad-body", "A key is one OpenPGP public key that can be sealed to, for a mail at every time.")
      await subscriptions.set(reporter.id, { ...wanted, pace: wanted.pace ?? "each" })
      return { status: 204 }
    },
  },
]

/** What the roots' signatures alone authorise. */
const governing: readonly Route[] = [
  {
    method: "POST",
    path: "/api/keyring",
    access: "anyone",
    query: [],
    body: { type: NOTE_TYPE, maxBytes: 1_000_000 },
    async answer({ body }, { keyrings, subscriptions }) {
      const added = await keyrings.add(parsed(() => fromUtf8(body), "bad-body", "A note is UTF-8."))
      if (added === "conflict") throw new Problem("conflict", "Another keyring of this version was published first.")
      await subscriptions.keepOnly(((await keyrings.current())?.reporters ?? []).map(({ id }) => id))
      return { status: added === "added" ? 201 : 200 }
    },
  },
]

async function releaseNote(wanted: Hash | undefined, { releases }: Services): Promise<Answer> {
  const note = wanted && (await releases.get(wanted))
  if (note === undefined) throw new Problem("not-found", "There is no such release here.")
  return { status: 200, type: NOTE_TYPE, body: note }
}

/** What the roots say that this server serves: for whoever checks the page. */
const releasing: readonly Route[] = [
  {
    method: "GET",
    path: "/api/release",
    access: "anyone",
    query: [],
    answer: async (_, services) => releaseNote((await services.keyrings.current())?.release?.hash, services),
  },
  {
    method: "GET",
    path: "/api/release/:hash",
    access: "anyone",
    query: [],
    answer: ({ params }, services) =>
      releaseNote(
        parsed(() => hash(params.hash, "hash"), "not-found", "There is no such release here."),
        services,
      ),
  },
  {
    method: "POST",
    path: "/api/release",
    access: "anyone",
    query: [],
    body: { type: NOTE_TYPE, maxBytes: 1_000_000 },
    async answer({ body }, services) {
      const note = parsed(() => fromUtf8(body), "bad-body", "A note is UTF-8.")
      const { hash } = await parseRelease(note)
      // Only what a keyring has named: nobody fills the table with releases of their own. By the roots of that time, which may have changed since.
      const naming = (await services.keyrings.chain()).find(({ release }) => release?.hash === hash)
      if (naming === undefined) throw new Problem("not-allowed", "No keyring of the newsroom names this release.")
      const release = await verifyRelease(note, naming)
      return { status: (await services.releases.add(release)) ? 201 : 200 }
    },
  },
]

const NOTHING = (async function* (): AsyncGenerator<Uint8Array> {})()
const UPLOADS = { access: "anyone", headers: TUS_HEADERS } as const

/** Envelopes above 1 MiB, over a line that may break. Whoever has an upload's address, which is a secret, may go on with it. */
const uploading: readonly Route[] = [
  {
    ...UPLOADS,
    method: "OPTIONS",
    path: "/api/uploads",
    query: [],
    answer: async (_, services) => ({ status: 204, headers: capabilities((await currentKeyring(services)).policy) }),
  },
  {
    ...UPLOADS,
    method: "POST",
    path: "/api/uploads",
    headers: [...TUS_HEADERS, "sotto-work"],
    query: ["day"],
    async answer({ query, headers: { "sotto-work": work, ...headers } = {} }, services) {
      const sealedFor = parsed(() => day(query.day, "day"), "bad-query", "The parameter day is a UTC day, YYYY-MM-DD.")
      const { policy } = await currentKeyring(services)
      checkUpload(sealedFor, headers, policy, services)
      await services.gate.admit(false, work)
      return { status: 201, headers: { Location: await createUpload(sealedFor, headers, policy, services) } }
    },
  },
  {
    ...UPLOADS,
    method: "HEAD",
    path: "/api/uploads/:upload",
    query: [],
    async answer({ params, headers = {} }, services) {
      checkVersion(headers)
      const { upload } = await findUpload(params.upload, services)
      return { status: 200, headers: uploadState(upload) }
    },
  },
  {
    ...UPLOADS,
    method: "PATCH",
    path: "/api/uploads/:upload",
    query: [],
    body: { type: OFFSET_TYPE, maxBytes: LARGEST_BYTES, isStream: true },
    async answer({ params, headers = {}, stream }, services) {
      checkVersion(headers)
      const { policy } = await currentKeyring(services)
      const offset = await receive(await findUpload(params.upload, services), headers, stream ?? NOTHING, policy, services)
      return { status: 204, headers: { "Upload-Offset": String(offset) } } // only now: what it counts is durable
    },
  },
  {
    ...UPLOADS,
    method: "DELETE",
    path: "/api/uploads/:upload",
    query: [],
    async answer({ params, headers = {} }, services) {
      checkVersion(headers)
      const { secret } = await findUpload(params.upload, services)
      // Whole, it is an envelope, and stays.
      if (!(await services.uploads.end(secret))) throw new Problem("conflict", "This upload is whole, and its envelope is kept.")
      return { status: 204 }
    },
  },
]

/** One envelope of any size, or a part of it. */
const fetching: Route = {
  method: "GET",
  path: "/api/envelopes/:day/:id",
  access: "reporter",
  query: [],
  headers: ["range"],
  async answer({ params, headers = {} }, { large }) {
    const on = pathDay(params.day)
    const id = parsed(() => uuid(params.id, "id"), "not-found", "There is nothing at this address.")
    const bytes = await large.length(on, id)
    if (bytes === undefined) throw new Problem("not-found", "There is no such envelope.")
    const range = headers.range === undefined ? { from: 0, to: bytes } : parseRange(headers.range, bytes)
    if (range === undefined) throw new Problem("bad-range", "A range is one, from a byte that is there.")
    const partial = headers.range === undefined ? {} : { "Content-Range": `bytes ${range.from}-${range.to - 1}/${bytes}` }
    return {
      status: headers.range === undefined ? 200 : 206,
      type: "application/age",
      headers: { "Accept-Ranges": "bytes", ...partial },
      body: { bytes: range.to - range.from, pieces: () => large.read(on, id, range) },
    }
  },
}

export const routes: readonly Route[] = [
  ...reading,
  ...sending,
  ...byHand,
  ...uploading,
  ...answering,
  ...reporting,
  fetching,
  ...governing,
  ...releasing,
]
