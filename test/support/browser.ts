/** The browser of the demo is the browser of the tests. */
export { type LaunchedBrowser, launchBrowser } from "../../scripts/browser.ts"
