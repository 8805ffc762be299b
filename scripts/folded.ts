/** How words are compared, without case, accents and marks. */

/** What is compared: compatibility forms, without marks, in lower case, one space for whatever separates. On one line. */
export function folded(text: string): string {
  if (/^[ -~]*$/.test(text)) return text.toLowerCase().replace(/ {2,}/g, " ").trim()
  return text
    .normalize("NFKD")
    .replace(/[\p{M}\p{Cf}]+/gu, "")
    .toLowerCase()
    .replace(/[\s\p{Cc}\p{Z}]+/gu, " ")
    .trim()
}
