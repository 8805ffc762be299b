/** Stops the PostgreSQL of a test run. */

import { RUN, type Run } from "./global-setup.ts"

export default async function tearDown(): Promise<void> {
  const { [RUN]: run } = globalThis as { [RUN]?: Run }
  await run?.end()
}
