/** What a stranger is told when a request is refused: RFC 9457, a closed set of types. SPEC.md §9. */

const statuses = {
  "bad-query": 400,
  "bad-body": 400,
  "no-mailbox": 401,
  "not-signed": 401,
  "bad-signature": 401,
  "not-allowed": 403,
  "not-found": 404,
  "wrong-method": 405,
  conflict: 409,
  "work-wanted": 429,
  "bad-work": 422,
  "wrong-version": 412,
  "too-large": 413,
  "wrong-type": 415,
  "bad-range": 416,
  "wrong-length": 422,
  "bad-envelope": 422,
  "bad-note": 422,
  "day-closed": 422,
  broken: 500,
  "not-ready": 503,
} as const

export type ProblemType = keyof typeof statuses

/** Thrown by a handler; answered in one place. The rule is ours, in fixed words: nothing of the request is ever echoed. */
export class Problem extends Error {
  override readonly name = "Problem"
  readonly type: ProblemType
  readonly status: number

  constructor(type: ProblemType, rule: string, options?: ErrorOptions) {
    super(rule, options)
    this.type = type
    this.status = statuses[type]
  }
}

export const PROBLEM_TYPE = "application/problem+json"
export const problemBody = ({ type, message, status }: Problem): string =>
  JSON.stringify({ type: `urn:sotto:problem:${type}`, title: message, status })
