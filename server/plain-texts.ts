/** What whoever has scripts off is given as text: who reads today and the commands that lock a tip for them, and what is asked. SPEC.md §8.4. */

import type { Day } from "../envelope/day.ts"
import { recipientText } from "../envelope/keys.ts"
import type { Id } from "../envelope/names.ts"
import { classFor, SMALL_BYTES } from "../envelope/sizes.ts"
import type { DayKey } from "../keyring/days.ts"
import type { Keyring } from "../keyring/keyring.ts"

/** The lengths that an archive is filled up to, ascending: those of the classes that are taken in one piece. */
export function archiveLengths({ policy }: Pick<Keyring, "policy">): readonly number[] {
  const most = Math.min(SMALL_BYTES, policy.maxTipBytes)
  const lengths: number[] = []
  for (let { total, padded } = classFor(policy.slots, 1); total <= most; { total, padded } = classFor(policy.slots, padded + 1))
    lengths.push(padded)
  return lengths
}

/** A shell reads it too: every line that is not a command is a comment, and a name has no newline (SPEC.md §1). */
export function recipientsText(keyring: Keyring, reachable: ReadonlyMap<Id, DayKey>, day: Day): string {
  const { newsroom, policy, reporters } = keyring
  const who = ({ name, beat }: (typeof reporters)[number]) => (beat === undefined ? name : `${name}, ${beat}`)
  const there = reporters.flatMap((reporter) => {
    const key = reachable.get(reporter.id)
    return key === undefined ? [] : [{ reporter, key }]
  })
  const away = reporters.filter(({ id }) => !reachable.has(id))
  const slots = Array.from({ length: policy.slots + 1 }, (_, slot) => slot)
  return `# ${newsroom.name}: how to lock a tip by hand, on ${day} (UTC)
#
# You need GNU tar, and age 1.3 or newer. Read all of this before you run any of it.
# Put your words into message.txt, and into this folder whatever files you want to add.
# The names of files and what they hold are locked; message.txt and the files stay on this
# computer as they are: delete them afterwards, and better work in a folder in memory.
#
# This list is good for ${day}; what is locked with it is taken until ${policy.acceptDays} days after.
# Nothing that tar or age can do proves that the keys below are the newsroom's. Our server gave
# them to you. "sotto seal" and the page to save check that; these commands do not.
#
# Who can read it. Put a # before the line of whoever shall not.
${there.map(({ reporter, key }) => `slot${key.slot}=${recipientText(key.recipient)} # ${who(reporter)}`).join("\n")}
${away.map((reporter) => `# cannot be reached today: ${who(reporter)}\n`).join("")}
# Every place gets a key, and nobody can tell from outside which ones are read: the others
# are locked with keys that are thrown away here.
nobody() { age-keygen -pq 2>/dev/null | age-keygen -y; }
set --
for slot in ${slots.join(" ")}; do
  eval "to=\\\${slot$slot:-}"
  set -- "$@" -r "\${to:-$(nobody)}"
done
[ -n "${there.map(({ key }) => `\${slot${key.slot}:-}`).join("")}" ] || echo "NOBODY could read this: leave at least one name"

# Names, times and owners of this computer stay out. Add your files after message.txt.
# Then it is filled up to a length that many tips have.
tar --format=ustar --owner=0 --group=0 --numeric-owner --mtime=@0 --mode=0600 -b1 -cf tip.tar message.txt
have=$(wc -c < tip.tar)
for length in ${archiveLengths(keyring).join(" ")}; do [ "$have" -le "$length" ] && break; done
[ "$have" -le "$length" ] && truncate -s "$length" tip.tar && age "$@" -o tip-${day}.age tip.tar ||
  echo "NOT MADE: too large, or age is not 1.3 or newer"
rm -f tip.tar

# Hand in tip-${day}.age on the page. Keep the date in its name: it says which keys it was locked with.
`
}

/** All of them: which one somebody is interested in, no request tells. */
export function questionsText({ newsroom, callouts }: Keyring, today: Day): string {
  const open = callouts.filter(({ closes }) => closes === undefined || closes >= today)
  const parts = open.map(({ title, why, next, questions }) => [
    title,
    "=".repeat(Math.min(title.length, 72)),
    ...(why === undefined ? [] : ["", `Why we ask: ${why}`]),
    ...(next === undefined ? [] : ["", `What happens next: ${next}`]),
    ...questions.flatMap((question, index) => [
      "",
      `${index + 1}. ${question.label}`,
      ...(question.why === undefined ? [] : [`   (${question.why})`]),
      ...("options" in question ? question.options.map(({ label }) => `   [ ] ${label}`) : []),
      ...("bands" in question
        ? question.bands.map(({ from, to }) => `   [ ] ${to === undefined ? `${from} or more` : `${from} to ${to}`}`)
        : []),
    ]),
    "",
    "",
  ])
  return [
    `What ${newsroom.name} asks`,
    "",
    "Copy what you want to answer into message.txt. All of it is optional. Skip what points to you.",
    "",
    "",
    ...(parts.length === 0 ? ["Nothing in particular at the moment. Free words are always welcome.", ""] : parts.flat()),
  ].join("\n")
}
