/** A whole newsroom for tests: roots, reporters, keyrings and day keys, made by the project's own functions. */

import type { Bytes } from "../../envelope/bytes.ts"
import { addDays, type Day } from "../../envelope/day.ts"
import { type Identity, newIdentity, newSignKey, type Recipient, recipientOf } from "../../envelope/keys.ts"
import { type Id, type NewsroomId, newsroomId } from "../../envelope/names.ts"
import { collect } from "../../envelope/reader.ts"
import { sealTip } from "../../envelope/seal.ts"
import type { Callout } from "../../keyring/callout.ts"
import { type DayKey, signDayKey } from "../../keyring/days.ts"
import { type Keyring, type KeyringText, keyName, keyringText, type Policy, parseKeyring } from "../../keyring/keyring.ts"
import type { PinnedNewsroom } from "../../keyring/newsroom.ts"
import { type Signer, signer, signNote } from "../../keyring/note.ts"
import { deriveSource, newWords } from "../../keyring/words.ts"

export interface TestReporter {
  readonly id: Id
  readonly slot: number
  readonly signer: Signer
  /** The seed of a day, made when first asked for. */
  seed(day: Day): Promise<Identity>
}

export const POLICY: Policy = { slots: 8, noteDays: 14, acceptDays: 2, seedDays: 60, retentionDays: 90, maxTipBytes: 1_048_576 }

export const LAYOFFS: Callout = {
  id: "amazon-layoffs" as Id,
  title: "Affected by the layoffs?",
  lang: "en",
  why: "Know how many affect AWS and where? Let us know, in confidence.",
  questions: [
    {
      id: "team" as Id,
      kind: "range",
      label: "How many people in your team were let go?",
      bands: [
        { id: "1-9" as Id, from: 1, to: 9 },
        { id: "10-49" as Id, from: 10, to: 49 },
        { id: "50" as Id, from: 50 },
      ],
    },
    {
      id: "organisation" as Id,
      kind: "several",
      label: "Which organisations?",
      options: [
        { id: "aws" as Id, label: "AWS" },
        { id: "devices" as Id, label: "Devices" },
      ],
    },
    { id: "where" as Id, kind: "place", label: "In which country?" },
  ],
}

export interface TestNewsroom {
  readonly id: NewsroomId
  readonly url: string
  readonly pinned: PinnedNewsroom
  readonly roots: readonly Signer[]
  readonly reporters: readonly TestReporter[]
  /** Oldest first. */
  readonly chain: Keyring[]
  /** Signs and appends the next version. */
  next(change: Partial<KeyringText>, by?: readonly Signer[]): Promise<Keyring>
  /** The next version, signed but not appended. */
  draft(change: Partial<KeyringText>, by?: readonly Signer[]): Promise<string>
  dayNote(reporter: TestReporter, day: Day, change?: Partial<DayKey>, by?: Signer): Promise<string>
  /** A sealed tip, as the page makes it. */
  tip(day: Day, to: readonly TestReporter[], message: string, files?: readonly TestFile[]): Promise<Bytes>
}

export interface TestFile {
  readonly name: string
  readonly content: Bytes
}

export interface NewsroomOptions {
  readonly url?: string
  readonly today: Day
  readonly reporters?: readonly string[]
  readonly rootCount?: number
  readonly threshold?: number
  readonly policy?: Policy
}

/** Two keyring versions: the roots alone, then the reporters and the callout. */
export async function makeNewsroom(options: NewsroomOptions): Promise<TestNewsroom> {
  const { url = "http://localhost:8080", today, reporters: ids = ["one", "two"], rootCount = 1, threshold = 1, policy = POLICY } = options
  const roots = await Promise.all(Array.from({ length: rootCount }, async () => signer(keyName(url, "root"), await newSignKey())))
  const reporters = await Promise.all(ids.map((id, index) => makeReporter(url, id as Id, index + 1)))
  const first: KeyringText = {
    newsroom: { name: "The Daily Test", url, colour: "#0a5c7a", leaveTo: "https://www.example.org/" },
    version: 1,
    previous: null,
    issued: today,
    expires: addDays(today, 90),
    roots: roots.map(({ verifier }) => verifier),
    threshold,
    policy,
    reporters: [],
    callouts: [],
  }
  const chain = [await parseKeyring(await signNote(keyringText(first), roots))]
  const last = () => chain.at(-1) as Keyring
  const id = newsroomId(last().hash)
  async function draft(change: Partial<KeyringText>, by: readonly Signer[] = roots): Promise<string> {
    const { version, hash } = last()
    return signNote(keyringText({ ...last(), version: version + 1, previous: hash, ...change }), by)
  }
  async function next(change: Partial<KeyringText>, by?: readonly Signer[]): Promise<Keyring> {
    const keyring = await parseKeyring(await draft(change, by))
    chain.push(keyring)
    return keyring
  }
  await next({
    reporters: reporters.map(({ id, slot, signer }) => ({ id, slot, name: `Reporter ${id}`, verify: signer.verifier })),
    callouts: [LAYOFFS],
  })
  return {
    id,
    url,
    pinned: {
      id,
      url,
      version: 1,
      roots: first.roots,
      threshold,
      channels: [{ name: "Post", address: "1 Test Street", drawback: "Slow" }],
    },
    roots,
    reporters,
    chain,
    next,
    draft,
    async dayNote(reporter, day, change = {}, by = reporter.signer) {
      const { version, hash } = last()
      const recipient = await recipientOf(await reporter.seed(day))
      return signDayKey(
        {
          newsroom: id,
          reporter: reporter.id,
          slot: reporter.slot,
          day,
          recipient,
          made: day,
          seq: 0,
          keyring: { version, hash },
          ...change,
        },
        by,
      )
    },
    async tip(day, to, message, files = []) {
      const source = await deriveSource(await newWords(), id)
      const slots: (Recipient | undefined)[] = Array.from({ length: policy.slots + 1 }, () => undefined)
      for (const reporter of to) slots[reporter.slot] = await recipientOf(await reporter.seed(day))
      const ids = to.map(({ id }) => id)
      const tip = {
        newsroom: id,
        keyring: last().hash,
        day,
        to: ids,
        reachable: ids,
        callout: LAYOFFS.id,
        answers: new Map(),
        source: source.keys,
        files: files.map(({ name, content }) => ({ name, type: "", bytes: content.length })),
      }
      const contents = files.map(({ content }) => [content])
      return collect(sealTip({ tip, message, files: contents, sign: source.sign, slots, maxBytes: policy.maxTipBytes }).stream)
    },
  }
}

async function makeReporter(url: string, id: Id, slot: number): Promise<TestReporter> {
  const seeds = new Map<Day, Promise<Identity>>()
  return {
    id,
    slot,
    signer: await signer(keyName(url, id), await newSignKey()),
    seed(day) {
      const held = seeds.get(day) ?? newIdentity()
      seeds.set(day, held)
      return held
    },
  }
}
