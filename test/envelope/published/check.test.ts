/** The worker's answer to vectors is a closed list: it takes the steps it knows, with all their bytes, and nothing else. */

import { describe, expect, test } from "@jest/globals"
import { answerSteps, parseCheck } from "../../../client/worker-check.ts"

const bytes = (length: number) => new Uint8Array(length)

describe("a list of steps", () => {
  test("is told from the page's own messages", () => {
    for (const other of [undefined, null, "check", [], { kind: "seal" }, { steps: [] }]) expect(parseCheck(other)).toBeUndefined()
  })

  test.each([
    ["an operation that nobody knows", [["memzero", bytes(32)]]],
    ["the name of something every object has", [["constructor", bytes(32)]]],
    ["too few arguments", [["hmac", bytes(32)]]],
    ["too many arguments", [["hmac", bytes(32), bytes(1), bytes(1)]]],
    ["text in the place of bytes", [["hmac", "key", bytes(1)]]],
    ["no list", { hmac: [] }],
  ])("is refused with %s", (_what, steps) => {
    expect(() => parseCheck({ kind: "check", steps })).toThrow()
  })

  test("is refused with a member more", () => {
    expect(() => parseCheck({ kind: "check", steps: [], draft: {} })).toThrow()
  })

  test("is answered in order, and a refusal stops none that come after it", async () => {
    const [refused, tag] = await answerSteps([
      ["x25519", bytes(32), bytes(32)],
      ["hmac", bytes(32), bytes(0)],
    ])
    expect(refused).toMatch(/weak public key/)
    expect(tag).toHaveLength(32)
  })
})
