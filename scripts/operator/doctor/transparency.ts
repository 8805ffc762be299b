/** What a certificate says of public logs (Certificate Transparency, RFC 6962), and what somebody fetched from them. Asked of no log: it would learn
 *  who looks at which name. */

/** The extension with the logs' receipts: 1.3.6.1.4.1.11129.2.4.2. */
const RECEIPTS = Buffer.from("060a2b06010401d679020402", "hex")
const LOG_ID_BYTES = 32

/** How many different logs have given a receipt for it. The names in it can be read by everybody then.
 *  @param der - the certificate as it was shown */
export function logsOf(der: Uint8Array): number {
  const bytes = Buffer.from(der)
  const found = bytes.indexOf(RECEIPTS)
  if (found === -1) return 0
  try {
    // An octet string within an octet string; in it a list whose length and entries' lengths have two bytes each.
    const list = content(bytes, content(bytes, found + RECEIPTS.length))
    const end = list + 2 + bytes.readUInt16BE(list)
    const logs = new Set<string>()
    for (let at = list + 2; at < end; at += 2 + bytes.readUInt16BE(at)) logs.add(bytes.toString("hex", at + 3, at + 3 + LOG_ID_BYTES))
    return logs.size
  } catch {
    return 0 // not of this form: no receipt
  }
}

/** Where the content of an octet string begins. @throws RangeError */
function content(bytes: Buffer, at: number): number {
  if (bytes.readUInt8(at) !== 4) throw new RangeError("no octet string")
  const length = bytes.readUInt8(at + 1)
  return at + 2 + (length < 0x80 ? 0 : length & 0x7f)
}

/** A certificate that some log has, as the common search pages export them (JSON). */
export interface Logged {
  readonly names: readonly string[]
  readonly issuer: string
  /** In lower case, without leading zeros. */
  readonly serial: string
  readonly isOver: boolean
}

export const serialText = (text: string): string => text.toLowerCase().replaceAll(":", "").replace(/^0+/, "")

/** @returns what is of that form in the list; everything else in it is passed over
 *  @throws SyntaxError when it is no JSON, no list, or one in which nothing is of that form: of such a one nothing could be said */
export function loggedIn(text: string, now: number): readonly Logged[] {
  const list: unknown = JSON.parse(text)
  if (!Array.isArray(list)) throw new SyntaxError("no list")
  const found = entriesOf(list, now)
  if (list.length > 0 && found.length === 0) throw new SyntaxError("no entry with name_value, issuer_name, serial_number and not_after")
  return found
}

function entriesOf(list: readonly unknown[], now: number): readonly Logged[] {
  return list.flatMap((one: unknown) => {
    if (typeof one !== "object" || one === null) return []
    const { name_value: names, issuer_name: issuer, serial_number: serial, not_after: until } = one as Readonly<Record<string, unknown>>
    if (typeof names !== "string" || typeof issuer !== "string" || typeof serial !== "string" || typeof until !== "string") return []
    const end = Date.parse(/Z$|[+-]\d\d:\d\d$/.test(until) ? until : `${until}Z`)
    return [{ names: names.split("\n"), issuer, serial: serialText(serial), isOver: end < now }]
  })
}
