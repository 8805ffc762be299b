/** The page's own address. It carries the callout's name in its fragment, which browsers send to nobody, and nothing else. */

export interface Address {
  /** The callout that was asked for, or an empty string. */
  readonly callout: string
  /** Looks again: another story's link was opened in this tab. */
  read(): void
  /** With the callout's name, for another device.
   *  @param base - host or origin */
  from(base: string): string
}

/** Takes the callout's name out of the address as well, where a passer-by could read it. History may still have it. */
function takeFragment(): string {
  const found = /^#([a-z0-9-]{1,32})$/.exec(location.hash)?.[1] ?? ""
  if (location.hash !== "") history.replaceState(null, "", location.pathname + location.search)
  return found
}

export function readAddress(): Address {
  let callout = takeFragment()
  return {
    get callout() {
      return callout
    },
    read() {
      callout = takeFragment() || callout
    },
    from: (base) => `${base}/${callout === "" ? "" : `#${callout}`}`,
  }
}
