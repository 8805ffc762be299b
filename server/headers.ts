/** One set of headers for every response, errors included. One CSP string for all of them: the code-transparency extension WEBCAT
 *  refuses a site where a single response differs, and a page that is strict only where it is easy is not strict. */

import type { NextFunction, Request, Response } from "express"
import helmet from "helmet"

export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'none'",
  "connect-src 'self'",
  "worker-src 'self'",
  "child-src 'none'",
  "frame-src 'none'",
  "object-src 'none'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types sotto-worker",
].join("; ")

const denied = [
  ...["accelerometer", "autoplay", "bluetooth", "browsing-topics", "camera", "clipboard-read"],
  ...["display-capture", "encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts"],
  ...["magnetometer", "microphone", "midi", "payment", "picture-in-picture", "publickey-credentials-create", "publickey-credentials-get"],
  ...["serial", "storage-access", "usb", "web-share", "window-management", "xr-spatial-tracking"],
]
// What the page uses: copying the eight words when asked to, and keeping the screen awake while it sends.
const allowed = ["clipboard-write=(self)", "screen-wake-lock=(self)"]
const PERMISSIONS_POLICY = [...denied.map((feature) => `${feature}=()`), ...allowed].join(", ")

/** Headers that every response carries, whatever its route or status. */
export function commonHeaders(url: string): Readonly<Record<string, string>> {
  return {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Integrity-Policy": "blocked-destinations=(script)",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Origin-Agent-Cluster": "?1",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-DNS-Prefetch-Control": "off",
    "X-Permitted-Cross-Domain-Policies": "none",
    "X-Robots-Tag": "noarchive",
    "Permissions-Policy": PERMISSIONS_POLICY,
    ...(url.startsWith("https://") ? { "Strict-Transport-Security": "max-age=63072000; includeSubDomains; preload" } : {}),
  }
}

/** helmet takes away what Express adds and sets its own defaults; then every value is ours, so that an update of it changes nothing. */
export function securityHeaders(url: string) {
  const base = helmet({ contentSecurityPolicy: false, strictTransportSecurity: false, xXssProtection: false, xDownloadOptions: false })
  const ours = commonHeaders(url)
  return (req: Request, res: Response, next: NextFunction): void => {
    base(req, res, () => {
      res.set(ours)
      next()
    })
  }
}
