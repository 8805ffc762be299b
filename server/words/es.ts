/** Spanish: today's list and the questions. Not yet read by a native speaker. */

import type { ListWords } from "./en.ts"

export const es: ListWords = {
  lang: "es",
  dir: "ltr",
  unreviewed: "Ninguna persona de lengua materna española ha revisado todavía esta traducción. En caso de duda, vale el texto en inglés.",

  title: "{newsroom}: cómo cerrar un mensaje a mano, el {day} (UTC)",
  tools: "Necesita GNU tar y age 1.3 o más nuevo. Lea todo esto antes de ejecutar nada.",
  prepare:
    "Escriba sus palabras en message.txt y ponga en esta carpeta los archivos que quiera añadir. Los nombres de los archivos y lo que contienen se cierran; message.txt y los archivos se quedan en este ordenador tal como están: bórrelos después, y mejor trabaje en una carpeta en memoria.",
  until: "Esta lista vale para el {day}; lo que se cierre con ella se acepta hasta {days} días después.",
  unproven:
    "Nada de lo que saben hacer tar o age prueba que las claves de abajo sean de la redacción. Se las ha dado nuestro servidor. «sotto seal» y la página para guardar lo comprueban; estas órdenes no.",
  who: "Quién puede leerlo. Ponga un # delante de la línea de quien no deba.",
  away: "hoy no es posible contactar con: {name}",
  places: "Cada lugar recibe una clave, y nadie puede ver desde fuera cuáles se leen: los demás se cierran con claves que aquí se tiran.",
  nobody: "NADIE podría leer esto: deje al menos un nombre",
  archive:
    "Los nombres, las horas y los dueños de este ordenador se quedan fuera. Añada sus archivos después de message.txt. Luego se completa hasta una longitud que tienen muchos mensajes.",
  notMade: "NO SE HA HECHO: demasiado grande, o age es anterior a 1.3",
  handIn: "Entregue {file} en la página. Conserve la fecha en su nombre: dice con qué claves se cerró.",

  asks: "Lo que pregunta {newsroom}",
  copy: "Copie en message.txt lo que quiera contestar. Nada es obligatorio. Sáltese lo que le señale a usted.",
  nothing: "Nada en particular en este momento. Las palabras libres siempre son bienvenidas.",
  why: "Por qué preguntamos: {text}",
  next: "Qué pasa después: {text}",
  band: "{from} a {to}",
  bandOpen: "{from} o más",
}
