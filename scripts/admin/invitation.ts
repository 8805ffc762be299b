/** The two files by which somebody becomes a reporter: an invitation, which authorises nothing, and a join request,
 *  whose six words are compared by voice. SPEC.md §4.6. */

import { integer, literal, object, parseJson, string } from "../../envelope/json.ts"
import { type Id, id, type NewsroomId, newsroomIdShape, newsroomIdText } from "../../envelope/names.ts"
import { asKeyringError, KeyringError } from "../../keyring/errors.ts"
import { keyName } from "../../keyring/keyring.ts"
import { type PinnedNewsroom, parsePinned, pinnedShape, pinnedText } from "../../keyring/newsroom.ts"
import { parseNote, parseVerifierKey, type Signer, signedBy, signNote, type VerifierKey } from "../../keyring/note.ts"
import { joinText, type Seat } from "../../keyring/spoken.ts"

export interface Invitation extends Seat {
  readonly newsroom: PinnedNewsroom
}
export interface JoinRequest extends Seat {
  readonly newsroom: NewsroomId
  readonly verify: VerifierKey
  /** The note's text: what the words are made of. */
  readonly text: string
}

const label = string({ max: 80 })
const seat = { slot: integer(1, 32), id, name: label }
const invitationShape = object({ format: literal("sotto-invitation/1"), newsroom: pinnedShape, ...seat }, { beat: label })
const joinShape = object(
  { format: literal("sotto-join/1"), newsroom: newsroomIdShape, ...seat, verify: string({ max: 400 }) },
  { beat: label },
)
const seatOf = ({ slot, id, name, beat }: Seat) => ({ slot, id, name, ...(beat === undefined ? {} : { beat }) })

export const invitationText = (invitation: Invitation): string =>
  `${JSON.stringify({ format: "sotto-invitation/1", newsroom: JSON.parse(pinnedText(invitation.newsroom)), ...seatOf(invitation) })}\n`

/** @throws KeyringError `bad-newsroom`, `bad-key` */
export async function parseInvitation(text: string): Promise<Invitation> {
  const { newsroom, ...rest } = asKeyringError("bad-newsroom", () => parseJson(text.trimEnd(), invitationShape, "invitation"))
  const pin = await parsePinned(JSON.stringify({ ...newsroom, id: newsroomIdText(newsroom.id) }))
  return { newsroom: pin, ...seatOf(rest) }
}

/** The note that somebody who was invited sends back. The same invitation and key give the same note. */
export async function joinRequest(invitation: Invitation, by: Signer): Promise<string> {
  return signNote(joinText(invitation.newsroom.id, invitation, by.verifier), [by])
}

/** Reads a join request and checks that whoever wrote it has the key it names.
 *  @throws KeyringError `not-a-note`, `bad-newsroom`, `bad-key`, `unsigned`, `foreign` */
export async function parseJoinRequest(source: string, pin: PinnedNewsroom): Promise<JoinRequest> {
  const note = parseNote(source)
  const parsed = asKeyringError("bad-newsroom", () => parseJson(note.text.slice(0, -1), joinShape, "join request"))
  const verify = await parseVerifierKey(parsed.verify)
  if (newsroomIdText(parsed.newsroom) !== newsroomIdText(pin.id)) throw new KeyringError("foreign", "a join request to another newsroom")
  if (verify.name !== keyName(pin.url, parsed.id)) throw new KeyringError("foreign", "a join request whose key is in another name")
  if ((await signedBy(note, [verify])).length !== 1) throw new KeyringError("unsigned", "a join request that its own key did not sign")
  return { newsroom: parsed.newsroom, ...seatOf(parsed), verify, text: note.text }
}

/** A new key for somebody who is in the keyring already. */
export interface RotationRequest {
  readonly newsroom: NewsroomId
  readonly id: Id
  readonly verify: VerifierKey
  readonly text: string
}
const rotationShape = object({
  format: literal("sotto-rotate/1"),
  newsroom: newsroomIdShape,
  id,
  from: string({ max: 400 }),
  verify: string({ max: 400 }),
})

/** Signed by the key that goes and by the key that comes. The same two give the same note. */
export const rotationRequest = (
  newsroom: NewsroomId,
  id: Id,
  { from, to }: { readonly from: Signer; readonly to: Signer },
): Promise<string> =>
  signNote(
    `${JSON.stringify({ format: "sotto-rotate/1", newsroom: newsroomIdText(newsroom), id, from: from.verifier.text, verify: to.verifier.text })}\n`,
    [from, to],
  )

/** That the key which goes is still the keyring's is for the caller to check.
 *  @throws KeyringError `not-a-note`, `bad-newsroom`, `bad-key`, `unsigned`, `foreign` */
export async function parseRotationRequest(
  source: string,
  pin: Pick<PinnedNewsroom, "id" | "url">,
): Promise<RotationRequest & { readonly from: VerifierKey }> {
  const note = parseNote(source)
  const parsed = asKeyringError("bad-newsroom", () => parseJson(note.text.slice(0, -1), rotationShape, "rotation request"))
  const [from, verify] = await Promise.all([parseVerifierKey(parsed.from), parseVerifierKey(parsed.verify)])
  if (newsroomIdText(parsed.newsroom) !== newsroomIdText(pin.id)) throw new KeyringError("foreign", "a request to another newsroom")
  const name = keyName(pin.url, parsed.id)
  if (from.name !== name || verify.name !== name) throw new KeyringError("foreign", "a request whose keys are in another name")
  if ((await signedBy(note, [from, verify])).length !== 2)
    throw new KeyringError("unsigned", "a request is signed by the key that goes and the key that comes")
  return { newsroom: parsed.newsroom, id: parsed.id, from, verify, text: note.text }
}

/** A root that was made on a machine of its own. */
export interface RootRequest {
  readonly verify: VerifierKey
  readonly text: string
}
const rootShape = object({ format: literal("sotto-root/1"), newsroom: newsroomIdShape, verify: string({ max: 400 }) })

export const rootRequest = (newsroom: NewsroomId, by: Signer): Promise<string> =>
  signNote(`${JSON.stringify({ format: "sotto-root/1", newsroom: newsroomIdText(newsroom), verify: by.verifier.text })}\n`, [by])

/** @throws KeyringError `not-a-note`, `bad-newsroom`, `bad-key`, `unsigned`, `foreign` */
export async function parseRootRequest(source: string, pin: Pick<PinnedNewsroom, "id" | "url">): Promise<RootRequest> {
  const note = parseNote(source)
  const parsed = asKeyringError("bad-newsroom", () => parseJson(note.text.slice(0, -1), rootShape, "root request"))
  const verify = await parseVerifierKey(parsed.verify)
  if (newsroomIdText(parsed.newsroom) !== newsroomIdText(pin.id) || verify.name !== keyName(pin.url, "root"))
    throw new KeyringError("foreign", "a root of another newsroom")
  if ((await signedBy(note, [verify])).length !== 1) throw new KeyringError("unsigned", "a root request that its own key did not sign")
  return { verify, text: note.text }
}

/** Words as somebody typed them, for comparing. */
export const spoken = (words: string): string =>
  words
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== "")
    .join(" ")
