/** A server that answers wrongly: nothing it says is believed further than SPEC.md §8 allows. */

import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, afterEach, describe, expect, test } from "@jest/globals"
import { fetchEnvelopes, getDay, getFeed, getKeyrings } from "../../scripts/api.ts"
import type { ServerAddress } from "../../scripts/http.ts"
import { fetchChain } from "../../scripts/reporter/chain.ts"
import { readChain } from "../../scripts/vault/chain.ts"
import { readPin } from "../../scripts/vault/home.ts"
import { NO_RECORDS } from "../../scripts/vault/records.ts"
import { readSecrets } from "../../scripts/vault/secrets.ts"
import { ceremony, deskAt, removeFolders, TestClock, type TestDesk, TODAY } from "./bench.ts"

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})
afterAll(removeFolders)

interface Stub {
  readonly status?: number
  readonly body?: string | Buffer
  readonly headers?: Record<string, string>
}
async function stub({ status = 200, body = "", headers = {} }: Stub): Promise<ServerAddress & { readonly hosts: string[] }> {
  const hosts: string[] = []
  const server = createServer((req, res) => {
    hosts.push(req.headers.host ?? "")
    res.writeHead(status, headers)
    res.end(body)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  const { reporters } = await ceremony(["one"])
  const { signer } = await readSecrets(reporters[0] as TestDesk)
  return { url: "https://forms.example.org", base: `http://127.0.0.1:${port}`, clock: new TestClock(TODAY), signer, hosts }
}

const ID = "01234567-89ab-4cde-8f01-23456789abcd"
const frame = (id: string, length: number, bytes: Buffer) => {
  const head = Buffer.alloc(24)
  Buffer.from(id.replaceAll("-", ""), "hex").copy(head)
  head.writeBigUInt64BE(BigInt(length), 16)
  return Buffer.concat([head, bytes])
}

describe("an answer", () => {
  test.each([
    ["no JSON", "hello"],
    ["JSON with white space", '{"today": "2026-11-22","days":[],"notes":[]}'],
    ["a member too many", '{"today":"2026-11-22","days":[],"notes":[],"more":1}'],
    [
      "a day twice",
      `{"today":"2026-11-22","days":[${Array(2).fill(`{"day":"2026-11-22","state":"open","envelopes":0,"digest":"${"A".repeat(43)}"}`)}],"notes":[]}`,
    ],
    ["a path in place of an id", '{"today":"2026-11-22","days":[{"day":"../../x","state":"open","envelopes":0,"digest":""}],"notes":[]}'],
  ])("to the feed is refused as %s", async (_what, body) => {
    await expect(getFeed(await stub({ body }))).rejects.toMatchObject({ message: "the server's answer is not what was asked for" })
  })

  test.each([
    [12, "12 minutes behind the server's"],
    [-30, "30 minutes ahead of the server's"],
  ])("that refuses a signature %i minutes off says which clock is where, and what to do", async (minutes, words) => {
    const body = '{"type":"urn:sotto:problem:bad-signature","title":"x","status":401}'
    const date = new Date(new TestClock(TODAY).ms + minutes * 60_000).toUTCString()
    await expect(getFeed(await stub({ status: 401, body, headers: { date } }))).rejects.toMatchObject({
      message: expect.stringContaining(words),
      hint: expect.stringContaining("set this machine's clock"),
    })
  })

  test("of another day, or with an id that is none, is refused", async () => {
    await expect(getDay(await stub({ body: '{"day":"2026-11-21","envelopes":[]}' }), TODAY)).rejects.toMatchObject({
      message: "the server answered for another day",
    })
    await expect(getDay(await stub({ body: '{"day":"2026-11-22","envelopes":[["../x",1]]}' }), TODAY)).rejects.toThrow(
      "not what was asked for",
    )
  })

  test.each([
    ["an envelope that was not asked for", frame(ID.replace("0", "f"), 1, Buffer.alloc(1)), "not asked for"],
    ["an envelope cut short", frame(ID, 9, Buffer.alloc(8)), "cut short"],
    ["a frame cut short", frame(ID, 0, Buffer.alloc(0)).subarray(0, 23), "cut short"],
    ["a length beyond all numbers", frame(ID, 2 ** 53, Buffer.alloc(0)), "cut short"],
    ["more bytes than were listed", frame(ID, 60_000, Buffer.alloc(60_000)), "longer than it may be"],
  ])("with %s is refused", async (_what, body, message) => {
    await expect(fetchEnvelopes(await stub({ body }), TODAY, [ID], 20)).rejects.toThrow(message)
  })

  test("that sends us elsewhere is not followed", async () => {
    const server = await stub({ status: 302, headers: { location: "http://127.0.0.1:9/" } })
    await expect(getFeed(server)).rejects.toMatchObject({ message: "the server answered 302 without saying why" })
  })

  test("with a problem is an error with its type and a hint, and its text is only shown", async () => {
    const body = JSON.stringify({ type: "urn:sotto:problem:not-allowed", title: "No", status: 403 })
    await expect(getFeed(await stub({ status: 403, body }))).rejects.toMatchObject({
      type: "not-allowed",
      status: 403,
      hint: expect.stringContaining("ask an admin"),
    })
    const hostile = JSON.stringify({ type: "x", title: "\u001b[31m", status: 403 })
    await expect(getFeed(await stub({ status: 403, body: hostile }))).rejects.toMatchObject({
      message: "the server answered 403 without saying why",
    })
  })

  test("is asked for in the newsroom's own name, wherever the server is reached", async () => {
    const server = await stub({ body: '{"keyrings":[]}' })
    expect(await getKeyrings(server, 1)).toEqual([])
    expect(server.hosts).toEqual(["forms.example.org"])
  })
})

describe("a server without the keyring that was seen", () => {
  test("is said to be rolled back", async () => {
    const { admin } = await ceremony([])
    const { base = "" } = await stub({ body: '{"keyrings":[]}' })
    const { reporters } = await ceremony(["one"])
    const pin = await readPin(admin)
    const secrets = await readSecrets(reporters[0] as TestDesk)
    const vault = { pin, secrets, chain: await readChain(admin, pin), records: NO_RECORDS }
    await expect(fetchChain(deskAt(admin.home, { base }), vault)).rejects.toMatchObject({ code: "rolled-back" })
    await expect(fetchChain(deskAt(admin.home, { base }), { ...vault, chain: [] })).rejects.toMatchObject({
      message: "the server has no keyring yet",
    })
  })
})
