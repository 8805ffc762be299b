/** A SOCKS 5 proxy as small as it can be, which writes down what it is asked for. */

import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net"

/** @param to - the port on loopback to which every name leads, or which one */
export async function startProxy(
  to: number | ((name: string) => number),
): Promise<{ readonly server: Server; readonly port: number; readonly asked: string[]; readonly names: Set<string> }> {
  const [asked, names]: [string[], Set<string>] = [[], new Set()]
  const server = createServer((client: Socket) => {
    client.on("error", () => undefined)
    const greet = () =>
      client.once("data", () => {
        client.write(Uint8Array.of(5, 2))
        login()
      })
    const login = () =>
      client.once("data", (data: Buffer) => {
        names.add(data.subarray(2, 34).toString())
        client.write(Uint8Array.of(1, 0))
        open()
      })
    const open = () =>
      client.once("data", (data: Buffer) => {
        const name = data.toString("latin1", 5, 5 + (data[4] ?? 0))
        asked.push(`${name}:${data.readUInt16BE(5 + (data[4] ?? 0))}`)
        const server = connect(typeof to === "number" ? to : to(name), "127.0.0.1", () => {
          client.write(Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0))
          client.pipe(server).pipe(client)
        })
        server.on("error", () => client.destroy())
      })
    greet()
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return { server, port: (server.address() as AddressInfo).port, asked, names }
}
