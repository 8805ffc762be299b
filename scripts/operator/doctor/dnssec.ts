/** Whether a zone is signed (DNSSEC, RFC 4035): asked of a resolver with the DO bit, because Node's own look-ups cannot ask for signatures.
 *  One question at a time over UDP, and over TCP where the answer does not fit (RFC 1035, RFC 6891). */

import { randomInt } from "node:crypto"
import { createSocket } from "node:dgram"
import { connect } from "node:net"

const TIMEOUT_MS = 4_000
const [TYPE_A, TYPE_SOA, TYPE_OPT, TYPE_RRSIG] = [1, 6, 41, 46]
const [TRUNCATED, AUTHENTIC] = [0x0200, 0x0020]
const [RECURSION_WANTED, DO_BIT] = [0x0100, 0x8000]
const UDP_BYTES = 1_232

export interface Resolver {
  readonly host: string
  readonly port: number
}
/** @param text - as `node:dns` names its servers, `192.0.2.1`, `192.0.2.1:5353` or `[2001:db8::1]:53` */
export function parseResolver(text: string): Resolver {
  const [, host = text, port = "53"] = /^(\[[0-9a-f:]+\]|[^:]+):(\d+)$/i.exec(text) ?? []
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) }
}

/** `validated`: signed, and the resolver has checked it; `signed`: there are signatures, which this resolver does not check; `unsigned`;
 *  `undefined`: it cannot be told here, because the resolver does not answer, or hands on no signatures of anybody's. */
export type Signed = "validated" | "signed" | "unsigned" | undefined

export async function isSigned(name: string, resolver: Resolver): Promise<Signed> {
  const found = await ask(name, TYPE_A, resolver)
  if (found === undefined) return undefined
  if (found.isAuthentic) return "validated"
  if (found.hasSignature) return "signed"
  // The root is signed: where not even its signature comes, an answer without one means nothing.
  return (await ask("", TYPE_SOA, resolver))?.hasSignature ? "unsigned" : undefined
}

interface Found {
  readonly isAuthentic: boolean
  readonly hasSignature: boolean
}

async function ask(name: string, type: number, resolver: Resolver): Promise<Found | undefined> {
  const id = randomInt(65_536)
  const question = questionFor(id, name, type)
  try {
    const answer = await overUdp(question, resolver)
    const isCut = (answer.readUInt16BE(2) & TRUNCATED) !== 0
    return read(isCut ? await overTcp(question, resolver) : answer, id)
  } catch {
    return undefined // no answer, or none that is one
  }
}

function questionFor(id: number, name: string, type: number): Buffer {
  const header = Buffer.alloc(12)
  for (const [index, value] of [id, RECURSION_WANTED | AUTHENTIC, 1, 0, 0, 1].entries()) header.writeUInt16BE(value, index * 2)
  const labels = name.split(".").filter((label) => label !== "")
  const encoded = Buffer.concat([
    ...labels.map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label, "latin1")])),
    Buffer.of(0),
  ])
  const rest = Buffer.alloc(4)
  rest.writeUInt16BE(type, 0)
  rest.writeUInt16BE(1, 2)
  const options = Buffer.alloc(11)
  options.writeUInt16BE(TYPE_OPT, 1)
  options.writeUInt16BE(UDP_BYTES, 3)
  options.writeUInt16BE(DO_BIT, 7)
  return Buffer.concat([header, encoded, rest, options])
}

function overUdp(question: Buffer, { host, port }: Resolver): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(host.includes(":") ? "udp6" : "udp4")
    const timer = setTimeout(() => end(() => reject(new Error("timed out"))), TIMEOUT_MS)
    const end = (then: () => void) => {
      clearTimeout(timer)
      socket.close()
      then()
    }
    socket.once("error", (error) => end(() => reject(error)))
    socket.once("message", (answer) => end(() => resolve(answer)))
    socket.send(question, port, host)
  })
}

function overTcp(question: Buffer, { host, port }: Resolver): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port })
    let held = Buffer.alloc(0)
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error("timed out")))
    socket.once("error", reject)
    socket.once("close", () => reject(new Error("cut off")))
    socket.on("data", (part: Buffer) => {
      held = Buffer.concat([held, part])
      if (held.length < 2 || held.length < 2 + held.readUInt16BE(0)) return
      resolve(held.subarray(2, 2 + held.readUInt16BE(0)))
      socket.destroy()
    })
    const length = Buffer.alloc(2)
    length.writeUInt16BE(question.length, 0)
    socket.write(Buffer.concat([length, question]))
  })
}

/** @throws RangeError when it is no answer */
function read(answer: Buffer, id: number): Found {
  const flags = answer.readUInt16BE(2)
  if (answer.readUInt16BE(0) !== id || (flags & 0x8000) === 0 || (flags & 0x000f) !== 0) throw new RangeError("no answer to this question")
  const [questions, answers, authorities] = [answer.readUInt16BE(4), answer.readUInt16BE(6), answer.readUInt16BE(8)]
  let at = 12
  for (let index = 0; index < questions; index++) at = afterName(answer, at) + 4
  let hasSignature = false
  for (let index = 0; index < answers + authorities; index++) {
    at = afterName(answer, at)
    if (answer.readUInt16BE(at) === TYPE_RRSIG) hasSignature = true
    at += 10 + answer.readUInt16BE(at + 8)
  }
  return { isAuthentic: (flags & AUTHENTIC) !== 0, hasSignature }
}

function afterName(answer: Buffer, from: number): number {
  for (let at = from; ; ) {
    const length = answer.readUInt8(at)
    if (length === 0) return at + 1
    if (length >= 0xc0) return at + 2
    at += 1 + length
  }
}
