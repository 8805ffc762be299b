/** The bundle that Chromium's users get. */

import { describe } from "@jest/globals"
import { launchBrowser } from "../../support/browser.ts"
import { bundleEngine } from "./engines.ts"
import { holdToVectors } from "./hold.ts"

describe("worker.js in Chromium", () => {
  holdToVectors(async () => bundleEngine(await launchBrowser(), "worker.js"))
})
