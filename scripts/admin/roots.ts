/** `root new`, `root move` and `rotate root`: roots that live on machines of their own, and roots that change. SPEC.md §4.2, §4.6. */

import { join } from "node:path"
import { newSignKey } from "../../envelope/keys.ts"
import type { Keyring, KeyringText } from "../../keyring/keyring.ts"
import { keyName } from "../../keyring/keyring.ts"
import { type PinnedNewsroom, parsePinned } from "../../keyring/newsroom.ts"
import { type Signer, signer, type VerifierKey } from "../../keyring/note.ts"
import { fingerprint } from "../../keyring/spoken.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { type Chain, currentOf, keepChain, readChain } from "../vault/chain.ts"
import { readIfThere } from "../vault/disk.ts"
import { readGiven, writeGiven } from "../vault/given.ts"
import { pinIfThere, readPin, writePin } from "../vault/home.ts"
import { locked } from "../vault/lock.ts"
import { readRootFiles, rootFileOf, rootFiles, writeRootFile } from "../vault/secrets.ts"
import { type Changed, changeKeyring, sayNext } from "./change.ts"
import { parseRootRequest, rootRequest } from "./invitation.ts"
import { compareSpoken } from "./invite.ts"

/** Makes a root key in a folder that has none, on the machine where it is to stay. Only its request leaves it.
 *  Cut anywhere and run again, it gives the same key and the same note.
 *  @param newsroom - path of newsroom.json, where this folder has none
 *  @returns the six words of the key */
export const newRoot = (
  desk: Desk,
  { newsroom, out = "root-request.note" }: { readonly newsroom?: string; readonly out?: string },
): Promise<string> =>
  locked(desk, async () => {
    const { terminal } = desk
    const pin =
      (await pinIfThere(desk)) ?? (newsroom === undefined ? await readPin(desk) : await parsePinned((await readGiven(newsroom)).trimEnd()))
    const used = [...pin.roots, ...(await readChain(desk, pin)).flatMap(({ roots }) => roots)]
    const root = (await unusedRoot(desk, used)) ?? (await makeRoot(desk, keyName(pin.url, "root")))
    if ((await pinIfThere(desk)) === undefined) await writePin(desk, pin)
    await writeGiven(out, await rootRequest(pin.id, root))
    const words = await fingerprint(root.verifier.text)
    terminal.answer(out)
    terminal.say("six words of the new root, public, to be read aloud on a call:")
    terminal.answer(words)
    terminal.say("carry the file to an admin; the key itself never leaves this folder")
    terminal.next("rotate root NUMBER --request FILE")
    return words
  })

async function makeRoot(desk: Desk, name: string): Promise<Signer> {
  const root = await signer(name, await newSignKey())
  const file = (await rootFiles(desk.home)).length === 0 ? "roots.age" : rootFileOf(root.verifier)
  await desk.disk.makeFolder(desk.home)
  await writeRootFile(desk, file, [root])
  return root
}

/** A root key here that no keyring has named yet: made by a run that was cut, or by `root new`. */
async function unusedRoot(desk: Desk, used: readonly VerifierKey[]): Promise<Signer | undefined> {
  if ((await rootFiles(desk.home)).length === 0) return undefined
  return (await readRootFiles(desk))
    .flatMap(({ signers }) => signers)
    .find(({ verifier }) => !used.some(({ text }) => text === verifier.text))
}

/** Moves one root's file, with all that signing needs, into a folder that can be carried: a stick, or the home of another machine.
 *  It is removed here only once it is durable there. Cut anywhere and run again, it comes out right.
 *  @param file - `roots-2.age` */
