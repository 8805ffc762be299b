/** Spanish: the page to save. Not yet read by a native speaker. */

import type { Offline } from "./offline.ts"

export const offline: Offline = {
  heading: "Cerrar un mensaje sin red",
  lead: "Esta página cierra con llave en este dispositivo lo que usted escribe y le da un archivo. No envía nada y funciona sin red.",
  saveTitle: "Primero guarde esta página",
  save: "Ábrala desde donde la haya guardado: como archivo puede hacer su trabajo, aquí no. Si también allí lee estas palabras, los scripts están desactivados o este navegador no puede cerrar nada.",
  keysTitle: "De quién son las claves, y para qué día",
  line: "La línea de la redacción",
  lineHelp: "Empieza por sotto-newsroom-1 y está impresa o en otro sitio web de la redacción. Todo lo demás se comprueba con ella.",
  file: "Las claves de hoy",
  fileHelp: "El archivo keys.json que guardó hoy desde la página de la redacción.",
  check: "Comprobar las claves",
  badLine: "Hay un error en esta línea. Compárela carácter por carácter con el lugar donde la encontró.",
  noFile: "Elija el archivo con las claves de hoy.",
  badFile:
    "Este archivo no contiene claves de esta redacción que esta página pueda creer. No lo use. Guárdelo otra vez, mejor por otra red, y compare la línea.",
  oldFile: "Estas claves son de otro día que la fecha de este dispositivo. Guarde las de hoy, o corrija la fecha.",
  nobody: "Con estas claves no es posible contactar con nadie.",
  tipTitle: "¿Qué debería saber la redacción?",
  good: "Estas claves son de {newsroom}, para el {day}. Lo que cierre con ellas se acepta hasta el final del {until} (UTC).",
  readers: "¿Quién puede leer esto?",
  away: "Hoy no es posible contactar con {name}.",
  message: "Sus palabras",
  messageHelp: "En este navegador no se guarda nada: si cierra la página, sus palabras se pierden.",
  files: "Archivos, si quiere",
  filesHelp:
    "Las palabras y los archivos juntos pueden ocupar hasta {size} KiB. Sus nombres también se cierran. Los archivos pueden llevar marcas ocultas.",
  lock: "Cerrar con llave",
  working: "Cerrando. En un navegador lento tarda un minuto.",
  noReader: "Elija al menos a una persona que pueda leer esto.",
  empty: "Todavía no hay nada que cerrar.",
  tooLarge: "Es más de lo que cabe. Quite un archivo o escriba menos.",
  failed: "No se ha podido cerrar. Revise sus archivos e inténtelo otra vez.",
  doneTitle: "Cerrado",
  save2: "Guardar el archivo cerrado",
  until: "Entréguelo antes del final del {until} (UTC).",
  hand: "Entregue el archivo en la página de la redacción, envíelo por correo o llévelo en una memoria USB. Conserve la fecha en su nombre. Quien lo lleve puede ver su tamaño y esa fecha, y no puede abrirlo. Después cierre esta página.",
  wordsTitle: "Sus ocho palabras",
  words: "Con ellas puede leer una respuesta en la página de la redacción. Solo se muestran aquí.",
  keep: "Escríbalas en un papel que parezca otra cosa. No les haga fotos.",
}
