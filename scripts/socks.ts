/** A connection through a SOCKS 5 proxy (RFC 1928), such as Tor's. The proxy looks the name up, not this machine; and each connection
 *  has a name of its own (RFC 1929), which Tor takes as the wish for a circuit of its own: so that two requests are not seen to be of one hand. */

import { randomBytes } from "node:crypto"
import { connect, type Socket } from "node:net"
import { Failure } from "./failure.ts"

export interface SocksProxy {
  readonly host: string
  readonly port: number
}
export interface Destination {
  readonly host: string
  readonly port: number
  /** Connections with the same one may share a circuit of Tor, 1 to 255 ASCII characters; absent: one of its own for each. */
  readonly circuit?: string
}

/** @param text - `HOST:PORT`, as in SOTTO_SOCKS and --socks
 *  @throws Failure `usage` */
export function parseProxy(text: string): SocksProxy {
  const [, host, port] = /^(?:socks5h?:\/\/)?([A-Za-z0-9.-]{1,253}|\[[0-9a-f:]{2,39}\]):(\d{1,5})$/.exec(text) ?? []
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535)
    throw new Failure(
      "usage",
      "that is no address of a SOCKS proxy",
      "write HOST:PORT: Tor's is at 127.0.0.1:9050, Tor Browser's at 127.0.0.1:9150",
    )
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) }
}

const [VERSION, BY_PASSWORD, CONNECT, DOMAIN] = [5, 2, 1, 3]
const REASONS: Readonly<Record<number, string>> = {
  1: "the proxy failed",
  2: "the proxy does not allow it",
  3: "the proxy does not reach that network",
  4: "the proxy does not reach that host",
  5: "the connection behind the proxy was refused",
  6: "the connection behind the proxy took too long",
}
const ADDRESS_BYTES: Readonly<Record<number, number>> = { 1: 4, 4: 16 }

/** What Tor itself gives a connection, with some to spare. */
const HANDSHAKE_MS = 120_000

/** Opens a connection to a name and port. There is no way around the proxy: where it fails, the connection fails.
 *  @param timeoutMs - for all of it, however little comes how often
 *  @throws Error: the proxy is not there, refuses, or is too slow */
export async function throughProxy({ host, port }: SocksProxy, to: Destination, timeoutMs = HANDSHAKE_MS): Promise<Socket> {
  const socket = connect({ host, port })
  const late = setTimeout(() => socket.destroy(new Error("the proxy does not answer")), timeoutMs)
  try {
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject))
    const read = reader(socket)
    socket.write(Uint8Array.of(VERSION, 1, BY_PASSWORD))
    const [version, method] = await read(2)
    if (version !== VERSION || method !== BY_PASSWORD) throw new Error("the proxy speaks no SOCKS 5 with a password")
    const [name, password] = [to.circuit ?? randomBytes(16).toString("hex"), "sotto"]
    socket.write(Buffer.concat([Uint8Array.of(1, name.length), Buffer.from(name), Uint8Array.of(password.length), Buffer.from(password)]))
    const [, status] = await read(2)
    if (status !== 0) throw new Error("the proxy refused")
    const domain = Buffer.from(to.host)
    if (domain.length > 255) throw new Error("the name is too long for a proxy")
    const end = Uint8Array.of(to.port >> 8, to.port & 255)
    socket.write(Buffer.concat([Uint8Array.of(VERSION, CONNECT, 0, DOMAIN, domain.length), domain, end]))
    const [, answer = 1, , kind] = await read(4)
    if (answer !== 0) throw new Error(REASONS[answer] ?? "the proxy could not reach the server")
    // The address that it is reached from, which is of no use to us.
    const length = kind === DOMAIN ? ((await read(1))[0] ?? 0) : (ADDRESS_BYTES[kind ?? 0] ?? 0)
    await read(length + 2)
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    clearTimeout(late)
  }
}

/** Takes so many bytes and leaves the rest to whoever comes next. */
function reader(socket: Socket): (bytes: number) => Promise<Uint8Array> {
  return async (bytes) => {
    let held = Buffer.alloc(0)
    for (;;) {
      // All there is: with too few bytes left in it, a socket calls itself readable again at once, and nothing else gets a turn.
      const more: Buffer | null = socket.read()
      if (more !== null) held = Buffer.concat([held, more])
      if (held.length >= bytes) {
        if (held.length > bytes) socket.unshift(held.subarray(bytes))
        return held.subarray(0, bytes)
      }
      // The end may have been told while nobody listened, and is not told twice.
      if (socket.readableEnded || socket.destroyed) throw new Error("the proxy ended the connection")
      await new Promise<void>((resolve, reject) => {
        const ended = () => reject(new Error("the proxy ended the connection"))
        const settle = (then: () => void) => () => {
          socket.off("readable", onReadable).off("error", onError).off("end", onEnd)
          then()
        }
        const [onReadable, onError, onEnd] = [settle(resolve), settle(ended), settle(ended)]
        socket.once("readable", onReadable).once("error", onError).once("end", onEnd)
      })
    }
  }
}
