/** Where the server listens: a port, or a socket in the file system. Behind a socket nobody has an address: a proxy that hands requests on
 *  that way could not tell the server who asks even if it wanted to by accident, and the server needs no network to come in by. */

import { chmod, unlink } from "node:fs/promises"
import { connect, type Server } from "node:net"
import type { Config } from "./config.ts"

export type Place = Pick<Config, "host" | "port" | "socket">

/** @returns the port; 0 behind a socket */
export async function listen(server: Server, { host, port, socket }: Place): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    const listening = () => {
      server.off("error", reject)
      resolve()
    }
    if (socket === undefined) server.listen(port, host, listening)
    else server.listen(socket, listening)
  })
  // Proxies run as other users; who may come in is decided by who sees the folder.
  if (socket !== undefined) await chmod(socket, 0o666)
  const address = server.address()
  return typeof address === "object" && address !== null ? address.port : 0
}

/** Once, before any process of this server listens: a socket that a killed server left behind is taken away; one that answers is not ours to take. */
export async function makeWay(socket: string): Promise<void> {
  const answers = await new Promise<boolean>((resolve) => {
    const probe = connect(socket)
    probe.once("connect", () => {
      probe.destroy()
      resolve(true)
    })
    probe.once("error", () => resolve(false))
  })
  if (answers) throw new Error("another server listens on this socket already")
  await unlink(socket).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error
  })
}
