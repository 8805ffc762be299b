/** The post office itself, so that a test which relies on its faults tests something. */

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals"
import { createTransport } from "nodemailer"
import { openPostOffice, type PostOffice } from "./mail.ts"

describe("the post office", () => {
  let office: PostOffice
  beforeEach(async () => {
    office = await openPostOffice()
  })
  afterEach(() => office.stop())

  const send = (): Promise<unknown> =>
    createTransport(office.url).sendMail({ from: "a@example.org", to: "b@example.org", subject: "Grüße", text: "hello" })

  test("keeps a mail as it came, with its SMTP envelope", async () => {
    await send()
    await office.arrived(1)
    const [mail] = office.mails
    expect(mail).toMatchObject({ from: "a@example.org", to: ["b@example.org"], behaviour: "accept" })
    expect(mail?.raw).toContain("\r\n\r\nhello")
  })

  test("rejects for now and for ever", async () => {
    office.behave("reject")
    await expect(send()).rejects.toMatchObject({ responseCode: 451 })
    office.behave("reject", 550)
    await expect(send()).rejects.toMatchObject({ responseCode: 550 })
    expect([office.mails.length, office.rejected]).toEqual([0, 2])
  })

  test("holds the answer back until it is released", async () => {
    office.behave("hold")
    let isAnswered = false
    const sending = send().then(() => {
      isAnswered = true
    })
    await office.arrived(1)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(isAnswered).toBe(false)
    office.release()
    await sending
    expect(isAnswered).toBe(true)
  })

  test("cuts the connection instead of answering, having kept the mail", async () => {
    office.behave("cut")
    await expect(send()).rejects.toThrow()
    expect(office.mails).toMatchObject([{ behaviour: "cut" }])
  })

  test("opens again at the same port", async () => {
    await office.stop()
    await expect(send()).rejects.toThrow("ECONNREFUSED")
    office = await openPostOffice({ port: office.port })
    await send()
    expect(office.mails).toHaveLength(1)
  })
})
