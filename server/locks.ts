/** The keys of PostgreSQL's advisory locks, in one place: two with one number would wait for each other without a reason. */

export const MIGRATION_LOCK = 7_366_001
/** Making and dropping partitions. */
export const PARTITION_LOCK = 7_366_002
/** First key of the locks that a day's writers share and its closing takes alone; the second is the day's number. */
export const DAY_LOCK = 7_366_003
/** Shared by backups while they read. A partition is not dropped or written again meanwhile: to drop it takes a lock on the whole table, which
 *  would wait for the backup, and every tip would wait behind it. */
export const BACKUP_LOCK = 7_366_004
/** Beginning an upload. */
export const UPLOADS_LOCK = 7_366_005
/** First key of the locks under which a closed day is written again; the second is the day's number. */
export const TIDY_LOCK = 7_366_006
/** Trying a backup in a database of its own. Locks are a database's: it is taken in the one that the command was given. */
export const VERIFY_LOCK = 7_366_007
