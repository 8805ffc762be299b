/** The mail of a monitor, to whoever runs it: that a page differs, and in what. */

import type { Socket } from "node:net"
import { Failure } from "../failure.ts"
import { type SocksProxy, throughProxy } from "../socks.ts"
import { readGiven } from "../vault/given.ts"

export interface MailSettings {
  readonly mailTo?: string
  readonly mailFrom?: string
  /** A file with `smtp://user:password@host:port` or `smtps://…`: a secret, and so no argument. */
  readonly smtpFile?: string
}
export interface Message {
  readonly subject: string
  readonly text: string
}
export type SendMail = (message: Message) => Promise<void>

/** Where a relay takes mail when its address names no port. */
const [SMTPS, SUBMISSION] = [465, 587]
/** A circuit of Tor takes its time. */
const CONNECT_MS = 60_000
const ADDRESS = /^[^\s@<>",]+@[A-Za-z0-9.-]+$/

/** @param proxy - through which the relay is reached too: it would otherwise learn from where somebody watches
 *  @returns `undefined`: none is wanted
 *  @throws Failure `usage`, `failed` */
export async function mailer({ mailTo, mailFrom, smtpFile }: MailSettings, proxy: SocksProxy | undefined): Promise<SendMail | undefined> {
  if (mailTo === undefined && mailFrom === undefined && smtpFile === undefined) return undefined
  if (mailTo === undefined || smtpFile === undefined)
    throw new Failure("usage", "a mail needs an address and a relay", "use --mail-to and --smtp-file together")
  const from = mailFrom ?? mailTo
  if (!ADDRESS.test(mailTo) || !ADDRESS.test(from))
    throw new Failure("usage", "that is no mail address", "give one address as name@example.org")
  const url = (await readGiven(smtpFile)).trim()
  if (!/^smtps?:\/\/\S+$/.test(url))
    throw new Failure("usage", "the relay's file holds no smtp:// address", "write smtp://user:password@host:port into it")
  const { default: nodemailer } = await import("nodemailer")
  return async ({ subject, text }) => {
    const name = from.slice(from.indexOf("@") + 1)
    const transport = nodemailer.createTransport({
      url,
      name,
      connectionTimeout: CONNECT_MS,
      greetingTimeout: 20_000,
      socketTimeout: 60_000,
      ...(proxy === undefined ? {} : { getSocket: socketsThrough(proxy) }),
    })
    try {
      await transport.sendMail({ from, to: mailTo, subject, text, xMailer: false, disableFileAccess: true, disableUrlAccess: true })
    } finally {
      transport.close()
    }
  }
}

/** The relay's name is looked up by the proxy; where that does not reach it, no mail goes. */
function socketsThrough(proxy: SocksProxy) {
  return (
    {
      host = "localhost",
      port,
      secure = false,
    }: { host?: string | undefined; port?: number | string | undefined; secure?: boolean | undefined },
    done: (error: Error | null, found?: { connection: Socket }) => void,
  ): void => {
    throughProxy(proxy, { host, port: Number(port) || (secure ? SMTPS : SUBMISSION) }, CONNECT_MS).then(
      (connection) => done(null, { connection }),
      (error: Error) => done(error),
    )
  }
}
