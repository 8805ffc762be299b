/** Every sentence of the page, in English. Each one is true of this version: whoever changes what the page does changes it here too.
 *  Short, in the second person, verbs first. `{name}` stands for a value. Other languages have the same keys: {@link Words}. */

export const en = {
  lang: "en",
  dir: "ltr",
  /** The language's own name for itself. */
  name: "English",
  /** Says that no native speaker has read this catalogue yet; empty once one has. */
  unreviewed: "",
  language: "Language",
  units: { kb: "{size} KB", mb: "{size} MB", gb: "{size} GB" },

  title: "Contact",
  heading: "Contact the newsroom",
  lead: "This page locks what you write before it leaves this device. Only the people you choose below can open it.",

  leave: {
    link: "Leave this page",
    note: "This leaves quickly. It does not clear your history.",
    keys: "Pressing the Shift key three times does the same.",
  },

  loading: "Checking who can read this. If it takes more than a minute, reload the page or try another browser.",
  ready: "Ready. You can choose who reads this.",

  readers: {
    legend: "Who may read this?",
    help: "Choose one or more. Nobody else can open it, and our server is not told whom you chose.",
    at: "They work for {newsroom}.",
    away: "{name} cannot be reached today.",
    awayOther: "{name} cannot be reached today. {others} can.",
    missing: "Choose at least one person who may read this.",
  },

  stop: {
    title: "Ten seconds first",
    device: "Is this a work phone or laptop?",
    network: "Work Wi-Fi or VPN?",
    app: "The inside of another app?",
    leave: "Then close this page. Scan this code with your own phone, on mobile data. Or type the address:",
    code: "QR code: the address of this page",
  },

  limits: {
    court: "What a court could get from us",
    hideTitle: "What we can hide",
    hide: {
      content: "What you write. It is locked on this device, and our server cannot open it.",
      readers: "Whom you choose, up to 1 MB. Above that, our server can see who fetches your files.",
      files: "How many files you add, and their names.",
      address: "Your internet address, afterwards. This page’s server sees it while you are connected, and does not store it.",
    },
    showTitle: "What we cannot hide",
    show: {
      employer: "From your employer’s devices and network: that you were here.",
      screen: "From software that watches your screen: what you type.",
      provider: "From your internet provider: that you reached this site, when, and roughly how much you sent.",
      history: "In this browser: its history may keep this page.",
      server:
        "If someone takes over our server, they could change this page and read what you type into it. Tor Browser makes it harder to pick you out.",
    },
    say: "If only you could know it, say it differently. Do not copy whole mails or screenshots where a summary will do: copies can carry hidden marks.",
    law: "Going to the press first can change the protection the law gives you. Ask a lawyer or an advice group before you send, if you can.",
  },

  callout: {
    why: "Why we ask",
    next: "What happens next",
    closes: "Open until {day}.",
    closed: "This call closed on {day}. You can still write to us below.",
    optional: "All questions are optional.",
  },

  questions: {
    skip: "Skip it if the answer points to you.",
    clear: "Clear this answer",
    clearOf: "Clear this answer: {question}",
    none: "No answer",
    band: "{from} to {to}",
    bandOpen: "{from} or more",
    bandOne: "{from}",
    short: "Up to {count} characters.",
    months: "Months only: an exact day can point to you.",
    first: "First month",
    last: "Last month",
  },

  message: {
    label: "What should we know?",
    help: "Write as much or as little as you like. This page saves nothing on this device: if you reload or close the page, your words are gone.",
  },

  files: {
    title: "Files",
    optional: "Optional.",
    limit: "Your words and all files together can have up to {size}.",
    marks:
      "Files can carry hidden marks: a name, a place, a time. We take such data out of JPEG, PNG and WebP photos, unless you say otherwise; what the picture itself shows stays. Other files go as they are. A summary in your own words is safer than a copy.",
    choose: "Choose files",
    drop: "or drop them here",
    name: "Name of file {number} (you can change it)",
    remove: "Remove",
    removeOf: "Remove file {number}",
    added: "Files: {count}. Together: {size}.",
    removed: "File removed. Files left: {count}.",
    tooLarge: "Not added: your words and files would come to more than {size}. What you added before is still here.",
    tooMany: "Not added: there can be at most {count} files. What you added before is still here. Many files can go as one archive.",
    unreadable: "One of your files cannot be read any more. Remove it and add it again. Nothing has been sent.",
    unreadableOne:
      "“{name}” cannot be read any more, or has changed. Remove it and add it again. Nothing that can be opened has been sent.",
  },

  photos: {
    found: "Hidden in this photo: {list}.",
    place: "a place",
    device: "a device or a name",
    time: "a time",
    otherData: "other hidden data",
    remove: "Take it out. The picture stays the same.",
    nothing: "We found no hidden data in this photo. The picture itself can still carry marks.",
    unclear: "We cannot take hidden data out of this photo. It goes as it is.",
    other: "We cannot take hidden data out of this kind of file. It goes as it is.",
  },

  answer: {
    title: "How may we answer?",
    words: "With eight words (best)",
    wordsHelp:
      "After you have sent it, this page shows you eight words. Come back with them later to read an answer. Only you with these words and the people you chose can open it. You need not tell us who you are.",
    contact: "Another way, which I write here",
    contactLabel: "How can we reach you?",
    contactHelp:
      "A name, a number or an address can lead to you. Only the people you chose can read it. Do not give one that belongs to your employer.",
    none: "I need no answer",
    contactMissing: "Write how we can reach you, or choose another answer.",
    contactLine: "How to reach me: {contact}",
    noneLine: "I need no answer.",
  },

  check: {
    button: "Check before sending",
    empty: "There is nothing to send yet. Answer a question, write a few words or add a file.",
    tooLarge: "Your words and files come to more than {size}. Remove a file or shorten your words. Nothing has been sent.",
    bad: "Something here cannot be sent as it is. Check your answers. Nothing has been sent.",
    changed:
      "The questions changed while you were sending. Look through them again. Answers that no longer fit are now with your own words. Nothing readable has been sent.",
    gone: "The list of people who can be reached has changed. Choose again who may read this. Nothing readable has been sent.",
    broken: "Something in this page failed. Nothing readable has been sent. Copy your words, reload the page, and paste them.",
    title: "Check before you send",
    who: "Who will read it",
    about: "About",
    answers: "Your answers",
    message: "Your words",
    noMessage: "No words of your own",
    files: "Your files",
    reply: "How we answer",
    replyWords: "With eight words, which you get after sending",
    size: "Size on the way",
    floor: "{size}, locked. Every short tip without files has this size.",
    larger: "{size}, locked. Anyone who watches the connection can see this size.",
    fetched:
      "This is larger than {size}. So our server can see who fetches the files, and by that who can open them. It cannot open them itself. Smaller files avoid this.",
    locking: "In this browser, locking all of this takes about {time}. Keep this page open: after a reload it would begin anew.",
    pointTitle: "Does anything here point only to you?",
    point:
      "A date, a number, a phrase that only you would know? Then go back and say it differently. What someone has read cannot be unread.",
    back: "Go back and change it",
    send: "Seal and send",
  },

  sending: {
    title: "Sending",
    keep: "Keep this page open.",
    locking: "Locking it on this device",
    sending: "Sending it, and waiting until our server confirms",
    work: "Many are sending right now. Your device does a small sum against spam; it takes a few seconds.",
    slow: "This takes longer than usual. A slow connection can need a few minutes. Keep this page open.",
    stopWaiting: "Stop waiting",
    again: "A new day has begun for our server. Checking again who can read this, then locking it anew.",
    expired: "Our server no longer has the part that had come. Checking again who can read this, then locking it anew.",
    confirmed: "{done} of {total} confirmed by our server.",
    rate: "{rate} a second, about {time} left.",
    busy: "Our server cannot take more right now. Nothing is lost while this page stays open. We will try again by ourselves.",
    waiting: "The connection dropped. Nothing is lost while this page stays open. We will try again by ourselves.",
    pause: "Pause",
    goOn: "Go on",
    paused: "Paused. Nothing is lost while this page stays open.",
    stop: "Stop, and go back",
    stopping: "Stopping. Asking our server to throw away what has come.",
    stopped: "Stopped. Your tip has not been sent. It is still here.",
  },

  failed: {
    title: "Not confirmed",
    offline:
      "The connection failed before our server confirmed. We do not know whether your tip has arrived. It is still here while this page stays open. Check your connection, then try again. Sending it twice does no harm.",
    busy: "Our server cannot keep anything right now. Your tip is still here while this page stays open. Wait a little, then try again.",
    busySeconds:
      "Our server cannot keep anything right now. Your tip is still here while this page stays open. Wait {seconds} seconds, then try again.",
    broken: "Our server had a fault and did not confirm. Your tip is still here while this page stays open. Try again in a minute.",
    expired:
      "Our server takes nothing more for what was begun, and did not confirm. Your tip is still here while this page stays open. Try again: this page then locks it anew.",
    refused:
      "Our server did not take your tip, and trying again will not change that. Your words are still here while this page stays open. Go back and copy them, then use another way to reach us.",
    tooLarge:
      "Our server takes less than you want to send. Your words are still here while this page stays open. Go back, and remove a file or shorten your words.",
    retry: "Try again",
    back: "Go back and change it",
  },

  sent: {
    title: "Sent",
    kept: "Our server has confirmed that it keeps your locked tip. The people you chose fetch it and open it on their own devices.",
    days: "The server’s copy is deleted after about {days} days.",
    answer: "If someone answers, you can read it on this page with your eight words. Come back after two days, best from another network.",
    sameWords: "If someone answers, you can read it here with the same eight words as before.",
    contact: "You wrote down how we can reach you. If someone answers, it is in that way. This page shows no words for it.",
    none: "You need no answer, so there is nothing to keep.",
    noWords: "This page could not show you the eight words for an answer. Your tip has arrived all the same.",
    cleared: "This page has emptied every field. Your browser’s history may still keep its address.",
    next: "What happens next",
    leave: "Leave this page now, with the button at the top.",
  },

  eight: {
    title: "Your eight words",
    why: "With these words, and only with them, you can read an answer and write to the same people again.",
    used: "Nothing was found under the words you typed, so this page could not check them. Your tip was locked with these very words. Compare each with what you wrote down: an answer to this tip comes under these.",
    hide: "Hide the words",
    show: "Show the words",
    copy: "Copy the words",
    copied: "Copied. Other programs on this device can read what you copied. Once you have kept the words, copy something else.",
    notCopied: "This browser does not allow copying. Write the words down.",
    keep: "Write them on paper that looks like something else. Do not photograph them, and do not mail them to yourself.",
    lost: "They are shown this once. Anyone who finds them can read your answers. If they are lost, your tip has still arrived, but no answer can reach you through this page.",
    check: "Check what you wrote down, if you like",
    checkHelp: "Type all eight in order. Nothing is sent.",
    checkButton: "Check my words",
    same: "All eight are right.",
    other: "Not the same at: {places}. Look again at those words and their order.",
    otherCount: "There are eight words. You typed {count}.",
    done: "I have written them down",
  },

  back: {
    link: "I have eight words",
    title: "Read an answer",
    where: "Best not from work, and not from the network you wrote from. Looking for an answer sends the same whether there is one or not.",
    label: "Your eight words",
    help: "In the order you were given them. Capitals, commas and line breaks do not matter. You can paste them.",
    look: "Look for an answer",
    looking: "Looking for an answer",
    back: "Go back",
    notEight: "There are eight words. You typed {count}.",
    unknown: "Word {place}, “{word}”, is not in the list that your words come from. Look at it again.",
    unknownNear: "Word {place}, “{word}”, is not in the list that your words come from. Is it one of these? Choose only if you are sure.",
    replaced: "Put in. Check the words once more.",
    offline: "The connection failed. Nothing is lost. Check your connection, then try again.",
    busy: "Our server cannot answer right now. Nothing is lost. Wait a little, then try again.",
    broken: "Something failed, here or on our server. Nothing is lost. Try again in a minute, or reload the page.",
    following: "You are writing again with your eight words. The people you choose can see that both tips come from you.",
    followingUnsure:
      "You are writing with the eight words that you typed. Nothing was found under them, so this page cannot tell whether they are right. After sending it shows them once more.",
  },

  answers: {
    title: "Answers",
    none: "Nothing found under these words so far. If you expected an answer, check each word and their order.",
    by: "From {name}",
    written: "Dated {day}",
    left: "{name} is no longer with us since {day}. They wrote this before they left, as far as its date can be believed. Do not write to them alone.",
    leftBefore: "{name} was no longer with us when this was written: they left on {day}. Do not trust it.",
    replaced: "This is signed with a key that {name} gave up on {day}. Do not trust it.",
    others: "Also sent to: {others}.",
    until: "Our server keeps this until {day}. After that you cannot read it here again.",
    refused:
      "Something under your words did not pass the checks of this page and is not shown. How often: {count}. Someone may be trying to deceive you.",
    recall:
      "We are not told that you have read this. Anyone who has your words can read it too, as long as our server keeps it, and also later if someone has kept a copy.",
    older: "Look further back",
    olderWarning:
      "There may be older answers. Others can push them back with noise, so this page cannot tell. Asking for them shows anyone who watches our server that you look for more.",
    olderFound: "Answers found further back: {count}.",
    olderNone: "Nothing more was found there.",
    again: "Write again with these words",
    without: "Go back and write without these words",
    empty: "Delete the answers",
    emptySure:
      "This deletes the answers shown here from our server, also for reporters who have not fetched them yet. It cannot be undone. Your tips stay: our server cannot tell which are yours. It deletes each after the days this page named when you sent it. You can ask reporters to delete their own copies; what someone has read cannot be unread.",
    emptyYes: "Delete them for good",
    notEmptied: "Our server still shows what it was to delete. Try again in a minute. If that does not help, tell us in another way.",
    emptied: "Our server has confirmed that it deleted what you were shown.",
    emptiedSome:
      "What you were shown before is deleted. What you see now was further back, or came in the meantime. Read it, and delete it too if you like.",
  },

  refused: {
    "no-answer": {
      title: "Our server did not answer",
      text: "Without its answer this page cannot check who would read your words, so you cannot write here now. Check your connection and reload the page to try again. Or use another way.",
    },
    clock: {
      title: "The date does not fit",
      text: "This device says that today is {day}. Our server says another day. Check the date of your device, then reload the page. If your date is right, do not use this page today.",
    },
    nobody: {
      title: "Nobody can be reached today",
      text: "No reporter is ready for tips today, so this page will not take any. Come back tomorrow, or use another way.",
    },
    expired: {
      title: "This page is out of date",
      text: "The list of people who read tips has run out, and only the newsroom can renew it. If the date of your device is wrong, put it right and reload the page. Otherwise use another way.",
    },
    unproven: {
      title: "We cannot prove who would read this",
      text: "The list of people who read tips did not pass the checks of this page. Something may be broken, or someone may have changed it. So this page will send nothing. Do not try again today from this network. Use another way.",
    },
    unsupported: {
      title: "This browser cannot lock your words",
      text: "It is too old, or a setting keeps this page from working. Open the page in another browser, or use another way.",
    },
    broken: {
      title: "This page does not work right now",
      text: "A part of it failed before anything could be sent. Reload the page to try again. Or use another way.",
    },
    read: "If you have eight words, you can still read an answer here. You cannot write again with them today.",
    safe: "Nothing that you typed has left this page.",
    safeLater: "Nothing readable has left this page.",
    kept: "Your words are still here. Copy them if you want to keep them.",
  },

  channels: {
    title: "Other ways to reach us",
    drawback: "Keep in mind: {drawback}",
    none: "This page knows of no other way. Look for one on the newsroom’s own website, with your own device.",
  },

  inApp: {
    title: "Open this in your own browser",
    text: "This page is open inside another app, which may be able to read what you type. Use the app’s menu (often three dots) and choose to open the page in your browser. Or copy the address:",
    copy: "Copy the address",
    copied: "Copied. Paste it into your own browser.",
    maybe: "This page may be open inside another app, which could read what you type. If so, open it in your own browser first.",
    notCopied: "This app does not allow copying. Write the address down.",
  },
} as const

/** The same keys with any text: what every other language has to be. */
export type Words = Text<typeof en>
type Text<Of> = { readonly [Key in keyof Of]: Of[Key] extends string ? string : Text<Of[Key]> }
