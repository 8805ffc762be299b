/** `join`: a reporter's keys, and the request that an admin admits. SPEC.md §4.6, §7. */

import { newIdentity, newSignKey } from "../../envelope/keys.ts"
import { newsroomIdText } from "../../envelope/names.ts"
import { keyName } from "../../keyring/keyring.ts"
import { signer } from "../../keyring/note.ts"
import { joinWords } from "../../keyring/spoken.ts"
import { type Invitation, joinRequest, parseInvitation, parseJoinRequest } from "../admin/invitation.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { readGiven, writeGiven } from "../vault/given.ts"
import { pinIfThere, writePin } from "../vault/home.ts"
import { locked } from "../vault/lock.ts"
import { type Secrets, secretsIfThere, writeSecrets } from "../vault/secrets.ts"

export interface Join {
  /** Path of the invitation. */
  readonly file: string
  readonly out?: string
}

/** Makes the keys, or takes those that an earlier, cut run made; writes the request.
 *  @returns the six words to be read to the admin
 *  @throws Failure `failed`: this folder belongs to somebody else, or the request would overwrite a file
 *  @throws KeyringError `bad-newsroom`, `bad-key` */
export async function join(desk: Desk, { file, out }: Join): Promise<string> {
  const invitation = await parseInvitation(await readGiven(file))
  const path = out ?? `join-${invitation.id}.note`
  return locked(desk, async () => {
    const known = await pinIfThere(desk)
    const isOurs = known === undefined || newsroomIdText(known.id) === newsroomIdText(invitation.newsroom.id)
    if (!isOurs) throw elsewhere()
    const secrets = await ensureSecrets(desk, invitation)
    const note = await joinRequest(invitation, secrets.signer)
    const words = await joinWords(invitation.newsroom, await parseJoinRequest(note, invitation.newsroom))
    await writeGiven(path, note)
    if (known === undefined) await writePin(desk, invitation.newsroom)
    const { terminal } = desk
    terminal.answer(path)
    terminal.say("six words, public, to be read aloud to the admin on a call:")
    terminal.answer(words)
    terminal.say("send the file and read the words; when you are admitted and the keyring is published:")
    terminal.next("sync")
    return words
  })
}

async function ensureSecrets(desk: Desk, { id, newsroom }: Invitation): Promise<Pick<Secrets, "vault" | "signer">> {
  const name = keyName(newsroom.url, id)
  const held = await secretsIfThere(desk)
  if (held !== undefined) {
    if (held.signer.verifier.name !== name) throw elsewhere()
    return held
  }
  const made = { vault: await newIdentity(), signer: await signer(name, await newSignKey()) }
  await writeSecrets(desk, made)
  return made
}

const elsewhere = () =>
  new Failure("failed", "this folder belongs to another newsroom or reporter", "choose another folder with SOTTO_HOME")
