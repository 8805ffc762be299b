/** What Caddy answers while the server is away, as a piece of its configuration: the server's own headers, because a single response
 *  with others is one that a browser under WEBCAT refuses, and a problem as SPEC.md §9 has it. Generated: `npm run caddy`. */

import { commonHeaders } from "../../server/headers.ts"
import { PROBLEM_TYPE, Problem, problemBody } from "../../server/problem.ts"

const RETRY_SECONDS = "5"

/** deploy/unavailable.caddy, for a newsroom that is reached by HTTPS. */
export function unavailableCaddy(): string {
  const problem = new Problem("not-ready", "The server is away for a moment. Nothing was kept; try again.")
  const headers = { ...commonHeaders("https://"), "Content-Type": PROBLEM_TYPE, "Retry-After": RETRY_SECONDS }
  const lines = Object.entries(headers).map(([name, value]) => `\t${name} "${value}"`)
  return [
    "# Generated from server/headers.ts: npm run caddy. A test compares it.",
    "header {",
    ...lines,
    "}",
    `respond \`${problemBody(problem)}\` ${problem.status}`,
    "",
  ].join("\n")
}
