/** The version of package.json, which a test compares. Written out here, so that `--version` reads no file. */
export const VERSION = "0.1.0"
