/** Requests that are signed: a reporter's, the name behind it and that it comes for the first time (SPEC.md §4.5); a source's, and whose mailbox
 *  it is (§8.1). */

import type { Bytes } from "../envelope/bytes.ts"
import type { Day } from "../envelope/day.ts"
import { KeyringError } from "../keyring/errors.ts"
import type { Keyring, Reporter } from "../keyring/keyring.ts"
import { mailboxAddress, verifyMailboxRequest } from "../keyring/mailbox.ts"
import { type RequestHeaders, readClaim, type SignedParts, verifyRequest } from "../keyring/request.ts"
import type { Clock } from "./clock.ts"
import type { NonceStore } from "./nonces.ts"
import { Problem } from "./problem.ts"

export interface Unsigned {
  readonly method: string
  /** Path and query as they came. */
  readonly target: string
  header(name: string): string | undefined
  readonly body: Bytes
}

/** The authorities under which this newsroom is reached: a signature made for another server is worth nothing here. */
const authorities = ({ newsroom }: Keyring) =>
  [newsroom.url, newsroom.onion].flatMap((url) => (url === undefined ? [] : [url.replace(/^https?:\/\//, "")]))

/** What was signed, if it was signed for this server.
 *  @throws {@link Problem} `bad-signature` */
function partsOf({ method, target, header, body }: Unsigned, keyring: Keyring): { parts: SignedParts; headers: RequestHeaders } {
  const authority = header("host")?.toLowerCase() ?? ""
  if (!authorities(keyring).includes(authority))
    throw new Problem("bad-signature", "A signed request is sent to the newsroom's own address.")
  const [path = "", query] = split(target)
  return {
    parts: { method, authority, path, query: query ?? "?", body },
    headers: {
      "content-digest": header("content-digest") ?? "",
      "signature-input": header("signature-input") ?? "",
      signature: header("signature") ?? "",
    },
  }
}

async function refusing<Value>(check: () => Promise<Value>): Promise<Value> {
  try {
    return await check()
  } catch (error) {
    if (error instanceof KeyringError)
      throw new Problem("bad-signature", `The signature was not accepted: ${error.message}.`, { cause: error })
    throw error
  }
}

function requireKeyring(keyring: Keyring | undefined): Keyring {
  if (keyring === undefined) throw new Problem("not-ready", "No keyring has been published yet.")
  return keyring
}

/** @returns the reporter who signed
 *  @throws {@link Problem} `not-ready`, `not-signed`, `bad-signature`, `not-allowed` */
export async function whoSigned(
  request: Unsigned,
  current: Keyring | undefined,
  { nonces, clock }: { nonces: NonceStore; clock: Clock },
): Promise<Reporter> {
  const keyring = requireKeyring(current)
  if (request.header("signature-input") === undefined) throw new Problem("not-signed", "This request must be signed by a reporter.")
  const { parts, headers } = partsOf(request, keyring)
  return refusing(async () => {
    const { keyName } = readClaim(headers["signature-input"])
    const reporter = keyring.reporters.find(({ verify }) => verify.name === keyName)
    if (reporter === undefined) throw new Problem("not-allowed", "Only a reporter in the current keyring may do this.")
    const claim = await verifyRequest(parts, headers, reporter.verify, clock.now() / 1_000)
    if (!(await nonces.take(claim.nonce, clock.today()))) throw new Problem("bad-signature", "This request was sent before.")
    return reporter
  })
}

/** @returns the address of the mailbox whose key signed. Nothing is kept of the request: how often a source looks is not for a database.
 *  @throws {@link Problem} `not-ready`, `no-mailbox`, `bad-signature` */
export async function whoseMailbox(request: Unsigned, current: Keyring | undefined, today: Day): Promise<Bytes> {
  const keyring = requireKeyring(current)
  if (request.header("signature-input") === undefined)
    throw new Problem("no-mailbox", "This request must be signed by the key of a mailbox.")
  const { parts, headers } = partsOf(request, keyring)
  return refusing(async () => mailboxAddress(await verifyMailboxRequest(parts, headers, today)))
}

function split(target: string): [path: string, query: string | undefined] {
  const at = target.indexOf("?")
  return at === -1 ? [target, undefined] : [target.slice(0, at), target.slice(at)]
}
