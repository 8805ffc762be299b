/** The command's engines: libsodium's ES module and the hashes of `node:crypto`, as sotto.js carries them, and `node:crypto` for payloads.
 *  And the page's other engine, which needs no browser to be held to vectors; the browsers hold its bundle too. */

import { describe } from "@jest/globals"
import { commandEngine, nodeCryptoEngine, plainEngine } from "./engines.ts"
import { holdToVectors } from "./hold.ts"
import { chacha20Poly1305 } from "./suites.ts"

describe("libsodium and node:crypto in the command", () => {
  holdToVectors(commandEngine)
})

describe("the engine of worker-plain.js in Node", () => {
  holdToVectors(plainEngine)
})

describe("the payload's cipher in the command", () => {
  holdToVectors(async () => nodeCryptoEngine, [chacha20Poly1305])
})
