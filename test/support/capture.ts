/** Packets on the loopback interface, as tcpdump writes them down, put together again into what each side of each connection said.
 *  Debian's `tcpdump`, and the right to listen. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

export const TCPDUMP = "/usr/bin/tcpdump"

/** What one side of one connection said. */
export interface Side {
  /** `127.0.0.1:5432` */
  readonly from: string
  readonly to: string
  readonly bytes: Buffer
}
export interface Capture {
  /** Ends it. @throws Error when packets were lost: then it shows nothing */
  stop(): Promise<readonly Side[]>
  /** Ends it in any case. Idempotent. */
  end(): void
}

/** Why nothing can be captured here; `undefined`: it can. */
export function noCapture(): string | undefined {
  const { status } = spawnSync("timeout", ["--signal=INT", "0.5", TCPDUMP, "-i", "lo", "-Z", "root", "-w", "/dev/null", "port 1"], {
    stdio: "ignore",
  })
  // 124: it listened until it was told to end.
  return status === 124 ? undefined : "this machine lets us capture no packets"
}

/** Everything over TCP to and from these ports, from now on. */
export async function startCapture(ports: readonly number[]): Promise<Capture> {
  const folder = await mkdtemp(join(tmpdir(), "sotto-capture-"))
  const file = join(folder, "packets")
  const filter = ports.map((port) => `port ${port}`).join(" or ")
  const args = ["-i", "lo", "-Z", "root", "-s", "0", "--immediate-mode", "-B", "65536", "-U", "-w", file, `tcp and (${filter})`]
  const tcpdump: ChildProcess = spawn(TCPDUMP, args, { stdio: ["ignore", "ignore", "pipe"] })
  let said = ""
  tcpdump.stderr?.setEncoding("utf8").on("data", (text: string) => (said += text))
  while (!said.includes("listening on")) {
    if (tcpdump.exitCode !== null) throw new Error(`tcpdump ended: ${said}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return {
    end: () => void tcpdump.kill("SIGKILL"),
    async stop() {
      // What is in the kernel's hands when the signal comes would not be written.
      await new Promise((resolve) => setTimeout(resolve, 500))
      tcpdump.kill("SIGINT")
      await once(tcpdump, "close")
      const packets = await readFile(file)
      await rm(folder, { recursive: true })
      if (!/^0 packets dropped by kernel/m.test(said)) throw new Error(`packets were lost: ${said}`)
      return sidesOf(packets)
    },
  }
}

const GLOBAL_HEADER = 24
const RECORD_HEADER = 16
const ETHERNET_HEADER = 14
const SYN = 2

interface Stream {
  readonly from: string
  readonly to: string
  readonly first: number
  readonly pieces: { readonly at: number; readonly bytes: Buffer }[]
}

/** libpcap's own format, little-endian, Ethernet, IPv4, TCP. */
function sidesOf(packets: Buffer): readonly Side[] {
  if (packets.readUInt32LE(0) !== 0xa1b2c3d4 || packets.readUInt32LE(20) !== 1) throw new Error("this is no capture of Ethernet")
  const streams: Stream[] = []
  const open = new Map<string, Stream>()
  for (let at = GLOBAL_HEADER; at < packets.length; ) {
    const length = packets.readUInt32LE(at + 8)
    const ip = packets.subarray(at + RECORD_HEADER + ETHERNET_HEADER, at + RECORD_HEADER + length)
    at += RECORD_HEADER + length
    if (ip.readUInt8(0) >> 4 !== 4) continue
    const tcp = ip.subarray((ip.readUInt8(0) & 15) * 4, ip.readUInt16BE(2))
    const from = `${[...ip.subarray(12, 16)].join(".")}:${tcp.readUInt16BE(0)}`
    const to = `${[...ip.subarray(16, 20)].join(".")}:${tcp.readUInt16BE(2)}`
    const [sequence, flags] = [tcp.readUInt32BE(4), tcp.readUInt8(13)]
    const key = `${from} ${to}`
    if ((flags & SYN) !== 0) {
      const stream = { from, to, first: sequence + 1, pieces: [] }
      streams.push(stream)
      open.set(key, stream)
    }
    const bytes = tcp.subarray((tcp.readUInt8(12) >> 4) * 4)
    const stream = open.get(key)
    if (stream !== undefined && bytes.length > 0) stream.pieces.push({ at: (sequence - stream.first) >>> 0, bytes })
  }
  return streams.map(({ from, to, pieces }) => ({ from, to, bytes: joined(pieces) }))
}

function joined(pieces: Stream["pieces"]): Buffer {
  const parts: Buffer[] = []
  let end = 0
  for (const { at, bytes } of [...pieces].sort((one, other) => one.at - other.at)) {
    if (at > end + 1) throw new Error("a piece of a connection is missing")
    // What was sent again.
    const fresh = bytes.subarray(Math.max(0, end - at))
    parts.push(fresh)
    end = Math.max(end, at + bytes.length)
  }
  return Buffer.concat(parts)
}
