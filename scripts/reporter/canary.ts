/** `canary`: a tip of our own that goes the whole public way and must come back with a later sync. docs/decisions/0021.
 *
 *  It is made as a source makes one, from what the page is told, and asked for and posted as a browser does it: whoever runs the server or looks
 *  at the wire sees a visit and a tip. It is addressed to us alone, so that no colleague has anything to tell apart. */

import { randomBytes, randomInt } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
import { type Bytes, fromUtf8, toBase64url } from "../../envelope/bytes.ts"
import type { Day } from "../../envelope/day.ts"
import { object, parseJson, string } from "../../envelope/json.ts"
import { wipe } from "../../envelope/keys.ts"
import { collect } from "../../envelope/reader.ts"
import { sealTip } from "../../envelope/seal.ts"
import { pinAt } from "../../keyring/newsroom.ts"
import { parseTold } from "../../keyring/today.ts"
import { deriveSource } from "../../keyring/words.ts"
import { parseChallenge, solve } from "../../keyring/work.ts"
import type { Desk } from "../desk.ts"
import { nodeAead } from "../engine.ts"
import { Failure } from "../failure.ts"
import { keysToldFor, slotsOf } from "../source/told.ts"
import { type Canary, keepCanary, newCanary, readCanary } from "../vault/canary.ts"
import { currentOf } from "../vault/chain.ts"
import { locked } from "../vault/lock.ts"
import { openVaultOnly, type Reading, requireOurselves } from "../vault/vault.ts"
import { firefoxIn, LANGUAGES, torBrowser } from "../verify/browsers.ts"
import { type Fetched, openVisit, type Visit } from "../verify/visit.ts"
import { bodyOf, load, pick, textOf } from "../verify/walk.ts"
import { randomWait } from "./reply.ts"

export interface CanaryWanted {
  /** Seconds between looking at the page and sending; a random while if absent. */
  readonly delay?: number
  /** Only if none was tried today. */
  readonly once?: boolean
  readonly json?: boolean
}
/** What was sealed, and what of it is written down. */
interface Ready {
  readonly day: Day
  readonly mark: string
  readonly envelope: Bytes
}
const TIMEOUT_MS = 120_000

/** @returns the day that it was sealed for; `undefined`: one was tried today already
 *  @throws Failure `not-set-up`, `wrong-passphrase`, `vault-in-use`; `failed`: the server could not be reached or did not take it, or nobody can seal to us
 *  @throws KeyringError: the page shows keys that no source should believe */
export async function canary(desk: Desk, { delay, once = false, json = false }: CanaryWanted = {}): Promise<Day | undefined> {
  const { terminal } = desk
  const vault = await openVaultOnly(desk)
  const known = await locked(desk, async () => {
    const there = await readCanary(desk, vault.secrets)
    if (there !== undefined) return there
    const made = await newCanary()
    await keepCanary(desk, vault.secrets, made)
    return made
  })
  if (once && wasTried(known, desk.clock.today())) return undefined
  if (desk.proxy === undefined && !once)
    terminal.say(
      "without a proxy this goes out from the address that also fetches your tips: a server that wants to can let it pass and keep others back. SOTTO_SOCKS=127.0.0.1:9050 sends it through Tor",
    )
  const visit = visitsOf(desk, vault)
  const ready = await made(desk, vault, known, visit)
  await sleep((delay ?? randomWait()) * 1_000)
  // Before it is out: a watch that starts again must not send a second one.
  await noted(desk, vault, (now) => ({ ...now, sent: [...now.sent, { day: ready.day, mark: ready.mark, kept: "no" }] }))
  await send(visit(), ready)
  await noted(desk, vault, (now) => ({
    ...now,
    sent: now.sent.map((one) => (one.mark === ready.mark ? { ...one, kept: "yes" as const } : one)),
  }))
  if (json) terminal.json({ v: 1, day: ready.day })
  else {
    terminal.answer(`the canary of ${ready.day} is at the server`)
    terminal.say("the next sync should find it; from tomorrow on every sync says so if it did not come back")
    terminal.next("sync")
  }
  return ready.day
}

const wasTried = ({ sent, arrived }: Canary, today: Day): boolean => arrived === today || sent.some(({ day }) => day === today)

/** What was written down meanwhile by another command counts. */
const noted = (desk: Desk, { secrets }: Reading, change: (now: Canary) => Canary): Promise<void> =>
  locked(desk, async () => {
    const now = await readCanary(desk, secrets)
    if (now !== undefined) await keepCanary(desk, secrets, change(now))
  })

/** Visits of one source, each with a connection of its own: the same browser, in the same language, and on the same circuit of Tor, as it is in
 *  Tor Browser. */
function visitsOf(desk: Desk, { chain }: Reading): () => Visit {
  const { base, proxy } = desk
  const way = { url: currentOf(chain).newsroom.url, ...(base && { base }), ...(proxy && { proxy }), timeoutMs: TIMEOUT_MS }
  const browser = proxy === undefined ? firefoxIn(pick(LANGUAGES)) : torBrowser()
  const isolation = randomBytes(16).toString("hex")
  return () => openVisit(way, browser, isolation)
}

