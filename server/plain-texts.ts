/** What whoever has scripts off is given as text: who reads today and the commands that lock a tip for them, and what is asked. SPEC.md §8.4.
 *  The commands are the same in every language; what is said around them is comments. */

import type { Day } from "../envelope/day.ts"
import { recipientText } from "../envelope/keys.ts"
import type { Id } from "../envelope/names.ts"
import { classFor, SMALL_BYTES } from "../envelope/sizes.ts"
import type { DayKey } from "../keyring/days.ts"
import type { Keyring } from "../keyring/keyring.ts"
import type { ListWords } from "./words/en.ts"

const COLUMNS = 88

/** The lengths that an archive is filled up to, ascending: those of the classes that are taken in one piece. */
export function archiveLengths({ policy }: Pick<Keyring, "policy">): readonly number[] {
  const most = Math.min(SMALL_BYTES, policy.maxTipBytes)
  const lengths: number[] = []
  for (let { total, padded } = classFor(policy.slots, 1); total <= most; { total, padded } = classFor(policy.slots, padded + 1))
    lengths.push(padded)
  return lengths
}

/** Text has no direction of its own: a line that is read from the right is isolated from what stands around it, and so is a value in it.
 *  Unicode Standard Annex 9: RLI, FSI, PDI. Each is closed on its own line, and none stands in a command. */
const inDirection = (line: string, { dir }: ListWords) => (dir === "rtl" ? `\u2067${line}\u2069` : line)

function fill(sentence: string, values: Readonly<Record<string, string | number>>, { dir }: ListWords): string {
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => (dir === "rtl" ? `\u2068${values[name]}\u2069` : String(values[name])))
}

/** Lines of at most {@link COLUMNS} characters, where words allow it. */
function wrapped(text: string): readonly string[] {
  const lines: string[] = []
  let line = ""
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > COLUMNS) {
      lines.push(line)
      line = word
    } else line = line === "" ? word : `${line} ${word}`
  }
  return [...lines, line]
}

/** A shell reads it too: every line that is not a command is a comment, and a name has no newline (SPEC.md §1). */
export function recipientsText(keyring: Keyring, reachable: ReadonlyMap<Id, DayKey>, day: Day, words: ListWords): string {
  const { newsroom, policy, reporters } = keyring
  const who = ({ name, beat }: (typeof reporters)[number]) => (beat === undefined ? name : `${name}, ${beat}`)
  const there = reporters.flatMap((reporter) => {
    const key = reachable.get(reporter.id)
    return key === undefined ? [] : [{ reporter, key }]
  })
  const away = reporters.filter(({ id }) => !reachable.has(id))
  const slots = Array.from({ length: policy.slots + 1 }, (_, slot) => slot)
  const file = `tip-${day}.age`
  const say = (...sentences: readonly string[]) =>
    sentences
      .filter((sentence) => sentence !== "")
      .flatMap(wrapped)
      .map((line) => `# ${inDirection(line, words)}`)
      .join("\n")
  return `${say(fill(words.title, { newsroom: newsroom.name, day }, words), words.unreviewed)}
#
${say(words.tools, words.prepare)}
#
${say(fill(words.until, { day, days: policy.acceptDays }, words), words.unproven)}
#
${say(words.who)}
${there.map(({ reporter, key }) => `slot${key.slot}=${recipientText(key.recipient)} # ${who(reporter)}`).join("\n")}
${away.map((reporter) => `${say(fill(words.away, { name: who(reporter) }, words))}\n`).join("")}
${say(words.places)}
nobody() { age-keygen -pq 2>/dev/null | age-keygen -y; }
set --
for slot in ${slots.join(" ")}; do
  eval "to=\\\${slot$slot:-}"
  set -- "$@" -r "\${to:-$(nobody)}"
done
[ -n "${there.map(({ key }) => `\${slot${key.slot}:-}`).join("")}" ] || echo "${words.nobody}"

${say(words.archive)}
tar --format=ustar --owner=0 --group=0 --numeric-owner --mtime=@0 --mode=0600 -b1 -cf tip.tar message.txt
have=$(wc -c < tip.tar)
for length in ${archiveLengths(keyring).join(" ")}; do [ "$have" -le "$length" ] && break; done
[ "$have" -le "$length" ] && truncate -s "$length" tip.tar && age "$@" -o ${file} tip.tar ||
  echo "${words.notMade}"
rm -f tip.tar

${say(fill(words.handIn, { file }, words))}
`
}

/** All of them: which one somebody is interested in, no request tells. What the newsroom asks stands in its own words. */
export function questionsText({ newsroom, callouts }: Keyring, today: Day, words: ListWords): string {
  const say = (sentence: string, values: Readonly<Record<string, string | number>> = {}) =>
    inDirection(fill(sentence, values, words), words)
  const open = callouts.filter(({ closes }) => closes === undefined || closes >= today)
  const parts = open.map(({ title, why, next, questions }) => [
    title,
    "=".repeat(Math.min(title.length, 72)),
    ...(why === undefined ? [] : ["", say(words.why, { text: why })]),
    ...(next === undefined ? [] : ["", say(words.next, { text: next })]),
    ...questions.flatMap((question, index) => [
      "",
      `${index + 1}. ${question.label}`,
      ...(question.why === undefined ? [] : [`   (${question.why})`]),
      ...("options" in question ? question.options.map(({ label }) => `   [ ] ${label}`) : []),
      ...("bands" in question
        ? question.bands.map(({ from, to }) => `   [ ] ${to === undefined ? say(words.bandOpen, { from }) : say(words.band, { from, to })}`)
        : []),
    ]),
    "",
    "",
  ])
  return [
    say(words.asks, { newsroom: newsroom.name }),
    ...(words.unreviewed === "" ? [] : ["", say(words.unreviewed)]),
    "",
    say(words.copy),
    "",
    "",
    ...(parts.length === 0 ? [say(words.nothing), ""] : parts.flat()),
  ].join("\n")
}
