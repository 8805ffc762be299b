/** The page in French. Same keys as en.ts; each sentence says what the English one says, no more and no less. */

import type { Words } from "./en.ts"

export const fr: Words = {
  lang: "fr",
  dir: "ltr",
  name: "Français",
  unreviewed:
    "Aucune personne de langue maternelle française n’a encore relu cette traduction. En cas de doute, le texte anglais fait foi.",
  language: "Langue",
  units: { kb: "{size} Ko", mb: "{size} Mo", gb: "{size} Go" },

  title: "Contact",
  heading: "Écrire à la rédaction",
  lead: "Cette page verrouille ce que vous écrivez avant que cela ne quitte cet appareil. Seules les personnes que vous choisissez plus bas peuvent l’ouvrir.",

  leave: {
    link: "Quitter cette page",
    note: "Départ immédiat. L’historique n’est pas effacé.",
    keys: "Appuyer trois fois sur la touche Maj fait la même chose.",
  },

  loading:
    "Vérification des personnes qui peuvent lire ceci. Si cela dure plus d’une minute, rechargez la page ou essayez un autre navigateur.",
  ready: "C’est prêt. Vous pouvez choisir qui lira ceci.",

  readers: {
    legend: "Qui peut lire ceci ?",
    help: "Choisissez une ou plusieurs personnes. Personne d’autre ne peut l’ouvrir, et on ne dit pas à notre serveur qui vous avez choisi.",
    at: "Elles travaillent pour {newsroom}.",
    away: "{name} n’est pas joignable aujourd’hui.",
    awayOther: "{name} n’est pas joignable aujourd’hui. Joignable : {others}.",
    missing: "Choisissez au moins une personne qui peut lire ceci.",
  },

  stop: {
    title: "D’abord, dix secondes",
    device: "Est-ce un téléphone ou un ordinateur du travail ?",
    network: "Le Wi-Fi ou le VPN du travail ?",
    app: "L’intérieur d’une autre application ?",
    leave: "Alors fermez cette page. Scannez ce code avec votre propre téléphone, en données mobiles. Ou tapez l’adresse :",
    code: "Code QR : l’adresse de cette page",
  },

  limits: {
    court: "Ce qu’un tribunal pourrait obtenir de nous",
    hideTitle: "Ce que nous pouvons cacher",
    hide: {
      content: "Ce que vous écrivez. C’est verrouillé sur cet appareil, et notre serveur ne peut pas l’ouvrir.",
      readers: "Qui vous choisissez, jusqu’à 1 Mo. Au-delà, notre serveur peut voir qui prend vos fichiers.",
      files: "Combien de fichiers vous joignez, et leurs noms.",
      address: "Votre adresse internet, après coup. Le serveur de cette page la voit tant que vous êtes connecté, et ne l’enregistre pas.",
    },
    showTitle: "Ce que nous ne pouvons pas cacher",
    show: {
      employer: "Aux appareils et au réseau de votre employeur : que vous étiez ici.",
      screen: "Aux logiciels qui surveillent votre écran : ce que vous tapez.",
      provider: "À votre fournisseur d’accès : que vous avez ouvert ce site, quand, et à peu près combien vous avez envoyé.",
      history: "Dans ce navigateur : l’historique peut garder cette page.",
      server:
        "Si quelqu’un prend le contrôle de notre serveur, il pourrait modifier cette page et lire ce que vous y tapez. Avec Tor Browser, il est plus difficile de vous viser en particulier.",
    },
    say: "Si vous êtes seul à pouvoir le savoir, dites-le autrement. Ne copiez pas des courriels entiers ni des captures d’écran là où un résumé suffit : les copies peuvent porter des marques cachées.",
    law: "S’adresser d’abord à la presse peut changer la protection que la loi vous donne. Si vous le pouvez, demandez conseil à un avocat ou à une association avant d’envoyer.",
  },

  callout: {
    why: "Pourquoi nous posons ces questions",
    next: "Ce qui se passe ensuite",
    closes: "Ouvert jusqu’au {day}.",
    closed: "Cet appel s’est terminé le {day}. Vous pouvez encore nous écrire plus bas.",
    optional: "Aucune question n’est obligatoire.",
  },

  questions: {
    skip: "Passez si la réponse vous désigne.",
    clear: "Effacer cette réponse",
    clearOf: "Effacer cette réponse : {question}",
    none: "Pas de réponse",
    band: "{from} à {to}",
    bandOpen: "{from} ou plus",
    bandOne: "{from}",
    short: "{count} caractères au plus.",
    months: "Des mois seulement : un jour exact peut vous désigner.",
    first: "Premier mois",
    last: "Dernier mois",
  },

  message: {
    label: "Que devrions-nous savoir ?",
    help: "Écrivez autant ou aussi peu que vous voulez. Cette page n’enregistre rien sur cet appareil : si vous rechargez ou fermez la page, vos mots sont perdus.",
  },

  files: {
    title: "Fichiers",
    optional: "Facultatif.",
    limit: "Vos mots et tous les fichiers ensemble peuvent faire jusqu’à {size}.",
    marks:
      "Les fichiers peuvent porter des marques cachées : un nom, un lieu, une heure. Nous retirons ces données des photos JPEG, PNG et WebP, sauf si vous dites le contraire ; ce que l’image elle-même montre reste. Les autres fichiers partent tels quels. Un résumé avec vos propres mots est plus sûr qu’une copie.",
    choose: "Choisir des fichiers",
    drop: "ou déposez-les ici",
    name: "Nom du fichier {number} (vous pouvez le changer)",
    remove: "Retirer",
    removeOf: "Retirer le fichier {number}",
    added: "Fichiers : {count}. Ensemble : {size}.",
    removed: "Fichier retiré. Fichiers restants : {count}.",
    tooLarge: "Non ajouté : vos mots et vos fichiers dépasseraient {size}. Ce que vous avez ajouté avant est toujours là.",
    tooMany:
      "Non ajouté : il peut y avoir au plus {count} fichiers. Ce que vous aviez ajouté est toujours ici. De nombreux fichiers peuvent partir en une seule archive.",
    unreadable: "Un de vos fichiers n’est plus lisible. Retirez-le et ajoutez-le de nouveau. Rien n’a été envoyé.",
    unreadableOne:
      "« {name} » n’est plus lisible ou a changé. Retirez-le et ajoutez-le de nouveau. Rien qui puisse être ouvert n’a été envoyé.",
  },

  photos: {
    found: "Caché dans cette photo : {list}.",
    place: "un lieu",
    device: "un appareil ou un nom",
    time: "une heure",
    otherData: "d’autres données cachées",
    remove: "Le retirer. L’image reste la même.",
    nothing: "Nous n’avons pas trouvé de données cachées dans cette photo. L’image elle-même peut encore porter des marques.",
    unclear: "Nous ne pouvons pas retirer les données cachées de cette photo. Elle part telle quelle.",
    other: "Nous ne pouvons pas retirer les données cachées de ce type de fichier. Il part tel quel.",
  },

  answer: {
    title: "Comment pouvons-nous répondre ?",
    words: "Avec huit mots (le mieux)",
    wordsHelp:
      "Après l’envoi, cette page vous montre huit mots. Revenez plus tard avec eux pour lire une réponse. Seuls vous, avec ces mots, et les personnes que vous avez choisies peuvent l’ouvrir. Vous n’avez pas à dire qui vous êtes.",
    contact: "Autrement, comme je l’écris ici",
    contactLabel: "Comment vous joindre ?",
    contactHelp:
      "Un nom, un numéro ou une adresse peut mener à vous. Seules les personnes que vous avez choisies peuvent le lire. N’indiquez rien qui appartienne à votre employeur.",
    none: "Je n’ai pas besoin de réponse",
    contactMissing: "Écrivez comment vous joindre, ou choisissez autre chose.",
    contactLine: "Pour me joindre : {contact}",
    noneLine: "Je n’ai pas besoin de réponse.",
  },

  check: {
    button: "Vérifier avant d’envoyer",
    empty: "Il n’y a encore rien à envoyer. Répondez à une question, écrivez quelques mots ou ajoutez un fichier.",
    tooLarge: "Vos mots et vos fichiers dépassent {size}. Retirez un fichier ou écrivez plus court. Rien n’a été envoyé.",
    bad: "Quelque chose ne peut pas être envoyé tel quel. Relisez vos réponses. Rien n’a été envoyé.",
    changed:
      "Les questions ont changé pendant l’envoi. Relisez-les. Les réponses qui ne conviennent plus sont maintenant avec vos propres mots. Rien de lisible n’a été envoyé.",
    gone: "La liste des personnes joignables a changé. Choisissez de nouveau qui peut lire ceci. Rien de lisible n’a été envoyé.",
    broken:
      "Quelque chose n’a pas marché dans cette page. Rien de lisible n’a été envoyé. Copiez vos mots, rechargez la page et collez-les.",
    title: "Vérifiez avant d’envoyer",
    who: "Qui le lira",
    about: "Sujet",
    answers: "Vos réponses",
    message: "Vos mots",
    noMessage: "Pas de texte de vous",
    files: "Vos fichiers",
    reply: "Comment nous répondons",
    replyWords: "Avec huit mots, que vous recevez après l’envoi",
    size: "Taille en chemin",
    floor: "{size}, verrouillé. Tout message court sans fichier a cette taille.",
    larger: "{size}, verrouillé. Qui surveille la connexion peut voir cette taille.",
    fetched:
      "C’est plus grand que {size}. Notre serveur peut donc voir qui prend les fichiers, et par là qui peut les ouvrir. Lui-même ne peut pas les ouvrir. Des fichiers plus petits évitent cela.",
    locking:
      "Dans ce navigateur, le verrouillage prend environ {time}. Gardez cette page ouverte : après un rechargement, tout recommencerait.",
    pointTitle: "Quelque chose ici ne désigne-t-il que vous ?",
    point:
      "Une date, un nombre, une expression que vous seul connaissez ? Alors revenez en arrière et dites-le autrement. Ce que quelqu’un a lu, il l’a lu.",
    back: "Revenir et modifier",
    send: "Verrouiller et envoyer",
  },

  sending: {
    title: "Envoi en cours",
    keep: "Gardez cette page ouverte.",
    locking: "Verrouillage sur cet appareil",
    sending: "Envoi, puis attente de la confirmation de notre serveur",
    work: "Beaucoup de personnes envoient en ce moment. Votre appareil fait un petit calcul contre le spam; cela prend quelques secondes.",
    slow: "C’est plus long que d’habitude. Une connexion lente peut demander quelques minutes. Gardez cette page ouverte.",
    stopWaiting: "Ne plus attendre",
    again: "Un nouveau jour a commencé pour notre serveur. La page vérifie de nouveau qui peut lire ceci, puis verrouille à nouveau.",
    expired: "Notre serveur n’a plus la partie déjà arrivée. La page vérifie de nouveau qui peut lire ceci, puis verrouille à nouveau.",
    confirmed: "{done} sur {total} confirmés par notre serveur.",
    rate: "{rate} par seconde, encore environ {time}.",
    busy: "Notre serveur ne peut rien recevoir de plus pour l’instant. Rien n’est perdu tant que cette page reste ouverte. Nous réessaierons de nous-mêmes.",
    waiting: "La connexion est tombée. Rien n’est perdu tant que cette page reste ouverte. Nous réessaierons de nous-mêmes.",
    pause: "Suspendre",
    goOn: "Reprendre",
    paused: "En pause. Rien n’est perdu tant que cette page reste ouverte.",
    stop: "Arrêter et revenir",
    stopping: "Arrêt en cours. Nous demandons à notre serveur de jeter ce qui est arrivé.",
    stopped: "Arrêté. Votre message n’a pas été envoyé. Il est toujours ici.",
  },

  failed: {
    title: "Pas de confirmation",
    offline:
      "La connexion a été coupée avant la confirmation de notre serveur. Nous ne savons pas si votre message est arrivé. Il est encore ici tant que cette page reste ouverte. Vérifiez votre connexion, puis réessayez. L’envoyer deux fois ne fait pas de mal.",
    busy: "Notre serveur ne peut rien recevoir pour l’instant. Votre message est encore ici tant que cette page reste ouverte. Attendez un peu, puis réessayez.",
    busySeconds:
      "Notre serveur ne peut rien recevoir pour l’instant. Votre message est encore ici tant que cette page reste ouverte. Attendez {seconds} secondes, puis réessayez.",
    broken:
      "Notre serveur a eu une panne et n’a pas confirmé. Votre message est encore ici tant que cette page reste ouverte. Réessayez dans une minute.",
    expired:
      "Notre serveur n’accepte plus rien pour l’envoi commencé et n’a pas confirmé. Votre message est toujours ici tant que cette page reste ouverte. Réessayez : la page le verrouille alors à nouveau.",
    refused:
      "Notre serveur n’a pas pris votre message, et réessayer n’y changera rien. Vos mots sont encore ici tant que cette page reste ouverte. Revenez en arrière pour les copier, puis contactez-nous autrement.",
    tooLarge:
      "Notre serveur accepte moins que ce que vous voulez envoyer. Vos mots sont encore ici tant que cette page reste ouverte. Revenez en arrière et retirez un fichier, ou écrivez plus court.",
    retry: "Réessayer",
    back: "Revenir et modifier",
  },

  sent: {
    title: "Envoyé",
    kept: "Notre serveur a confirmé qu’il garde votre message verrouillé. Les personnes que vous avez choisies viennent le chercher et l’ouvrent sur leur propre appareil.",
    days: "La copie du serveur est supprimée après {days} jours environ.",
    answer:
      "Si quelqu’un répond, vous pouvez le lire sur cette page avec vos huit mots. Revenez après deux jours, de préférence depuis un autre réseau.",
    sameWords: "Si quelqu’un répond, vous pouvez le lire ici avec les mêmes huit mots qu’avant.",
    contact: "Vous avez écrit comment vous joindre. Si quelqu’un répond, ce sera par ce moyen. Cette page ne montre pas de mots pour cela.",
    none: "Vous n’avez pas besoin de réponse ; il n’y a donc rien à garder.",
    noWords: "Cette page n’a pas pu vous montrer les huit mots pour une réponse. Votre message est arrivé quand même.",
    cleared: "Cette page a vidé tous les champs. L’historique de votre navigateur peut encore garder son adresse.",
    next: "Ce qui se passe ensuite",
    leave: "Quittez cette page maintenant, avec le bouton tout en haut.",
  },

  eight: {
    title: "Vos huit mots",
    why: "Avec ces mots, et seulement avec eux, vous pouvez lire une réponse et écrire de nouveau aux mêmes personnes.",
    used: "Rien n’a été trouvé sous les mots que vous avez tapés ; cette page n’a donc pas pu les vérifier. Votre message a été verrouillé avec ces mots mêmes. Comparez chacun avec ce que vous avez noté : une réponse à ce message viendra sous ceux-ci.",
    hide: "Cacher les mots",
    show: "Montrer les mots",
    copy: "Copier les mots",
    copied:
      "Copié. D’autres programmes sur cet appareil peuvent lire ce que vous avez copié. Une fois les mots mis de côté, copiez autre chose.",
    notCopied: "Ce navigateur ne permet pas de copier. Notez les mots.",
    keep: "Écrivez-les sur un papier qui ressemble à autre chose. Ne les photographiez pas et ne vous les envoyez pas par courriel.",
    lost: "Ils ne sont montrés que cette fois. Qui les trouve peut lire vos réponses. S’ils sont perdus, votre message est arrivé quand même, mais aucune réponse ne peut vous parvenir par cette page.",
    check: "Vérifiez ce que vous avez noté, si vous voulez",
    checkHelp: "Tapez les huit mots dans l’ordre. Rien n’est envoyé.",
    checkButton: "Vérifier mes mots",
    same: "Les huit sont justes.",
    other: "Différence à la place : {places}. Regardez de nouveau ces mots et leur ordre.",
    otherCount: "Il y a huit mots. Vous en avez tapé {count}.",
    done: "Je les ai notés",
  },

  back: {
    link: "J’ai huit mots",
    title: "Lire une réponse",
    where:
      "De préférence pas au travail, et pas depuis le réseau d’où vous avez écrit. Chercher une réponse envoie la même chose, qu’il y en ait une ou non.",
    label: "Vos huit mots",
    help: "Dans l’ordre où vous les avez reçus. Majuscules, virgules et retours à la ligne ne comptent pas. Vous pouvez les coller.",
    look: "Chercher une réponse",
    looking: "Recherche d’une réponse",
    back: "Revenir",
    notEight: "Il y a huit mots. Vous en avez tapé {count}.",
    unknown: "Le mot {place}, « {word} », n’est pas dans la liste d’où viennent vos mots. Regardez-le de nouveau.",
    unknownNear:
      "Le mot {place}, « {word} », n’est pas dans la liste d’où viennent vos mots. Est-ce un de ceux-ci ? Ne choisissez que si vous en êtes sûr.",
    replaced: "C’est mis. Vérifiez les mots encore une fois.",
    offline: "La connexion a été coupée. Rien n’est perdu. Vérifiez votre connexion, puis réessayez.",
    busy: "Notre serveur ne peut pas répondre pour l’instant. Rien n’est perdu. Attendez un peu, puis réessayez.",
    broken: "Quelque chose n’a pas marché, ici ou sur notre serveur. Rien n’est perdu. Réessayez dans une minute, ou rechargez la page.",
    following:
      "Vous écrivez de nouveau avec vos huit mots. Les personnes que vous choisissez peuvent voir que les deux messages viennent de vous.",
    followingUnsure:
      "Vous écrivez avec les huit mots que vous avez tapés. Rien n’a été trouvé sous ces mots ; cette page ne peut donc pas savoir s’ils sont justes. Après l’envoi, elle les montre encore une fois.",
  },

  answers: {
    title: "Réponses",
    none: "Rien trouvé sous ces mots pour l’instant. Si vous attendiez une réponse, vérifiez chaque mot et leur ordre.",
    by: "De {name}",
    written: "Date : {day}",
    left: "{name} n’est plus chez nous depuis le {day}. Ceci a été écrit avant, pour autant qu’on puisse croire la date. N’écrivez pas à cette personne seule.",
    leftBefore: "{name} n’était plus chez nous quand ceci a été écrit : depuis le {day}. Ne vous y fiez pas.",
    replaced: "Ceci est signé avec une clé que {name} a abandonnée le {day}. Ne vous y fiez pas.",
    others: "Envoyé aussi à : {others}.",
    until: "Notre serveur garde ceci jusqu’au {day}. Après, vous ne pourrez plus le lire ici.",
    refused:
      "Quelque chose sous vos mots n’a pas passé les contrôles de cette page et n’est pas montré. Nombre de fois : {count}. Quelqu’un essaie peut-être de vous tromper.",
    recall:
      "Nous ne savons pas que vous avez lu ceci. Qui a vos mots peut le lire aussi, tant que notre serveur le garde, et plus tard encore si quelqu’un en a gardé une copie.",
    older: "Chercher plus loin",
    olderWarning:
      "Il y a peut-être des réponses plus anciennes. D’autres peuvent les repousser avec du bruit ; cette page ne peut donc pas le savoir. Les demander montre à qui surveille notre serveur que vous cherchez encore.",
    olderFound: "Réponses trouvées plus loin : {count}.",
    olderNone: "Rien de plus n’a été trouvé là.",
    again: "Écrire de nouveau avec ces mots",
    without: "Revenir et écrire sans ces mots",
    empty: "Supprimer les réponses",
    emptySure:
      "Ceci supprime de notre serveur les réponses montrées ici, aussi pour les journalistes qui ne les ont pas encore prises. C’est définitif. Vos messages restent : notre serveur ne sait pas lesquels sont de vous. Il supprime chacun après les jours que cette page a indiqués à l’envoi. Vous pouvez demander aux journalistes de supprimer leurs propres copies ; ce que quelqu’un a lu, il l’a lu.",
    emptyYes: "Supprimer pour de bon",
    notEmptied:
      "Notre serveur montre encore ce qu’il devait supprimer. Réessayez dans une minute. Si cela ne suffit pas, dites-le-nous d’une autre manière.",
    emptied: "Notre serveur a confirmé avoir supprimé ce qui vous était montré.",
    emptiedSome:
      "Ce qui vous était montré avant est supprimé. Ce que vous voyez maintenant était plus loin, ou est arrivé entre-temps. Lisez-le, et supprimez-le aussi si vous voulez.",
  },

  refused: {
    "no-answer": {
      title: "Notre serveur n’a pas répondu",
      text: "Sans sa réponse, cette page ne peut pas vérifier qui lirait vos mots ; vous ne pouvez donc pas écrire ici pour l’instant. Vérifiez votre connexion et rechargez la page. Ou prenez un autre moyen.",
    },
    clock: {
      title: "La date ne correspond pas",
      text: "Cet appareil dit que nous sommes le {day}. Notre serveur dit un autre jour. Vérifiez la date de votre appareil, puis rechargez la page. Si votre date est juste, n’utilisez pas cette page aujourd’hui.",
    },
    nobody: {
      title: "Personne n’est joignable aujourd’hui",
      text: "Aucun journaliste n’est prêt à recevoir des messages aujourd’hui ; cette page n’en prend donc pas. Revenez demain, ou prenez un autre moyen.",
    },
    expired: {
      title: "Cette page n’est plus à jour",
      text: "La liste des personnes qui lisent les messages a expiré, et seule la rédaction peut la renouveler. Si la date de votre appareil est fausse, corrigez-la et rechargez la page. Sinon, prenez un autre moyen.",
    },
    unproven: {
      title: "Nous ne pouvons pas prouver qui lirait ceci",
      text: "La liste des personnes qui lisent les messages n’a pas passé les contrôles de cette page. Quelque chose est peut-être cassé, ou quelqu’un l’a peut-être modifiée. Cette page n’enverra donc rien. Ne réessayez pas aujourd’hui depuis ce réseau. Prenez un autre moyen.",
    },
    unsupported: {
      title: "Ce navigateur ne peut pas verrouiller vos mots",
      text: "Il est trop ancien, ou un réglage empêche cette page de marcher. Ouvrez la page dans un autre navigateur, ou prenez un autre moyen.",
    },
    broken: {
      title: "Cette page ne marche pas pour l’instant",
      text: "Une partie a échoué avant que quoi que ce soit ait pu être envoyé. Rechargez la page. Ou prenez un autre moyen.",
    },
    read: "Si vous avez huit mots, vous pouvez quand même lire une réponse ici. Vous ne pouvez pas écrire de nouveau avec eux aujourd’hui.",
    safe: "Rien de ce que vous avez tapé n’a quitté cette page.",
    safeLater: "Rien de lisible n’a quitté cette page.",
    kept: "Vos mots sont encore ici. Copiez-les si vous voulez les garder.",
  },

  channels: {
    title: "Autres moyens de nous joindre",
    drawback: "À savoir : {drawback}",
    none: "Cette page ne connaît pas d’autre moyen. Cherchez-en un sur le site de la rédaction, avec votre propre appareil.",
  },

  inApp: {
    title: "Ouvrez ceci dans votre propre navigateur",
    text: "Cette page est ouverte à l’intérieur d’une autre application, qui peut peut-être lire ce que vous tapez. Ouvrez le menu de l’application (souvent trois points) et choisissez d’ouvrir la page dans votre navigateur. Ou copiez l’adresse :",
    copy: "Copier l’adresse",
    copied: "Copié. Collez-la dans votre propre navigateur.",
    maybe:
      "Cette page est peut-être ouverte à l’intérieur d’une autre application, qui pourrait lire ce que vous tapez. Si c’est le cas, ouvrez-la d’abord dans votre propre navigateur.",
    notCopied: "Cette application ne permet pas de copier. Notez l’adresse.",
  },
}
