/** Answers steps over Node's own channel between processes. Built twice: as dist/vectors.js, with what sotto.js is built with,
 *  and as dist/vectors-plain.js, with the engine of worker-plain.js. Started by engines.ts. */

import { answerSteps, parseCheck } from "../../../client/worker-check.ts"
import { sodium } from "../../../envelope/sodium.ts"

process.on("message", (steps) => {
  void answerSteps(parseCheck({ kind: "check", steps }) ?? []).then((answers) => process.send?.(answers))
})
void sodium.then(() => process.send?.("ready"))
