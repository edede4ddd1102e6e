import { CookieJar } from 'tough-cookie'

export interface Answer {
  readonly status: number
  /** The backend that answered, as it names itself. */
  readonly backend: string
  readonly setCookie: readonly string[]
  readonly body: unknown
}

/** A client as browsers are: it keeps what Set-Cookie says and sends back what belongs there. */
export class Client {
  readonly #jar: CookieJar
  readonly #origin: string

  constructor(origin: string, jar = new CookieJar()) {
    this.#origin = origin
    this.#jar = jar
  }

  /** Somebody who took a copy of all cookies that this client holds now. */
  copy(): Client {
    return new Client(this.#origin, this.#jar.cloneSync())
  }

  async ask(method: string, path: string): Promise<Answer> {
    const url = `${this.#origin}${path}`
    const cookie = await this.#jar.getCookieString(url)
    // Redirects are followed by the script of the play, where they can be seen.
    const response = await fetch(url, { method, redirect: 'manual', headers: cookie ? { cookie } : {} })
    const setCookie = response.headers.getSetCookie()
    for (const line of setCookie) await this.#jar.setCookie(line, url)
    const text = await response.text()
    const json = response.headers.get('content-type')?.startsWith('application/json')
    const body: unknown = json ? JSON.parse(text) : text
    return { status: response.status, backend: response.headers.get('x-backend') ?? '', setCookie, body }
  }
}

/** What is in the cart; undefined when the answer is no cart at all. */
export function cartOf({ status, body }: Pick<Answer, 'status' | 'body'>): unknown[] | undefined {
  if (status >= 500 || typeof body !== 'object' || body === null || !('cart' in body)) return undefined
  return Array.isArray(body.cart) ? body.cart : undefined
}
