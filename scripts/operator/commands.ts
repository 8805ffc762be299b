/** What `sotto operator` runs, as one program of its own (dist/operator.js): a reporter's command does not carry a database driver. */

export { backup } from "./backup.ts"
export { doctor } from "./doctor/doctor.ts"
export { restore, verify } from "./restore.ts"
export { makeBackupKey } from "./seal-file.ts"
export { operatorStatus } from "./status.ts"
