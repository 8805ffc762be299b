/** The bundle for Chromium without WebAssembly, which comes without a compiler too. */

import { describe } from "@jest/globals"
import { launchBrowser } from "../../support/browser.ts"
import { bundleEngine } from "./engines.ts"
import { holdToVectors } from "./hold.ts"

describe("worker-plain.js in Chromium without a compiler", () => {
  holdToVectors(async () => bundleEngine(await launchBrowser({ args: ["--js-flags=--jitless"] }), "worker-plain.js", " without a compiler"))
})
