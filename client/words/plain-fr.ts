/** French: for whoever has scripts off. Not yet read by a native speaker. */

import type { Plain } from "./plain.ts"

export const plain: Plain = {
  title: "Les scripts sont désactivés",
  lead: "Sans scripts, cette page ne peut pas verrouiller ce que vous écrivez, et elle n’envoie jamais rien qui ne soit pas verrouillé. Il n’y a donc pas de champ pour écrire. Vous pouvez activer les scripts pour cette page, ou verrouiller un message vous-même et le remettre ici.",
  stopTitle: "Avant de continuer",
  device:
    "Pas sur un téléphone ou un ordinateur du travail, ni sur un réseau ou un VPN du travail. Nous ne pouvons pas cacher aux appareils de votre employeur que vous étiez ici.",
  say: "Ce que vous seul pouvez savoir, dites-le autrement. Les copies de courriels et de documents peuvent porter des marques cachées.",
  offline: {
    title: "Avec un navigateur qui a des scripts, et sans réseau",
    text: "Enregistrez la page ci-dessous et les clés du jour, ouvrez la page enregistrée dans n’importe quel navigateur, et écrivez là. Elle n’a pas besoin de réseau et vérifie les clés elle-même. Elle vous donne un fichier verrouillé, que vous pouvez remettre ici, envoyer par courriel ou porter sur une clé USB.",
    page: "La page à enregistrer",
    keys: "Les clés du jour",
    sum: "La rédaction publie la somme SHA-256 de cette page. Comparez-la avant d’ouvrir la page.",
  },
  hand: {
    title: "Avec tar et age, dans un terminal",
    text: "Il vous faut GNU tar et age 1.3 ou plus récent. La liste du jour donne les noms de qui lit, leurs clés et les commandes complètes, à lire avant de les exécuter.",
    list: "La liste du jour : qui lit, et les commandes",
    questions: "Ce que nous demandons, pour y répondre dans votre message",
    lacks:
      "Un tel message n’a pas de huit mots : nous ne pouvons pas y répondre. La liste n’est pas signée d’une façon que ces outils puissent vérifier ; qui s’est emparé de notre serveur pourrait y mettre d’autres clés. La page à enregistrer et notre propre commande (sotto seal) le vérifient.",
  },
  form: {
    title: "Remettre un fichier verrouillé",
    label: "Votre fichier verrouillé",
    help: "Seulement un fichier qui finit par .age et fait pour cette rédaction, de 1 Mio au plus. Son nom n’est pas conservé. Un fichier qui n’est pas verrouillé serait envoyé tel quel, et refusé.",
    button: "Remettre",
  },
  channels: "D’autres moyens de nous joindre",
  back: "Retour à la page",
  leave: "Quittez ensuite cette page. L’historique de votre navigateur peut garder son adresse.",
  kept: {
    title: "Remis",
    text: "Notre serveur a votre fichier verrouillé et ne peut pas l’ouvrir. Celles et ceux dont les clés l’ont verrouillé le peuvent, une fois qu’ils l’ont récupéré.",
    next: "Nous gardons le fichier et son jour : ni son nom, ni qui vous êtes.",
  },
  notLocked: {
    title: "Refusé : ce n’est pas un fichier verrouillé",
    text: "Notre serveur accepte les fichiers verrouillés par age, sous forme binaire (pas age -a), et rien d’autre. Il n’a rien gardé. Si ce que vous avez choisi était lisible par tous, il a voyagé tel quel jusqu’à notre serveur : pensez à ce qu’il dit avant d’aller plus loin.",
    next: "Verrouillez-le d’abord, puis remettez le fichier qui finit par .age.",
  },
  wrongShape: {
    title: "Refusé : il n’a pas la bonne forme",
    text: "Le fichier est verrouillé, mais pas comme ceux de cette rédaction : avec une clé pour chaque place de la liste du jour, dans son ordre, et complété à l’une des longueurs indiquées. Notre serveur n’a rien gardé, car sa forme permettrait de le distinguer de tous les autres.",
    next: "Refaites-le avec les commandes de la liste du jour, toutes.",
  },
  tooLarge: {
    title: "Refusé : il est trop grand",
    text: "Ici, un fichier verrouillé peut avoir 1 Mio au plus. Notre serveur n’a rien gardé.",
    next: "Retirez ce que vous pouvez, ou prenez un autre moyen.",
  },
  closed: {
    title: "Refusé : son jour est passé",
    text: "Le fichier a été verrouillé avec les clés d’un jour pour lequel plus rien n’est accepté. Notre serveur n’a rien gardé.",
    next: "Refaites-le avec la liste ou les clés du jour. Si la date dans le nom du fichier est fausse, renommez-le.",
  },
  later: {
    title: "Refusé : quelque chose ne va pas de notre côté",
    text: "Notre serveur ne peut rien garder en ce moment. Il n’a rien gardé.",
    next: "Réessayez dans quelques minutes, avec le même fichier.",
  },
}
