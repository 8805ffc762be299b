/** A database on several hosts, one of which takes writes: DATABASE_URL as libpq knows it,
 *  `postgresql://user@one,two/name?target_session_attrs=read-write`. The driver knows one host only, so whoever connects looks for the primary:
 *  the last one found first, then the next. Behind one address (a managed service, HAProxy, a pooler) none of this is needed. */

import pg from "pg"

/** Thrown by {@link placesOf}: what is wrong, never the value, which may hold a password. */
export class PlacesError extends Error {
  override readonly name = "PlacesError"
}

const URL_FORM = /^(postgres(?:ql)?:\/\/)(?:([^@/?]*)@)?([^/?@]*)(\/[^?]*)?(?:\?(.*))?$/

/** One connection string a host; a single one as it was given.
 *  @throws {@link PlacesError} */
export function placesOf(url: string): readonly string[] {
  const [, scheme = "", user, authority = "", path = "", query = ""] = URL_FORM.exec(url) ?? []
  const params = new URLSearchParams(query)
  const wanted = params.get("target_session_attrs")
  if (wanted !== null && wanted !== "read-write" && wanted !== "primary" && wanted !== "any")
    throw new PlacesError("target_session_attrs is read-write: the server writes")
  params.delete("target_session_attrs")
  const hosts = (params.get("host") ?? "").split(",").filter((host) => host !== "")
  const named = hosts.length > 0 ? hosts : authority.split(",")
  if (scheme === "" || named.length === 1)
    return [wanted === null ? url : withQuery(`${scheme}${user === undefined ? "" : `${user}@`}${authority}${path}`, params)]
  const ports = (params.get("port") ?? "").split(",").filter((port) => port !== "")
  if (hosts.length > 0 && ports.length > 1 && ports.length !== hosts.length) throw new PlacesError("as many ports as hosts, or one for all")
  return named.map((host, index) => {
    const own = new URLSearchParams(params)
    const port = ports[index] ?? ports[0]
    if (hosts.length > 0) own.set("host", host)
    if (port !== undefined) own.set("port", port)
    return withQuery(`${scheme}${user === undefined ? "" : `${user}@`}${hosts.length > 0 ? "" : host}${path}`, own)
  })
}

const withQuery = (url: string, params: URLSearchParams): string => (params.size === 0 ? url : `${url}?${params}`)

/** A host answered that takes no writes. Its code is PostgreSQL's own for that, so it counts as "not now". */
class NotPrimary extends Error {
  override readonly name = "NotPrimary"
  readonly code = "25006"
}

type Told = ((error: Error) => void) | ((error: null, client: pg.Client) => void)

export interface Places {
  readonly count: number
  /** A class of clients, each of which connects to where the primary was last, or fails and has the next one tried elsewhere. */
  readonly Client: typeof pg.Client
}

export function primaryOf(url: string): Places {
  const places = placesOf(url)
  let current = 0
  class PrimaryClient extends pg.Client {
    readonly #index: number
    constructor(config: pg.ClientConfig = {}) {
      super({ ...config, connectionString: places[current] })
      this.#index = current
    }
    override connect(): Promise<pg.Client>
    override connect(callback: Told): void
    override connect(callback?: Told): Promise<pg.Client> | undefined {
      const done = this.#connectHere().then(() => this)
      if (callback === undefined) return done
      const told = callback as (error: Error | null, client?: pg.Client) => void
      done.then((client) => told(null, client), told)
      return undefined
    }
    async #connectHere(): Promise<void> {
      try {
        await super.connect()
        const { rows } = await this.query<{ transaction_read_only: string }>("show transaction_read_only")
        if (rows[0]?.transaction_read_only !== "off") throw new NotPrimary("this host takes no writes")
      } catch (error) {
        // Whoever fails first moves on for all; the others were on their way to the same place.
        if (current === this.#index) current = (current + 1) % places.length
        // A pool forgets whoever did not connect, without ending them: a standby that is asked again and again would have no place left.
        void super.end().catch(() => undefined)
        throw error
      }
    }
  }
  return { count: places.length, Client: places.length === 1 ? pg.Client : PrimaryClient }
}

/** Tries as many times as there are hosts. */
export async function connectTo<Client>(places: Places, connect: () => Promise<Client>): Promise<Client> {
  for (let tried = 1; ; tried++) {
    try {
      return await connect()
    } catch (error) {
      if (tried >= places.count) throw error
    }
  }
}
