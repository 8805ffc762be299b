/** French: the page to save. Not yet read by a native speaker. */

import type { Offline } from "./offline.ts"

export const offline: Offline = {
  heading: "Verrouiller un message sans réseau",
  lead: "Cette page verrouille sur cet appareil ce que vous écrivez et vous donne un fichier. Elle n’envoie rien et n’a pas besoin de réseau.",
  saveTitle: "Enregistrez d’abord cette page",
  save: "Ouvrez-la là où vous l’avez enregistrée : comme fichier elle peut faire son travail, ici non. Si vous lisez ces mots là-bas aussi, c’est que les scripts sont désactivés, ou que ce navigateur ne peut rien verrouiller.",
  keysTitle: "Les clés de qui, et pour quel jour",
  line: "La ligne de la rédaction",
  lineHelp:
    "Elle commence par sotto-newsroom-1 et se trouve imprimée ou sur un autre site de la rédaction. Tout le reste est vérifié avec elle.",
  file: "Les clés du jour",
  fileHelp: "Le fichier keys.json que vous avez enregistré aujourd’hui depuis la page de la rédaction.",
  check: "Vérifier les clés",
  badLine: "Il y a une faute dans cette ligne. Comparez-la caractère par caractère avec l’endroit où vous l’avez trouvée.",
  noFile: "Choisissez le fichier avec les clés du jour.",
  badFile:
    "Ce fichier ne contient pas de clés de cette rédaction auxquelles cette page puisse croire. Ne l’utilisez pas. Enregistrez-le de nouveau, de préférence par un autre réseau, et comparez la ligne.",
  oldFile: "Ces clés sont d’un autre jour que la date de cet appareil. Enregistrez celles du jour, ou corrigez la date.",
  nobody: "Personne n’est joignable avec ces clés.",
  tipTitle: "Que devrait savoir la rédaction ?",
  good: "Ces clés sont celles de {newsroom}, pour le {day}. Ce que vous verrouillez avec elles est accepté jusqu’à la fin du {until} (UTC).",
  readers: "Qui peut lire ceci ?",
  away: "{name} n’est pas joignable aujourd’hui.",
  message: "Vos mots",
  messageHelp: "Rien n’est conservé dans ce navigateur : si vous fermez la page, vos mots sont perdus.",
  files: "Des fichiers, si vous voulez",
  filesHelp:
    "Les mots et les fichiers ensemble peuvent faire jusqu’à {size} Kio. Leurs noms sont verrouillés aussi. Les fichiers peuvent porter des marques cachées.",
  lock: "Verrouiller",
  working: "Verrouillage en cours. Dans un navigateur lent, cela prend une minute.",
  noReader: "Choisissez au moins une personne qui peut lire ceci.",
  empty: "Il n’y a encore rien à verrouiller.",
  tooLarge: "C’est plus qu’il n’y a de place. Retirez un fichier ou raccourcissez vos mots.",
  failed: "Cela n’a pas pu être verrouillé. Vérifiez vos fichiers, puis réessayez.",
  doneTitle: "Verrouillé",
  save2: "Enregistrer le fichier verrouillé",
  until: "Remettez-le avant la fin du {until} (UTC).",
  hand: "Remettez le fichier sur la page de la rédaction, envoyez-le par courriel ou portez-le sur une clé USB. Gardez la date dans son nom. Qui le transporte voit sa taille et cette date, et ne peut pas l’ouvrir. Fermez ensuite cette page.",
  wordsTitle: "Vos huit mots",
  words: "Avec eux, vous pouvez lire une réponse sur la page de la rédaction. Ils ne sont montrés qu’ici.",
  keep: "Écrivez-les sur un papier qui ressemble à autre chose. Ne les photographiez pas.",
}
