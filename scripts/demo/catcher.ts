/** A local mail catcher: a real SMTP listener that writes each mail into a folder instead of sending it on. */

import { mkdir, writeFile } from "node:fs/promises"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { SMTPServer } from "smtp-server"

export interface CaughtMail {
  readonly to: readonly string[]
  readonly raw: Buffer
  readonly file: string
}
export interface Catcher {
  readonly url: string
  readonly mails: readonly CaughtMail[]
  /** Everything that crossed the wire, both ways, but for the time of each line. */
  readonly traffic: () => string
  /** Resolves with the first mail that has not been waited for yet. */
  next(): Promise<CaughtMail>
  stop(): Promise<void>
}

export async function startCatcher(folder: string): Promise<Catcher> {
  await mkdir(folder, { recursive: true })
  const mails: CaughtMail[] = []
  const traffic: string[] = []
  let waitedFor = 0
  let wake: () => void = () => undefined
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    onData(stream, session, done) {
      const parts: Buffer[] = []
      stream.on("data", (part: Buffer) => parts.push(part))
      stream.on("end", () => {
        const raw = Buffer.concat(parts)
        const file = join(folder, `${mails.length + 1}.eml`)
        const to = session.envelope.rcptTo.map(({ address }) => address)
        writeFile(file, raw).then(() => {
          mails.push({ to, raw, file })
          done()
          wake()
        }, done)
      })
    },
  })
  server.server.on("connection", (socket) => socket.on("data", (bytes: Buffer) => traffic.push(bytes.toString("latin1"))))
  server.on("error", () => undefined) // a sender that breaks off is ordinary
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.server.address() as AddressInfo
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    traffic: () => traffic.join(""),
    async next() {
      while (mails.length <= waitedFor) await new Promise<void>((resolve) => (wake = resolve))
      const mail = mails[waitedFor]
      waitedFor += 1
      if (mail === undefined) throw new Error("no mail")
      return mail
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
