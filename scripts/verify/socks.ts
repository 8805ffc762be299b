/** A connection through a SOCKS5 proxy, Tor's for one. RFC 1928 and 1929: the name is resolved by the proxy, so that nobody beside it learns
 *  where we go. A user name of its own gives each visit a circuit of its own (Tor's IsolateSOCKSAuth, on unless it was turned off). */

import { once } from "node:events"
import { connect, type Socket } from "node:net"

export interface SocksProxy {
  readonly host: string
  readonly port: number
}
export interface Destination {
  readonly host: string
  readonly port: number
  /** Two visits with different ones share no circuit: 1 to 255 ASCII characters. */
  readonly isolation: string
}

const VERSION = 5
const WITH_PASSWORD = 2
const CONNECT = 1
const NAME = 3
const LENGTHS: Readonly<Record<number, number>> = { 1: 4, 4: 16 } // IPv4, IPv6
const REASONS: Readonly<Record<number, string>> = {
  1: "the proxy failed",
  2: "the proxy does not allow it",
  3: "the network cannot be reached",
  4: "the host cannot be reached",
  5: "the connection was refused",
  6: "it took too long",
}

/** @param text - `host:port`
 *  @returns `undefined` for anything else */
export function parseProxy(text: string): SocksProxy | undefined {
  const [, host, digits] = /^(?:socks5h?:\/\/)?([A-Za-z0-9.-]+|\[[0-9a-f:]+\]):(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host: host.replace(/^\[|\]$/g, ""), port }
}

/** @throws Error when the proxy refuses or breaks off; its message is ours */
export async function connectThrough(proxy: SocksProxy, { host, port, isolation }: Destination, timeoutMs: number): Promise<Socket> {
  const socket = connect({ host: proxy.host, port: proxy.port })
  socket.setTimeout(timeoutMs, () => socket.destroy(new Error("the proxy does not answer")))
  try {
    await once(socket, "connect")
    const read = reader(socket)
    socket.write(Buffer.of(VERSION, 1, WITH_PASSWORD))
    await expected(read, [VERSION, WITH_PASSWORD], "the proxy takes no user name")
    const [user, password] = [Buffer.from(isolation), Buffer.from("sotto")]
    socket.write(Buffer.concat([Buffer.of(1, user.length), user, Buffer.of(password.length), password]))
    await expected(read, [1, 0], "the proxy refuses the user name")
    const name = Buffer.from(host)
    socket.write(Buffer.concat([Buffer.of(VERSION, CONNECT, 0, NAME, name.length), name, Buffer.of(port >> 8, port & 255)]))
    const [version, status = 0, , kind = 0] = await read(4)
    if (version !== VERSION || status !== 0) throw new Error(REASONS[status] ?? "the proxy refuses")
    // The address that it connected from: of no use here, but it has to be read.
    const length = kind === NAME ? ((await read(1))[0] ?? 0) : (LENGTHS[kind] ?? 0)
    await read(length + 2)
    socket.setTimeout(0)
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  }
}

type Read = (bytes: number) => Promise<Buffer>
/** Reads exactly so many bytes, and leaves what comes after them to the next reader. */
function reader(socket: Socket): Read {
  return async (bytes) => {
    for (;;) {
      const found: Buffer | null = bytes === 0 ? Buffer.alloc(0) : socket.read(bytes)
      if (found !== null) return found
      if (socket.readableEnded || socket.destroyed) throw new Error("the proxy broke off")
      await Promise.race([once(socket, "readable"), once(socket, "end"), once(socket, "close")])
    }
  }
}
async function expected(read: Read, bytes: readonly number[], otherwise: string): Promise<void> {
  if (!(await read(bytes.length)).equals(Buffer.from(bytes))) throw new Error(otherwise)
}
