/** Versions of a session that were lost: those above the one and up to the other. */
export interface LostVersions {
  readonly above: number
  readonly upTo: number
}

/** A session's data at one version, as far as losses go. */
export interface Survivor {
  readonly version: number
  readonly lost?: LostVersions | undefined
}

/** Is it at least as new as what the client has seen, and was nothing lost of that? */
export function answers({ version, lost }: Survivor, seen: number): boolean {
  return version >= seen && !(lost && seen > lost.above && seen <= lost.upTo)
}
