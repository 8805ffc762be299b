/** Requests that only a reporter may make: the signature, the name behind it, and that it comes for the first time. SPEC.md §4.5. */

import type { Bytes } from "../envelope/bytes.ts"
import { KeyringError } from "../keyring/errors.ts"
import type { Keyring, Reporter } from "../keyring/keyring.ts"
import { readClaim, verifyRequest } from "../keyring/request.ts"
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

/** @returns the reporter who signed
 *  @throws {@link Problem} `not-ready`, `not-signed`, `bad-signature`, `not-allowed` */
export async function whoSigned(
  request: Unsigned,
  keyring: Keyring | undefined,
  { nonces, clock }: { nonces: NonceStore; clock: Clock },
): Promise<Reporter> {
  if (keyring === undefined) throw new Problem("not-ready", "No keyring has been published yet.")
  if (request.header("signature-input") === undefined) throw new Problem("not-signed", "This request must be signed by a reporter.")
  const authority = request.header("host")?.toLowerCase() ?? ""
  if (!authorities(keyring).includes(authority))
    throw new Problem("bad-signature", "A signed request is sent to the newsroom's own address.")
  const [path = "", query] = split(request.target)
  try {
    const { keyName } = readClaim(request.header("signature-input"))
    const reporter = keyring.reporters.find(({ verify }) => verify.name === keyName)
    if (reporter === undefined) throw new Problem("not-allowed", "Only a reporter in the current keyring may do this.")
    const headers = {
      "content-digest": request.header("content-digest") ?? "",
      "signature-input": request.header("signature-input") ?? "",
      signature: request.header("signature") ?? "",
    }
    const claim = await verifyRequest(
      { method: request.method, authority, path, query: query ?? "?", body: request.body },
      headers,
      reporter.verify,
      clock.now() / 1_000,
    )
    if (!(await nonces.take(claim.nonce, clock.today()))) throw new Problem("bad-signature", "This request was sent before.")
    return reporter
  } catch (error) {
    if (error instanceof KeyringError)
      throw new Problem("bad-signature", `The signature was not accepted: ${error.message}.`, { cause: error })
    throw error
  }
}

function split(target: string): [path: string, query: string | undefined] {
  const at = target.indexOf("?")
  return at === -1 ? [target, undefined] : [target.slice(0, at), target.slice(at)]
}
