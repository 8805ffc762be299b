/** The page in German. Same keys as en.ts; each sentence says what the English one says, no more and no less. */

import type { Words } from "./en.ts"

export const de: Words = {
  lang: "de",
  dir: "ltr",
  name: "Deutsch",
  unreviewed: "Diese Übersetzung hat noch niemand geprüft, der mit Deutsch aufgewachsen ist. Im Zweifel gilt der englische Text.",
  language: "Sprache",
  units: { kb: "{size} KB", mb: "{size} MB", gb: "{size} GB" },

  title: "Kontakt",
  heading: "Der Redaktion schreiben",
  lead: "Diese Seite verschließt, was Sie schreiben, bevor es dieses Gerät verlässt. Nur wer von Ihnen unten gewählt wird, kann es öffnen.",

  leave: {
    link: "Seite verlassen",
    note: "Das geht sofort. Den Verlauf löscht es nicht.",
    keys: "Dreimal die Umschalttaste drücken bewirkt dasselbe.",
  },

  loading:
    "Es wird geprüft, wer das lesen kann. Dauert es länger als eine Minute, laden Sie die Seite neu oder nehmen Sie einen anderen Browser.",
  ready: "Bereit. Sie können wählen, wer das liest.",

  readers: {
    legend: "Wer darf das lesen?",
    help: "Wählen Sie eine Person oder mehrere. Niemand sonst kann es öffnen, und unserem Server wird nicht gesagt, wen Sie gewählt haben.",
    at: "Sie arbeiten für {newsroom}.",
    away: "{name} ist heute nicht zu erreichen.",
    awayOther: "{name} ist heute nicht zu erreichen. Erreichbar: {others}.",
    missing: "Wählen Sie mindestens eine Person, die das lesen darf.",
  },

  stop: {
    title: "Zuerst zehn Sekunden",
    device: "Ist das ein Handy oder Laptop von der Arbeit?",
    network: "WLAN oder VPN der Arbeit?",
    app: "Das Innere einer anderen App?",
    leave:
      "Dann schließen Sie diese Seite. Scannen Sie diesen Code mit Ihrem eigenen Handy, über mobile Daten. Oder tippen Sie die Adresse ein:",
    code: "QR-Code: die Adresse dieser Seite",
  },

  limits: {
    court: "Was ein Gericht von uns bekommen könnte",
    hideTitle: "Was wir verbergen können",
    hide: {
      content: "Was Sie schreiben. Es wird auf diesem Gerät verschlossen, und unser Server kann es nicht öffnen.",
      readers: "Wen Sie wählen, bis 1 MB. Darüber kann unser Server sehen, wer Ihre Dateien abholt.",
      files: "Wie viele Dateien Sie anhängen, und wie sie heißen.",
      address:
        "Ihre Internetadresse, im Nachhinein. Der Server dieser Seite sieht sie, solange Sie verbunden sind, und speichert sie nicht.",
    },
    showTitle: "Was wir nicht verbergen können",
    show: {
      employer: "Vor Geräten und Netz Ihres Arbeitgebers: dass Sie hier waren.",
      screen: "Vor Programmen, die Ihren Bildschirm beobachten: was Sie tippen.",
      provider: "Vor Ihrem Internetanbieter: dass Sie diese Seite aufgerufen haben, wann, und ungefähr wie viel Sie gesendet haben.",
      history: "In diesem Browser: Der Verlauf kann diese Seite behalten.",
      server:
        "Wer unseren Server übernimmt, könnte diese Seite verändern und lesen, was Sie eingeben. Mit dem Tor Browser ist es schwerer, gerade Sie herauszugreifen.",
    },
    say: "Wenn nur Sie es wissen können, sagen Sie es anders. Kopieren Sie keine ganzen Mails oder Bildschirmfotos, wo eine Zusammenfassung reicht: Kopien können versteckte Zeichen tragen.",
    law: "Wer zuerst zur Presse geht, kann den Schutz verändern, den das Gesetz gibt. Fragen Sie vorher eine Anwältin, einen Anwalt oder eine Beratungsstelle, wenn Sie können.",
  },

  callout: {
    why: "Warum wir fragen",
    next: "Was danach geschieht",
    closes: "Offen bis {day}.",
    closed: "Dieser Aufruf endete am {day}. Unten können Sie uns trotzdem schreiben.",
    optional: "Keine Frage muss beantwortet werden.",
  },

  questions: {
    skip: "Lassen Sie sie aus, wenn die Antwort auf Sie zeigt.",
    clear: "Antwort zurücknehmen",
    clearOf: "Antwort zurücknehmen: {question}",
    none: "Keine Antwort",
    band: "{from} bis {to}",
    bandOpen: "{from} oder mehr",
    bandOne: "{from}",
    short: "Bis zu {count} Zeichen.",
    months: "Nur Monate: Ein genauer Tag kann auf Sie zeigen.",
    first: "Erster Monat",
    last: "Letzter Monat",
  },

  message: {
    label: "Was sollten wir wissen?",
    help: "Schreiben Sie so viel oder so wenig, wie Sie möchten. Diese Seite speichert nichts auf diesem Gerät: Wenn Sie die Seite neu laden oder schließen, sind Ihre Worte weg.",
  },

  files: {
    title: "Dateien",
    optional: "Freiwillig.",
    limit: "Ihre Worte und alle Dateien zusammen dürfen {size} haben.",
    marks:
      "Dateien können verborgene Spuren tragen: einen Namen, einen Ort, eine Zeit. Aus Fotos (JPEG, PNG, WebP) nehmen wir solche Daten heraus, wenn Sie nichts anderes sagen; was das Bild selbst zeigt, bleibt. Andere Dateien gehen so ab, wie sie sind. Eine Zusammenfassung in eigenen Worten ist sicherer als eine Kopie.",
    choose: "Dateien wählen",
    drop: "oder hier ablegen",
    name: "Name von Datei {number} (Sie können ihn ändern)",
    remove: "Entfernen",
    removeOf: "Datei {number} entfernen",
    added: "Dateien: {count}. Zusammen {size}.",
    removed: "Datei entfernt. Noch da: {count}.",
    tooLarge: "Nicht angehängt: Ihre Worte und Dateien wären zusammen größer als {size}. Was Sie vorher angehängt haben, ist noch da.",
    tooMany:
      "Nicht angehängt: Es gehen höchstens {count} Dateien. Was Sie vorher angehängt haben, ist noch da. Viele Dateien können als ein Archiv gehen.",
    unreadable: "Eine Ihrer Dateien kann nicht mehr gelesen werden. Entfernen Sie sie und hängen Sie sie neu an. Es wurde nichts gesendet.",
    unreadableOne:
      "„{name}“ kann nicht mehr gelesen werden oder hat sich geändert. Entfernen Sie die Datei und hängen Sie sie neu an. Es wurde nichts gesendet, was sich öffnen lässt.",
  },

  photos: {
    found: "In diesem Foto verborgen: {list}.",
    place: "ein Ort",
    device: "ein Gerät oder ein Name",
    time: "eine Zeit",
    otherData: "andere verborgene Daten",
    remove: "Herausnehmen. Das Bild bleibt gleich.",
    nothing: "Wir haben in diesem Foto keine verborgenen Daten gefunden. Das Bild selbst kann trotzdem Spuren tragen.",
    unclear: "Aus diesem Foto können wir verborgene Daten nicht herausnehmen. Es geht so ab, wie es ist.",
    other: "Aus Dateien dieser Art können wir verborgene Daten nicht herausnehmen. Sie geht so ab, wie sie ist.",
  },

  answer: {
    title: "Wie dürfen wir antworten?",
    words: "Mit acht Wörtern (am besten)",
    wordsHelp:
      "Nach dem Senden zeigt diese Seite Ihnen acht Wörter. Kommen Sie später damit zurück, um eine Antwort zu lesen. Öffnen können sie nur Sie mit diesen Wörtern und die Menschen, die Sie gewählt haben. Sie müssen nicht sagen, wer Sie sind.",
    contact: "Auf einem anderen Weg, den ich hier aufschreibe",
    contactLabel: "Wie können wir Sie erreichen?",
    contactHelp:
      "Ein Name, eine Nummer oder eine Adresse kann zu Ihnen führen. Lesen kann sie nur, wen Sie gewählt haben. Nehmen Sie nichts, was Ihrem Arbeitgeber gehört.",
    none: "Ich brauche keine Antwort",
    contactMissing: "Schreiben Sie, wie wir Sie erreichen können, oder wählen Sie etwas anderes.",
    contactLine: "So bin ich zu erreichen: {contact}",
    noneLine: "Ich brauche keine Antwort.",
  },

  check: {
    button: "Vor dem Senden prüfen",
    empty: "Es gibt noch nichts zu senden. Beantworten Sie eine Frage, schreiben Sie ein paar Worte oder hängen Sie eine Datei an.",
    tooLarge: "Ihre Worte und Dateien haben zusammen mehr als {size}. Entfernen Sie eine Datei oder kürzen Sie. Es wurde nichts gesendet.",
    bad: "Etwas davon kann so nicht gesendet werden. Sehen Sie Ihre Antworten durch. Es wurde nichts gesendet.",
    changed:
      "Die Fragen haben sich geändert, während Sie gesendet haben. Sehen Sie sie noch einmal durch. Antworten, die nicht mehr passen, stehen jetzt bei Ihren eigenen Worten. Nichts Lesbares wurde gesendet.",
    gone: "Wer zu erreichen ist, hat sich geändert. Wählen Sie noch einmal, wer das lesen darf. Es wurde nichts Lesbares gesendet.",
    broken:
      "Etwas in dieser Seite ist gescheitert. Es wurde nichts Lesbares gesendet. Kopieren Sie Ihre Worte, laden Sie die Seite neu und fügen Sie sie ein.",
    title: "Prüfen Sie, bevor Sie senden",
    who: "Wer es lesen wird",
    about: "Worum es geht",
    answers: "Ihre Antworten",
    message: "Ihre Worte",
    noMessage: "Keine eigenen Worte",
    files: "Ihre Dateien",
    reply: "Wie wir antworten",
    replyWords: "Mit acht Wörtern, die Sie nach dem Senden bekommen",
    size: "Größe unterwegs",
    floor: "{size}, verschlossen. Jeder kurze Hinweis ohne Dateien hat diese Größe.",
    larger: "{size}, verschlossen. Wer die Verbindung beobachtet, kann diese Größe sehen.",
    fetched:
      "Das ist größer als {size}. Darum kann unser Server sehen, wer die Dateien abholt, und daran, wer sie öffnen kann. Selbst öffnen kann er sie nicht. Kleinere Dateien vermeiden das.",
    locking:
      "In diesem Browser dauert das Verschließen etwa {time}. Lassen Sie diese Seite offen: Nach einem Neuladen begänne alles von vorn.",
    pointTitle: "Zeigt hier etwas nur auf Sie?",
    point:
      "Ein Datum, eine Zahl, eine Wendung, die nur Sie kennen? Dann gehen Sie zurück und sagen Sie es anders. Was jemand gelesen hat, lässt sich nicht zurücknehmen.",
    back: "Zurück und ändern",
    send: "Verschließen und senden",
  },

  sending: {
    title: "Wird gesendet",
    keep: "Lassen Sie diese Seite offen.",
    locking: "Auf diesem Gerät verschließen",
    sending: "Senden und warten, bis unser Server bestätigt",
    work: "Gerade senden viele. Ihr Gerät löst eine kleine Rechenaufgabe gegen Spam; das dauert ein paar Sekunden.",
    slow: "Das dauert länger als sonst. Eine langsame Verbindung kann ein paar Minuten brauchen. Lassen Sie diese Seite offen.",
    stopWaiting: "Nicht länger warten",
    again: "Für unseren Server hat ein neuer Tag begonnen. Es wird neu geprüft, wer das lesen kann, und neu verschlossen.",
    expired: "Unser Server hat den Teil nicht mehr, der schon da war. Es wird neu geprüft, wer das lesen kann, und neu verschlossen.",
    confirmed: "{done} von {total} hat unser Server bestätigt.",
    rate: "{rate} in der Sekunde, noch etwa {time}.",
    busy: "Unser Server kann gerade nicht mehr annehmen. Nichts ist verloren, solange diese Seite offen bleibt. Wir versuchen es von selbst wieder.",
    waiting: "Die Verbindung ist abgebrochen. Nichts ist verloren, solange diese Seite offen bleibt. Wir versuchen es von selbst wieder.",
    pause: "Unterbrechen",
    goOn: "Weiter",
    paused: "Pause. Nichts ist verloren, solange diese Seite offen bleibt.",
    stop: "Anhalten und zurück",
    stopping: "Wird angehalten. Unser Server wird gebeten, wegzuwerfen, was schon kam.",
    stopped: "Angehalten. Ihr Hinweis wurde nicht gesendet. Er ist noch hier.",
  },

  failed: {
    title: "Nicht bestätigt",
    offline:
      "Die Verbindung brach ab, bevor unser Server bestätigt hat. Wir wissen nicht, ob Ihr Hinweis angekommen ist. Er ist noch hier, solange diese Seite offen bleibt. Prüfen Sie die Verbindung und versuchen Sie es noch einmal. Zweimal senden schadet nicht.",
    busy: "Unser Server kann gerade nichts annehmen. Ihr Hinweis ist noch hier, solange diese Seite offen bleibt. Warten Sie ein wenig und versuchen Sie es noch einmal.",
    busySeconds:
      "Unser Server kann gerade nichts annehmen. Ihr Hinweis ist noch hier, solange diese Seite offen bleibt. Warten Sie {seconds} Sekunden und versuchen Sie es noch einmal.",
    broken:
      "Unser Server hatte einen Fehler und hat nicht bestätigt. Ihr Hinweis ist noch hier, solange diese Seite offen bleibt. Versuchen Sie es in einer Minute noch einmal.",
    expired:
      "Unser Server nimmt zu dem, was begonnen war, nichts mehr an und hat nicht bestätigt. Ihr Hinweis ist noch hier, solange diese Seite offen bleibt. Versuchen Sie es noch einmal: Diese Seite verschließt ihn dann neu.",
    refused:
      "Unser Server hat Ihren Hinweis nicht angenommen, und ein neuer Versuch ändert daran nichts. Ihre Worte sind noch hier, solange diese Seite offen bleibt. Gehen Sie zurück und kopieren Sie sie; erreichen Sie uns dann auf anderem Weg.",
    tooLarge:
      "Unser Server nimmt weniger an, als Sie senden möchten. Ihre Worte sind noch hier, solange diese Seite offen bleibt. Gehen Sie zurück und entfernen Sie eine Datei oder kürzen Sie.",
    retry: "Noch einmal versuchen",
    back: "Zurück und ändern",
  },

  sent: {
    title: "Gesendet",
    kept: "Unser Server hat bestätigt, dass er Ihren verschlossenen Hinweis aufbewahrt. Wer von Ihnen gewählt wurde, holt ihn ab und öffnet ihn auf dem eigenen Gerät.",
    days: "Was der Server hat, wird nach etwa {days} Tagen gelöscht.",
    answer:
      "Wenn jemand antwortet, können Sie es auf dieser Seite mit Ihren acht Wörtern lesen. Kommen Sie nach zwei Tagen zurück, am besten aus einem anderen Netz.",
    sameWords: "Wenn jemand antwortet, können Sie es hier mit denselben acht Wörtern lesen wie bisher.",
    contact:
      "Sie haben aufgeschrieben, wie Sie zu erreichen sind. Wenn jemand antwortet, dann auf diesem Weg. Wörter zeigt diese Seite dafür nicht.",
    none: "Sie brauchen keine Antwort, also müssen Sie auch nichts aufbewahren.",
    noWords: "Diese Seite konnte Ihnen die acht Wörter für eine Antwort nicht zeigen. Ihr Hinweis ist trotzdem angekommen.",
    cleared: "Diese Seite hat alle Felder geleert. Der Verlauf Ihres Browsers kann ihre Adresse noch enthalten.",
    next: "Was jetzt geschieht",
    leave: "Verlassen Sie jetzt diese Seite, mit dem Knopf ganz oben.",
  },

  eight: {
    title: "Ihre acht Wörter",
    why: "Mit diesen Wörtern, und nur mit ihnen, können Sie eine Antwort lesen und denselben Menschen wieder schreiben.",
    used: "Unter den Wörtern, die Sie getippt haben, wurde nichts gefunden; diese Seite konnte sie also nicht prüfen. Ihr Hinweis wurde mit genau diesen Wörtern verschlossen. Vergleichen Sie jedes mit dem, was Sie aufgeschrieben haben: Eine Antwort auf diesen Hinweis kommt unter diesen.",
    hide: "Wörter verbergen",
    show: "Wörter zeigen",
    copy: "Wörter kopieren",
    copied:
      "Kopiert. Andere Programme auf diesem Gerät können lesen, was Sie kopiert haben. Wenn Sie die Wörter aufbewahrt haben, kopieren Sie etwas anderes.",
    notCopied: "Dieser Browser erlaubt kein Kopieren. Schreiben Sie die Wörter auf.",
    keep: "Schreiben Sie sie auf Papier, das nach etwas anderem aussieht. Fotografieren Sie sie nicht, und schicken Sie sie sich nicht selbst.",
    lost: "Sie werden nur dieses eine Mal gezeigt. Wer sie findet, kann Ihre Antworten lesen. Wenn sie verloren gehen, ist Ihr Hinweis trotzdem angekommen, aber über diese Seite kann Sie keine Antwort mehr erreichen.",
    check: "Prüfen Sie, was Sie aufgeschrieben haben, wenn Sie möchten",
    checkHelp: "Tippen Sie alle acht der Reihe nach. Es wird nichts gesendet.",
    checkButton: "Meine Wörter prüfen",
    same: "Alle acht stimmen.",
    other: "Nicht gleich an Stelle: {places}. Sehen Sie sich diese Wörter und ihre Reihenfolge noch einmal an.",
    otherCount: "Es sind acht Wörter. Getippt: {count}.",
    done: "Ich habe sie aufgeschrieben",
  },

  back: {
    link: "Ich habe acht Wörter",
    title: "Eine Antwort lesen",
    where:
      "Am besten nicht von der Arbeit aus, und nicht aus dem Netz, aus dem Sie geschrieben haben. Wer nach einer Antwort sieht, sendet dasselbe, ob es eine gibt oder nicht.",
    label: "Ihre acht Wörter",
    help: "In der Reihenfolge, in der Sie sie bekommen haben. Großbuchstaben, Kommas und Zeilenumbrüche stören nicht. Sie können sie einfügen.",
    look: "Nach einer Antwort sehen",
    looking: "Es wird nach einer Antwort gesehen",
    back: "Zurück",
    notEight: "Es sind acht Wörter. Getippt: {count}.",
    unknown: "Wort {place}, „{word}“, ist nicht in der Liste, aus der Ihre Wörter kommen. Sehen Sie es sich noch einmal an.",
    unknownNear:
      "Wort {place}, „{word}“, ist nicht in der Liste, aus der Ihre Wörter kommen. Ist es eines von diesen? Wählen Sie nur, wenn Sie sicher sind.",
    replaced: "Eingesetzt. Sehen Sie die Wörter noch einmal durch.",
    offline: "Die Verbindung brach ab. Nichts ist verloren. Prüfen Sie die Verbindung und versuchen Sie es noch einmal.",
    busy: "Unser Server kann gerade nicht antworten. Nichts ist verloren. Warten Sie ein wenig und versuchen Sie es noch einmal.",
    broken:
      "Etwas ist gescheitert, hier oder auf unserem Server. Nichts ist verloren. Versuchen Sie es in einer Minute noch einmal, oder laden Sie die Seite neu.",
    following: "Sie schreiben noch einmal mit Ihren acht Wörtern. Wen Sie wählen, sieht, dass beide Hinweise von Ihnen kommen.",
    followingUnsure:
      "Sie schreiben mit den acht Wörtern, die Sie getippt haben. Unter ihnen wurde nichts gefunden, deshalb weiß diese Seite nicht, ob sie stimmen. Nach dem Senden zeigt sie sie noch einmal.",
  },

  answers: {
    title: "Antworten",
    none: "Unter diesen Wörtern wurde bisher nichts gefunden. Wenn Sie eine Antwort erwartet haben, prüfen Sie jedes Wort und die Reihenfolge.",
    by: "Von {name}",
    written: "Datum: {day}",
    left: "{name} gehört seit dem {day} nicht mehr zu uns. Das wurde vorher geschrieben, soweit man dem Datum glauben kann. Schreiben Sie dieser Person nicht allein.",
    leftBefore: "{name} gehörte nicht mehr zu uns, als das geschrieben wurde: seit dem {day}. Vertrauen Sie dem nicht.",
    replaced: "Das trägt die Unterschrift eines Schlüssels, den {name} am {day} aufgegeben hat. Vertrauen Sie dem nicht.",
    others: "Ging auch an: {others}.",
    until: "Unser Server bewahrt das bis {day} auf. Danach können Sie es hier nicht mehr lesen.",
    refused:
      "Etwas unter Ihren Wörtern hat die Prüfungen dieser Seite nicht bestanden und wird nicht gezeigt. Wie oft: {count}. Vielleicht will jemand Sie täuschen.",
    recall:
      "Wir erfahren nicht, dass Sie das gelesen haben. Wer Ihre Wörter hat, kann es auch lesen, solange unser Server es aufbewahrt, und auch später, wenn jemand eine Kopie behalten hat.",
    older: "Weiter zurück sehen",
    olderWarning:
      "Es kann ältere Antworten geben. Andere können sie mit Müll nach hinten schieben, deshalb kann diese Seite es nicht wissen. Wer unseren Server beobachtet, sieht am Nachfragen, dass Sie mehr suchen.",
    olderFound: "Weiter hinten gefunden: {count}.",
    olderNone: "Dort wurde nichts weiter gefunden.",
    again: "Mit diesen Wörtern noch einmal schreiben",
    without: "Zurück, und ohne diese Wörter schreiben",
    empty: "Antworten löschen",
    emptySure:
      "Das löscht die Antworten, die hier gezeigt werden, von unserem Server, auch für die, die sie noch nicht abgeholt haben. Es lässt sich nicht rückgängig machen. Ihre Hinweise bleiben: Unser Server weiß nicht, welche von Ihnen sind. Er löscht jeden nach den Tagen, die diese Seite beim Senden genannt hat. Sie können die Menschen, die ihn haben, bitten, ihre eigenen Kopien zu löschen; was jemand gelesen hat, lässt sich nicht zurücknehmen.",
    emptyYes: "Endgültig löschen",
    notEmptied:
      "Unser Server zeigt noch, was er löschen sollte. Versuchen Sie es in einer Minute noch einmal. Hilft das nicht, sagen Sie es uns auf einem anderen Weg.",
    emptied: "Unser Server hat bestätigt: Was Ihnen gezeigt wurde, ist gelöscht.",
    emptiedSome:
      "Was Ihnen vorher gezeigt wurde, ist gelöscht. Was Sie jetzt sehen, lag weiter hinten oder kam inzwischen. Lesen Sie es, und löschen Sie es auch, wenn Sie möchten.",
  },

  refused: {
    "no-answer": {
      title: "Unser Server hat nicht geantwortet",
      text: "Ohne seine Antwort kann diese Seite nicht prüfen, wer Ihre Worte lesen würde. Deshalb können Sie hier jetzt nicht schreiben. Prüfen Sie die Verbindung und laden Sie die Seite neu. Oder nehmen Sie einen anderen Weg.",
    },
    clock: {
      title: "Das Datum passt nicht",
      text: "Dieses Gerät sagt, heute sei der {day}. Unser Server nennt einen anderen Tag. Prüfen Sie das Datum Ihres Geräts und laden Sie dann die Seite neu. Wenn Ihr Datum stimmt, benutzen Sie diese Seite heute nicht.",
    },
    nobody: {
      title: "Heute ist niemand zu erreichen",
      text: "Niemand in der Redaktion ist heute für Hinweise bereit, also nimmt diese Seite keine an. Kommen Sie morgen wieder, oder nehmen Sie einen anderen Weg.",
    },
    expired: {
      title: "Diese Seite ist veraltet",
      text: "Die Liste derer, die Hinweise lesen, ist abgelaufen, und nur die Redaktion kann sie erneuern. Wenn das Datum Ihres Geräts falsch ist, stellen Sie es richtig und laden Sie die Seite neu. Sonst nehmen Sie einen anderen Weg.",
    },
    unproven: {
      title: "Wir können nicht beweisen, wer das lesen würde",
      text: "Die Liste derer, die Hinweise lesen, hat die Prüfungen dieser Seite nicht bestanden. Vielleicht ist etwas kaputt, vielleicht hat jemand sie verändert. Deshalb sendet diese Seite nichts. Versuchen Sie es heute nicht noch einmal aus diesem Netz. Nehmen Sie einen anderen Weg.",
    },
    unsupported: {
      title: "Dieser Browser kann Ihre Worte nicht verschließen",
      text: "Er ist zu alt, oder eine Einstellung hindert diese Seite. Öffnen Sie sie in einem anderen Browser, oder nehmen Sie einen anderen Weg.",
    },
    broken: {
      title: "Diese Seite funktioniert gerade nicht",
      text: "Ein Teil davon ist gescheitert, bevor etwas gesendet werden konnte. Laden Sie die Seite neu. Oder nehmen Sie einen anderen Weg.",
    },
    read: "Wenn Sie acht Wörter haben, können Sie hier trotzdem eine Antwort lesen. Noch einmal schreiben können Sie damit heute nicht.",
    safe: "Nichts, was Sie getippt haben, hat diese Seite verlassen.",
    safeLater: "Nichts Lesbares hat diese Seite verlassen.",
    kept: "Ihre Worte sind noch hier. Kopieren Sie sie, wenn Sie sie behalten möchten.",
  },

  channels: {
    title: "Andere Wege zu uns",
    drawback: "Bedenken Sie: {drawback}",
    none: "Diese Seite kennt keinen anderen Weg. Suchen Sie einen auf der Website der Redaktion, mit Ihrem eigenen Gerät.",
  },

  inApp: {
    title: "Öffnen Sie das in Ihrem eigenen Browser",
    text: "Diese Seite ist im Inneren einer anderen App geöffnet, die vielleicht lesen kann, was Sie tippen. Öffnen Sie das Menü der App (oft drei Punkte) und wählen Sie, die Seite im Browser zu öffnen. Oder kopieren Sie die Adresse:",
    copy: "Adresse kopieren",
    copied: "Kopiert. Fügen Sie sie in Ihrem eigenen Browser ein.",
    maybe:
      "Diese Seite ist vielleicht im Inneren einer anderen App geöffnet, die lesen könnte, was Sie tippen. Wenn ja, öffnen Sie sie zuerst in Ihrem eigenen Browser.",
    notCopied: "Diese App erlaubt kein Kopieren. Schreiben Sie die Adresse auf.",
  },
}
