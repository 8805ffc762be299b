/** What somebody typed, word by word: any case, commas of any script, line breaks, runs of spaces and the numbers of a list are forgiven. Nothing is
 *  guessed. In a file of its own: the page splits what it checks by the same rules, and must not carry the list. SPEC.md §6. */
export const splitWords = (typed: string): readonly string[] =>
  typed
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\u2010-\u2015\u2212]/g, "-") // a phone's keyboard makes a long dash of one that is in a word
    .split(/[\s,;\u060c\u061b\u3001]+/)
    .map((word) => word.replace(/^\d{1,2}[.):]?|[.:]$/g, ""))
    .filter((word) => word !== "")
