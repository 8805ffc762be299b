/** The second browser engine, as the benchmarks start it. */
export { FIREFOX, type FirefoxOptions, type LaunchedFirefox, launchFirefox, NO_JIT, NO_WASM } from "../../scripts/firefox.ts"
