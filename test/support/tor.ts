/** A whole Tor network of our own on loopback: three authorities, six relays, one that offers an onion service, and a client. Nothing of it
 *  reaches the real network: it knows no directory but its own. Debian's `tor`, in its testing mode. */

import { type ChildProcess, execFile, spawn } from "node:child_process"
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { createServer, type Server } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { type SocksProxy, throughProxy } from "../../scripts/socks.ts"
import { freePort } from "./port.ts"

export const TOR = "/usr/bin/tor"
const AUTHORITIES = 3
const RELAYS = 6

/** For everybody. With voting every ten seconds or four relays it does not come up. */
const COMMON = [
  "TestingTorNetwork 1",
  "PathsNeededToBuildCircuits 0.25",
  "ShutdownWaitLength 0",
  "Log notice stdout",
  "DisableDebuggerAttachment 0",
  "TestingV3AuthInitialVotingInterval 5",
  "TestingV3AuthInitialVoteDelay 2",
  "TestingV3AuthInitialDistDelay 2",
]
const AUTHORITY = [
  "AuthoritativeDirectory 1",
  "V3AuthoritativeDirectory 1",
  "ContactInfo nobody@example.invalid",
  "AssumeReachable 1",
  "V3AuthVotingInterval 20",
  "V3AuthVoteDelay 4",
  "V3AuthDistDelay 4",
  "V3AuthNIntervalsValid 2",
  "TestingDirAuthVoteExit *",
  "TestingDirAuthVoteHSDir *",
  "TestingDirAuthVoteGuard *",
]

export interface TorNetwork {
  /** The client's SOCKS port. */
  readonly proxy: SocksProxy
  /** `….onion` */
  readonly address: string
  readonly bootstrapMs: number
  /** Asks the client for new circuits, and tears those down that there are. */
  newCircuits(): Promise<void>
  /** A port here that leads to the onion service, a circuit's stream for each connection. */
  forward(): Promise<{ readonly base: string; readonly close: () => void; cutAll(): void }>
  remove(): Promise<void>
}

/** @param service - lines of its torrc: the onion service with its folder, {@link ONION} standing for it
 *  @throws Error when it has not come up within `seconds`, with what the client said last */
