import type { Exchange, Observations, Probe } from '../observations.ts'
import { fields, isRedirect } from '../observations.ts'
import { Browser, type Notebook } from './browser.ts'
import type { Settings } from './settings.ts'

/** What could not be looked at, and why. */
export interface NotChecked {
  readonly what: string
  readonly why: string
}

/** One examination under way: its clients, what was seen, what could not be. */
export class Visit {
  readonly settings: Settings
  readonly notChecked: NotChecked[] = []
  /** The status of the page's first answer. */
  pageStatus = 0
  readonly #exchanges: Exchange[] = []
  readonly #total: number
  #asked = 0
  #clients = 0
  #page: URL

  /** `total`: how many requests there will be, for whoever shows progress. */
  constructor(url: URL, settings: Settings, total: number) {
    this.#page = url
    this.settings = settings
    this.#total = total
  }

  /** The page that is asked for most. */
  get page(): URL {
    return this.#page
  }

  settleOn(page: URL): void {
    this.#page = page
  }

  newClient(): Browser {
    this.#clients += 1
    const notebook: Notebook = {
      begin: () => {
        this.#asked += 1
        return this.#asked
      },
      write: (exchange) => {
        this.#exchanges.push(exchange)
        this.settings.onProgress({ done: this.#exchanges.length, of: Math.max(this.#total, this.#asked) })
      },
    }
    return new Browser(nameOf(this.#clients), this.settings, notebook)
  }

  /** A URL of the same site. */
  at(path: string): URL {
    return new URL(path, this.#page)
  }

  pause(milliseconds: number): Promise<unknown> {
    return this.settings.pause(milliseconds, this.settings.signal)
  }

  observations(): Observations {
    const exchanges = this.#exchanges.toSorted((one, other) => one.number - other.number)
    return { from: 'probes', page: this.#page.href, exchanges }
  }
}

/** A, B, ... Z, AA. */
function nameOf(count: number): string {
  const letter = String.fromCharCode(65 + ((count - 1) % 26))
  return count > 26 ? nameOf(Math.floor((count - 1) / 26)) + letter : letter
}

/** Where a redirect leads. `elsewhere`: to another origin, which is never asked. */
export function targetOf(exchange: Exchange): { readonly url: URL; readonly elsewhere: boolean } | undefined {
  if (!isRedirect(exchange)) return undefined
  const location = fields(exchange, 'location')[0] ?? ''
  if (!URL.canParse(location, exchange.url)) return undefined
  const url = new URL(location, exchange.url)
  url.hash = ''
  return { url, elsewhere: url.origin !== new URL(exchange.url).origin }
}

/** Follows redirects within the site, five at most. Returns the last answer. */
export async function follow(client: Browser, first: Exchange, probe: Probe): Promise<Exchange> {
  let last = first
  for (let hops = 0; hops < MOST_HOPS; hops++) {
    const target = targetOf(last)
    if (!target || target.elsewhere) break
    last = await client.ask(target.url, { probe })
  }
  return last
}

export const MOST_HOPS = 5
