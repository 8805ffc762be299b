/** What the server says itself, in English: today's list and the questions, for whoever has scripts off. `{name}` stands for a value.
 *  Each sentence is true of this version. Other languages have the same keys: {@link ListWords}. */

export const en = {
  lang: "en",
  dir: "ltr",
  /** Says that no native speaker has read this language yet; empty once one has. */
  unreviewed: "",

  title: "{newsroom}: how to lock a tip by hand, on {day} (UTC)",
  tools: "You need GNU tar, and age 1.3 or newer. Read all of this before you run any of it.",
  prepare:
    "Put your words into message.txt, and into this folder whatever files you want to add. The names of files and what they hold are locked; message.txt and the files stay on this computer as they are: delete them afterwards, and better work in a folder in memory.",
  until: "This list is good for {day}; what is locked with it is taken until {days} days after.",
  unproven:
    "Nothing that tar or age can do proves that the keys below are the newsroom's. Our server gave them to you. “sotto seal” and the page to save check that; these commands do not.",
  who: "Who can read it. Put a # before the line of whoever shall not.",
  away: "cannot be reached today: {name}",
  places:
    "Every place gets a key, and nobody can tell from outside which ones are read: the others are locked with keys that are thrown away here.",
  nobody: "NOBODY could read this: leave at least one name",
  archive:
    "Names, times and owners of this computer stay out. Add your files after message.txt. Then it is filled up to a length that many tips have.",
  notMade: "NOT MADE: too large, or age is not 1.3 or newer",
  handIn: "Hand in {file} on the page. Keep the date in its name: it says which keys it was locked with.",

  asks: "What {newsroom} asks",
  copy: "Copy what you want to answer into message.txt. All of it is optional. Skip what points to you.",
  nothing: "Nothing in particular at the moment. Free words are always welcome.",
  why: "Why we ask: {text}",
  next: "What happens next: {text}",
  band: "{from} to {to}",
  bandOpen: "{from} or more",
} as const

export type ListWords = { readonly [Key in keyof typeof en]: string }
