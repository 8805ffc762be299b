/** The instructions of a Dockerfile, and its stages carried out as far as that goes without a container engine: each stage is a folder,
 *  COPY copies, RUN runs in it. Good for steps whose paths stay inside; whatever else a Dockerfile may do is an error here, not a guess. */

import { execFile } from "node:child_process"
import { cp, mkdir, stat } from "node:fs/promises"
import { basename, join } from "node:path"
import { promisify } from "node:util"

export interface Step {
  readonly instruction: string
  readonly rest: string
}
export interface Stage {
  readonly name: string
  readonly from: string
  readonly steps: readonly Step[]
}
export interface Parsed {
  /** Arguments before the first stage, by name. */
  readonly args: ReadonlyMap<string, string>
  readonly stages: readonly Stage[]
}

export function parseDockerfile(text: string): Parsed {
  const args = new Map<string, string>()
  const stages: { name: string; from: string; steps: Step[] }[] = []
  const lines = text
    .replace(/^#.*\n/gm, "")
    .replace(/\\\n/g, " ")
    .split("\n")
  for (const line of lines.filter((one) => one.trim() !== "")) {
    const [, instruction = "", rest = ""] = /^([A-Z]+) (.*)$/.exec(line) ?? []
    if (instruction === "ARG" && stages.length === 0) {
      const [name = "", value = ""] = rest.split("=")
      args.set(name, value)
    } else if (instruction === "FROM") {
      const [, from = "", name = ""] = /^(\S+) AS (\S+)$/.exec(rest) ?? []
      stages.push({ name, from: from.replace(/\$\{(\w+)\}/, (_, arg: string) => args.get(arg) ?? ""), steps: [] })
    } else stages.at(-1)?.steps.push({ instruction, rest })
  }
  return { args, stages }
}

export interface Built {
  /** Where `/` of the stage is. */
  readonly root: string
  readonly workdir: string
  readonly env: Readonly<Record<string, string>>
  readonly user: string | undefined
  readonly command: readonly string[]
  readonly health: readonly string[]
}

export interface Building {
  /** The folder that `docker build` is given. */
  readonly context: string
  /** Where the stages are made. */
  readonly folder: string
  /** Instead of running a command: true if it was taken care of. */
  readonly instead: (command: string, cwd: string) => Promise<boolean>
}

/** Carries out a stage; stages that it copies from must have been built in the same folder. */
export async function buildStage({ name, steps }: Stage, { context, folder, instead }: Building): Promise<Built> {
  const root = join(folder, name)
  let built: Built = { root, workdir: "/", env: {}, user: undefined, command: [], health: [] }
  await mkdir(root, { recursive: true })
  const list = (rest: string) => JSON.parse(rest.slice(rest.indexOf("["))) as string[]
  for (const { instruction, rest } of steps) {
    const cwd = join(root, built.workdir)
    if (instruction === "WORKDIR") {
      built = { ...built, workdir: rest }
      await mkdir(join(root, rest), { recursive: true })
    } else if (instruction === "ENV") {
      const [key = "", value = ""] = rest.split("=")
      built = { ...built, env: { ...built.env, [key]: value } }
    } else if (instruction === "USER") built = { ...built, user: rest }
    else if (instruction === "CMD") built = { ...built, command: list(rest) }
    else if (instruction === "HEALTHCHECK") built = { ...built, health: list(rest) }
    else if (instruction === "COPY") await copy(rest, cwd, root, { context, folder })
    else if (instruction === "RUN") {
      if (/(^|\s)\//.test(rest)) throw new Error("a step that reaches outside its folder cannot be tried here")
      if (!(await instead(rest, cwd)))
        await promisify(execFile)("sh", ["-c", rest], { cwd, env: { PATH: process.env.PATH ?? "", HOME: folder, ...built.env } })
    } else throw new Error(`${instruction} cannot be tried here`)
  }
  return built
}

async function copy(rest: string, cwd: string, root: string, { context, folder }: Omit<Building, "instead">): Promise<void> {
  const words = rest.split(" ")
  const from = words.find((word) => word.startsWith("--from="))?.slice("--from=".length)
  const paths = words.filter((word) => !word.startsWith("--"))
  const target = paths.pop() ?? ""
  const base = from === undefined ? context : join(folder, from)
  const to = target.startsWith("/") ? join(root, target) : join(cwd, target)
  for (const path of paths) {
    const source = join(base, path)
    // As in Docker: a folder's contents go into the target, a file goes under its name into a target with a slash.
    if ((await stat(source)).isDirectory()) await cp(source, to, { recursive: true })
    else await cp(source, target.endsWith("/") ? join(to, basename(path)) : to)
  }
}
