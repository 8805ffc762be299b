/** SOTTO_WORK_FACTOR: how long a passphrase is stretched in new files. Below the default only for a generated one, which needs no stretching. */

import { Failure } from "../failure.ts"
import { DEFAULT_WORK_FACTOR, MAX_WORK_FACTOR, MIN_WORK_FACTOR } from "./passphrase.ts"

/** @throws Failure `usage` */
export function parseWorkFactor(text: string | undefined): number {
  if (text === undefined || text === "") return DEFAULT_WORK_FACTOR
  const factor = /^\d{2}$/.test(text) ? Number(text) : 0
  if (factor < MIN_WORK_FACTOR || factor > MAX_WORK_FACTOR)
    throw new Failure("usage", "SOTTO_WORK_FACTOR is out of bounds", `use a whole number from ${MIN_WORK_FACTOR} to ${MAX_WORK_FACTOR}`)
  return factor
}
