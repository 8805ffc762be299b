/** Checks of a line from outside: what a visitor, a network and the company that a story is about can see of it. */

import { BlockList, isIP } from "node:net"
import { addDays, daysBetween } from "../../../envelope/day.ts"
import { commonHeaders } from "../../../server/headers.ts"
import { type Answer, type Check, fail, fine, type LineFacts, UNKNOWN, warn } from "./facts.ts"
import { hostsNamed, isLocal, isOnion, list, TELLING } from "./names.ts"
import { PROOF_CHECKS } from "./proof.ts"

/** What a header could add that recognises or remembers a visitor, or names the software. */
const ABSENT = [
  "etag",
  "last-modified",
  "server",
  "x-powered-by",
  "set-cookie",
  "nel",
  "report-to",
  "reporting-endpoints",
  "alt-svc",
  "link",
  "refresh",
  "via",
]
const host = ({ url }: LineFacts) => new URL(url).hostname
const answers = ({ page, unknown, missing }: LineFacts): readonly Answer[] => [page, unknown, missing].filter((one) => one !== undefined)

/** Other names of the same companies, so that `amazon.com` finds a name server at `awsdns-01.org`. */
const SAME_COMPANY: readonly (readonly string[])[] = [
  ["amazon.com", "aws.com", "amazonaws.com", "awsdns", "cloudfront.net", "amazonses.com", "awsglobalaccelerator.com"],
  ["google.com", "googledomains.com", "googleusercontent.com", "1e100.net", "googlehosted.com", "withgoogle.com", "googlemail.com"],
  ["microsoft.com", "azure.com", "azure-dns", "azurewebsites.net", "cloudapp.net", "outlook.com", "windows.net", "azureedge.net"],
  ["cloudflare.com", "cloudflare.net"],
  ["oracle.com", "oraclecloud.com", "oraclevcn.com"],
  ["meta.com", "facebook.com", "fbcdn.net"],
]

/** Whether a name is, or is below, one of the subject's. */
function belongsTo(name: string, subject: string): boolean {
  const all = SAME_COMPANY.find((names) => names.includes(subject)) ?? [subject]
  const lower = name.toLowerCase().replace(/\.$/, "")
  return all.some((one) => (one.includes(".") ? lower === one || lower.endsWith(`.${one}`) : lower.includes(one)))
}

function inRanges(address: string, ranges: readonly string[]): boolean {
  const blocks = new BlockList()
  for (const range of ranges) {
    const [net = "", prefix = ""] = range.split("/")
    if (isIP(net) !== 0) blocks.addSubnet(net, Number(prefix), isIP(net) === 4 ? "ipv4" : "ipv6")
  }
  return isIP(address) !== 0 && blocks.check(address, isIP(address) === 4 ? "ipv4" : "ipv6")
}

