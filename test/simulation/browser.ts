/** A cookie, and the request whose response had set it. */
export interface Crumb {
  readonly cookie: string
  readonly from: number
  readonly session: string
}

const NOTHING: Crumb = { cookie: '', from: -1, session: '' }

/** A cookie jar for one cookie, which also remembers what it once held. */
export class Browser {
  jar = NOTHING
  /** The last cookie of each session that it was given, in the order of the sessions. */
  readonly kept = new Map<string, Crumb>()

  keep(crumb: Crumb): void {
    if (crumb.cookie === '') return
    this.jar = crumb
    this.kept.set(crumb.session, crumb)
  }

  /** What it sends: `old` is the cookie of the session that it had before this one. */
  crumb(which: 'jar' | 'none' | 'old'): Crumb {
    if (which === 'jar') return this.jar
    if (which === 'none') return NOTHING
    const others = [...this.kept.values()].filter(({ session }) => session !== this.jar.session)
    return others.at(-1) ?? NOTHING
  }
}
