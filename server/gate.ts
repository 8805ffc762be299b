/** Who may send, or look into a mailbox, while somebody floods the line, without knowing who anybody is: no address, no cookie, no account.
 *  SPEC.md §8.3, docs/decisions/0039.
 *
 *  Calm: everybody, at once. When more than so many come in a minute: whoever did a small sum, and the more come, the larger it is. Besides, a
 *  few envelopes of the smallest size without one, so that the line stays open for whoever cannot calculate: a browser without scripts, `curl`. */

import { randomBytes } from "node:crypto"
import type { Bytes } from "../envelope/bytes.ts"
import { hmacSha256 } from "../envelope/hash.ts"
import { isOurs, isSolved, makeChallenge, parseWork } from "../keyring/work.ts"
import type { Clock } from "./clock.ts"
import type { NonceStore } from "./nonces.ts"
import { Problem } from "./problem.ts"
import { type Room, SMALLEST_ONLY_SHARE } from "./room.ts"

export interface Gate {
  /** Lets an envelope in, or not.
   *  @param isSmallest - whether it has the floor size
   *  @param work - the field `Sotto-Work`
   *  @throws {@link Problem} `work-wanted`, `bad-work`, `not-ready` */
  admit(isSmallest: boolean, work: string | undefined): Promise<void>
  /** Lets a piece of an upload in that was let in before, or not: between the two the store may have filled.
   *  @throws {@link Problem} `not-ready` */
  admitPiece(): Promise<void>
  /** Lets somebody look into a mailbox, or not: before anything is looked for, so the answer tells nothing of what waits there. Counted apart
   *  from what is sent: a flood of looks makes nobody's tip dearer, nor the other way round.
   *  @throws {@link Problem} `work-wanted`, `bad-work` */
  admitLook(work: string | undefined): Promise<void>
  /** What would have to be calculated now; `undefined`: nothing, it is calm. */
  challenge(): Promise<string | undefined>
}

export interface GateLimits {
  /** So many a minute are let in without anything, a process. */
  readonly calm: number
  /** So many of the smallest size a minute besides, without a sum. */
  readonly lane: number
}
export const GATE_LIMITS: GateLimits = { calm: 60, lane: 20 }

const MINUTE_MS = 60_000
const VALID_SECONDS = 600
/** The largest that applies first. The sum's size when so many times the calm number are let in. About 0.2, 0.7 and 3 seconds of one processor. */
const LEVELS = [
  { over: 16, bits: 8 },
  { over: 4, bits: 6 },
  { over: 1, bits: 4 },
] as const

const ASKED = "Many are asking right now. Do the sum of GET /api/challenge, or try again."
const bitsAt = (times: number): number => LEVELS.find(({ over }) => times >= over)?.bits ?? 0

/** How many came in the last minute, about: each counts less as it ages. In memory, of this process, and of nobody in particular. */
function rate(now: () => number) {
  let [value, at] = [0, now()]
  const current = () => value * Math.exp(-(now() - at) / MINUTE_MS)
  return {
    current,
    count() {
      value = current() + 1
      at = now()
    },
  }
}

/** @param secret - 32 bytes that every process of this server has */
export function makeGate(deps: { secret: () => Promise<Bytes>; nonces: NonceStore; clock: Clock; room: Room; limits?: GateLimits }): Gate {
  const { secret, nonces, clock, room, limits = GATE_LIMITS } = deps
  const [all, lane, looks] = [rate(() => clock.now()), rate(() => clock.now()), rate(() => clock.now())]
  let key: Bytes | undefined
  let free = 1
  // Kept once it is there: where the database was away when it was first wanted, it is asked for again.
  const workKey = async () => (key ??= await hmacSha256(await secret(), new TextEncoder().encode("sotto/v1/work\n")))

  /** The fuller the store, the fewer are ordinary: so a flood fills it ever more slowly, and never quite. */
  const bitsWanted = () => bitsAt(all.current() / (limits.calm * free))
  const bitsOfLook = () => bitsAt(looks.current() / limits.calm)

  async function check(field: string, wanted: number): Promise<void> {
    const bad = (rule: string) => new Problem("bad-work", rule)
    const work = parseWork(field)
    // Cheap checks first: what costs a flooder nothing must cost us nothing.
    if (work === undefined) throw bad("The field Sotto-Work is not of the form that GET /api/challenge asks for.")
    const seconds = clock.now() / 1_000
    if (work.challenge.until < seconds || !(await isOurs(await workKey(), work.challenge)))
      throw bad("This sum was not asked for here, or too long ago.")
    // Asked for in a calmer moment it was easier: one step less is taken, so that nobody has to begin again because others came.
    if (work.challenge.bits < wanted - 2) throw bad("More is asked for by now.")
    if (!(await isSolved(work))) throw bad("The sum is wrong.")
    if (!(await nonces.take(work.challenge.salt, clock.today()))) throw bad("This sum was used before.")
  }

  return {
    async admit(isSmallest, work) {
      free = await room.freeShare()
      if (free <= (isSmallest ? 0 : SMALLEST_ONLY_SHARE))
        throw new Problem("not-ready", "There is no room for this right now. Nothing was kept; try again later.")
      if (work !== undefined) await check(work, bitsWanted())
      else if (bitsWanted() > 0) {
        if (!isSmallest || lane.current() >= limits.lane * free) throw new Problem("work-wanted", ASKED)
        lane.count()
        return // not counted with the others: the lane makes nobody's sum larger
      }
      all.count()
    },
    async admitPiece() {
      if ((await room.freeShare()) <= SMALLEST_ONLY_SHARE)
        throw new Problem("not-ready", "There is no room for more of this right now. What came before stays; go on later.")
    },
    async admitLook(work) {
      if (work !== undefined) await check(work, bitsOfLook())
      // No lane beside it: whoever can sign a look can do the sum.
      else if (bitsOfLook() > 0) throw new Problem("work-wanted", ASKED)
      looks.count()
    },
    async challenge() {
      // One challenge is good for both, so that asking for it does not say what for.
      const bits = Math.max(bitsWanted(), bitsOfLook())
      if (bits === 0) return undefined
      const until = Math.floor(clock.now() / 1_000) + VALID_SECONDS
      return makeChallenge(await workKey(), new Uint8Array(randomBytes(16)), bits, until)
    },
  }
}
