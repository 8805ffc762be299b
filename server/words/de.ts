/** German: today's list and the questions. Not yet read by a native speaker. */

import type { ListWords } from "./en.ts"

export const de: ListWords = {
  lang: "de",
  dir: "ltr",
  unreviewed: "Diese Übersetzung hat noch niemand geprüft, der mit Deutsch aufgewachsen ist. Im Zweifel gilt der englische Text.",

  title: "{newsroom}: wie man einen Hinweis von Hand verschließt, am {day} (UTC)",
  tools: "Sie brauchen GNU tar und age 1.3 oder neuer. Lesen Sie alles, bevor Sie etwas davon ausführen.",
  prepare:
    "Schreiben Sie Ihre Worte in message.txt, und legen Sie in diesen Ordner, was Sie an Dateien dazugeben möchten. Die Namen der Dateien und was darin steht werden verschlossen; message.txt und die Dateien bleiben auf diesem Rechner, wie sie sind: Löschen Sie sie danach, und arbeiten Sie besser in einem Ordner im Arbeitsspeicher.",
  until: "Diese Liste gilt für den {day}; was mit ihr verschlossen wird, wird bis {days} Tage danach angenommen.",
  unproven:
    "Nichts, was tar oder age können, beweist, dass die Schlüssel unten die der Redaktion sind. Unser Server hat sie Ihnen gegeben. „sotto seal“ und die Seite zum Speichern prüfen das; diese Befehle nicht.",
  who: "Wer es lesen kann. Setzen Sie ein # vor die Zeile von allen, die es nicht sollen.",
  away: "heute nicht zu erreichen: {name}",
  places:
    "Jeder Platz bekommt einen Schlüssel, und von außen kann niemand erkennen, welche gelesen werden: Die anderen werden mit Schlüsseln verschlossen, die hier weggeworfen werden.",
  nobody: "NIEMAND könnte das lesen: Lassen Sie mindestens einen Namen stehen",
  archive:
    "Namen, Zeiten und Besitzer auf diesem Rechner bleiben draußen. Fügen Sie Ihre Dateien hinter message.txt an. Dann wird auf eine Länge aufgefüllt, die viele Hinweise haben.",
  notMade: "NICHT GEMACHT: zu groß, oder age ist älter als 1.3",
  handIn: "Geben Sie {file} auf der Seite ab. Lassen Sie das Datum im Namen: Es sagt, mit welchen Schlüsseln die Datei verschlossen wurde.",

  asks: "Was {newsroom} fragt",
  copy: "Kopieren Sie, was Sie beantworten möchten, in message.txt. Nichts davon ist Pflicht. Lassen Sie aus, was auf Sie zeigt.",
  nothing: "Gerade nichts Bestimmtes. Freie Worte sind immer willkommen.",
  why: "Warum wir fragen: {text}",
  next: "Was danach geschieht: {text}",
  band: "{from} bis {to}",
  bandOpen: "{from} oder mehr",
}
