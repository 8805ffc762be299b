/** `doctor`: looks at a line from outside, and, where it is told how, at the server and at this machine; says of each thing whether it is fine,
 *  and with which command it is mended. The exit code is for a timer or CI: 1 as soon as something fails. */

import { verifyChain } from "../../../keyring/keyring.ts"
import { type PinnedNewsroom, parsePinned } from "../../../keyring/newsroom.ts"
import type { Desk } from "../../desk.ts"
import { EXIT, Failure } from "../../failure.ts"
import { readChain } from "../../vault/chain.ts"
import { readGiven } from "../../vault/given.ts"
import { pinIfThere } from "../../vault/home.ts"
import { examine, type Finding, type Verdict } from "./facts.ts"
import { gatherLine } from "./gather.ts"
import { gatherLaptop, gatherServer } from "./inside.ts"
import { LAPTOP_CHECKS } from "./laptop.ts"
import { LINE_CHECKS } from "./line.ts"
import { SERVER_CHECKS } from "./server.ts"
import { type Logged, loggedIn } from "./transparency.ts"

export interface Doctor {
  /** The line's address; the newsroom's of this folder if absent. */
  readonly url?: string
  readonly pin?: string
  /** Whom the callouts are about: domains. Stays on this machine. */
  readonly subject?: readonly string[]
  /** That company's own list of address ranges, as it publishes it. */
  readonly ranges?: string
  readonly article?: string
  readonly env?: string
  readonly databaseUrl?: string
  readonly log?: readonly string[]
  readonly backups?: string
  /** The public logs' list of certificates for this name, as fetched by somebody elsewhere (JSON). */
  readonly certificates?: string
  /** `HOST:PORT` of the resolver that is asked about signatures, instead of the system's. */
  readonly resolver?: string
  /** Tor's settings. */
  readonly torrc?: string
  /** Look at this machine's keys too. */
  readonly laptop?: boolean
  readonly json?: boolean
  /** A warning fails too. */
  readonly strict?: boolean
}

/** @returns the exit code
 *  @throws Failure `usage`: no address is known */
export async function doctor(desk: Desk, options: Doctor): Promise<number> {
  const findings = await look(desk, options)
  const count = (verdict: Verdict) => findings.filter((one) => one.verdict === verdict).length
  const [failed, warned] = [count("fail"), count("warn")]
  if (options.json) desk.terminal.json({ v: 1, failed, warned, findings })
  else {
    for (const finding of findings) tell(desk, finding)
    desk.terminal.say(`${findings.length} things looked at: ${count("fine")} fine, ${warned} to be looked into, ${failed} wrong`)
  }
  return failed > 0 || (options.strict && warned > 0) ? EXIT.failed : EXIT.done
}

function tell({ terminal }: Desk, { check, verdict, sentence, mend }: Finding): void {
  terminal.answer(`${verdict}  ${check}: ${sentence}`)
  if (mend !== undefined) terminal.answer(`      ${mend}`)
}

async function look(desk: Desk, options: Doctor): Promise<readonly Finding[]> {
  const { article, env, databaseUrl, log = [], backups, subject = [], ranges, torrc } = options
  const pin = options.pin === undefined ? await pinIfThere(desk) : await parsePinned((await readGiven(options.pin)).trimEnd())
  const url = (options.url ?? pin?.url)?.replace(/\/+$/, "")
  if (url === undefined) throw new Failure("usage", "which line is to be looked at?", "name its address: doctor https://…")
  const chain = pin === undefined ? [] : await known(desk, pin)
  const line = await gatherLine({
    url,
    pin,
    seen: chain.at(-1),
    subjects: subject.map((one) => one.toLowerCase()),
    ranges: ranges === undefined ? [] : rangesIn(await readGiven(ranges)),
    clock: desk.clock,
    ...(options.certificates === undefined ? {} : { logged: await certificatesIn(options.certificates, desk.clock.seconds() * 1_000) }),
    ...(options.resolver === undefined ? {} : { resolver: options.resolver }),
    ...(desk.proxy === undefined ? {} : { proxy: desk.proxy }),
    ...(desk.base === undefined ? {} : { base: desk.base }),
    ...(article === undefined ? {} : { article }),
  })
  // After the line was asked: by then a log that is not silent has the mark.
  const server = await gatherServer({
    today: desk.clock.today(),
    now: desk.clock.seconds() * 1_000,
    logs: log,
    isMarkSent: line.unknown !== undefined,
    ...(env === undefined ? {} : { env }),
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    ...(torrc === undefined ? {} : { torrc }),
    ...(backups === undefined ? {} : { backups }),
  })
  const laptop = options.laptop
    ? examine(LAPTOP_CHECKS, {
        ...(await gatherLaptop(desk, chain)),
        ...(line.skewSeconds === undefined ? {} : { skewSeconds: line.skewSeconds }),
      })
    : []
  return [...examine(LINE_CHECKS, line), ...examine(SERVER_CHECKS, server), ...laptop]
}

async function certificatesIn(file: string, now: number): Promise<readonly Logged[]> {
  try {
    return loggedIn(await readGiven(file), now)
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw new Failure(
      "usage",
      "the list of certificates is not what the search pages of the public logs export (JSON)",
      "fetch it again from one, as JSON",
      {
        cause,
      },
    )
  }
}

/** The chain of this folder, if it is of the newsroom that is looked at. */
async function known(desk: Desk, pin: PinnedNewsroom) {
  const own = await pinIfThere(desk)
  if (own === undefined || own.id.some((byte, index) => byte !== pin.id[index])) return []
  const chain = await readChain(desk, own)
  return chain.length === 0
    ? chain
    : verifyChain(
        chain.map(({ source }) => source),
        { newsroom: pin.id },
      )
}

/** Every address range in a list, whatever its shape: the companies' lists differ. */
export const rangesIn = (text: string): readonly string[] =>
  [...text.matchAll(/"([0-9a-fA-F.:]+\/\d{1,3})"/g)].map(([, range = ""]) => range)
