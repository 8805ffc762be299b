/** All that is fuzzed. */

import type { Target } from "./target.ts"
import { archive } from "./targets/archive.ts"
import { byHand } from "./targets/by-hand.ts"
import { header } from "./targets/header.ts"
import { letter } from "./targets/letter.ts"
import { day, keyring, note } from "./targets/notes.ts"
import { screen } from "./targets/screen.ts"
import { stream } from "./targets/stream.ts"

export const TARGETS: readonly Target[] = [header, stream, archive, byHand, letter, note, keyring, day, screen]
