/** The bundle where it is slowest: Firefox with neither WebAssembly nor a compiler, which is Tor Browser at its safest. */

import { FIREFOX, launchFirefox, NO_JIT, NO_WASM } from "../../support/firefox.ts"
import { describeWhere } from "../../support/needs.ts"
import { bundleEngine } from "./engines.ts"
import { holdToVectors } from "./hold.ts"

describeWhere(FIREFOX, "worker-plain.js in Firefox without a compiler", () => {
  holdToVectors(async () =>
    bundleEngine(await launchFirefox({ prefs: { ...NO_WASM, ...NO_JIT } }), "worker-plain.js", " without a compiler"),
  )
})
