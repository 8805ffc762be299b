/** Writes deploy/unavailable.caddy. `npm run caddy`. */

import { writeFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { unavailableCaddy } from "./unavailable.ts"

await writeFile(fileURLToPath(new URL("../deploy/unavailable.caddy", import.meta.url)), unavailableCaddy())
