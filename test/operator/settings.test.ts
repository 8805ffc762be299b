/** .env.example, docs/operating.md and docker-compose.yml name exactly the settings that there are. */

import { readFileSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { describe, expect, test } from "@jest/globals"
import { pinnedText } from "../../keyring/newsroom.ts"
import { ConfigError, readConfig } from "../../server/config.ts"
import { makeNewsroom } from "../support/newsroom.ts"
import { DAY } from "../support/tips.ts"

const root = join(__dirname, "../..")
const read = (path: string) => readFileSync(join(root, path), "utf8")
const sorted = (names: readonly string[]): readonly string[] => [...new Set(names)].sort((a, b) => a.localeCompare(b))
const all = (text: string, pattern: RegExp) => sorted([...text.matchAll(pattern)].map(([, name]) => name ?? ""))

/** What the server asks its environment for. */
const ofServer = all(read("server/config.ts"), /\b(?:env\.|\w+\(env, ")([A-Z_]+)/g)
const ofCompose = all(read("docker-compose.yml"), /\$\{([A-Z_]+)[:?}]/g)
const example = read(".env.example")
const named = all(example, /^#?([A-Z_]+)=/gm)

/** The lines that are set, as docker and systemd read them. */
const set = (text: string) =>
  Object.fromEntries([...text.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value] as const))

describe(".env.example", () => {
  test("names every setting of the server and of docker-compose.yml, and no other", () => {
    expect(named).toEqual(sorted([...ofServer, ...ofCompose]))
  })

  test("explains each: the line above a setting is a sentence, or another setting that shares it", () => {
    const lines = example.split("\n")
    for (const [at, line] of lines.entries()) {
      if (/^#?[A-Z_]+=/.test(line)) expect(lines[at - 1]).toMatch(/^# |^#?[A-Z_]+=/)
    }
  })

  test("has nothing that docker and systemd would read differently: no quotes, no export, no comment behind a value", () => {
    for (const value of Object.values(set(example))) expect(value).not.toMatch(/["'#$\\]|^\s|\s$/)
  })

  test("is what a server takes, with everything switched on, and with everything left out that may be", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "sotto-settings-")), "newsroom.json")
    await writeFile(file, pinnedText((await makeNewsroom({ today: DAY })).pinned))
    const newsroom = { SOTTO_NEWSROOM: file }
    const everything = await readConfig({ ...set(example.replace(/^#([A-Z_]+=)/gm, "$1")), ...newsroom })
    expect(everything).toMatchObject({
      socket: "/run/sotto/web.sock",
      port: 8080,
      smtp: { from: "notes@example.org", ehlo: "example.org" },
    })
    const { smtp, ...rest } = await readConfig({ ...set(example), ...newsroom })
    expect([smtp, rest.host]).toEqual([undefined, "127.0.0.1"])
    // A line that is left empty means "not set".
    expect(await readConfig({ ...set(example), SOTTO_SMTP: "", SOTTO_SOCKET: "", ...newsroom })).not.toHaveProperty("socket")
    await rm(dirname(file), { recursive: true })
  })

  test.each([
    ["SOTTO_SOCKET", "web.sock"],
    ["SOTTO_SOCKET", `/${"x".repeat(103)}`],
    ["SOTTO_PORT", "http"],
    ["SOTTO_METRICS_PORT", "65536"],
    ["SOTTO_STORAGE_GB", "0.0"],
    ["SOTTO_STORAGE_GB", "1e3"],
    ["SOTTO_NEWSROOM", "/nowhere"],
    ["DATABASE_URL", ""],
  ])("a %s that is no such thing is refused by name, and not repeated", async (name, value) => {
    const file = join(await mkdtemp(join(tmpdir(), "sotto-settings-")), "newsroom.json")
    await writeFile(file, pinnedText((await makeNewsroom({ today: DAY })).pinned))
    const refused = await readConfig({ ...set(example), SOTTO_NEWSROOM: file, [name]: value }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(ConfigError)
    expect(String(refused)).toContain(name)
    if (value !== "") expect(String(refused)).not.toContain(value)
    await rm(dirname(file), { recursive: true })
  })
})

test("docs/operating.md has a row for every setting", () => {
  const rows = all(read("docs/operating.md"), /`([A-Z_]{4,})`/g)
  expect(rows).toEqual(expect.arrayContaining([...named]))
})
