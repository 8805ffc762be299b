/** docker-compose.yml: held to the compose specification's own schema (as npm's dclint carries it), read by another program, Debian's
 *  docker-compose 1.29, and held to what is promised about it. No container engine is at hand: nothing here starts a container. */

import { execFile } from "node:child_process"
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, describe, expect, test } from "@jest/globals"
import Ajv from "ajv"
import { parse } from "yaml"
import { describeWhere } from "../support/needs.ts"

const root = join(__dirname, "../..")
const read = (path: string) => readFileSync(join(root, path), "utf8")

interface Service {
  readonly image: string
  readonly build?: { readonly target: string }
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly cap_add?: readonly string[]
  readonly security_opt?: readonly string[]
  readonly ports?: readonly string[]
  readonly networks?: readonly string[]
  readonly network_mode?: string
  readonly user?: string
  readonly volumes?: readonly string[]
  readonly command?: readonly string[]
  readonly logging?: unknown
}
interface Compose {
  readonly services: Readonly<Record<"server" | "operator" | "postgres" | "caddy" | "tor", Service>>
  readonly volumes: Readonly<Record<string, unknown>>
}
const compose = parse(read("docker-compose.yml"), { merge: true }) as Compose
const services = Object.entries(compose.services)

describe("docker-compose.yml", () => {
  test("is a compose file, by the specification's schema", () => {
    // Its $schema is spelt with https, under which name no reader of schemas knows draft 7.
    const { $schema: _, ...schema } = JSON.parse(read("node_modules/dclint/schemas/compose.schema.json")) as Record<string, unknown>
    const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema)
    validate(compose)
    expect(validate.errors ?? []).toEqual([])
    // The schema does refuse: a misspelt member is found.
    expect(validate({ services: { server: { image: "x", read_onyl: true } } })).toBe(false)
  })

  test("has server, PostgreSQL, Caddy and Tor, each pinned to a version", () => {
    expect(Object.keys(compose.services).sort((a, b) => a.localeCompare(b))).toEqual(["caddy", "operator", "postgres", "server", "tor"])
    for (const [, { image }] of services) expect(image).toMatch(/:\d+\.\d+(\.\d+)?(-[a-z]+)?$/)
  })

  test("runs everything without a writable root file system, without privileges, and with logs that do not stay", () => {
    for (const [name, service] of services) {
      expect([name, service.read_only, service.cap_drop, service.security_opt]).toEqual([name, true, ["ALL"], ["no-new-privileges:true"]])
      expect(service.logging).toEqual({ driver: "local", options: { "max-size": "1m", "max-file": "3" } })
    }
    expect(services.filter(([, { cap_add }]) => cap_add !== undefined).map(([name, { cap_add }]) => [name, cap_add])).toEqual([
      ["operator", ["DAC_OVERRIDE"]],
      ["caddy", ["NET_BIND_SERVICE"]],
    ])
  })

  test("opens two ports, those of Caddy; PostgreSQL has no network, and the server is reached by a socket alone", () => {
    expect(services.filter(([, { ports }]) => ports !== undefined).map(([name, { ports }]) => [name, ports])).toEqual([
      ["caddy", ["80:80", "443:443"]],
    ])
    expect(compose.services.postgres.network_mode).toBe("none")
    expect(read("deploy/Caddyfile")).toContain("unix/{$SOTTO_SOCKET:/run/sotto/web.sock}")
    expect(read("deploy/torrc")).toContain("HiddenServicePort 80 unix:/run/sotto/web.sock")
    for (const name of ["server", "caddy", "tor"] as const) expect(compose.services[name].volumes).toContain("web-socket:/run/sotto")
  })

  test("keeps in a volume whatever a container would lose, and names every volume", () => {
    const used = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(":")[0] ?? ""))
    const own = [...new Set(used.filter((source) => !source.startsWith(".")))].sort((a, b) => a.localeCompare(b))
    expect(own).toEqual(Object.keys(compose.volumes).sort((a, b) => a.localeCompare(b)))
  })

  test("every path that the guide gives to the command in a container is there, and what is written lies where it stays", () => {
    const mounts = (compose.services.operator.volumes ?? []).map((volume) => volume.split(":"))
    const mountOf = (path: string) => mounts.find(([, at = ""]) => path === at || path.startsWith(`${at}/`) || at.startsWith(`${path}/`))
    const commands = [...read("docs/operating.md").matchAll(/^docker compose run --rm operator (.*)$/gm)].map(([, words = ""]) => words)
    expect(commands.length).toBeGreaterThanOrEqual(3)
    for (const words of commands) {
      for (const path of words.match(/\/[a-z/.-]+/g) ?? []) expect([path, mountOf(path)]).toEqual([path, expect.anything()])
      for (const [, path = ""] of words.matchAll(/--(?:to|files-to) (\S+)/g)) expect([path, mountOf(path)?.[2]]).toEqual([path, undefined])
    }
  })

  test("starts PostgreSQL with the settings that keep it quiet, the same as our own", async () => {
    const { SETTINGS } = await import("../../scripts/operator/postgres.ts")
    const given = Object.fromEntries(
      (compose.services.postgres.command ?? []).filter((word) => word.includes("=")).map((word) => word.split("=")),
    )
    for (const [name, value] of Object.entries(given)) if (name in SETTINGS) expect([name, value]).toEqual([name, SETTINGS[name]])
    const quiet = Object.keys(SETTINGS).filter((name) =>
      /^log_(?!destination|timezone|hostname)|^track_|^fsync|^synchronous|^full_page/.test(name),
    )
    expect(Object.keys(given)).toEqual(expect.arrayContaining(quiet))
  })
})

describeWhere("/usr/bin/docker-compose", "another reader, docker-compose 1.29", () => {
  const folder = mkdtempSync(join(tmpdir(), "sotto-compose-"))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const config = (env: string) => {
    copyFileSync(join(root, "docker-compose.yml"), join(folder, "docker-compose.yml"))
    writeFileSync(join(folder, ".env"), env)
    // Only its own settings: a SOTTO_DOMAIN of whoever runs the tests would hide a missing one.
    return promisify(execFile)("/usr/bin/docker-compose", ["config"], { cwd: folder, env: { PATH: process.env.PATH ?? "" } })
  }

  test("resolves the file with .env.example as it is", async () => {
    const resolved = parse((await config(read(".env.example"))).stdout) as {
      readonly services: Readonly<Record<"caddy" | "server", { readonly environment: Readonly<Record<string, string>> }>>
    }
    expect(resolved.services.caddy.environment).toMatchObject({ SOTTO_DOMAIN: "forms.example.org", SOTTO_TLS: "certificates@example.org" })
    expect(resolved.services.server.environment).toMatchObject({
      DATABASE_URL: "postgresql://sotto@/sotto?host=/run/postgresql",
      SOTTO_MAIL_AT: "07:30 16:30",
    })
  })

  test("and refuses one without a domain, in the words of the file", async () => {
    const without = read(".env.example").replace(/^SOTTO_DOMAIN=.*$/m, "")
    await expect(config(without)).rejects.toMatchObject({ stderr: expect.stringContaining("set SOTTO_DOMAIN in .env") })
  })
})
