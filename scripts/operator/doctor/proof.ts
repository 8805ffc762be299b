/** Checks of what stands behind a host name: public logs of certificates, a signed zone, a signed release. */

import { type Check, fail, fine, type LineFacts, UNKNOWN, warn } from "./facts.ts"
import { isLocal, list, TELLING } from "./names.ts"

/** The organisation in an issuer's name, in either of the usual spellings. */
const organisation = (issuer: string): string => /(?:^|, |\n)O=("[^"]*"|[^,\n]*)/.exec(issuer)?.[1]?.replaceAll('"', "") ?? issuer

export const PROOF_CHECKS: readonly Check<LineFacts>[] = [
  {
    name: "certificate logs",
    look: ({ certificate, url }) =>
      certificate?.logs === undefined || isLocal(url)
        ? undefined
        : certificate.logs > 0
          ? fine(
              `${certificate.logs} public logs have this certificate, so everybody can read its names; others for this name were looked for only in --certificates`,
            )
          : warn(
              "the certificate says of no public log that it is in it: an authority of your own, or one that browsers will refuse",
              "have Caddy get one from a public authority: SOTTO_TLS",
            ),
  },
  {
    name: "other certificates",
    look({ certificate, logged }) {
      if (logged === undefined) return undefined
      const live = logged.filter(({ isOver, serial }) => !isOver && serial !== certificate?.serial)
      const ours = organisation(certificate?.issuer ?? "")
      const foreign = live.filter(({ issuer }) => organisation(issuer) !== ours)
      if (foreign.length > 0)
        return fail(
          `another authority has given out a certificate for this name that still holds: ${list([...new Set(foreign.map(({ issuer }) => organisation(issuer)))])}`,
          "if it is not yours, somebody may stand between: have it revoked, warn sources, and add a CAA record",
        )
      const telling = [...new Set(logged.flatMap(({ names }) => names))].filter((name) => TELLING.test(name))
      if (telling.length > 0)
        return warn(
          `the public logs have names that tell what they are for, for ever: ${list(telling)}`,
          "use a neutral name from now on, and never these again",
        )
      if (certificate?.serial !== undefined && !logged.some(({ serial }) => serial === certificate.serial))
        return warn(
          `the list of --certificates has ${logged.length} certificates, and not the one that is in use: it is of another name, cut, or old`,
          "fetch it anew, for this very name",
        )
      return fine(`${logged.length} certificates in the public logs, and none of them is another authority's`)
    },
  },
  {
    name: "dnssec",
    look: ({ dnssec }) =>
      dnssec &&
      (dnssec === UNKNOWN
        ? warn("whether the zone is signed could not be found out: the resolver does not say", "name another one: --resolver 9.9.9.9:53")
        : dnssec === "unsigned"
          ? warn(
              "the zone is not signed: whoever is on the way of a visitor's look-up can lead them elsewhere, as far as the certificate lets them",
              "turn on DNSSEC where the domain is registered and where its zone is kept",
            )
          : dnssec === "signed"
            ? fine("the zone is signed; this resolver does not check it")
            : fine("the zone is signed, and the signature holds")),
  },
  {
    name: "release",
    look({ release }) {
      if (release === undefined) return undefined
      const { state, version, ours } = release
      const publish = "sotto release make, release sign, release publish"
      if (state === "none") return warn("the keyring names no release: nobody can hold the page to what the roots signed", publish)
      if (state === "missing")
        return fail("the keyring names a release, and the server does not show its note", "sotto release publish FILE")
      if (state === "unsigned")
        return fail(
          "the release that the server shows is not signed by the roots of the keyring that names it",
          "sotto verify, and find out who put it there",
        )
      return version === ours
        ? fine(`release ${version}, signed; sotto verify compares the page with it byte for byte`)
        : warn(`the keyring names release ${version}, and this command is of ${ours}`, `build ${ours} on the server, then: ${publish}`)
    },
  },
]
