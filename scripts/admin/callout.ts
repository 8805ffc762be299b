/** `callout new`: the questions under a story, put into the signed keyring. SPEC.md §4.3. */

import { type Callout, callout } from "../../keyring/callout.ts"
import { asKeyringError, KeyringError } from "../../keyring/errors.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { readGiven } from "../vault/given.ts"
import { locked } from "../vault/lock.ts"
import { type Changed, changeKeyring, sayNext } from "./change.ts"

export interface NewCallout {
  /** Path of a callout as JSON, white space allowed. */
  readonly file: string
  /** Take the place of the callout that has this id. */
  readonly replace?: boolean
  readonly expiresIn?: number
}

/** @throws Failure `failed`: the file cannot be read, or the id is taken
 *  @throws KeyringError `bad-keyring`, which names the member that is wrong */
export async function newCallout(desk: Desk, { file, replace = false, expiresIn }: NewCallout): Promise<Changed> {
  const wanted = parseCallout(await readGiven(file))
  return locked(desk, async () => {
    const changed = await changeKeyring(
      desk,
      ({ callouts }) => {
        if (!callouts.some(({ id }) => id === wanted.id)) return { callouts: [...callouts, wanted] }
        if (!replace)
          throw new Failure("failed", "there is a callout with this id", "choose another id, or add --replace to change that one")
        return { callouts: callouts.map((one) => (one.id === wanted.id ? wanted : one)) }
      },
      expiresIn,
    )
    sayNext(desk, changed)
    return changed
  })
}

/** A callout written by hand: pretty JSON, which becomes compact when it is signed. */
function parseCallout(text: string): Callout {
  return asKeyringError("bad-keyring", () => {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (cause) {
      throw new KeyringError("bad-keyring", "a callout file is JSON", { cause })
    }
    return callout(value, "callout")
  })
}