export const moveRoot = (
  desk: Desk,
  { file, to, dryRun = false }: { readonly file: string; readonly to: string; readonly dryRun?: boolean },
): Promise<void> =>
  locked(desk, async () => {
    const { terminal, disk } = desk
    const there = { home: to, disk }
    const bytes = (await rootFiles(desk.home)).includes(file) ? await readIfThere(join(desk.home, file)) : undefined
    const moved = await readIfThere(join(to, file))
    if (bytes === undefined) {
      if (moved === undefined)
        throw new Failure("failed", `there is no root file ${file} here`, `there are: ${(await rootFiles(desk.home)).join(", ")}`)
      terminal.answer(`${file} is in ${to} already, and not here any more`)
      return
    }
    if (moved !== undefined && !Buffer.from(moved).equals(bytes))
      throw new Failure("failed", `there is another ${file} in ${to}`, "choose another folder")
    const pin = await readPin(desk)
    const chain = await readChain(desk, pin)
    const known = await knownThere(there, pin, chain)
    terminal.say(`${file}, newsroom.json and the keyrings will be in ${to}; ${file} will no longer be here`)
    if (dryRun) return
    await disk.makeFolder(to)
    // The pin after the chain: a pin with less than the chain that it was made from is refused by whoever reads both.
    await keepChain(there, known.chain, chain)
    if (known.pin === undefined || known.pin.version < pin.version) await writePin(there, pin)
    await disk.replace(join(to, file), bytes)
    const read = await readIfThere(join(to, file))
    if (read === undefined || !Buffer.from(read).equals(bytes))
      throw new Failure("failed", "what was written could not be read back", "try another stick")
    await disk.remove(join(desk.home, file))
    terminal.answer(`${file} is in ${to} and not here any more`)
    terminal.say("a disk may keep traces of what was removed: best make roots with `root new` where they are to stay")
  })

/** What the other folder has seen already: of this newsroom, and perhaps more than this one has.
 *  @throws Failure `failed`: it is another newsroom's, or has seen another history */
async function knownThere(
  there: Pick<Desk, "home">,
  pin: PinnedNewsroom,
  chain: Chain,
): Promise<{ readonly pin: PinnedNewsroom | undefined; readonly chain: Chain }> {
  const known = await pinIfThere(there)
  if (known === undefined) return { pin: undefined, chain: [] }
  if (known.id.some((byte, index) => byte !== pin.id[index]))
    throw new Failure("failed", `${there.home} belongs to another newsroom`, "choose another folder")
  const seen = await readChain(there, known)
  if (seen.some(({ hash }, index) => chain[index] !== undefined && chain[index]?.hash !== hash))
    throw new Failure("failed", `${there.home} has seen other keyrings than this folder`, "compare them: `keyring log` in both")
  return { pin: known, chain: seen }
}

export interface RotateRoot {
  /** The root's number, as `keyring show` gives it; absent: one more. */
  readonly number?: number
  /** A root made elsewhere with `root new`; absent: made here. */
  readonly request?: string
  readonly words?: string
  /** Take the root out, and put none in its place. */
  readonly remove?: boolean
  readonly threshold?: number
  readonly yes?: boolean
  readonly expiresIn?: number
  readonly dryRun?: boolean
}

/** Changes the roots by TUF's rule: the threshold of the old ones and the threshold of the new ones sign.
 *  @throws Failure `usage`, `failed`, `needs-terminal` */