export async function startTor(service: (folder: string) => readonly string[], seconds: number): Promise<TorNetwork> {
  const folder = await mkdtemp(join(tmpdir(), "sotto-tor-"))
  const running: ChildProcess[] = []
  const said = new Map<string, string>()
  const begun = Date.now()
  const remove = async (): Promise<void> => {
    for (const one of running) one.kill("SIGKILL")
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  const start = async (name: string, lines: readonly string[]): Promise<void> => {
    const data = join(folder, name)
    await mkdir(data, { recursive: true, mode: 0o700 })
    const file = join(folder, `${name}.torrc`)
    await writeFile(file, `${[`DataDirectory ${data}`, `Nickname ${name}`, ...lines].join("\n")}\n`)
    const tor = spawn(TOR, ["-f", file, "--defaults-torrc", "/dev/null"], { stdio: ["ignore", "pipe", "pipe"] })
    running.push(tor)
    for (const stream of [tor.stdout, tor.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => said.set(name, (said.get(name) ?? "") + text))
  }
  try {
    const authorities = await Promise.all(Array.from({ length: AUTHORITIES }, (_, index) => makeAuthority(folder, `auth${index}`)))
    const network = [...COMMON, ...authorities.map(({ line }) => line)]
    for (const { name, own } of authorities) await start(name, [...network, ...AUTHORITY, ...own])
    for (let index = 0; index < RELAYS; index++)
      await start(`relay${index}`, [
        ...network,
        `ORPort 127.0.0.1:${await freePort()}`,
        "Address 127.0.0.1",
        "SocksPort 0",
        "AssumeReachable 1",
        "ExitRelay 0",
      ])
    const onion = join(folder, "onion")
    await mkdir(onion, { mode: 0o700 })
    await start("service", [...network, "SocksPort 0", ...service(onion)])
    const proxy = { host: "127.0.0.1", port: await freePort() }
    const control = await freePort()
    await start("client", [...network, `SocksPort ${proxy.port}`, `ControlPort ${control}`])

    const deadline = begun + seconds * 1_000
    const within = async <Value>(what: string, look: () => Promise<Value | undefined>): Promise<Value> => {
      for (;;) {
        const found = await look()
        if (found !== undefined) return found
        if (Date.now() > deadline)
          throw new Error(
            `no ${what} within ${seconds} s; the client said last:\n${(said.get("client") ?? "").split("\n").slice(-6).join("\n")}`,
          )
        await sleep(100)
      }
    }
    const address = await within(
      "onion address",
      async () => (await readFile(join(onion, "hostname"), "utf8").catch(() => "")).trim() || undefined,
    )
    await within("bootstrap", async () => ((said.get("client") ?? "").includes("Bootstrapped 100%") ? true : undefined))
    // The service's description has to be there too.
    await within("way to the onion service", async () => {
      const socket = await throughProxy(proxy, { host: address, port: 80 }).catch(() => undefined)
      socket?.destroy()
      return socket && true
    })
    const bootstrapMs = Date.now() - begun
    return {
      proxy,
      address,
      bootstrapMs,
      newCircuits: () => command(control, ["AUTHENTICATE", "SIGNAL NEWNYM", "DROPGUARDS"]),
      forward: () => forwarder(proxy, address),
      remove,
    }
  } catch (error) {
    await remove()
    throw error
  }
}

interface Authority {
  readonly name: string
  readonly line: string
  readonly own: readonly string[]
}

async function makeAuthority(folder: string, name: string): Promise<Authority> {
  const keys = join(folder, name, "keys")
  await mkdir(keys, { recursive: true, mode: 0o700 })
  const [orPort, dirPort] = [await freePort(), await freePort()]
  const at = (file: string) => join(keys, file)
  const made = execFileWith(
    "tor-gencert",
    [
      "--create-identity-key",
      "-m",
      "12",
      "-a",
      `127.0.0.1:${dirPort}`,
      "-i",
      at("authority_identity_key"),
      "-s",
      at("authority_signing_key"),
      "-c",
      at("authority_certificate"),
      "--passphrase-fd",
      "0",
    ],
    "x\n",
  )
  await made
  const v3 = /^fingerprint ([0-9A-F]{40})$/m.exec(await readFile(at("authority_certificate"), "utf8"))?.[1] ?? ""
  const own = [`ORPort 127.0.0.1:${orPort}`, `DirPort 127.0.0.1:${dirPort}`, "Address 127.0.0.1", "SocksPort 0"]
  const file = join(folder, `${name}.first.torrc`)
  const nobody = `DirAuthority nobody orport=1 no-v2 v3ident=${"0".repeat(40)} 127.0.0.1:1 ${"0".repeat(40)}`
  await writeFile(
    file,
    `${[`DataDirectory ${join(folder, name)}`, `Nickname ${name}`, "TestingTorNetwork 1", nobody, ...own].join("\n")}\n`,
  )
  const said = await execFileWith(TOR, ["-f", file, "--defaults-torrc", "/dev/null", "--list-fingerprint", "--quiet"], "")
  const fingerprint = /([0-9A-F]{4} ?){10}/.exec(said)?.[0].replaceAll(" ", "") ?? ""
  return { name, own, line: `DirAuthority ${name} orport=${orPort} no-v2 v3ident=${v3} 127.0.0.1:${dirPort} ${fingerprint}` }
}

function execFileWith(program: string, args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, [...args], (error, stdout) => (error ? reject(error) : resolve(stdout)))
    child.stdin?.end(input)
  })
}

/** Tor's control protocol: a line each, answered with 250. */
async function command(port: number, lines: readonly string[]): Promise<void> {
  const { connect } = await import("node:net")
  const socket = connect(port, "127.0.0.1").setEncoding("utf8")
  let said = ""
  socket.on("data", (text: string) => (said += text))
  for (const [index, line] of lines.entries()) {
    socket.write(`${line}\r\n`)
    while (said.split("\r\n").length <= index + 1) await sleep(10)
  }
  socket.destroy()
  if (!said.split("\r\n").every((line) => line === "" || line.startsWith("250"))) throw new Error(`tor refused: ${said}`)
}

async function forwarder(proxy: SocksProxy, address: string) {
  const open = new Set<() => void>()
  const server: Server = createServer((near) => {
    near.on("error", () => undefined)
    throughProxy(proxy, { host: address, port: 80 }).then(
      (far) => {
        far.on("error", () => undefined)
        near.pipe(far).pipe(near)
        const cut = () => {
          far.destroy()
          near.destroy()
        }
        open.add(cut)
        const closed = () => {
          cut()
          open.delete(cut)
        }
        for (const one of [near, far]) one.once("close", closed)
      },
      () => near.destroy(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const at = server.address()
  const cutAll = () => {
    for (const cut of open) cut()
  }
  return {
    base: `http://127.0.0.1:${typeof at === "object" && at !== null ? at.port : 0}`,
    cutAll,
    close() {
      cutAll()
      server.close()
    },
  }
}
