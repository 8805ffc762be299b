/** German: for whoever has scripts off. Not yet read by a native speaker. */

import type { Plain } from "./plain.ts"

export const plain: Plain = {
  title: "Skripte sind ausgeschaltet",
  lead: "Ohne Skripte kann diese Seite nicht verschließen, was Sie schreiben, und Unverschlossenes sendet sie nie. Darum gibt es hier kein Feld zum Schreiben. Sie können Skripte für diese Seite einschalten oder einen Hinweis selbst verschließen und hier abgeben.",
  stopTitle: "Bevor Sie weitermachen",
  device:
    "Nicht auf einem Telefon oder Rechner der Arbeit, und nicht in einem Netz oder VPN der Arbeit. Vor den Geräten Ihres Arbeitgebers können wir nicht verbergen, dass Sie hier waren.",
  say: "Was nur Sie wissen können, sagen Sie anders. Kopien von Mails und Dokumenten können versteckte Zeichen tragen.",
  offline: {
    title: "Mit einem Browser, der Skripte hat, und ohne Netz",
    text: "Speichern Sie die Seite unten und die Schlüssel von heute, öffnen Sie die gespeicherte Seite in irgendeinem Browser und schreiben Sie dort. Sie braucht kein Netz und prüft die Schlüssel selbst. Sie gibt Ihnen eine verschlossene Datei, die Sie hier abgeben, mailen oder auf einem Stick weitergeben können.",
    page: "Die Seite zum Speichern",
    keys: "Die Schlüssel von heute",
    sum: "Die Redaktion veröffentlicht die SHA-256-Summe dieser Seite. Vergleichen Sie sie, bevor Sie die Seite öffnen.",
  },
  hand: {
    title: "Mit tar und age, im Terminal",
    text: "Sie brauchen GNU tar und age 1.3 oder neuer. Die Liste von heute nennt, wer liest, die Schlüssel und die vollständigen Befehle, damit Sie sie lesen können, bevor Sie sie ausführen.",
    list: "Die Liste von heute: wer liest, und die Befehle",
    questions: "Was wir fragen, um es in Ihrer Nachricht zu beantworten",
    lacks:
      "So ein Hinweis hat keine acht Wörter: Wir können nicht antworten. Die Liste ist nicht so unterschrieben, dass diese Werkzeuge es prüfen könnten; wer unseren Server übernommen hat, könnte andere Schlüssel hineinschreiben. Die Seite zum Speichern und unser eigener Befehl (sotto seal) prüfen das.",
  },
  form: {
    title: "Eine verschlossene Datei abgeben",
    label: "Ihre verschlossene Datei",
    help: "Nur eine Datei, die auf .age endet und für diese Redaktion gemacht ist, höchstens 1 MiB groß. Ihr Name wird nicht behalten. Eine Datei, die nicht verschlossen ist, würde so gesendet, wie sie ist, und abgelehnt.",
    button: "Abgeben",
  },
  channels: "Andere Wege zu uns",
  back: "Zurück zur Seite",
  leave: "Verlassen Sie dann diese Seite. Der Verlauf Ihres Browsers kann ihre Adresse behalten.",
  kept: {
    title: "Abgegeben",
    text: "Unser Server hat Ihre verschlossene Datei und kann sie nicht öffnen. Wessen Schlüssel sie verschlossen haben, kann es, sobald sie abgeholt ist.",
    next: "Wir behalten die Datei und ihren Tag: nicht ihren Namen, nicht wer Sie sind.",
  },
  notLocked: {
    title: "Nicht angenommen: Die Datei ist nicht verschlossen",
    text: "Unser Server nimmt Dateien an, die age verschlossen hat, in binärer Form (nicht age -a), und sonst nichts. Er hat nichts behalten. Wenn Ihre Datei für alle lesbar war, ist sie so zu unserem Server gereist: Bedenken Sie, was darin steht, bevor Sie mehr tun.",
    next: "Verschließen Sie sie erst, und geben Sie dann die Datei ab, die auf .age endet.",
  },
  wrongShape: {
    title: "Nicht angenommen: Sie hat nicht die richtige Form",
    text: "Die Datei ist verschlossen, aber nicht so wie die dieser Redaktion: mit einem Schlüssel für jeden Platz der Liste von heute, in ihrer Reihenfolge, und aufgefüllt auf eine der genannten Längen. Unser Server hat nichts behalten, denn an ihrer Form könnten andere sie von allen anderen unterscheiden.",
    next: "Machen Sie sie noch einmal mit den Befehlen der Liste von heute, mit allen.",
  },
  tooLarge: {
    title: "Nicht angenommen: Sie ist zu groß",
    text: "Hier darf eine verschlossene Datei höchstens 1 MiB haben. Unser Server hat nichts behalten.",
    next: "Lassen Sie weg, was geht, oder nehmen Sie einen anderen Weg.",
  },
  closed: {
    title: "Nicht angenommen: Ihr Tag ist vorbei",
    text: "Die Datei ist mit den Schlüsseln eines Tages verschlossen, für den nichts mehr angenommen wird. Unser Server hat nichts behalten.",
    next: "Machen Sie sie noch einmal mit der Liste oder den Schlüsseln von heute. Ist das Datum im Namen der Datei falsch, benennen Sie sie um.",
  },
  later: {
    title: "Nicht angenommen: Bei uns stimmt etwas nicht",
    text: "Unser Server kann gerade nichts behalten. Er hat nichts behalten.",
    next: "Versuchen Sie es in ein paar Minuten noch einmal, mit derselben Datei.",
  },
}
