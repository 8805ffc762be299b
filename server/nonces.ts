/** Each signed request is taken once. */

import type { Day } from "../envelope/day.ts"
import type { Database } from "./database.ts"

export interface NonceStore {
  /** @returns `false`: this nonce was taken before */
  take(nonce: string, today: Day): Promise<boolean>
}

export function nonceStore(database: Database): NonceStore {
  return {
    async take(nonce, today) {
      const { rowCount } = await database.query(
        "insert into nonces (nonce, day) values ($1::bytea, $2::date) on conflict (nonce) do nothing",
        [Buffer.from(nonce, "base64url"), today],
      )
      return rowCount === 1
    },
  }
}
