/** Every sentence for whoever has scripts off, and for the answers to their form. Each language has a page of its own.
 *  Each one is true of this version. Filled into the HTML by the build, as `{{plain.…}}`. */

export const plain = {
  title: "Scripts are off",
  lead: "This page cannot lock what you write without scripts, and it never sends anything that is not locked. So there is no field to write in. You can turn scripts on for this page, or lock a tip yourself and hand it in here.",
  stopTitle: "Before you go on",
  device:
    "Not on a work phone or laptop, and not on a work network or VPN. We cannot hide from your employer’s devices that you were here.",
  say: "If only you could know it, say it differently. Copies of mails and documents can carry hidden marks.",

  offline: {
    title: "With a browser that has scripts, and no network",
    text: "Save the page below and today’s keys, open the saved page in any browser, and write there. It needs no network and checks the keys by itself. It gives you a locked file, which you can hand in here, mail, or carry on a stick.",
    page: "The page to save",
    keys: "Today’s keys",
    sum: "The newsroom publishes the SHA-256 of that page. Compare it before you open the page.",
  },

  hand: {
    title: "With tar and age, in a terminal",
    text: "You need GNU tar and age 1.3 or newer. Today’s list has the names of who reads, their keys, and the commands, complete, for you to read before you run them.",
    list: "Today’s list of readers, with the commands",
    questions: "What we ask, to answer in your message",
    lacks:
      "Such a tip has no eight words: we cannot answer it. The list is not signed in a way that these tools could check; whoever has taken over our server could put other keys in it. The page to save, and our own command (sotto seal), do check.",
  },

  form: {
    title: "Hand in a locked file",
    label: "Your locked file",
    help: "Only a file that ends in .age and was made for this newsroom, of at most 1 MiB. Its name is not kept. A file that is not locked would be sent as it is, and refused.",
    button: "Hand it in",
  },

  channels: "Other ways to reach us",
  back: "Back to the page",
  leave: "Then leave this page. Your browser’s history may keep its address.",

  kept: {
    title: "Handed in",
    text: "Our server has your locked file and cannot open it. Those whose keys it was locked with can, once they fetch it.",
    next: "We were told nothing but the file: not its name, not who you are.",
  },
  notLocked: {
    title: "Not taken: this is not a locked file",
    text: "Our server takes files that age has locked, in binary form (not age -a), and nothing else. It has kept nothing. If what you chose could be read by anybody, it has travelled to our server as it was: think about what it says before you do more.",
    next: "Lock it first, then hand in the file that ends in .age.",
  },
  wrongShape: {
    title: "Not taken: it is not of the right shape",
    text: "The file is locked, and not as this newsroom’s are: with one key for each place of today’s list, in its order, and filled up to one of the listed lengths. Our server has kept nothing, because from its shape others could tell it from all other tips.",
    next: "Make it again with the commands of today’s list, all of them.",
  },
  tooLarge: {
    title: "Not taken: it is too large",
    text: "Here a locked file may have at most 1 MiB. Our server has kept nothing.",
    next: "Leave out what you can, or use another way.",
  },
  closed: {
    title: "Not taken: its day is over",
    text: "The file was locked with the keys of a day for which nothing is taken any more. Our server has kept nothing.",
    next: "Make it again with today’s list or today’s keys. If the date in the file’s name is wrong, rename the file.",
  },
  later: {
    title: "Not taken: something is wrong on our side",
    text: "Our server cannot keep anything right now. It has kept nothing.",
    next: "Try again in a few minutes, with the same file.",
  },
} as const

export type Plain = Text<typeof plain>
type Text<Of> = { readonly [Key in keyof Of]: Of[Key] extends string ? string : Text<Of[Key]> }

/** Every sentence of the page that is saved and opened without a network, as `{{offline.…}}`; `{name}` stands for a value. */
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
  filesHelp: "Words and files together can have up to {size}. Their names are locked too. Files can carry hidden marks.",
  lock: "Lock it",
  working: "Locking. In a slow browser this takes a minute.",
  noReader: "Choose at least one person who may read this.",
  empty: "There is nothing to lock yet.",
  tooLarge: "This is more than fits. Leave out a file or shorten your words.",
  failed: "This could not be locked. Check your files, then try again.",
  doneTitle: "Locked",
  save2: "Save the locked file",
  until: "Hand it in before the end of {until} (UTC).",
  hand: "Hand in the file on the newsroom’s page, mail it, or carry it on a stick. Keep the date in its name. Who carries it can see its size and nothing else. Then close this page.",
  wordsTitle: "Your eight words",
  words: "With them you can read an answer on the newsroom’s page. They are shown here only.",
  keep: "Write them on paper that looks like something else. Do not photograph them.",
} as const
