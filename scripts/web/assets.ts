/** The page's files, which the build puts into the program: no file of it is looked for when it runs. */

export type Assets = Readonly<Record<string, { readonly type: string; readonly body: string }>>

/** What the build defines: the page's HTML, style and script. Absent where the sources run as they are. */
declare const SOTTO_WEB: { readonly html: string; readonly css: string; readonly js: string } | undefined

const files = typeof SOTTO_WEB === "undefined" ? undefined : SOTTO_WEB
export const ASSETS: Assets =
  files === undefined
    ? {}
    : {
        "/": { type: "text/html", body: files.html },
        "/web.css": { type: "text/css", body: files.css },
        "/web.js": { type: "text/javascript", body: files.js },
      }
