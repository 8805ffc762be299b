/** The settings, all from the environment, read once. docs/operating.md explains each. */

import { readFile } from "node:fs/promises"
import { availableParallelism } from "node:os"
import { type PinnedNewsroom, parsePinned } from "../keyring/newsroom.ts"
import { PlacesError, placesOf } from "./places.ts"
import { parseSchedule, type Schedule } from "./schedule.ts"

export interface Config {
  readonly databaseUrl: string
  readonly pinned: PinnedNewsroom
  readonly host: string
  readonly port: number
  /** A path in the file system to listen on, instead of host and port. */
  readonly socket?: string
  /** Where mails are handed over; without it none are sent, and the log says so. */
  readonly smtp?: { readonly url: string; readonly from: string; readonly ehlo: string }
  readonly schedule: Schedule
  /** How many tips a minute are ordinary, a process. */
  readonly calm: number
  /** What the database may take, bytes. */
  readonly storageBytes: number
  /** The loopback port on which a monitor may ask how the server is; without it nobody may. */
  readonly metricsPort?: number
  /** How many processes serve, each with its own connections. */
  readonly processes: number
}

/** Thrown for a setting that is missing or malformed; names the setting, never its value. */
export class ConfigError extends Error {
  override readonly name = "ConfigError"
}

type Environment = Readonly<Record<string, string | undefined>>

function required(env: Environment, name: string): string {
  const value = env[name]
  if (value === undefined || value === "") throw new ConfigError(`${name} is not set`)
  return value
}

/** A line `NAME=` in a file of settings means that it is not set. */
const given = (environment: Environment): Environment =>
  Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""))

function wholeNumber(env: Environment, name: string, otherwise: number): number {
  const value = env[name] ?? String(otherwise)
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new ConfigError(`${name} is a whole number above zero`)
  return Number(value)
}

function gigabytes(env: Environment, name: string, otherwise: number): number {
  const value = env[name] ?? String(otherwise)
  if (!/^(0|[1-9]\d{0,5})(\.\d{1,3})?$/.test(value) || Number(value) === 0)
    throw new ConfigError(`${name} is a number above zero, such as 50 or 0.5`)
  return Math.round(Number(value) * 1_000) * 1_000_000
}

/** @throws {@link ConfigError} */
export async function readConfig(environment: Environment = process.env): Promise<Config> {
  const env = given(environment)
  const port = Number(env.SOTTO_PORT ?? "8080")
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new ConfigError("SOTTO_PORT is a port")
  const processes = env.SOTTO_PROCESSES === "cores" ? availableParallelism() : Number(env.SOTTO_PROCESSES ?? "1")
  if (!Number.isInteger(processes) || processes < 1 || processes > 64) throw new ConfigError("SOTTO_PROCESSES is 1 to 64, or cores")
  const socket = env.SOTTO_SOCKET
  // 107 is what the kernel takes; macOS takes 103.
  if (socket !== undefined && (!socket.startsWith("/") || Buffer.byteLength(socket) > 103))
    throw new ConfigError("SOTTO_SOCKET is a path from the root, of at most 103 bytes")
  const metricsPort = env.SOTTO_METRICS_PORT === undefined ? undefined : wholeNumber(env, "SOTTO_METRICS_PORT", 0)
  if (metricsPort !== undefined && (metricsPort > 65_535 || metricsPort === port))
    throw new ConfigError("SOTTO_METRICS_PORT is a port of its own")
  const newsroomFile = required(env, "SOTTO_NEWSROOM")
  const from = env.SOTTO_MAIL_FROM
  if (env.SOTTO_SMTP !== undefined && !/^[^\s@<>]+@[^\s@<>]+$/.test(from ?? "")) throw new ConfigError("SOTTO_MAIL_FROM is one address")
  const databaseUrl = required(env, "DATABASE_URL")
  try {
    placesOf(databaseUrl)
  } catch (cause) {
    throw new ConfigError(`DATABASE_URL: ${cause instanceof PlacesError ? cause.message : "not a connection string"}`, { cause })
  }
  return {
    databaseUrl,
    pinned: await readPinned(newsroomFile),
    host: env.SOTTO_HOST ?? "127.0.0.1",
    port,
    ...(socket === undefined ? {} : { socket }),
    ...(env.SOTTO_SMTP === undefined || from === undefined
      ? {}
      : { smtp: { url: env.SOTTO_SMTP, from, ehlo: env.SOTTO_MAIL_EHLO ?? from.slice(from.indexOf("@") + 1) } }),
    schedule: parseSchedule(env.SOTTO_MAIL_AT ?? "07:30 16:30", env.SOTTO_TIMEZONE ?? "UTC"),
    processes,
    ...(metricsPort === undefined ? {} : { metricsPort }),
    calm: wholeNumber(env, "SOTTO_CALM", 60),
    storageBytes: gigabytes(env, "SOTTO_STORAGE_GB", 50),
  }
}

async function readPinned(file: string): Promise<PinnedNewsroom> {
  try {
    return await parsePinned((await readFile(file, "utf8")).trim())
  } catch (cause) {
    const isShut = cause instanceof Error && "code" in cause && cause.code === "EACCES"
    throw new ConfigError(
      isShut
        ? "SOTTO_NEWSROOM is a file that the server's user may read: chmod 644 newsroom.json, nothing in it is secret"
        : "SOTTO_NEWSROOM is a readable newsroom.json",
      { cause },
    )
  }
}
