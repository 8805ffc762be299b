/** Sealing and opening: 500 tips of 2 KiB, 100 MB and 1 GB, beside age, gpg, npm's age-encryption and bare libsodium on the same bytes. */

import { randomFillSync } from "node:crypto"
import { createReadStream } from "node:fs"
import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Decrypter } from "age-encryption"
import type { Day } from "../../envelope/day.ts"
import { identityText, newIdentity, recipientOf } from "../../envelope/keys.ts"
import { type Hash, type Id, newsroomId } from "../../envelope/names.ts"
import { readTip, unlock } from "../../envelope/open.ts"
import { type ByteSource, collect } from "../../envelope/reader.ts"
import { sealTip } from "../../envelope/seal.ts"
import { sodium } from "../../envelope/sodium.ts"
import { deriveSource, newWords } from "../../keyring/words.ts"
import { nodeAead } from "../engine.ts"
import { pour } from "../pour.ts"
import { type Bench, inTurns, milliseconds, rounded } from "./measure.ts"
import { agePeer, gpgPeer, type Peer, versionOf } from "./peers.ts"

const MB = 1_000_000
const SLOT = 3
const TIP_BYTES = 2_048

/** A desk of one reporter, sealing with libsodium as the page does, opening with the command's engine. */
async function makeDesk() {
  const hash = Buffer.alloc(32, 1).toString("base64url") as Hash
  const newsroom = newsroomId(hash)
  const [identity, source] = [await newIdentity(), await deriveSource(await newWords(), newsroom)]
  const to = await recipientOf(identity)
  const slots = Array.from({ length: 9 }, (_, slot) => (slot === SLOT ? to : undefined))
  const seal = (message: string, file?: { bytes: number; content: ByteSource }) => {
    const ids = ["desk" as Id]
    const files = file === undefined ? [] : [{ name: "file.bin", type: "", bytes: file.bytes }]
    const tip = {
      newsroom,
      keyring: hash,
      day: "2026-11-22" as Day,
      to: ids,
      reachable: ids,
      answers: new Map(),
      source: source.keys,
      files,
    }
    return sealTip({ tip, message, files: file === undefined ? [] : [file.content], sign: source.sign, slots, maxBytes: 2 ** 32 }).stream
  }
  async function read(envelope: ByteSource, into: (bytes: AsyncIterable<Uint8Array>) => Promise<unknown>): Promise<void> {
    const unlocked = await unlock(envelope, { identity, slot: SLOT, slots: 8 })
    if (unlocked === undefined) throw new Error("did not open")
    for await (const { bytes } of (await readTip(unlocked, nodeAead)).files()) await into(bytes)
  }
  return { identity, seal, read }
}
type Desk = Awaited<ReturnType<typeof makeDesk>>

const drain = async (bytes: AsyncIterable<Uint8Array>) => {
  for await (const _ of bytes);
}

async function randomFile(path: string, bytes: number): Promise<void> {
  const file = await open(path, "w")
  const piece = Buffer.alloc(MB)
  for (let left = bytes; left > 0; left -= MB) await file.write(randomFillSync(piece), 0, Math.min(left, MB))
  await file.close()
}

/** Opens `count` files one after the other, a process each, and gives the time for 500. */
async function open500By(peer: Peer, folder: string, sealed: string, count: number): Promise<number> {
  const ms = await milliseconds(async () => {
    for (let index = 0; index < count; index++) await peer.open(sealed, join(folder, "opened"))
  })
  await rm(join(folder, "opened"), { force: true })
  return (ms / count) * 500
}

/** libsodium's cipher in a loop over the same chunks, and nothing else. */
async function bareLibsodium(plain: Uint8Array): Promise<number> {
  const { crypto_aead_chacha20poly1305_ietf_encrypt } = await sodium
  const [key, nonce] = [new Uint8Array(32), new Uint8Array(12)]
  return milliseconds(async () => {
    for (let at = 0; at < plain.length; at += 65_536)
      crypto_aead_chacha20poly1305_ietf_encrypt(plain.subarray(at, at + 65_536), null, null, nonce, key)
  })
}

async function toDisk(source: AsyncIterable<Uint8Array>, path: string): Promise<void> {
  const file = await open(path, "w")
  await pour(source, file)
  await file.close()
}

