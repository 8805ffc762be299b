/** A tip whose files are at the server: sync takes its beginning like everybody, `save` fetches the rest, over whatever line, and believes none of it unchecked. */

import { createHash, randomBytes } from "node:crypto"
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { connect, createServer, type Server, type Socket } from "node:net"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { read } from "../../scripts/reporter/read.ts"
import { save } from "../../scripts/reporter/save.ts"
import { sync } from "../../scripts/reporter/sync.ts"
import { backup, verifyBackup } from "../../scripts/vault/backup.ts"
import { rekey } from "../../scripts/vault/rekey.ts"
import { begun, patch } from "../support/uploads.ts"
import { folder, removeFolders, type TestDesk, TODAY } from "./bench.ts"
import { type Line, makeLine } from "./line.ts"

const MIB = 1_048_576
let line: Line
let one: TestDesk
let bo: TestDesk
let number = 0
const contents = [randomBytes(1_200_000), randomBytes(1_500_001), new Uint8Array(0), randomBytes(300)].map((bytes) => new Uint8Array(bytes))
const files = contents.map((content, index) => ({ name: `part ${index + 1}.bin`, content }))
const requested = { one: [] as string[], bo: [] as string[] }

beforeAll(async () => {
  line = await makeLine(["one", "bo"])
  ;[one, bo] = line.reporters as [TestDesk, TestDesk]
  const envelope = await line.seal({ to: ["one"], message: "all of it is in the files", files })
  const path = await begun(line.server.base, TODAY, envelope.length)
  expect((await patch(line.server.base, path, 0, envelope)).status).toBe(204)
  for (const [name, desk] of [
    ["one", one],
    ["bo", bo],
  ] as const) {
    line.requests()
    const { kept, broken } = await sync(desk)
    requested[name] = line.requests()
    expect([kept.length, broken]).toEqual([name === "one" ? 1 : 0, 0])
    number = kept[0]?.tip ?? number
  }
}, 60_000)
afterAll(async () => {
  await line.stop()
  await removeFolders()
})

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")
const hashes = contents.map(sha256)
async function savedIn(out: string): Promise<readonly string[]> {
  const names = (await readdir(out)).filter((name) => name.endsWith(".untrusted")).sort()
  return Promise.all(names.map(async (name) => sha256(await readFile(join(out, name)))))
}

/** A line that breaks after so many bytes towards us, each time.
 *  @returns its address, and how often it was used */
async function brokenLine(bytes: number): Promise<{ base: string; uses: () => number; close: () => void }> {
  const { hostname, port } = new URL(line.server.base)
  let uses = 0
  const sockets = new Set<Socket>()
  const proxy: Server = createServer((near) => {
    uses++
    const far = connect(Number(port), hostname)
    let left = bytes
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on("error", () => undefined)
    }
    near.pipe(far)
    far.on("data", (piece: Buffer) => {
      near.write(piece.subarray(0, left))
      left -= piece.length
      if (left > 0) return
      near.destroy()
      far.destroy()
    })
    far.on("end", () => near.end())
  })
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve))
  const address = proxy.address()
  if (address === null || typeof address === "string") throw new Error("no port")
  const close = () => {
    for (const socket of sockets) socket.destroy()
    proxy.close()
  }
  return { base: `http://127.0.0.1:${address.port}`, uses: () => uses, close }
}

