/** The page in Spanish. Same keys as en.ts; each sentence says what the English one says, no more and no less. */

import type { Words } from "./en.ts"

export const es: Words = {
  lang: "es",
  dir: "ltr",
  name: "Español",
  unreviewed: "Ninguna persona de lengua materna española ha revisado todavía esta traducción. En caso de duda, vale el texto en inglés.",
  language: "Idioma",
  units: { kb: "{size} KB", mb: "{size} MB", gb: "{size} GB" },

  title: "Contacto",
  heading: "Escribir a la redacción",
  lead: "Esta página cierra con llave lo que usted escribe antes de que salga de este dispositivo. Solo pueden abrirlo las personas que elija más abajo.",

  leave: {
    link: "Salir de esta página",
    note: "Sale enseguida. No borra el historial.",
    keys: "Pulsar tres veces la tecla Mayús hace lo mismo.",
  },

  loading: "Comprobando quién puede leer esto. Si tarda más de un minuto, recargue la página o pruebe con otro navegador.",
  ready: "Listo. Puede elegir quién lee esto.",

  readers: {
    legend: "¿Quién puede leer esto?",
    help: "Elija una persona o varias. Nadie más puede abrirlo, y a nuestro servidor no se le dice a quién ha elegido.",
    at: "Trabajan para {newsroom}.",
    away: "Hoy no es posible contactar con {name}.",
    awayOther: "Hoy no es posible contactar con {name}. Sí con {others}.",
    missing: "Elija al menos a una persona que pueda leer esto.",
  },

  stop: {
    title: "Primero, diez segundos",
    device: "¿Es un teléfono o un ordenador del trabajo?",
    network: "¿El wifi o la VPN del trabajo?",
    app: "¿El interior de otra aplicación?",
    leave: "Entonces cierre esta página. Escanee este código con su propio teléfono, con datos móviles. O escriba la dirección:",
    code: "Código QR: la dirección de esta página",
  },

  limits: {
    court: "Lo que un juez podría obtener de nosotros",
    hideTitle: "Lo que podemos ocultar",
    hide: {
      content: "Lo que escribe. Se cierra en este dispositivo y nuestro servidor no puede abrirlo.",
      readers: "A quién elige, hasta 1 MB. Por encima, nuestro servidor puede ver quién recoge sus archivos.",
      files: "Cuántos archivos añade y cómo se llaman.",
      address: "Su dirección de internet, después. El servidor de esta página la ve mientras está conectado, y no la guarda.",
    },
    showTitle: "Lo que no podemos ocultar",
    show: {
      employer: "A los dispositivos y la red de su empresa: que estuvo aquí.",
      screen: "A los programas que vigilan su pantalla: lo que teclea.",
      provider: "A su proveedor de internet: que entró en este sitio, cuándo y más o menos cuánto envió.",
      history: "En este navegador: el historial puede conservar esta página.",
      server:
        "Si alguien se hace con nuestro servidor, podría cambiar esta página y leer lo que escriba en ella. Con Tor Browser es más difícil que le señalen precisamente a usted.",
    },
    say: "Si solo usted podría saberlo, dígalo de otra manera. No copie correos enteros ni capturas de pantalla si basta un resumen: las copias pueden llevar marcas ocultas.",
    law: "Acudir primero a la prensa puede cambiar la protección que le da la ley. Si puede, consulte antes de enviar con un abogado o con una asociación que asesore.",
  },

  callout: {
    why: "Por qué preguntamos",
    next: "Qué pasa después",
    closes: "Abierto hasta el {day}.",
    closed: "Esta convocatoria se cerró el {day}. Todavía puede escribirnos más abajo.",
    optional: "Ninguna pregunta es obligatoria.",
  },

  questions: {
    skip: "Sáltela si la respuesta le señala a usted.",
    clear: "Borrar esta respuesta",
    clearOf: "Borrar esta respuesta: {question}",
    none: "Sin respuesta",
    band: "{from} a {to}",
    bandOpen: "{from} o más",
    bandOne: "{from}",
    short: "Hasta {count} caracteres.",
    months: "Solo meses: un día exacto puede señalarle.",
    first: "Primer mes",
    last: "Último mes",
  },

  message: {
    label: "¿Qué deberíamos saber?",
    help: "Escriba tanto o tan poco como quiera. Esta página no guarda nada en este dispositivo: si recarga o cierra la página, sus palabras se pierden.",
  },

  files: {
    title: "Archivos",
    optional: "Opcional.",
    limit: "Sus palabras y todos los archivos juntos pueden ocupar hasta {size}.",
    marks:
      "Los archivos pueden llevar marcas ocultas: un nombre, un lugar, una hora. Quitamos esos datos de las fotos JPEG, PNG y WebP, salvo que usted diga otra cosa; lo que muestra la propia imagen se queda. Los demás archivos van tal como están. Un resumen con sus palabras es más seguro que una copia.",
    choose: "Elegir archivos",
    drop: "o suéltelos aquí",
    name: "Nombre del archivo {number} (puede cambiarlo)",
    remove: "Quitar",
    removeOf: "Quitar el archivo {number}",
    added: "Archivos: {count}. En total: {size}.",
    removed: "Archivo quitado. Archivos que quedan: {count}.",
    tooLarge: "No añadido: sus palabras y archivos pasarían de {size}. Lo que añadió antes sigue aquí.",
    tooMany:
      "No se ha añadido: puede haber como máximo {count} archivos. Lo que añadió antes sigue aquí. Muchos archivos pueden ir en un solo archivo comprimido.",
    unreadable: "Uno de sus archivos ya no se puede leer. Quítelo y añádalo de nuevo. No se ha enviado nada.",
    unreadableOne: "«{name}» ya no se puede leer o ha cambiado. Quítelo y añádalo de nuevo. No se ha enviado nada que se pueda abrir.",
  },

  photos: {
    found: "Oculto en esta foto: {list}.",
    place: "un lugar",
    device: "un dispositivo o un nombre",
    time: "una hora",
    otherData: "otros datos ocultos",
    remove: "Quitarlo. La imagen queda igual.",
    nothing: "No hemos encontrado datos ocultos en esta foto. La propia imagen aún puede llevar marcas.",
    unclear: "No podemos quitar los datos ocultos de esta foto. Va tal como está.",
    other: "No podemos quitar los datos ocultos de este tipo de archivo. Va tal como está.",
  },

  answer: {
    title: "¿Cómo podemos responder?",
    words: "Con ocho palabras (lo mejor)",
    wordsHelp:
      "Después de enviar, esta página le muestra ocho palabras. Vuelva con ellas más tarde para leer una respuesta. Solo pueden abrirla usted, con estas palabras, y las personas que ha elegido. No hace falta que diga quién es.",
    contact: "De otra manera, que escribo aquí",
    contactLabel: "¿Cómo podemos contactar con usted?",
    contactHelp:
      "Un nombre, un número o una dirección puede llevar hasta usted. Solo pueden leerlo las personas que ha elegido. No dé nada que pertenezca a su empresa.",
    none: "No necesito respuesta",
    contactMissing: "Escriba cómo podemos contactar con usted, o elija otra opción.",
    contactLine: "Cómo contactar conmigo: {contact}",
    noneLine: "No necesito respuesta.",
  },

  check: {
    button: "Revisar antes de enviar",
    empty: "Todavía no hay nada que enviar. Responda a una pregunta, escriba unas palabras o añada un archivo.",
    tooLarge: "Sus palabras y archivos pasan de {size}. Quite un archivo o escriba menos. No se ha enviado nada.",
    bad: "Algo de esto no se puede enviar así. Revise sus respuestas. No se ha enviado nada.",
    changed:
      "Las preguntas han cambiado mientras usted enviaba. Revíselas otra vez. Las respuestas que ya no encajan están ahora con sus propias palabras. No se ha enviado nada legible.",
    gone: "La lista de personas con las que se puede contactar ha cambiado. Elija de nuevo quién puede leer esto. No se ha enviado nada legible.",
    broken: "Algo ha fallado en esta página. No se ha enviado nada legible. Copie sus palabras, recargue la página y péguelas.",
    title: "Revise antes de enviar",
    who: "Quién lo leerá",
    about: "Tema",
    answers: "Sus respuestas",
    message: "Sus palabras",
    noMessage: "Sin palabras propias",
    files: "Sus archivos",
    reply: "Cómo respondemos",
    replyWords: "Con ocho palabras, que recibe después de enviar",
    size: "Tamaño en camino",
    floor: "{size}, cerrado. Todo mensaje corto sin archivos tiene este tamaño.",
    larger: "{size}, cerrado. Quien vigile la conexión puede ver este tamaño.",
    fetched:
      "Esto ocupa más de {size}. Por eso nuestro servidor puede ver quién recoge los archivos, y con ello quién puede abrirlos. Él mismo no puede abrirlos. Con archivos más pequeños no ocurre.",
    locking: "En este navegador, cerrarlo tarda unos {time}. Deje esta página abierta: si se recarga, empieza todo de nuevo.",
    pointTitle: "¿Hay algo aquí que solo le señale a usted?",
    point:
      "¿Una fecha, un número, una frase que solo usted conoce? Entonces vuelva atrás y dígalo de otra manera. Lo que alguien ha leído, leído queda.",
    back: "Volver y cambiarlo",
    send: "Cerrar y enviar",
  },

  sending: {
    title: "Enviando",
    keep: "Mantenga abierta esta página.",
    locking: "Cerrándolo en este dispositivo",
    sending: "Enviándolo y esperando a que nuestro servidor confirme",
    work: "Muchas personas están enviando ahora. Su dispositivo hace un pequeño cálculo contra el spam; tarda unos segundos.",
    slow: "Tarda más de lo normal. Una conexión lenta puede necesitar unos minutos. Mantenga abierta esta página.",
    stopWaiting: "Dejar de esperar",
    again: "Para nuestro servidor ha empezado un nuevo día. Se comprueba otra vez quién puede leer esto y se cierra de nuevo.",
    expired: "Nuestro servidor ya no tiene la parte que había llegado. Se comprueba otra vez quién puede leer esto y se cierra de nuevo.",
    confirmed: "Nuestro servidor ha confirmado {done} de {total}.",
    rate: "{rate} por segundo, faltan unos {time}.",
    busy: "Nuestro servidor no puede recibir más ahora. No se pierde nada mientras esta página siga abierta. Lo intentaremos de nuevo por nuestra cuenta.",
    waiting: "Se ha cortado la conexión. No se pierde nada mientras esta página siga abierta. Lo intentaremos de nuevo por nuestra cuenta.",
    pause: "Pausa",
    goOn: "Seguir",
    paused: "En pausa. No se pierde nada mientras esta página siga abierta.",
    stop: "Parar y volver",
    stopping: "Deteniendo. Pedimos a nuestro servidor que tire lo que ha llegado.",
    stopped: "Parado. Su mensaje no se ha enviado. Sigue aquí.",
  },

  failed: {
    title: "Sin confirmar",
    offline:
      "La conexión se cortó antes de que nuestro servidor confirmara. No sabemos si su mensaje ha llegado. Sigue aquí mientras esta página esté abierta. Compruebe la conexión e inténtelo otra vez. Enviarlo dos veces no hace daño.",
    busy: "Nuestro servidor no puede guardar nada ahora. Su mensaje sigue aquí mientras esta página esté abierta. Espere un poco e inténtelo otra vez.",
    busySeconds:
      "Nuestro servidor no puede guardar nada ahora. Su mensaje sigue aquí mientras esta página esté abierta. Espere {seconds} segundos e inténtelo otra vez.",
    broken:
      "Nuestro servidor tuvo un fallo y no confirmó. Su mensaje sigue aquí mientras esta página esté abierta. Inténtelo otra vez dentro de un minuto.",
    expired:
      "Nuestro servidor ya no acepta nada más del envío empezado y no ha confirmado. Su mensaje sigue aquí mientras esta página siga abierta. Inténtelo otra vez: esta página lo cierra entonces de nuevo.",
    refused:
      "Nuestro servidor no aceptó su mensaje, e intentarlo otra vez no lo cambiará. Sus palabras siguen aquí mientras esta página esté abierta. Vuelva atrás y cópielas; después contacte con nosotros por otra vía.",
    tooLarge:
      "Nuestro servidor acepta menos de lo que quiere enviar. Sus palabras siguen aquí mientras esta página esté abierta. Vuelva atrás y quite un archivo o escriba menos.",
    retry: "Intentar otra vez",
    back: "Volver y cambiarlo",
  },

  sent: {
    title: "Enviado",
    kept: "Nuestro servidor ha confirmado que guarda su mensaje cerrado. Las personas que eligió lo recogen y lo abren en sus propios dispositivos.",
    days: "La copia del servidor se borra al cabo de unos {days} días.",
    answer: "Si alguien responde, puede leerlo en esta página con sus ocho palabras. Vuelva dentro de dos días, mejor desde otra red.",
    sameWords: "Si alguien responde, puede leerlo aquí con las mismas ocho palabras de antes.",
    contact: "Ha escrito cómo contactar con usted. Si alguien responde, será por esa vía. Esta página no muestra palabras para eso.",
    none: "No necesita respuesta, así que no hay nada que guardar.",
    noWords: "Esta página no pudo mostrarle las ocho palabras para una respuesta. Su mensaje ha llegado de todos modos.",
    cleared: "Esta página ha vaciado todos los campos. El historial de su navegador puede conservar su dirección.",
    next: "Qué pasa después",
    leave: "Salga ahora de esta página, con el botón de arriba.",
  },

  eight: {
    title: "Sus ocho palabras",
    why: "Con estas palabras, y solo con ellas, puede leer una respuesta y escribir otra vez a las mismas personas.",
    used: "No se encontró nada con las palabras que tecleó, así que esta página no pudo comprobarlas. Su mensaje se cerró con estas mismas palabras. Compare cada una con lo que anotó: una respuesta a este mensaje llega con estas.",
    hide: "Ocultar las palabras",
    show: "Mostrar las palabras",
    copy: "Copiar las palabras",
    copied:
      "Copiado. Otros programas de este dispositivo pueden leer lo que ha copiado. Cuando tenga guardadas las palabras, copie otra cosa.",
    notCopied: "Este navegador no permite copiar. Anote las palabras.",
    keep: "Escríbalas en un papel que parezca otra cosa. No les haga fotos ni se las envíe por correo.",
    lost: "Solo se muestran esta vez. Quien las encuentre puede leer sus respuestas. Si se pierden, su mensaje ha llegado de todos modos, pero ninguna respuesta puede llegarle por esta página.",
    check: "Compruebe lo que ha anotado, si quiere",
    checkHelp: "Escriba las ocho en orden. No se envía nada.",
    checkButton: "Comprobar mis palabras",
    same: "Las ocho son correctas.",
    other: "No coincide en: {places}. Mire otra vez esas palabras y su orden.",
    otherCount: "Son ocho palabras. Ha escrito {count}.",
    done: "Ya las he anotado",
  },

  back: {
    link: "Tengo ocho palabras",
    title: "Leer una respuesta",
    where: "Mejor no desde el trabajo ni desde la red desde la que escribió. Buscar una respuesta envía lo mismo, la haya o no.",
    label: "Sus ocho palabras",
    help: "En el orden en que las recibió. Las mayúsculas, las comas y los saltos de línea no importan. Puede pegarlas.",
    look: "Buscar una respuesta",
    looking: "Buscando una respuesta",
    back: "Volver",
    notEight: "Son ocho palabras. Ha escrito {count}.",
    unknown: "La palabra {place}, «{word}», no está en la lista de la que salen sus palabras. Mírela otra vez.",
    unknownNear:
      "La palabra {place}, «{word}», no está en la lista de la que salen sus palabras. ¿Es una de estas? Elija solo si está seguro.",
    replaced: "Puesta. Revise las palabras una vez más.",
    offline: "La conexión se cortó. No se ha perdido nada. Compruebe la conexión e inténtelo otra vez.",
    busy: "Nuestro servidor no puede responder ahora. No se ha perdido nada. Espere un poco e inténtelo otra vez.",
    broken:
      "Algo ha fallado, aquí o en nuestro servidor. No se ha perdido nada. Inténtelo otra vez dentro de un minuto o recargue la página.",
    following: "Escribe otra vez con sus ocho palabras. Las personas que elija pueden ver que los dos mensajes son suyos.",
    followingUnsure:
      "Escribe con las ocho palabras que ha tecleado. No se ha encontrado nada con ellas, así que esta página no puede saber si son correctas. Después de enviar las muestra otra vez.",
  },

  answers: {
    title: "Respuestas",
    none: "Por ahora no se ha encontrado nada con estas palabras. Si esperaba una respuesta, compruebe cada palabra y su orden.",
    by: "De {name}",
    written: "Fecha: {day}",
    left: "{name} ya no está con nosotros desde el {day}. Esto se escribió antes, hasta donde se puede creer la fecha. No escriba solo a esta persona.",
    leftBefore: "{name} ya no estaba con nosotros cuando se escribió esto: desde el {day}. No se fíe.",
    replaced: "Esto está firmado con una clave que {name} dejó el {day}. No se fíe.",
    others: "Enviado también a: {others}.",
    until: "Nuestro servidor guarda esto hasta el {day}. Después ya no podrá leerlo aquí.",
    refused:
      "Algo que hay con sus palabras no ha pasado las comprobaciones de esta página y no se muestra. Cuántas veces: {count}. Puede que alguien intente engañarle.",
    recall:
      "No nos enteramos de que ha leído esto. Quien tenga sus palabras también puede leerlo mientras nuestro servidor lo guarde, y también después si alguien conservó una copia.",
    older: "Buscar más atrás",
    olderWarning:
      "Puede haber respuestas anteriores. Otros pueden empujarlas hacia atrás con ruido, así que esta página no puede saberlo. Pedirlas muestra a quien vigile nuestro servidor que busca más.",
    olderFound: "Respuestas encontradas más atrás: {count}.",
    olderNone: "Allí no se ha encontrado nada más.",
    again: "Escribir otra vez con estas palabras",
    without: "Volver y escribir sin estas palabras",
    empty: "Borrar las respuestas",
    emptySure:
      "Esto borra de nuestro servidor las respuestas que se muestran aquí, también para los periodistas que aún no las han recogido. No se puede deshacer. Sus mensajes se quedan: nuestro servidor no sabe cuáles son suyos. Borra cada uno al cabo de los días que esta página indicó al enviarlo. Puede pedir a los periodistas que borren sus propias copias; lo que alguien ha leído, leído queda.",
    emptyYes: "Borrarlas para siempre",
    notEmptied:
      "Nuestro servidor todavía muestra lo que debía borrar. Inténtelo otra vez dentro de un minuto. Si no sirve, díganoslo de otra manera.",
    emptied: "Nuestro servidor ha confirmado que borró lo que se le mostró.",
    emptiedSome:
      "Lo que se le mostró antes está borrado. Lo que ve ahora estaba más atrás o llegó mientras tanto. Léalo y bórrelo también si quiere.",
  },

  refused: {
    "no-answer": {
      title: "Nuestro servidor no ha respondido",
      text: "Sin su respuesta, esta página no puede comprobar quién leería sus palabras, así que ahora no puede escribir aquí. Compruebe la conexión y recargue la página. O use otra vía.",
    },
    clock: {
      title: "La fecha no coincide",
      text: "Este dispositivo dice que hoy es {day}. Nuestro servidor dice otro día. Compruebe la fecha de su dispositivo y recargue la página. Si su fecha es correcta, no use esta página hoy.",
    },
    nobody: {
      title: "Hoy no se puede contactar con nadie",
      text: "Hoy ningún periodista está preparado para recibir mensajes, así que esta página no acepta ninguno. Vuelva mañana o use otra vía.",
    },
    expired: {
      title: "Esta página está caducada",
      text: "La lista de personas que leen los mensajes ha caducado, y solo la redacción puede renovarla. Si la fecha de su dispositivo está mal, corríjala y recargue la página. Si no, use otra vía.",
    },
    unproven: {
      title: "No podemos demostrar quién leería esto",
      text: "La lista de personas que leen los mensajes no ha pasado las comprobaciones de esta página. Puede que algo esté roto o que alguien la haya cambiado. Por eso esta página no enviará nada. No lo intente otra vez hoy desde esta red. Use otra vía.",
    },
    unsupported: {
      title: "Este navegador no puede cerrar sus palabras",
      text: "Es demasiado antiguo, o un ajuste impide que la página funcione. Abra la página en otro navegador o use otra vía.",
    },
    broken: {
      title: "Esta página no funciona ahora mismo",
      text: "Una parte ha fallado antes de que se pudiera enviar nada. Recargue la página. O use otra vía.",
    },
    read: "Si tiene ocho palabras, todavía puede leer aquí una respuesta. Hoy no puede escribir otra vez con ellas.",
    safe: "Nada de lo que ha escrito ha salido de esta página.",
    safeLater: "Nada legible ha salido de esta página.",
    kept: "Sus palabras siguen aquí. Cópielas si quiere conservarlas.",
  },

  channels: {
    title: "Otras vías para contactar con nosotros",
    drawback: "Tenga en cuenta: {drawback}",
    none: "Esta página no conoce otra vía. Busque una en el sitio web de la redacción, con su propio dispositivo.",
  },

  inApp: {
    title: "Abra esto en su propio navegador",
    text: "Esta página está abierta dentro de otra aplicación, que quizá pueda leer lo que escribe. Abra el menú de la aplicación (a menudo tres puntos) y elija abrir la página en su navegador. O copie la dirección:",
    copy: "Copiar la dirección",
    copied: "Copiada. Péguela en su propio navegador.",
    maybe:
      "Puede que esta página esté abierta dentro de otra aplicación, que podría leer lo que escribe. Si es así, ábrala antes en su propio navegador.",
    notCopied: "Esta aplicación no permite copiar. Anote la dirección.",
  },
}