async function small(desk: Desk, folder: string, rounds: number, isSmall: boolean) {
  const text = Buffer.alloc(TIP_BYTES, "a tip of two kibibytes, ").toString("latin1")
  const envelopes = await Promise.all(Array.from({ length: 500 }, () => collect(desk.seal(text))))
  const plain = join(folder, "tip.txt")
  await writeFile(plain, text)
  const [age, gpg] = [await agePeer(folder), await gpgPeer(folder)]
  await age.seal(plain, join(folder, "tip.age"))
  await gpg.seal(plain, join(folder, "tip.gpg"))
  return inTurns(rounds, {
    open500Ms: () =>
      milliseconds(async () => {
        for (const envelope of envelopes) await desk.read([envelope], drain)
      }),
    open500AgeMs: () => open500By(age, folder, join(folder, "tip.age"), isSmall ? 10 : 500),
    open500GpgMs: () => open500By(gpg, folder, join(folder, "tip.gpg"), isSmall ? 3 : 50),
  })
}

async function large(desk: Desk, folder: string, rounds: number, isSmall: boolean) {
  const [middle, huge] = isSmall ? [4 * MB, 8 * MB] : [100 * MB, 1_000 * MB]
  const path = (name: string) => join(folder, name)
  await randomFile(path("middle"), middle)
  await randomFile(path("huge"), huge)
  const plain = new Uint8Array(await readFile(path("middle")))
  const envelope = await collect(desk.seal("", { bytes: middle, content: createReadStream(path("middle"), { highWaterMark: 1_048_576 }) }))
  await toDisk(desk.seal("", { bytes: huge, content: createReadStream(path("huge"), { highWaterMark: 1_048_576 }) }), path("huge.envelope"))
  const age = await agePeer(await mkdtemp(path("age-")))
  await age.seal(path("huge"), path("huge.age"))
  const decrypter = new Decrypter()
  decrypter.addIdentity(identityText(desk.identity))
  return inTurns(rounds, {
    sealMiddleMs: () => milliseconds(() => drain(desk.seal("", { bytes: middle, content: [plain] }))),
    libsodiumMiddleMs: () => bareLibsodium(plain),
    openMiddleMs: () => milliseconds(() => desk.read([envelope], drain)),
    ageEncryptionMiddleMs: () => milliseconds(() => decrypter.decrypt(envelope)),
    openHugeMs: () =>
      milliseconds(() =>
        desk.read(createReadStream(path("huge.envelope"), { highWaterMark: 1_048_576 }), (bytes) => toDisk(bytes, path("huge.opened"))),
      ),
    openHugeAgeMs: () => milliseconds(() => age.open(path("huge.age"), path("huge.age.opened"))),
  })
}

export const envelope: Bench = async ({ rounds, isSmall, say }) => {
  const versions: Record<string, string> = { node: process.version }
  for (const program of ["age", "gpg"]) {
    const version = await versionOf(program)
    if (version === undefined) throw new Error(`the peer ${program} is not installed: run scripts/ci-packages.sh`)
    versions[program] = version
  }
  const folder = await mkdtemp(join(tmpdir(), "sotto-bench-"))
  try {
    const desk = await makeDesk()
    say("500 tips of 2 KiB")
    const few = await small(desk, folder, rounds, isSmall)
    say(isSmall ? "4 MB and 8 MB" : "100 MB and 1 GB")
    const many = await large(desk, folder, rounds, isSmall)
    return {
      versions,
      results: Object.fromEntries(Object.entries({ ...few, ...many }).map(([name, ms]) => [name, rounded(ms)])),
      ratios: {
        open500OverAge: rounded(few.open500AgeMs / few.open500Ms),
        open500OverGpg: rounded(few.open500GpgMs / few.open500Ms),
        open1GBOverAge: rounded(many.openHugeAgeMs / many.openHugeMs),
        sealOverLibsodium: rounded(many.libsodiumMiddleMs / many.sealMiddleMs),
        openOverAgeEncryption: rounded(many.ageEncryptionMiddleMs / many.openMiddleMs),
      },
      notes: [
        "age -d and gpg --decrypt run once a tip; gpg is timed over 50 and scaled to 500",
        "age seals with X25519 and gpg with RSA-4096: easier work than ours, and neither checks a signature",
        ...(isSmall ? ["small sizes, to show that it works: no figure here means anything"] : []),
      ],
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
