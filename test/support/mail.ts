/** A post office for tests: a real SMTP listener that keeps what it gets, and misbehaves on request. */

import { once } from "node:events"
import type { AddressInfo, Socket } from "node:net"
import { SMTPServer } from "smtp-server"

/** What happens to a message whose data has come completely:
 *  - `accept`: kept, and answered with 250;
 *  - `reject`: not kept, and answered with `rejectCode`;
 *  - `hold`: kept, but the 250 waits for `release()`;
 *  - `cut`: kept, but instead of the 250 the connection breaks. */
export type Behaviour = "accept" | "reject" | "hold" | "cut"

export interface Mail {
  /** From the SMTP envelope, not from the headers. */
  readonly from: string
  readonly to: readonly string[]
  /** Headers and body as they came, CRLF and all. */
  readonly raw: string
  /** What happened to it. A `cut` one has arrived, but its sender cannot know. */
  readonly behaviour: Exclude<Behaviour, "reject">
}

export interface PostOffice {
  readonly host: string
  readonly port: number
  /** `smtp://127.0.0.1:port`, without encryption or password. */
  readonly url: string
  /** In the order of arrival. */
  readonly mails: readonly Mail[]
  /** How many messages were rejected. */
  readonly rejected: number
  /** From the next message on. `rejectCode` below 500 means "later", from 500 on "never". */
  behave(behaviour: Behaviour, rejectCode?: number): void
  /** Answers the messages that are held. */
  release(): void
  /** Resolves as soon as this many have been kept in all. The test's own timeout is the only one. */
  arrived(count: number): Promise<void>
  /** Closes the listener and breaks every connection. */
  stop(): Promise<void>
}

export interface PostOfficeOptions {
  /** To open again where an earlier one was; otherwise any free port. */
  readonly port?: number
}

export async function openPostOffice({ port = 0 }: PostOfficeOptions = {}): Promise<PostOffice> {
  const mails: Mail[] = []
  const sockets = new Set<Socket>()
  let behaviour: Behaviour = "accept"
  let rejectCode = 451
  let rejected = 0
  let held: (() => void)[] = []
  let waiting: { count: number; resolve: () => void }[] = []

  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    onData(stream, session, answer) {
      const chunks: Buffer[] = []
      stream.on("data", (chunk: Buffer) => chunks.push(chunk))
      stream.once("end", () => {
        if (behaviour === "reject") {
          rejected += 1
          answer(Object.assign(new Error("rejected by the test"), { responseCode: rejectCode }))
          return
        }
        const { mailFrom, rcptTo } = session.envelope
        const from = mailFrom === false ? "" : mailFrom.address
        // latin1: a byte is a character, so nothing is lost or joined.
        mails.push({ from, to: rcptTo.map(({ address }) => address), raw: Buffer.concat(chunks).toString("latin1"), behaviour })
        if (behaviour === "accept") answer()
        if (behaviour === "hold") held.push(() => answer())
        if (behaviour === "cut") for (const socket of sockets) if (socket.remotePort === session.remotePort) socket.destroy()
        for (const { resolve } of waiting.filter(({ count }) => count <= mails.length)) resolve()
        waiting = waiting.filter(({ count }) => count > mails.length)
      })
    },
  })
  // A sender that breaks off is ordinary here.
  server.on("error", () => undefined)
  server.server.on("connection", (socket: Socket) => {
    sockets.add(socket)
    socket.once("close", () => sockets.delete(socket))
  })
  const listener = server.listen(port, "127.0.0.1")
  await once(listener, "listening")
  const address = listener.address() as AddressInfo

  return {
    host: "127.0.0.1",
    port: address.port,
    url: `smtp://127.0.0.1:${address.port}`,
    mails,
    get rejected() {
      return rejected
    },
    behave(next, code = 451) {
      behaviour = next
      rejectCode = code
    },
    release() {
      for (const answer of held) answer()
      held = []
    },
    async arrived(count) {
      if (mails.length < count) await new Promise<void>((resolve) => waiting.push({ count, resolve }))
    },
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
