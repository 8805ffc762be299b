/** A second browser engine: Debian's Firefox without a window, driven over WebDriver BiDi. Its preferences switch off what some people switch off. */

import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Browser } from "puppeteer-core"

export interface LaunchedFirefox {
  readonly browser: Browser
  /** For people and reports, such as `Firefox 140.3.0`. */
  readonly name: string
  /** Closes it. Idempotent. */
  close(): Promise<void>
}

export interface FirefoxOptions {
  /** As in about:config, such as `{ "javascript.options.wasm": false }`. */
  readonly prefs?: Readonly<Record<string, boolean | number | string>>
}

export const FIREFOX = "/usr/bin/firefox-esr"

/** Keeps it from talking to anybody but the page's server. */
const QUIET = {
  "app.normandy.enabled": false,
  "app.update.enabled": false,
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "browser.search.update": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "extensions.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "services.settings.server": "data:,",
  "toolkit.telemetry.enabled": false,
}

/** Without WebAssembly. Plain JavaScript is still compiled. */
export const NO_WASM = { "javascript.options.wasm": false }
/** No compiler of any tier, only the interpreter. Together with {@link NO_WASM} it is what Tor Browser does when set to its safest. */
export const NO_JIT = {
  "javascript.options.asmjs": false,
  "javascript.options.baselinejit": false,
  "javascript.options.blinterp": false,
  "javascript.options.ion": false,
  "javascript.options.native_regexp": false,
}

/** @throws Error if there is none that runs here */
export async function launchFirefox({ prefs = {} }: FirefoxOptions = {}): Promise<LaunchedFirefox> {
  // A home of its own: as root it refuses to run in somebody else's.
  const home = await mkdtemp(join(tmpdir(), "sotto-firefox-"))
  const { launch } = await import("puppeteer-core")
  const browser = await launch({
    browser: "firefox",
    executablePath: FIREFOX,
    headless: true,
    env: { PATH: process.env.PATH ?? "", HOME: home, TMPDIR: home, MOZ_CRASHREPORTER_DISABLE: "1" },
    extraPrefsFirefox: { ...QUIET, ...prefs },
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  })
  const close = async (): Promise<void> => {
    await browser.close()
    await rm(home, { recursive: true, force: true, maxRetries: 5 })
  }
  return { browser, name: (await browser.version()).replace(/^firefox\//i, "Firefox "), close }
}
