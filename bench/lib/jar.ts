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

/** How often a client comes until it is given the same cookie again; one that writes is given another one each time. */
const VISITS = 3

/**
 * As many clients as there are connections, each having done what its subject asks for before the measurement, and settled: a library that
 * gives a better cookie on the second visit is not to do so on each request of a client that the load has keep its first one.
 */
export async function prepareJars(
  url: string,
  before: 'nothing' | 'visit' | 'login',
  count: number,
): Promise<Jar[] | undefined> {
  if (before === 'nothing') return undefined
  return Promise.all(
    Array.from({ length: count }, async () => {
      const jar = new Jar()
      await visit(`${url}${before === 'login' ? '/login' : '/'}`, jar)
      if (jar.header === '') throw new Error('no session to measure: an answer without a cookie')
      for (let i = 0; i < VISITS && (await visit(`${url}/`, jar)); i++);
      return jar
    }),
  )
}

/** True when the client's Cookie header is another one now. */
async function visit(url: string, jar: Jar): Promise<boolean> {
  const response = await fetch(url, { headers: jar.header === '' ? {} : { cookie: jar.header } })
  await response.arrayBuffer()
  if (!response.ok) throw new Error(`no session to measure: ${response.status}`)
  return response.headers.getSetCookie().filter((cookie) => jar.absorb(cookie)).length > 0
}
