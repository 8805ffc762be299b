/** Both bundles in the second engine: with WebAssembly, and where somebody has switched it off. */

import { FIREFOX, launchFirefox, NO_WASM } from "../../support/firefox.ts"
import { describeWhere } from "../../support/needs.ts"
import { bundleEngine } from "./engines.ts"
import { holdToVectors } from "./hold.ts"

describeWhere(FIREFOX, "worker.js in Firefox", () => {
  holdToVectors(async () => bundleEngine(await launchFirefox(), "worker.js"))
})

describeWhere(FIREFOX, "worker-plain.js in Firefox without WebAssembly", () => {
  holdToVectors(async () => bundleEngine(await launchFirefox({ prefs: NO_WASM }), "worker-plain.js", " without WebAssembly"))
})
