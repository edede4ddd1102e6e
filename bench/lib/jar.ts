/** The cookies of one client: what it was sent last it sends back, as a browser does. */
export class Jar {
  readonly #cookies = new Map<string, string>()
  #header = ''

  get header(): string {
    return this.#header
  }

  /** Takes one Set-Cookie header in; true if the client's Cookie header is another one now. */
  absorb(setCookie: string): boolean {
    const pair = setCookie.slice(0, (setCookie.indexOf(';') + 1 || setCookie.length + 1) - 1)
    const name = pair.slice(0, pair.indexOf('='))
    if (this.#cookies.get(name) === pair) return false
    this.#cookies.set(name, pair)
    this.#header = [...this.#cookies.values()].join('; ')
    return true
  }
}

/** As many clients as there are connections, each having done what its subject asks for before the measurement. */
export async function prepareJars(
  url: string,
  before: 'nothing' | 'visit' | 'login',
  count: number,
): Promise<Jar[] | undefined> {
  if (before === 'nothing') return undefined
  return Promise.all(
    Array.from({ length: count }, async () => {
      const jar = new Jar()
      const response = await fetch(`${url}${before === 'login' ? '/login' : '/'}`)
      await response.arrayBuffer()
      for (const cookie of response.headers.getSetCookie()) jar.absorb(cookie)
      if (!response.ok || jar.header === '')
        throw new Error(`no session to measure: ${response.status} without a cookie`)
      return jar
    }),
  )
}
