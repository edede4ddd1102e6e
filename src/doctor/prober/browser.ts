import { type CookiePair, type Exchange, fields, type Probe, type SetCookie } from '../observations.ts'
import { Trouble } from '../trouble.ts'
import { Cookie, CookieJar } from '../wire/jar.ts'
import { readSetCookie } from '../wire/set-cookie.ts'
import { ask, type Reply } from './ask.ts'
import { failureOf } from './failures.ts'
import type { Settings } from './settings.ts'

export interface Asking {
  readonly probe: Probe
  readonly method?: 'GET' | 'HEAD'
  /** Milliseconds of a pause that came before. */
  readonly idle?: number
  /** The answer's cookies are not stored. */
  readonly dropsCookies?: boolean
  readonly headers?: Readonly<Record<string, string>>
}

/** Where exchanges go, and who counts them. */
export interface Notebook {
  begin(): number
  write(exchange: Exchange): void
}

/** Browsers keep about as many for one site. */
const MOST_COOKIES = 180

/** A client with a cookie jar of its own. */
export class Browser {
  readonly #name: string
  readonly #settings: Settings
  readonly #notebook: Notebook
  // What a browser refuses, the jar refuses quietly; the check of attributes tells.
  readonly #jar = new CookieJar(undefined, { rejectPublicSuffixes: true, looseMode: true })

  constructor(name: string, settings: Settings, notebook: Notebook) {
    this.#name = name
    this.#settings = settings
    this.#notebook = notebook
  }

  /** Asks once and follows nothing. Never rejects but for a `Trouble`: a failure is an exchange without a status. */
  async ask(url: URL, asking: Asking): Promise<Exchange> {
    this.#settings.signal.throwIfAborted()
    const { probe, method = 'GET', idle = 0, dropsCookies = false } = asking
    const sent = this.#cookiesFor(url)
    const begun = {
      number: this.#notebook.begin(),
      probe,
      client: this.#name,
      method,
      url: url.href,
      at: Date.now(),
      idle,
      sent,
    }
    const headers = { ...this.#settings.headers, ...asking.headers, ...this.#cookieField(sent) }
    let exchange: Exchange
    try {
      exchange = answeredBy(begun, await ask(method, url, headersOf(headers), this.#settings))
    } catch (error) {
      this.#settings.signal.throwIfAborted()
      if (error instanceof Trouble) throw error
      exchange = { ...begun, took: 0, status: 0, headers: [], cookies: [], body: undefined, failure: failureOf(error) }
    }
    if (!dropsCookies) this.#store(exchange, url)
    this.#notebook.write(exchange)
    return exchange
  }

  #cookiesFor(url: URL): readonly CookiePair[] {
    const all = this.#jar.getCookiesSync(url.href).map(({ key, value }) => ({ name: key, value }))
    return all.slice(0, MOST_COOKIES)
  }

  /** Those from the options are the visitor's own; they are sent, and never judged. */
  #cookieField(sent: readonly CookiePair[]): Record<string, string> {
    const own = this.#settings.cookie === undefined ? [] : [this.#settings.cookie]
    const all = [...own, ...sent.map(({ name, value }) => `${name}=${value}`)]
    return all.length === 0 ? {} : { cookie: all.join('; ') }
  }

  #store(exchange: Exchange, url: URL): void {
    for (const line of fields(exchange, 'set-cookie')) {
      const cookie = Cookie.parse(line, { loose: true })
      if (cookie) this.#jar.setCookieSync(cookie, url.href, { ignoreError: true })
    }
  }
}

const AGENT = 'limpet-doctor (looks at session persistence; a few dozen requests)'

function headersOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  const named = new Set(Object.keys(headers).map((name) => name.toLowerCase()))
  const own = { 'user-agent': AGENT, accept: 'text/html, */*;q=0.5' }
  return { ...Object.fromEntries(Object.entries(own).filter(([name]) => !named.has(name))), ...headers }
}

type Begun = Omit<Exchange, 'took' | 'status' | 'headers' | 'cookies' | 'body' | 'failure'>

function answeredBy(begun: Begun, { status, headers, body, took }: Reply): Exchange {
  const cookies = headers.flatMap(([name, value]): SetCookie[] => {
    const cookie = name === 'set-cookie' ? readSetCookie(value, begun.at) : undefined
    return cookie ? [cookie] : []
  })
  return { ...begun, took: Math.round(took), status, headers, cookies, body, failure: undefined }
}
