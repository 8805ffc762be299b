/** German: the page to save. Not yet read by a native speaker. */

import type { Offline } from "./offline.ts"

export const offline: Offline = {
  heading: "Einen Hinweis ohne Netz verschließen",
  lead: "Diese Seite verschließt auf diesem Gerät, was Sie schreiben, und gibt Ihnen eine Datei. Sie sendet nichts und braucht kein Netz.",
  saveTitle: "Speichern Sie zuerst diese Seite",
  save: "Öffnen Sie sie dort, wo Sie sie gespeichert haben: Als Datei kann sie arbeiten, hier nicht. Stehen diese Worte auch dort, sind Skripte ausgeschaltet, oder dieser Browser kann nichts verschließen.",
  keysTitle: "Wessen Schlüssel, und für welchen Tag",
  line: "Die Zeile der Redaktion",
  lineHelp:
    "Sie beginnt mit sotto-newsroom-1 und steht gedruckt oder auf einer anderen Website der Redaktion. Alles andere wird mit ihr geprüft.",
  file: "Die Schlüssel von heute",
  fileHelp: "Die Datei keys.json, die Sie heute von der Seite der Redaktion gespeichert haben.",
  check: "Schlüssel prüfen",
  badLine: "In dieser Zeile ist ein Fehler. Vergleichen Sie sie Zeichen für Zeichen mit der Stelle, von der Sie sie haben.",
  noFile: "Wählen Sie die Datei mit den Schlüsseln von heute.",
  badFile:
    "In dieser Datei sind keine Schlüssel dieser Redaktion, denen diese Seite glauben kann. Verwenden Sie sie nicht. Speichern Sie sie noch einmal, am besten über ein anderes Netz, und vergleichen Sie die Zeile.",
  oldFile:
    "Diese Schlüssel sind von einem anderen Tag als das Datum dieses Geräts. Speichern Sie die von heute, oder stellen Sie das Datum richtig.",
  nobody: "Mit diesen Schlüsseln ist niemand zu erreichen.",
  tipTitle: "Was soll die Redaktion wissen?",
  good: "Diese Schlüssel sind von {newsroom}, für den {day}. Was Sie damit verschließen, wird bis zum Ende des {until} angenommen (UTC).",
  readers: "Wer darf das lesen?",
  away: "{name} ist heute nicht zu erreichen.",
  message: "Ihre Worte",
  messageHelp: "In diesem Browser bleibt nichts: Wenn Sie die Seite schließen, sind Ihre Worte weg.",
  files: "Dateien, wenn Sie möchten",
  filesHelp:
    "Worte und Dateien zusammen dürfen bis zu {size} KiB haben. Auch ihre Namen werden verschlossen. Dateien können verborgene Spuren tragen.",
  lock: "Verschließen",
  working: "Wird verschlossen. In einem langsamen Browser dauert das eine Minute.",
  noReader: "Wählen Sie mindestens eine Person, die das lesen darf.",
  empty: "Es gibt noch nichts zu verschließen.",
  tooLarge: "Das ist mehr, als hineinpasst. Lassen Sie eine Datei weg oder kürzen Sie.",
  failed: "Das konnte nicht verschlossen werden. Prüfen Sie Ihre Dateien und versuchen Sie es noch einmal.",
  doneTitle: "Verschlossen",
  save2: "Die verschlossene Datei speichern",
  until: "Geben Sie sie vor dem Ende des {until} ab (UTC).",
  hand: "Geben Sie die Datei auf der Seite der Redaktion ab, mailen Sie sie, oder bringen Sie sie auf einem Stick. Lassen Sie das Datum in ihrem Namen. Wer sie befördert, sieht ihre Größe und dieses Datum, und kann sie nicht öffnen. Schließen Sie dann diese Seite.",
  wordsTitle: "Ihre acht Wörter",
  words: "Mit ihnen können Sie auf der Seite der Redaktion eine Antwort lesen. Sie werden nur hier gezeigt.",
  keep: "Schreiben Sie sie auf Papier, das nach etwas anderem aussieht. Fotografieren Sie sie nicht.",
}
