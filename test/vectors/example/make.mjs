/** The example of SPEC.md §13, made again from nothing but the text and fixed seeds: the same bytes every time. A test compares.
 *  Written on the noble libraries, because it must choose the randomness that a real sealer must not.
 *
 *  node test/vectors/example/make.mjs <folder> */

import { createHash } from "node:crypto"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { chacha20poly1305 } from "@noble/ciphers/chacha.js"
import { ed25519 } from "@noble/curves/ed25519.js"
import { hkdf } from "@noble/hashes/hkdf.js"
import { hmac } from "@noble/hashes/hmac.js"
import { sha256 } from "@noble/hashes/sha2.js"
import { toBech32 } from "../../independent/bech32.mjs"
import { recipientOf, sealFileKey } from "../../independent/hpke.mjs"

const SLOTS = 8
const CHOSEN = [2, 5]
const NAME = "forms.example.org"
const DAY = "2026-11-22"
const WORDS = "armadillo blanching cactus domain ember flashback gallery harmonics"
const MESSAGE = "They were told on a Friday.\n\nThe list is attached.\n"
const FILES = [{ name: "Team list.TXT", type: "text/plain", content: "north 12\nsouth 31\n" }]

const ascii = (text) => Buffer.from(text, "latin1")
const base64 = (bytes) => Buffer.from(bytes).toString("base64").replace(/=+$/, "")
const base64url = (bytes) => Buffer.from(bytes).toString("base64url")
const hex = (bytes) => Buffer.from(bytes).toString("hex")
/** Fixed bytes that look like random ones. */
const seed = (name, length = 32) =>
  Buffer.concat([0, 1, 2, 3].map((part) => createHash("sha256").update(`sotto example: ${name} ${part}`).digest())).subarray(0, length)

