/** French: today's list and the questions. Not yet read by a native speaker. */

import type { ListWords } from "./en.ts"

export const fr: ListWords = {
  lang: "fr",
  dir: "ltr",
  unreviewed:
    "Aucune personne de langue maternelle française n’a encore relu cette traduction. En cas de doute, le texte anglais fait foi.",

  title: "{newsroom} : comment verrouiller un message à la main, le {day} (UTC)",
  tools: "Il vous faut GNU tar et age 1.3 ou plus récent. Lisez tout avant d’exécuter quoi que ce soit.",
  prepare:
    "Écrivez vos mots dans message.txt, et mettez dans ce dossier les fichiers que vous voulez joindre. Les noms des fichiers et ce qu’ils contiennent sont verrouillés ; message.txt et les fichiers restent tels quels sur cet ordinateur : effacez-les ensuite, et travaillez plutôt dans un dossier en mémoire.",
  until: "Cette liste vaut pour le {day} ; ce qui est verrouillé avec elle est accepté jusqu’à {days} jours après.",
  unproven:
    "Rien de ce que tar ou age savent faire ne prouve que les clés ci-dessous sont celles de la rédaction. C’est notre serveur qui vous les a données. « sotto seal » et la page à enregistrer le vérifient ; ces commandes, non.",
  who: "Qui peut le lire. Mettez un # devant la ligne de qui ne doit pas.",
  away: "pas joignable aujourd’hui : {name}",
  places:
    "Chaque place reçoit une clé, et personne ne peut voir de l’extérieur lesquelles sont lues : les autres sont verrouillées avec des clés qui sont jetées ici.",
  nobody: "PERSONNE ne pourrait lire ceci : laissez au moins un nom",
  archive:
    "Les noms, les heures et les propriétaires de cet ordinateur restent dehors. Ajoutez vos fichiers après message.txt. Puis on complète jusqu’à une longueur que beaucoup de messages ont.",
  notMade: "PAS FAIT : trop grand, ou age est plus ancien que 1.3",
  handIn: "Remettez {file} sur la page. Gardez la date dans son nom : elle dit avec quelles clés il a été verrouillé.",

  asks: "Ce que {newsroom} demande",
  copy: "Copiez dans message.txt ce à quoi vous voulez répondre. Rien n’est obligatoire. Passez ce qui vous désigne.",
  nothing: "Rien de particulier en ce moment. Les mots libres sont toujours bienvenus.",
  why: "Pourquoi nous posons ces questions : {text}",
  next: "Ce qui se passe ensuite : {text}",
  band: "{from} à {to}",
  bandOpen: "{from} ou plus",
}