export async function rotateRoot(
  desk: Desk,
  { number, request, words, remove = false, threshold, yes = false, ...options }: RotateRoot,
): Promise<Changed> {
  return locked(desk, async () => {
    const pin = await readPin(desk)
    const chain = await readChain(desk, pin)
    const current = currentOf(chain)
    if (number !== undefined && current.roots[number - 1] === undefined)
      throw new Failure("usage", `there are roots 1 to ${current.roots.length}`, "run `keyring show` to see them")
    if (remove && number === undefined) throw new Failure("usage", "which root is to go?", "name its number")
    const isDry = options.dryRun === true
    const given = request === undefined ? undefined : await parseRootRequest(await readGiven(request), pin)
    if (given !== undefined && !isDry && !current.roots.some(({ text }) => text === given.verify.text)) {
      desk.terminal.say("a new root, made elsewhere:")
      await compareSpoken(desk, await fingerprint(given.verify.text), words)
    }
    // A run before this one was cut after the keyring and before its end: what is left is to remove the key that went.
    const isDone = !isDry && given === undefined && (await hasRetired(desk, chain))
    const made = remove || isDone || given !== undefined ? undefined : await newKey(desk, chain, current, isDry)
    const change = isDone ? undefined : rootsChange(current, { number, verify: given?.verify ?? made?.verifier, remove, threshold })
    const changed = await changeKeyring(desk, () => change, {
      ...options,
      yes,
      ...(made === undefined ? {} : { signers: [made] }),
      beforehand: [
        `${current.threshold} of the roots that are and ${change?.threshold ?? current.threshold} of those that will be must sign`,
        ...(isDry && made !== undefined ? ["the six words are of a key that was made to show this, and is not kept"] : []),
        "pages that pin the old roots follow the chain; whoever has the old root's key can sign nothing any more once this is published",
      ],
      afterwards: [
        "newsroom.json has the new roots: give it to the server, and to whoever verifies from outside; the printed name of the newsroom stays",
        "compare the new roots' six words with the other admins by voice (`keyring show`), and print them",
      ],
    })
    if (changed.missing === 0) await removeRetired(desk, await readChain(desk, await readPin(desk)))
    sayNext(desk, changed)
    return changed
  })
}

/** The key that a run before this one has made, if it was cut, or a new one. */
async function newKey(desk: Desk, chain: Chain, { newsroom }: Keyring, isDry: boolean): Promise<Signer> {
  const name = keyName(newsroom.url, "root")
  // Only to say what would change: nobody keeps this key.
  if (isDry) return signer(name, await newSignKey())
  const used = chain.flatMap(({ roots }) => roots)
  return (await unusedRoot(desk, used)) ?? (await makeRoot(desk, name))
}

interface NewRoots {
  readonly number: number | undefined
  readonly verify: VerifierKey | undefined
  readonly remove: boolean
  readonly threshold: number | undefined
}
function rootsChange(
  current: Keyring,
  { number, verify, remove, threshold = current.threshold }: NewRoots,
): Pick<KeyringText, "roots" | "threshold"> | undefined {
  const at = number === undefined ? current.roots.length : number - 1
  const isThere = verify !== undefined && current.roots.some(({ text }) => text === verify.text)
  if (isThere && threshold === current.threshold) return undefined
  const put = verify === undefined || remove || isThere ? [] : [verify]
  const roots = isThere ? current.roots : [...current.roots.slice(0, at), ...put, ...current.roots.slice(at + 1)]
  if (threshold > roots.length) throw new Failure("usage", "no more roots can be required than there are", "use --threshold")
  return { roots, threshold }
}

const isRootOf = ({ roots }: Keyring, { text }: VerifierKey) => roots.some((root) => root.text === text)
/** It was a root and is none any more. A key that never was one may be waiting to become one. */
const isRetired = (chain: Chain, key: VerifierKey) => !isRootOf(currentOf(chain), key) && chain.some((keyring) => isRootOf(keyring, key))

const hasRetired = async (desk: Desk, chain: Chain): Promise<boolean> =>
  (await rootFiles(desk.home)).length > 0 &&
  (await readRootFiles(desk)).some(({ signers }) => signers.some(({ verifier }) => isRetired(chain, verifier)))

/** Removes keys that were roots and are none any more: they could still sign for whoever has not seen the change. */
export async function removeRetired(desk: Desk, chain: Chain): Promise<void> {
  if ((await rootFiles(desk.home)).length === 0) return
  for (const { file, signers } of await readRootFiles(desk)) {
    const kept = signers.filter(({ verifier }) => !isRetired(chain, verifier))
    if (kept.length === signers.length) continue
    if (kept.length === 0) await desk.disk.remove(join(desk.home, file))
    else await writeRootFile(desk, file, kept, false)
    desk.terminal.say(`destroyed here: a root key that signs no more (${file}); destroy its copies too`)
  }
}
