/** Spanish: for whoever has scripts off. Not yet read by a native speaker. */

import type { Plain } from "./plain.ts"

export const plain: Plain = {
  title: "Los scripts están desactivados",
  lead: "Sin scripts, esta página no puede cerrar lo que usted escribe, y nunca envía nada que no esté cerrado. Por eso no hay campo donde escribir. Puede activar los scripts para esta página, o cerrar usted un mensaje y entregarlo aquí.",
  stopTitle: "Antes de seguir",
  device:
    "No en un teléfono u ordenador del trabajo, ni en una red o VPN del trabajo. No podemos ocultar a los aparatos de su empresa que usted estuvo aquí.",
  say: "Lo que solo usted puede saber, dígalo de otra manera. Las copias de correos y documentos pueden llevar marcas ocultas.",
  offline: {
    title: "Con un navegador que tenga scripts, y sin red",
    text: "Guarde la página de abajo y las claves de hoy, abra la página guardada en cualquier navegador y escriba allí. No necesita red y comprueba las claves por sí misma. Le da un archivo cerrado, que puede entregar aquí, enviar por correo o llevar en una memoria USB.",
    page: "La página para guardar",
    keys: "Las claves de hoy",
    sum: "La redacción publica la suma SHA-256 de esa página. Compárela antes de abrir la página.",
  },
  hand: {
    title: "Con tar y age, en un terminal",
    text: "Necesita GNU tar y age 1.3 o más nuevo. La lista de hoy tiene los nombres de quienes leen, sus claves y las órdenes completas, para que las lea antes de ejecutarlas.",
    list: "La lista de hoy: quién lee, y las órdenes",
    questions: "Lo que preguntamos, para contestarlo en su mensaje",
    lacks:
      "Un mensaje así no tiene ocho palabras: no podemos contestarlo. La lista no está firmada de un modo que estas herramientas puedan comprobar; quien se haya apoderado de nuestro servidor podría poner en ella otras claves. La página para guardar y nuestra propia orden (sotto seal) sí lo comprueban.",
  },
  form: {
    title: "Entregar un archivo cerrado",
    label: "Su archivo cerrado",
    help: "Solo un archivo que termine en .age y hecho para esta redacción, de 1 MiB como máximo. Su nombre no se guarda. Un archivo que no esté cerrado se enviaría tal cual, y se rechazaría.",
    button: "Entregar",
  },
  channels: "Otras formas de contactarnos",
  back: "Volver a la página",
  leave: "Después, salga de esta página. El historial de su navegador puede guardar su dirección.",
  kept: {
    title: "Entregado",
    text: "Nuestro servidor tiene su archivo cerrado y no puede abrirlo. Pueden hacerlo aquellos con cuyas claves se cerró, cuando lo recojan.",
    next: "Guardamos el archivo y su día: ni su nombre, ni quién es usted.",
  },
  notLocked: {
    title: "No aceptado: no es un archivo cerrado",
    text: "Nuestro servidor acepta archivos cerrados con age, en forma binaria (no age -a), y nada más. No ha guardado nada. Si lo que eligió podía leerlo cualquiera, ha viajado tal cual a nuestro servidor: piense en lo que dice antes de hacer más.",
    next: "Ciérrelo primero, y entregue después el archivo que termina en .age.",
  },
  wrongShape: {
    title: "No aceptado: no tiene la forma debida",
    text: "El archivo está cerrado, pero no como los de esta redacción: con una clave para cada lugar de la lista de hoy, en su orden, y completado hasta una de las longitudes indicadas. Nuestro servidor no ha guardado nada, porque por su forma otros podrían distinguirlo de todos los demás.",
    next: "Hágalo de nuevo con las órdenes de la lista de hoy, con todas.",
  },
  tooLarge: {
    title: "No aceptado: es demasiado grande",
    text: "Aquí un archivo cerrado puede tener 1 MiB como máximo. Nuestro servidor no ha guardado nada.",
    next: "Quite lo que pueda, o use otro medio.",
  },
  closed: {
    title: "No aceptado: su día ha pasado",
    text: "El archivo se cerró con las claves de un día para el que ya no se acepta nada. Nuestro servidor no ha guardado nada.",
    next: "Hágalo de nuevo con la lista o las claves de hoy. Si la fecha en el nombre del archivo está mal, cámbiele el nombre.",
  },
  later: {
    title: "No aceptado: algo falla por nuestra parte",
    text: "Nuestro servidor no puede guardar nada ahora. No ha guardado nada.",
    next: "Inténtelo dentro de unos minutos, con el mismo archivo.",
  },
}
