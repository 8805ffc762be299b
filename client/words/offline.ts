/** Every sentence of the page that is saved and opened without a network, in English, as `{{offline.…}}`; `{name}` stands for a value.
 *  What it has in common with other pages comes from theirs: offline-catalogues.ts. */

export const offline = {
  heading: "Lock a tip without a network",
  lead: "This page locks what you write on this device and gives you a file. It sends nothing, and works without a network.",
  saveTitle: "Save this page first",
  save: "Open it from where you saved it: as a file it can do its work, here it cannot. If it shows these words there too, scripts are off, or this browser cannot lock anything.",
  keysTitle: "Whose keys, and for which day",
  line: "The newsroom’s line",
  lineHelp:
    "It begins with sotto-newsroom-1, and stands in print or on another site of the newsroom’s. Everything else is checked with it.",
  file: "Today’s keys",
  fileHelp: "The file keys.json that you saved from the newsroom’s page today.",
  check: "Check the keys",
  badLine: "This line has a slip. Compare it character by character with where you found it.",
  noFile: "Choose the file with today’s keys.",
  badFile:
    "This file does not hold keys of this newsroom that this page can believe. Do not use it. Save it again, best over another network, and compare the line.",
  oldFile: "These keys are of another day than this device’s date. Save today’s, or put the date right.",
  nobody: "Nobody can be reached with these keys.",
  tipTitle: "What should they know?",
  good: "These keys are {newsroom}’s, for {day}. What you lock with them is taken until the end of {until} (UTC).",
  readers: "Who may read this?",
  away: "{name} cannot be reached today.",
  message: "Your words",
  messageHelp: "Nothing is kept in this browser: close the page and your words are gone.",
  files: "Files, if you like",
  filesHelp: "Words and files together can have up to {size} KiB. Their names are locked too. Files can carry hidden marks.",
  lock: "Lock it",
  working: "Locking. In a slow browser this takes a minute.",
  noReader: "Choose at least one person who may read this.",
  empty: "There is nothing to lock yet.",
  tooLarge: "This is more than fits. Leave out a file or shorten your words.",
  failed: "This could not be locked. Check your files, then try again.",
  doneTitle: "Locked",
  save2: "Save the locked file",
  until: "Hand it in before the end of {until} (UTC).",
  hand: "Hand in the file on the newsroom’s page, mail it, or carry it on a stick. Keep the date in its name. Who carries it can see its size and that date, and cannot open it. Then close this page.",
  wordsTitle: "Your eight words",
  words: "With them you can read an answer on the newsroom’s page. They are shown here only.",
  keep: "Write them on paper that looks like something else. Do not photograph them.",
} as const

export type Offline = { readonly [Key in keyof typeof offline]: string }
