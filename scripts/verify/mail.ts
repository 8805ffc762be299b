/** The mail of a monitor, to whoever runs it: that a page differs, and in what. */

import { Failure } from "../failure.ts"
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

const ADDRESS = /^[^\s@<>",]+@[A-Za-z0-9.-]+$/

/** @returns `undefined`: none is wanted
 *  @throws Failure `usage`, `failed` */
export async function mailer({ mailTo, mailFrom, smtpFile }: MailSettings): Promise<SendMail | undefined> {
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
    const transport = nodemailer.createTransport({ url, name, connectionTimeout: 20_000, greetingTimeout: 20_000, socketTimeout: 60_000 })
    try {
      await transport.sendMail({ from, to: mailTo, subject, text, xMailer: false, disableFileAccess: true, disableUrlAccess: true })
    } finally {
      transport.close()
    }
  }
}