describe("a large tip", () => {
  test("is asked for in the same way by whom it is for and by whom it is not", () => {
    expect(requested.one.length).toBeGreaterThan(0)
    expect(requested.one).toEqual(requested.bo)
  })

  test("can be read at once, without asking the server again; and it says where the files are", async () => {
    line.requests()
    const opened = await read(one, { number })
    expect([opened.message, line.requests()]).toEqual(["all of it is in the files", []])
    expect(one.said.out().replaceAll(/\s+/g, " ")).toMatch(/at the server until 2027-02-20/)
    expect(one.said.err()).toContain(`save ${number}`)
  })

  test("is saved byte for byte, with nothing left beside", async () => {
    const out = join(await folder(), "saved")
    const saved = await save(one, { number, out })
    expect(saved.map(({ sha256: hash }) => hash)).toEqual(hashes)
    expect(await savedIn(out)).toEqual(hashes)
    expect((await readdir(out)).filter((name) => !name.endsWith(".untrusted"))).toEqual([`${number}-files.json`])
  })

  test("comes whole over a line that breaks again and again", async () => {
    const { base, uses, close } = await brokenLine(900_000)
    const out = join(await folder(), "saved")
    const desk = line.again(one, { base })
    await save(desk, { number, out })
    close()
    expect(await savedIn(out)).toEqual(hashes)
    expect(uses()).toBeGreaterThan(2)
    expect(desk.said.err()).toContain("the line broke; trying again in 1 s")
  }, 60_000)

  test("goes on behind what an earlier run has written", async () => {
    const out = await folder()
    await writeFile(join(out, `${number}-1.part`), contents[0] ?? "")
    await writeFile(join(out, `${number}-2.part`), contents[1]?.subarray(0, 1_300_000) ?? "")
    const { base, close } = await brokenLine(Number.MAX_SAFE_INTEGER)
    const desk = line.again(one, { base })
    await save(desk, { number, out })
    close()
    expect(await savedIn(out)).toEqual(hashes)
    expect(desk.said.err()).toContain("going on behind 2.5 MB that are here already")
  })

  test.each([
    ["in a file that is whole", 1, 1_100_000],
    ["in a file that is not", 2, 1_200_000],
  ])("refuses what was altered on the disk meanwhile, %s, and leaves nothing of it", async (_where, file, at) => {
    const out = await folder()
    const [first = new Uint8Array(0), second = new Uint8Array(0)] = [contents[0]?.slice(), contents[1]?.slice(0, 1_300_000)]
    const touched = file === 1 ? first : second
    touched[at] = (touched[at] ?? 0) ^ 1
    await writeFile(join(out, `${number}-1.part`), first)
    await writeFile(join(out, `${number}-2.part`), second)
    await expect(save(one, { number, out })).rejects.toMatchObject({ code: "bad-signature" })
    expect(await readdir(out)).toEqual([])
  })

  test("takes from the vault what the vault has, whatever the disk says", async () => {
    const out = await folder()
    const first = contents[0]?.slice() ?? new Uint8Array(0)
    first[500_000] = (first[500_000] ?? 0) ^ 1
    await writeFile(join(out, `${number}-1.part`), first)
    await save(one, { number, out })
    expect(await savedIn(out)).toEqual(hashes)
  })

  test("writes over nothing: a link, a folder or another's file in the place of what it would go on with", async () => {
    const out = await folder()
    await mkdir(join(out, `${number}-1.part`))
    await expect(save(one, { number, out })).rejects.toMatchObject({ code: "failed" })
  })

  test("is refused when the server alters a byte, and leaves nothing behind", async () => {
    const flip = "update chunks set bytes = set_byte(bytes, 90000, 255 - get_byte(bytes, 90000)) where at = $1::bigint"
    await line.server.database.query(flip, [2 * MIB])
    const out = await folder()
    await expect(save(one, { number, out })).rejects.toMatchObject({ code: "bad-payload" })
    expect(await readdir(out)).toEqual([])
    await line.server.database.query(flip, [2 * MIB])
  })

  test("stays readable and fetchable under a new vault key, and in a backup", async () => {
    await rekey(one)
    const file = join(await folder(), "backup.age")
    await backup(one, { file })
    expect((await verifyBackup(one, { file })).tips).toContain(number)
    const out = join(await folder(), "saved")
    await save(one, { number, out })
    expect(await savedIn(out)).toEqual(hashes)
  })

  test("whose files the server has no more says so", async () => {
    await line.server.database.query("delete from large_envelopes")
    await expect(save(one, { number, out: join(await folder(), "saved") })).rejects.toMatchObject({ type: "not-found" })
  })
})