export const LINE_CHECKS: readonly Check<LineFacts>[] = [
  {
    name: "answers",
    look: ({ page }) =>
      page === undefined
        ? fail("the page cannot be reached", "docker compose ps, then docker compose logs server caddy")
        : page.status === 200
          ? fine("the page is there")
          : fail(`the page is answered with ${page.status}`, "docker compose logs server caddy"),
  },
  {
    name: "https",
    look: ({ url }) =>
      url.startsWith("https://") || isOnion(url)
        ? fine("it is served encrypted")
        : isLocal(url)
          ? warn("there is no HTTPS, which is good enough on this machine only", "put Caddy before it: docs/operating.md")
          : fail("there is no HTTPS: a network reads the tip page and can alter it", "put Caddy before it: docs/operating.md"),
  },
  {
    name: "certificate days",
    look: ({ certificate }) =>
      certificate &&
      (certificate.daysLeft < 3
        ? fail(`the certificate ends in ${certificate.daysLeft} days`, "docker compose logs caddy")
        : certificate.daysLeft < 14
          ? warn(`the certificate ends in ${certificate.daysLeft} days, and should have been renewed`, "docker compose logs caddy")
          : fine(`the certificate holds for ${certificate.daysLeft} days`)),
  },
  {
    name: "certificate names",
    look(facts) {
      if (facts.certificate === undefined) return undefined
      const betraying = facts.certificate.names.filter((name) => TELLING.test(name))
      if (betraying.length > 0)
        return fail(
          `the certificate is public and says what this is for: ${list(betraying)}`,
          "choose a neutral host name and a certificate for it alone",
        )
      const others = facts.certificate.names.filter((name) => name !== host(facts))
      return others.length > 0
        ? warn(`the certificate ties this host to others: ${list(others)}`, "use a certificate for this name alone")
        : fine("the certificate names this host alone")
    },
  },
  ...PROOF_CHECKS,
  {
    name: "host name",
    look: (facts) =>
      TELLING.test(host(facts))
        ? fail(
            "the host name tells everybody on the way what is visited",
            "move to a neutral name such as forms.…; the keyring carries the address, so make a new newsroom or keep the old one as a redirect",
          )
        : fine("the host name says nothing"),
  },
  {
    name: "headers",
    look(facts) {
      if (answers(facts).length === 0) return undefined
      const wrong = Object.entries(commonHeaders(facts.url))
        .filter(([name, value]) => answers(facts).some(({ headers }) => headers[name.toLowerCase()] !== value))
        .map(([name]) => name)
      return wrong.length === 0
        ? fine("every response carries the headers of this version")
        : fail(
            `some response lacks, or has another: ${list(wrong)}`,
            "something between changes them: compare deploy/Caddyfile, and that all servers run this version",
          )
    },
  },
  {
    name: "one policy",
    look(facts) {
      if (answers(facts).length === 0) return undefined
      const policies = new Set(answers(facts).map(({ headers }) => headers["content-security-policy"] ?? ""))
      return policies.size === 1
        ? fine("one Content-Security-Policy on the page, on errors and on addresses that do not exist")
        : fail(
            "responses differ in their Content-Security-Policy, so a browser under WEBCAT refuses the page",
            "let no proxy set headers: deploy/Caddyfile",
          )
    },
  },
  {
    name: "silent headers",
    look(facts) {
      if (answers(facts).length === 0) return undefined
      const there = ABSENT.filter((name) => answers(facts).some(({ headers }) => headers[name] !== undefined))
      return there.length === 0
        ? fine("no header recognises a visitor or names the software")
        : fail(`there are headers that should not be: ${list(there)}`, "take them away in the proxy: deploy/Caddyfile shows how")
    },
  },
  {
    name: "unknown addresses",
    look({ page, unknown, missing }) {
      if (page === undefined) return undefined
      if (unknown === undefined || missing === undefined)
        return warn("an address that does not exist was not answered: what it looks like is not known", "run this again")
      return unknown.status === 200 && unknown.body === page.body
        ? fine("an address that does not exist is the page too")
        : fail(
            "an address that does not exist has an answer of its own, by which a proxy or a WEBCAT browser stumbles",
            "let the proxy hand every path to the server",
          )
    },
  },
  {
    name: "third parties",
    look({ page, url }) {
      if (page === undefined) return undefined
      const named = hostsNamed(page.body, "script|link|img|iframe|object|embed|source|video|audio", "src|href|data")
      const foreign = named.filter((name) => name !== new URL(url).host)
      return foreign.length === 0
        ? fine("the page asks nobody else for anything")
        : fail(
            `the page loads from others, who learn of each visit: ${list([...new Set(foreign)])}`,
            "this is not the page of this project: run `sotto verify` with this address, and find out who changed it",
          )
    },
  },
  {
    name: "article",
    look: ({ articleHosts }) =>
      articleHosts &&
      (articleHosts === UNKNOWN
        ? warn(
            "the article could not be read, so who sees its readers click is not known",
            "check its address, and whether it is published",
          )
        : articleHosts.length === 0
          ? fine("the article that links here loads scripts from nobody else")
          : warn(
              `scripts of others see who clicks the link in the article: ${list(articleHosts)}`,
              "give the address as text without a link, or leave them out of that article",
            )),
  },
  {
    name: "clock",
    look: ({ skewSeconds, page }) =>
      skewSeconds === undefined
        ? page && warn("the server's answer has no date, so its clock is not known", "date -u on the server, and here")
        : Math.abs(skewSeconds) > 240
          ? fail(
              `the server's clock and this one are ${Math.round(Math.abs(skewSeconds) / 60)} minutes apart: reporters' requests are refused at five`,
              "timedatectl set-ntp true",
            )
          : Math.abs(skewSeconds) > 30
            ? warn(`the server's clock and this one are ${Math.abs(skewSeconds)} seconds apart`, "timedatectl set-ntp true")
            : fine("the server's clock is right"),
  },
  {
    name: "keyring",
    look({ keyring, keyringProblem, today }) {
      if (keyringProblem !== undefined)
        return keyringProblem === "rolled-back"
          ? fail(
              "the server shows an older keyring than is known: it was put back from a backup, or lies",
              "an admin runs: sotto keyring publish",
            )
          : fail(`the server's keyrings do not hold (${keyringProblem}): the page refuses to send`, "an admin runs: sotto keyring publish")
      if (keyring === undefined)
        return warn("keyring, readers and release were not looked at: there is no newsroom.json here", "name one: --pin newsroom.json")
      const left = daysBetween(today, keyring.expires)
      const whole = daysBetween(keyring.issued, keyring.expires)
      return left < 0
        ? fail("the keyring has expired: the page refuses to send", "an admin runs: sotto keyring renew && sotto keyring publish")
        : left * 2 < whole
          ? warn(
              `the keyring is past half of its life and ends on ${keyring.expires}`,
              "an admin runs: sotto keyring renew && sotto keyring publish",
            )
          : fine(`keyring ${keyring.version} holds until ${keyring.expires}`)
    },
  },
  {
    name: "known keyring",
    look: ({ keyring, seenVersion }) =>
      keyring === undefined || seenVersion === undefined
        ? undefined
        : keyring.version < seenVersion
          ? fail(
              `the server shows keyring ${keyring.version}, and ${seenVersion} is known here: it was put back from a backup, or lies`,
              "an admin runs: sotto keyring publish",
            )
          : fine("the server shows the newest keyring that is known here"),
  },
  {
    name: "roots",
    look: ({ keyring }) =>
      keyring &&
      (keyring.threshold < 2
        ? warn(
            "one root alone can change who reads: whoever has its passphrase is the newsroom",
            "sotto root new on another machine, then sotto rotate root",
          )
        : keyring.roots === keyring.threshold
          ? warn(
              `all ${keyring.roots} roots are needed: one that is lost ends the newsroom`,
              "sotto root new on another machine, then sotto rotate root",
            )
          : fine(`${keyring.threshold} of ${keyring.roots} roots sign`)),
  },
  {
    name: "reachable",
    look({ reporters, today }) {
      if (reporters === undefined) return undefined
      const now = reporters.filter(({ until }) => until !== undefined)
      if (now.length === 0) return fail("no reporter can be reached today: the page refuses to send", "each reporter runs: sotto sync")
      if (now.length < 2)
        return warn(`only ${now[0]?.name} can be reached today: what that machine loses, nobody else has`, "the others run: sotto sync")
      const soon = now.filter(({ until }) => until !== undefined && until < addDays(today, 4)).map(({ name }) => name)
      return soon.length > 0
        ? warn(`day keys run out within days: ${list(soon)}`, "they run: sotto sync")
        : fine(`${now.length} reporters can be reached, and go on to be`)
    },
  },
  {
    name: "subject",
    look({ subjects, ranges, dns }) {
      if (dns === undefined || (subjects.length === 0 && ranges.length === 0)) return undefined
      if (dns === UNKNOWN)
        return warn(
          "who carries this line could not be looked up, so whether the company that the story is about does is not known",
          "run this where names can be looked up: with a resolver, and without SOTTO_SOCKS",
        )
      const names = dns.names.filter((name) => subjects.some((subject) => belongsTo(name, subject)))
      const addresses = dns.addresses.filter((address) => inRanges(address, ranges))
      return names.length + addresses.length > 0
        ? fail(
            `the company that the story is about carries this line: ${list([...names, ...addresses])}`,
            "move to another host: operator backup, operator restore, then DNS, mail and certificates",
          )
        : dns.isPartial === true
          ? warn(
              "some names behind this line could not be looked up; nothing in the others belongs to whom the story is about",
              "run this again, or with another resolver",
            )
          : fine("nothing in the names and addresses of this line belongs to whom the story is about")
    },
  },
  {
    name: "certificate authority",
    look: ({ dns, url }) =>
      dns === undefined || dns === UNKNOWN || isLocal(url) || isOnion(url)
        ? undefined
        : dns.caa.length === 0
          ? warn(
              "any authority in the world may give out a certificate for this name",
              'add a CAA record: issue "letsencrypt.org; validationmethods=http-01; accounturi=…"',
            )
          : dns.caa.some((one) => one.includes("accounturi="))
            ? fine("only one account at one authority may have a certificate for this name")
            : warn(
                "whoever controls the network before the server can have a certificate at that authority",
                "add accounturi=… and validationmethods=… to the CAA record",
              ),
  },
  {
    name: "onion",
    look({ keyring, onion }) {
      if (keyring === undefined) return undefined
      if (keyring.onion === undefined)
        return warn(
          "there is no onion address: Tor hides who visits, an onion address where they go too",
          "docker compose up --detach tor; sotto rotate newsroom --onion http://ITS-HOSTNAME",
        )
      if (onion === undefined) return undefined
      if (onion === UNKNOWN) return warn("the onion address was not tried: there is no way to Tor here", "SOTTO_SOCKS=127.0.0.1:9050")
      return !onion.reached
        ? fail("the onion address cannot be reached", "docker compose logs tor")
        : onion.samePage
          ? fine("the onion address shows the same page")
          : fail("the onion address shows another page than the host name", "find out who changed one of the two")
    },
  },
]
