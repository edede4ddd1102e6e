import { CookieJar } from 'tough-cookie'

/** The one address that the visitor knows. Which backend answers is the balancer's business, so cookies are kept under this. */
const SITE = 'http://shop.example/'

export interface Page {
  readonly status: number
  readonly location: string | null
  readonly headers: Headers
  readonly text: string
  /** Values of our cookie in this response, as sent. */
  readonly cookies: readonly string[]
  /** What the page says: undefined when it says nothing of that. */
  readonly user: string | undefined
  readonly count: number | undefined
  readonly backend: string | undefined
  readonly cart: Readonly<Record<string, number>>
}

/** A browser without JavaScript: keeps cookies, sends forms, and does not follow redirects by itself. */
export class Visitor {
  readonly jar: CookieJar

  constructor(jar: CookieJar = new CookieJar()) {
    this.jar = jar
  }

  get(backend: { url: string }, path: string): Promise<Page> {
    return this.#send(backend.url + path, { redirect: 'manual' })
  }

  post(backend: { url: string }, path: string, fields: Record<string, string> = {}): Promise<Page> {
    return this.#send(backend.url + path, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
  }

  /** The visitor as it is now, for somebody who copied its cookies. */
  async copy(): Promise<Visitor> {
    return new Visitor(await this.jar.clone())
  }

  /** What the jar would send. */
  cookie(): string {
    return this.jar.getCookieStringSync(SITE)
  }

  async #send(url: string, init: RequestInit): Promise<Page> {
    const response = await fetch(url, { ...init, headers: { cookie: this.cookie() } })
    const cookies = response.headers.getSetCookie()
    for (const cookie of cookies) await this.jar.setCookie(cookie, SITE)
    return readPage(response, cookies, await response.text())
  }
}

function readPage(response: Response, cookies: readonly string[], text: string): Page {
  const count = /id="count">(\d+)</.exec(text)?.[1]
  const lines = [...text.matchAll(/data-sku="(\w+)">(\d+)</g)]
  return {
    status: response.status,
    location: response.headers.get('location'),
    headers: response.headers,
    text,
    cookies: cookies.filter((cookie) => cookie.startsWith('limpet=')),
    user: /id="user">([^<]*)</.exec(text)?.[1],
    count: count === undefined ? undefined : Number(count),
    backend: /id="backend">([^<]*)</.exec(text)?.[1],
    cart: Object.fromEntries(lines.map(([, sku, lot]) => [sku, Number(lot)])),
  }
}
