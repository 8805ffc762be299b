/** What a client tells PostgreSQL, out of the bytes of a connection: each statement with its parameters. PostgreSQL's protocol 3.0. */

export interface Asked {
  readonly sql: string
  readonly values: readonly (string | Buffer | null)[]
}

/** @param bytes - everything that the client said, from the first byte on */
export function statementsIn(bytes: Buffer): readonly Asked[] {
  const asked: Asked[] = []
  const prepared = new Map<string, string>()
  for (let at = bytes.readInt32BE(0); at + 5 <= bytes.length; ) {
    const kind = String.fromCharCode(bytes.readUInt8(at))
    const end = at + 1 + bytes.readInt32BE(at + 1)
    const message = reader(bytes.subarray(at + 5, end))
    if (kind === "Q") asked.push({ sql: message.text(), values: [] })
    if (kind === "P") prepared.set(message.text(), message.text())
    if (kind === "B") asked.push(bound(message, prepared))
    if (!"QPBDESCXHdcfp".includes(kind)) throw new Error("this is no message of a client")
    at = end
  }
  return asked
}

function bound(message: Reader, prepared: ReadonlyMap<string, string>): Asked {
  message.text() // the portal
  const sql = prepared.get(message.text())
  if (sql === undefined) throw new Error("a statement was bound that was never parsed")
  const formats = Array.from({ length: message.int16() }, () => message.int16())
  const values = Array.from({ length: message.int16() }, (_, index) => {
    const value = message.value()
    const isBinary = (formats[index] ?? formats[0] ?? 0) === 1
    return value === null || isBinary ? value : value.toString("utf8")
  })
  return { sql, values }
}

interface Reader {
  text(): string
  int16(): number
  value(): Buffer | null
}
function reader(bytes: Buffer): Reader {
  let at = 0
  return {
    text() {
      const end = bytes.indexOf(0, at)
      const text = bytes.toString("utf8", at, end)
      at = end + 1
      return text
    },
    int16() {
      at += 2
      return bytes.readInt16BE(at - 2)
    },
    value() {
      const length = bytes.readInt32BE(at)
      at += 4
      if (length < 0) return null
      at += length
      return bytes.subarray(at - length, at)
    },
  }
}