// §4.2: version 1 of a keyring, which names the newsroom.
const rootSeed = seed("root")
const rootKey = Buffer.concat([Buffer.of(1), ed25519.getPublicKey(rootSeed)])
const rootName = `${NAME}/root`
const keyId = sha256(Buffer.concat([ascii(`${rootName}\n`), rootKey])).subarray(0, 4)
const keyring = `${JSON.stringify({
  format: "sotto-keyring/1",
  newsroom: { name: "The Example", url: `https://${NAME}` },
  version: 1,
  previous: null,
  issued: DAY,
  expires: "2027-02-20",
  roots: [`${rootName}+${hex(keyId)}+${rootKey.toString("base64")}`],
  threshold: 1,
  policy: { slots: SLOTS, noteDays: 14, acceptDays: 2, seedDays: 60, retentionDays: 90, maxTipBytes: 1_048_576 },
  reporters: [],
  callouts: [],
})}\n`
const signatureLine = Buffer.concat([keyId, ed25519.sign(Buffer.from(keyring), rootSeed)]).toString("base64")
const note = `${keyring}\n\u2014 ${rootName} ${signatureLine}\n`
const newsroom = sha256(Buffer.from(keyring))

// §6: a source's keys from their words.
const secret = (purpose) => hkdf(sha256, ascii(WORDS), newsroom, ascii(`sotto/v1/source/${purpose}`), 32)
const source = {
  recipient: toBech32("age1pq", recipientOf(secret("recipient"))),
  verify: base64url(ed25519.getPublicKey(secret("sign"))),
  mailbox: base64url(sha256(ed25519.getPublicKey(secret("mailbox")))),
}

// §3.6
const to = CHOSEN.map((slot) => `reporter-${slot}`)
const letter = JSON.stringify({
  format: "sotto-tip/1",
  newsroom: toBech32("sotto-newsroom-", newsroom),
  keyring: base64url(newsroom),
  day: DAY,
  to,
  reachable: [...to, "reporter-7"],
  callout: "amazon-layoffs",
  answers: { team: "10-49", organisation: ["aws", "devices"] },
  source,
  files: FILES.map(({ name, type, content }) => ({ name, type, bytes: content.length })),
})

// §3.4, §3.5
function block(name, size) {
  const all = Buffer.alloc(512)
  const fields = [[0, name], [100, "0000600"], [108, "0000000"], [116, "0000000"], [124, size.toString(8).padStart(11, "0")]]
  const more = [[136, "00000000000"], [148, "        0"], [257, "ustar"], [263, "00"], [329, "0000000"], [337, "0000000"]]
  for (const [at, value] of [...fields, ...more]) all.write(value, at, "latin1")
  const sum = all.reduce((total, byte) => total + byte, 0)
  all.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1")
  return all
}
let archive = Buffer.alloc(0)
const entries = []
function add(name, content) {
  entries.push({ name, header: archive.length, content: archive.length + 512, bytes: content.length })
  archive = Buffer.concat([archive, block(name, content.length), content, Buffer.alloc((512 - (content.length % 512)) % 512)])
}
/** Nothing here is longer than a block of 1,048,576 bytes: the tree has one leaf. */
function tree() {
  const length = Buffer.alloc(8)
  length.writeBigUInt64BE(BigInt(archive.length))
  return sha256(Buffer.concat([length, sha256(archive)]))
}
const sign = () => Buffer.from(ed25519.sign(Buffer.concat([ascii("sotto/v1/tip\n"), newsroom, tree()]), secret("sign")))

add("sotto.json", Buffer.from(letter))
add("message.txt", Buffer.from(MESSAGE))
const signedTree = tree()
const signature = sign()
add("signature", signature)
add("files/1.txt", Buffer.from(FILES[0].content))
add("files/signature", sign())
const archiveBytes = archive.length + 1_024

// §3.1 to §3.3
const fileKey = seed("file key", 16)
const identities = new Map(CHOSEN.map((slot) => [slot, seed(`identity ${slot}`)]))
let header = "age-encryption.org/v1\n"
for (let slot = 0; slot <= SLOTS; slot++) {
  const recipient = recipientOf(identities.get(slot) ?? seed(`forgotten ${slot}`))
  const { enc, body } = sealFileKey(recipient, fileKey, seed(`encapsulation ${slot}`, 64))
  header += `-> mlkem768x25519 ${base64(enc)}\n${base64(body)}\n`
}
header += "---"
const mac = hmac(sha256, hkdf(sha256, fileKey, new Uint8Array(0), ascii("header"), 32), ascii(header))
header += ` ${base64(mac)}\n`
const nonce = seed("nonce", 16)
const floor = 32_768
const plaintext = Buffer.concat([archive, Buffer.alloc(floor - header.length - 16 - 16 - archive.length)])
const payloadKey = hkdf(sha256, fileKey, nonce, ascii("payload"), 32)
const chunk = chacha20poly1305(payloadKey, Buffer.concat([Buffer.alloc(11), Buffer.of(1)])).encrypt(plaintext)
const envelope = Buffer.concat([ascii(header), nonce, chunk])

const identityText = (bytes) => toBech32("age-secret-key-pq-", bytes).toUpperCase()
const said = {
  about: "Fixed keys, published here, good for nothing else. SPEC.md section 13 walks through the bytes.",
  words: WORDS,
  newsroom: toBech32("sotto-newsroom-", newsroom),
  slots: SLOTS,
  identities: Object.fromEntries([...identities].map(([slot, bytes]) => [slot, identityText(bytes)])),
  fileKey: hex(fileKey),
  nonce: hex(nonce),
  payloadKey: hex(payloadKey),
  letter,
  message: MESSAGE,
  tree: hex(signedTree),
  signature: hex(signature),
  files: FILES.map(({ name, type, content }) => ({ name, type, bytes: content.length, sha256: hex(sha256(Buffer.from(content))) })),
  entries,
  archiveBytes,
  plaintextBytes: plaintext.length,
  envelopeBytes: envelope.length,
  envelopeSha256: hex(sha256(envelope)),
}
// §14: a release of a page of three lines, and the page as this newsroom's server serves it.
const built = '<meta name="sotto-newsroom" content="{{newsroom}}">\n<p>Contact</p>\n{{channels}}\n'
const script = "/* nothing */\n"
const fileOf = (file, content) => ({ file, bytes: Buffer.byteLength(content), sha256: base64url(sha256(Buffer.from(content))) })
const release = `${JSON.stringify({
  format: "sotto-release/1",
  version: "0.1.0",
  html: {
    path: "/",
    type: "text/html; charset=utf-8",
    ...fileOf("page/index.html", built),
    holes: ["newsroom", "channels"].map((name) => ({ name, at: built.indexOf(`{{${name}}}`) })),
  },
  page: [{ path: "/page.js", type: "text/javascript; charset=utf-8", ...fileOf("page/page.js", script) }],
  headers: { always: [{ name: "Content-Security-Policy", value: "default-src 'none'" }], https: [{ name: "X-Https", value: "yes" }] },
  wasm: [],
  programs: [fileOf("sotto.js", script)],
})}\n`
const releaseLine = Buffer.concat([keyId, ed25519.sign(Buffer.from(release), rootSeed)]).toString("base64")
const pin = JSON.stringify({
  format: "sotto-newsroom/1",
  id: toBech32("sotto-newsroom-", newsroom),
  url: `https://${NAME}`,
  version: 1,
  roots: [`${rootName}+${hex(keyId)}+${rootKey.toString("base64")}`],
  threshold: 1,
  channels: [{ name: "Post & courier", address: "1 Example Street", drawback: "Slow" }],
})
const escaped = (text) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
const page = built
  .replace("{{newsroom}}", () => escaped(pin))
  .replace("{{channels}}", () => `<ul><li>${escaped("Post & courier")}: 1 Example Street. Slow</li></ul>`)

const [, , folder] = process.argv
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, "envelope.age"), envelope)
writeFileSync(join(folder, "keyring.note"), note)
writeFileSync(join(folder, "example.json"), `${JSON.stringify(said, null, 2)}\n`)
writeFileSync(join(folder, "release.note"), `${release}\n\u2014 ${rootName} ${releaseLine}\n`)
writeFileSync(join(folder, "newsroom.json"), `${pin}\n`)
writeFileSync(join(folder, "built.html"), built)
writeFileSync(join(folder, "served.html"), page)
