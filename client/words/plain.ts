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
    next: "We keep the file and its day: not its name, not who you are.",
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
