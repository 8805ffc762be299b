/** A port on this machine that was free a moment ago, for a program that has to be told its own. */

import { createServer } from "node:net"

export const freePort = (): Promise<number> =>
  new Promise((found) => {
    const listener = createServer().listen(0, "127.0.0.1", () => {
      const address = listener.address()
      listener.close(() => found(typeof address === "object" && address !== null ? address.port : 0))
    })
  })
