/** The only door to stdout, stderr and the keyboard. Whatever goes through it is made harmless here, ours as well:
 *  so no command can forget it. Answers go to stdout, talk to stderr. */

import { basename, relative } from "node:path"
import { Failure } from "./failure.ts"
import { harmlessLine, quoted, type Screen, wrapped } from "./harmless.ts"

export interface Terminal {
  readonly columns: number
  /** `false`: the locale is not UTF-8. */
  readonly isUnicode: boolean
  /** stdout is a screen, not a file or a pipe. */
  readonly isScreen: boolean
  /** Somebody can be asked. */
  readonly canAsk: boolean
  /** One line of an answer. */
  answer(line: string): void
  /** An answer in sentences: broken where the screen ends. */
  tell(text: string): void
  /** A stranger's text, every line behind a bar. */
  quote(text: string): void
  /** A machine's answer: one line of JSON, in ASCII. */
  json(value: unknown): void
  /** Talk, hints and warnings. */
  say(line: string): void
  /** One line of talk that the next one writes over; `undefined`: it is taken away. On a screen only. */
  progress(line: string | undefined): void
  /** Rings, and shows nothing. */
  bell(): void
  /** The command to give next, in a form that can be pasted. */
  next(command: string): void
  /** @throws Failure `needs-terminal`, which names the flag that would have answered */
  ask(question: string, flag: string): Promise<string>
  /** One of these keys; Enter, Escape, Ctrl-C and the end give the last of them. */
  key(question: string, keys: string): Promise<string>
  /** As `ask`, without showing what is typed. */
  askSecret(question: string, flag: string): Promise<string>
}

/** Where a terminal's lines go and its answers come from. */
export interface Lines extends Screen {
  readonly isScreen: boolean
  /** How this program is called: `sotto`, or `node dist/sotto.js`. */
  readonly program?: string
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** stderr is a screen, on which a line can be written over. */
  readonly isLive?: boolean
  /** Absent: there is nobody to ask. */
  readonly input?: (question: string, isSecret: boolean) => Promise<string>
  /** One key as it is pressed; absent: a line is read, and its first letter taken. */
  readonly press?: (question: string) => Promise<string>
}

/** JSON in ASCII: raw, even a machine's answer would carry a tip's control characters to the screen. */
export const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)

export function makeTerminal({
  columns,
  isUnicode,
  isScreen,
  isLive = false,
  program = "sotto",
  out,
  err: put,
  input,
  press,
}: Lines): Terminal {
  const screen = { columns, isUnicode }
  let live = 0
  const clear = () => {
    if (live > 0) put(`\r${" ".repeat(live)}\r`)
    live = 0
  }
  const err = (text: string) => {
    clear()
    put(text)
  }
  const line = (text: string) => `${harmlessLine(text, screen)}\n`
  const sentences = (text: string) => wrapped(harmlessLine(text, screen), Math.max(columns, 20))
  const asking = async (question: string, flag: string, isSecret: boolean): Promise<string> => {
    if (input === undefined) throw new Failure("needs-terminal", "an answer is needed and there is no terminal to ask on", `use ${flag}`)
    return input(harmlessLine(question, screen), isSecret)
  }
  return {
    columns,
    isUnicode,
    isScreen,
    canAsk: input !== undefined,
    answer: (text) => out(line(text)),
    tell(text) {
      for (const one of sentences(text)) out(`${one}\n`)
    },
    quote(text) {
      for (const one of quoted(text, screen)) out(`${one}\n`)
    },
    json: (value) => out(`${asciiJson(value)}\n`),
    say(text) {
      for (const one of sentences(text)) err(`${one}\n`)
    },
    progress(text) {
      if (!isLive) return
      clear()
      if (text === undefined) return
      const shown = harmlessLine(text, screen).slice(0, Math.max(columns, 20) - 1)
      live = shown.length
      put(shown)
    },
    bell: () => err("\u0007"),
    // Unbroken, however long: half a command is none.
    next: (command) => err(line(`next: ${program} ${command}`)),
    async key(question, keys) {
      const pressed = press === undefined ? await asking(question, "a terminal", false) : await press(harmlessLine(question, screen))
      const [key = ""] = pressed.trim().toLowerCase()
      return key !== "" && keys.includes(key) ? key : keys.slice(-1)
    },
    ask: (question, flag) => asking(question, flag, false),
    askSecret: (question, flag) => asking(question, flag, true),
  }
}

/** A terminal that does not know its own width says 0. */
const DEFAULT_COLUMNS = 80
const MAX_COLUMNS = 100

/** The terminal that this process was started in. */
export function processTerminal(): Terminal {
  const { stdout, stderr, stdin, env, argv } = process
  const script = argv[1] ?? "sotto"
  // Whoever reads our output may stop early (`| head`): that is no error of ours.
  for (const stream of [stdout, stderr]) stream.on("error", () => undefined)
  return makeTerminal({
    columns: Math.min(stdout.columns || DEFAULT_COLUMNS, MAX_COLUMNS),
    isUnicode: isUtf8(env),
    isScreen: stdout.isTTY === true,
    isLive: stderr.isTTY === true && env.TERM !== "dumb",
    program: basename(script) === "sotto" ? "sotto" : `node ${relative(process.cwd(), script)}`,
    out: (text) => stdout.write(text),
    err: (text) => stderr.write(text),
    ...(stdin.isTTY && stderr.isTTY ? { input: typed, press: pressed } : {}),
  })
}

/** POSIX: the first of these that is set says what the terminal understands. */
function isUtf8(env: NodeJS.ProcessEnv): boolean {
  if (process.platform === "win32") return true
  return /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || "")
}

/** Reads one line, key by key when it is a secret, so that nothing echoes. */
async function typed(question: string, isSecret: boolean): Promise<string> {
  process.stderr.write(`${question} `)
  if (!isSecret) {
    const { createInterface } = await import("node:readline/promises")
    const lines = createInterface({ input: process.stdin })
    try {
      for await (const line of lines) return line
      throw interrupted()
    } finally {
      lines.close()
    }
  }
  return rawly((key, text, end) => {
    if (key === "\r" || key === "\n") return end(text)
    if (key === "\u0003" || key === "\u0004") throw interrupted()
    return key === "\u007f" || key === "\b" ? Array.from(text).slice(0, -1).join("") : key === "\u0015" ? "" : text + key
  })
}

/** The first key that is pressed, without Enter. */
function pressed(question: string): Promise<string> {
  process.stderr.write(`${question} `)
  return rawly((key, _text, end) => end(key))
}

/** Takes keys as they are pressed, without echo, until one ends it.
 *  @param take - from a key and the text so far, the text as it is then */
async function rawly(take: (key: string, text: string, end: (text: string) => string) => string): Promise<string> {
  const { stdin } = process
  stdin.setRawMode(true)
  stdin.setEncoding("utf8")
  stdin.resume()
  let onData: (keys: string) => void = () => undefined
  try {
    return await new Promise<string>((resolve, reject) => {
      let text = ""
      let isOver = false
      const end = (all: string) => {
        isOver = true
        resolve(all)
        return all
      }
      onData = (keys) => {
        try {
          for (const key of keys) if (!isOver) text = take(key, text, end)
        } catch (error) {
          reject(error)
        }
      }
      stdin.on("data", onData)
    })
  } finally {
    stdin.off("data", onData)
    stdin.setRawMode(false)
    stdin.pause()
    process.stderr.write("\n")
  }
}

const interrupted = () => new Failure("interrupted", "interrupted", "run the same command again")
