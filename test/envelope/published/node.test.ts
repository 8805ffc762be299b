/** The command's engines: libsodium's ES module and the hashes of `node:crypto`, as sotto.js carries them, and `node:crypto` for payloads. */

import { describe } from "@jest/globals"
import { commandEngine, nodeCryptoEngine } from "./engines.ts"
import { holdToVectors } from "./hold.ts"
import { chacha20Poly1305 } from "./suites.ts"

describe("libsodium and node:crypto in the command", () => {
  holdToVectors(commandEngine)
})

describe("the payload's cipher in the command", () => {
  holdToVectors(async () => nodeCryptoEngine, [chacha20Poly1305])
})