/** The page is loaded with all that a browser asks for, what it is told is believed or refused, and a tip is sealed by that alone. */
async function made(desk: Desk, vault: Reading, { words }: Canary, visit: () => Visit): Promise<Ready> {
  const { pin, secrets, chain } = vault
  const { id } = requireOurselves(currentOf(chain), secrets)
  const told = parseTold(await today(visit()))
  const { keyring, day, reachable } = await keysToldFor(desk.clock.today(), pinAt(pin, currentOf(chain)), told)
  if (keyring.version <= chain.length && keyring.hash !== chain[keyring.version - 1]?.hash)
    throw new Failure(
      "failed",
      "the page is told of another keyring than the one on your chain",
      "run `sync`, which says more; compare `keyring log` with your admins before anything else",
    )
  if (!reachable.has(id))
    throw new Failure("failed", "the page says that you cannot be reached today", "run `sync`, which publishes your keys, or `away --back`")
  const mark = toBase64url(new Uint8Array(randomBytes(16)))
  const source = await deriveSource(words, pin.id)
  const tip = {
    newsroom: pin.id,
    keyring: keyring.hash,
    day,
    to: [id],
    reachable: [...reachable.keys()],
    answers: new Map(),
    source: source.keys,
    files: [],
  }
  const slots = slotsOf([id], keyring, reachable)
  const sealed = sealTip({ tip, message: mark, files: [], sign: source.sign, slots, maxBytes: keyring.policy.maxTipBytes, aead: nodeAead })
  const envelope = await collect(sealed.stream)
  await wipe(source.identity, source.sign, source.mailbox)
  return { day, mark, envelope }
}

/** What a page is told, after all that a browser asks for before. */
async function today(visit: Visit): Promise<string> {
  try {
    const asked = await load(visit, (script) => /"(\/[a-z-]+\.js)"/.exec(script)?.[1])
    const told = asked.find(({ what }) => what === "today")?.fetched
    if (told === undefined || told.status !== 200) throw refused(told)
    return textOf(told)
  } finally {
    visit.close()
  }
}

/** Posts it, and once more with a small sum where one is asked for. SPEC.md §8.3. */
async function send(visit: Visit, { day, envelope }: Ready): Promise<void> {
  const path = `/api/envelopes?day=${day}`
  const body = { type: "application/age", bytes: envelope }
  try {
    const first = await visit.post(path, body)
    const answer = isWorkWanted(first) ? await visit.post(path, { ...body, more: [["sotto-work", await earned(visit)]] }) : first
    // 201 and nothing else, as the page takes it.
    if (answer.status !== 201) throw refused(answer)
  } finally {
    visit.close()
  }
}

const isWorkWanted = (answer: Fetched): boolean => answer.status === 429 && textOf(answer).includes('"urn:sotto:problem:work-wanted"')

async function earned(visit: Visit): Promise<string> {
  const answer = await visit.get("/api/challenge", { kind: "data" })
  const { challenge } = parseJson(fromUtf8(bodyOf(answer)), object({ challenge: string({ max: 200 }) }), "challenge")
  const field = await solveFor(challenge)
  if (field === undefined) throw refused(answer)
  return field
}

async function solveFor(text: string): Promise<string | undefined> {
  const challenge = parseChallenge(text)
  return challenge && solve(challenge)
}

const refused = (answer: Fetched | undefined): Failure =>
  new Failure(
    "failed",
    `the server did not take the canary as it takes a tip: it answered ${answer?.status ?? "nothing"}`,
    "a source would have been refused in the same way: run `doctor`, and tell your admin",
  )

/** Within one gap between two looks: when to begin, in milliseconds since 1970, and how many seconds later to send. */
export interface Moment {
  readonly begin: number
  readonly delay: number
}
export interface Gap {
  readonly now: number
  /** When the next look is due. */
  readonly next: number
  readonly everyMs: number
  /** What is left of the UTC day. */
  readonly leftMs: number
  /** Seconds from the visit to the sending, where that is fixed. */
  readonly delay?: number
}

/** Whether today's canary goes into this gap, and when. Drawn anew in each gap with a chance of one in as many as are left today: so each gap of the
 *  day is as likely as every other, nothing has to be remembered that a restart would lose, and the time of a canary says nothing but that.
 *  Never close to a look, beside which it would stand.
 *  @param below - a random whole number from 0 to before that */
export function momentIn({ now, next, everyMs, leftMs, delay }: Gap, below: (limit: number) => number = randomInt): Moment | undefined {
  if (below(Math.max(1, Math.floor(leftMs / everyMs))) !== 0) return undefined
  const edge = Math.min(60_000, everyMs / 6)
  const seconds = Math.min(delay ?? randomWait(), Math.floor(everyMs / 3_000))
  const room = Math.floor(next - now - 2 * edge - seconds * 1_000)
  return room < 1 ? undefined : { begin: now + edge + below(room), delay: seconds }
}
