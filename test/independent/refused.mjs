/** What the second reader refuses with: the codes of SPEC.md §9. */

export class Refused extends Error {
  constructor(code) {
    super(code)
    this.code = code
  }
}
export function refuse(code) {
  throw new Refused(code)
}
