/** `newsroom new`: root keys, keyring 1 without reporters, and the pin that server, page and reporters are given. SPEC.md §4.2, §4.6. */

import { addDays } from "../../envelope/day.ts"
import { newSignKey } from "../../envelope/keys.ts"
import { newsroomId, newsroomIdText } from "../../envelope/names.ts"
import { LARGEST_BYTES, SLOT_COUNTS } from "../../envelope/sizes.ts"
import { type Channel, keyName, keyringText, MAX_VALID_DAYS, type Newsroom, parseKeyring } from "../../keyring/keyring.ts"
import { type PinnedNewsroom, pinAt } from "../../keyring/newsroom.ts"
import { signer, signNote } from "../../keyring/note.ts"
import { fingerprint } from "../../keyring/spoken.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { acknowledge } from "../vault/acknowledged.ts"
import { keepChain } from "../vault/chain.ts"
import { readIfThere } from "../vault/disk.ts"
import { homePaths, pinIfThere, writePin } from "../vault/home.ts"
import { locked } from "../vault/lock.ts"
import { writeRoots } from "../vault/secrets.ts"
import { announce, checkExpiresIn } from "./change.ts"

export interface NewNewsroom {
  readonly name: string
  readonly url: string
  readonly slots?: number
  readonly roots?: number
  readonly threshold?: number
  readonly colour?: string
  readonly leaveTo?: string
  readonly channels?: readonly Channel[]
  readonly expiresIn?: number
  readonly dryRun?: boolean
}

/** Days are few enough that a lost laptop is soon out, and many enough that a holiday loses no tip (SPEC.md §4.4). */
const POLICY = { noteDays: 14, acceptDays: 2, seedDays: 60, retentionDays: 90, maxTipBytes: LARGEST_BYTES }
const MAX_ROOTS = 16

/** `name|address|drawback`.
 *  @throws Failure `usage` */
export function parseChannel(text: string): Channel {
  const [name, address, drawback, ...rest] = text.split("|").map((part) => part.trim())
  if (!name || !address || !drawback || rest.length > 0)
    throw new Failure(
      "usage",
      "a channel is a name, an address and what speaks against it",
      '--channel "Signal|+1 555 0100|needs an app and a phone number"',
    )
  return { name, address, drawback }
}

/** Makes a newsroom in an empty home. Cut anywhere, it can be run again: nothing counts before `newsroom.json` is there.
 *  @throws Failure `usage`, `failed` when there is one already
 *  @throws KeyringError `bad-keyring`: a name, address or colour that a keyring cannot hold */
export async function newNewsroom(desk: Desk, wanted: NewNewsroom): Promise<PinnedNewsroom> {
  const slots = SLOT_COUNTS.find((count) => count === (wanted.slots ?? 8))
  if (slots === undefined) throw new Failure("usage", "a newsroom has 4, 8, 16 or 32 slots", "use --slots 8; the number never changes")
  const { roots = 1, threshold = 1 } = wanted
  if (!Number.isInteger(roots) || roots < 1 || roots > MAX_ROOTS || !Number.isInteger(threshold) || threshold < 1 || threshold > roots)
    throw new Failure(
      "usage",
      `a newsroom has 1 to ${MAX_ROOTS} roots, and no more of them must sign than there are`,
      "use --roots 3 --threshold 2",
    )
  return locked(desk, async () => {
    const { terminal } = desk
    if ((await pinIfThere(desk)) !== undefined)
      throw new Failure("failed", "there is a newsroom in this folder", "choose another folder with SOTTO_HOME")
    if ((await readIfThere(homePaths(desk.home).secrets)) !== undefined)
      throw new Failure("failed", "this folder is a reporter's", "choose another folder with SOTTO_HOME")
    const signers = await Promise.all(Array.from({ length: roots }, async () => signer(keyName(wanted.url, "root"), await newSignKey())))
    const today = desk.clock.today()
    const text = keyringText({
      newsroom: entry(wanted),
      version: 1,
      previous: null,
      issued: today,
      expires: addDays(today, checkExpiresIn(wanted.expiresIn ?? MAX_VALID_DAYS)),
      roots: signers.map(({ verifier }) => verifier),
      threshold,
      policy: { slots, ...POLICY },
      reporters: [],
      callouts: [],
    })
    const first = await parseKeyring(await signNote(text, signers))
    for (const line of beforehand(roots, threshold, desk.home)) terminal.say(line)
    const id = newsroomId(first.hash)
    const pin = pinAt({ id }, first)
    if (wanted.dryRun) {
      await announce(desk, undefined, first, pin)
      terminal.say("nothing was made; without --dry-run the same command does it, with other keys")
      return pin
    }
    await writeRoots(desk, signers)
    await keepChain(desk, [], [first])
    await acknowledge(desk, first)
    await writePin(desk, pin)
    await announce(desk, undefined, first, pin)
    terminal.answer(newsroomIdText(id))
    terminal.say(
      `This is the newsroom's name for ever: print it. Its keys are in ${desk.home}; keep a copy of each file of roots elsewhere.`,
    )
    for (const [at, { verifier }] of signers.entries())
      terminal.say(`root ${at + 1}, six words, public, may be read aloud: ${await fingerprint(verifier.text)}`)
    if (roots > 1) terminal.next("root move roots-2.age FOLDER")
    terminal.next('invite "REPORTER" --id ID')
    return pin
  })
}

/** What is about to be made, and what it means. */
function beforehand(roots: number, threshold: number, home: string): readonly string[] {
  const files = roots === 1 ? "roots.age" : `roots-1.age to roots-${roots}.age, a passphrase each`
  const said = [`this will make, in ${home}: ${files}; keyring 1; newsroom.json, which server, page and reporters are given`]
  if (threshold === 1)
    said.push(`any one root can admit a reader alone; --roots 3 --threshold 2 takes two people, and one root may be lost`)
  else
    said.push(
      `${threshold} of ${roots} roots must sign each change; ${roots - threshold} may be lost. Carry each file to a machine of its own (\`root move\`)`,
    )
  return said
}

/** What a newsroom says of itself, as it is given: anything but name and address may be missing. */
type Entry = { readonly [Member in keyof Newsroom]: Newsroom[Member] | undefined } & Pick<Newsroom, "name" | "url">

/** Members that were not given are left out: in JSON `undefined` and absent would be two spellings. */
export function entry({ name, url, onion, colour, leaveTo, channels }: Entry): Newsroom {
  return {
    name,
    url,
    ...(onion === undefined ? {} : { onion }),
    ...(colour === undefined ? {} : { colour }),
    ...(leaveTo === undefined ? {} : { leaveTo }),
    ...(channels === undefined || channels.length === 0 ? {} : { channels }),
  }
}
