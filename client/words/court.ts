/** Every sentence about what a court could get from us, but for the rows: those are the ledger's own (db/README.md), which a test holds to the
 *  schema, and the other languages say each of them too. Filled into the HTML by the build, as `{{court.…}}`; between backticks stands code. */

export const court = {
  title: "What a court could get from us",
  lead: "Everything that our server stores stands below, column by column. The list is made from the one that our tests hold the database to: nothing can be stored that is not on it.",

  absentTitle: "What is not there",
  absent: {
    content: "What you wrote and your files, in any form that we or whoever has the server could open. Only the reporters you chose can.",
    address:
      "Your network address, your browser, and in these lists the time of day. Of about the last day, the database’s journal still has the moment at which something was stored.",
    words: "Your eight words, and anything that opens your mailbox.",
  },

  demandedTitle: "What can be demanded all the same",
  demanded: {
    reporters: "From reporters: what they have kept on their own computers.",
    server: "From whoever runs the server: to record, from that day on, who connects and when. Tor hides your address from that too.",
    copies: "From anybody: copies made before a tip was deleted. Deleting reaches the server, not copies of it.",
  },

  storedTitle: "What is stored",
  stored: "A tip is deleted after the days that the page names; `retentionDays` below is their number.",
  kept: "Kept:",
  back: "Back to the page",

  /** What a table is for, as a source would ask. */
  tables: {
    envelopes: "Tips, locked",
    uploads: "Large tips that are on their way",
    large_envelopes: "Large tips, locked",
    chunks: "Pieces of large tips, locked",
    replies: "Where answers to sources wait",
    fillers: "What mailboxes are filled up with",
    closed_days: "Days for which nothing is taken any more",
    keyrings: "Who works for the newsroom, public",
    day_notes: "The reporters’ keys of the day, public",
    subscriptions: "Which reporters want a mail",
    mails: "Mails to reporters that are on their way",
    releases: "The program itself, as it was signed, public",
    nonces: "What is taken only once",
    migrations: "Versions of the database",
  },
} as const

type Text<Of> = { readonly [Key in keyof Of]: Of[Key] extends string ? string : Text<Of[Key]> }
export interface Court extends Text<typeof court> {
  /** Why a column is there, by `table.column`. */
  readonly columns: Readonly<Record<string, string>>
  /** How long, by the ledger's words for it. */
  readonly howLong: Readonly<Record<string, string>>
}
