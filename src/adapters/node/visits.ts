import { createCookieWriter } from '../../core/cookie.ts'
import type { CookieRules, Leaving } from '../../core/response-head.ts'
import type { Departure, Exchange } from '../../ports/exchange.ts'
import type { Sticky } from '../../ports/sticky.ts'
import { createSecureCheck, type SecureCheck, type Speaker } from './secure.ts'
import type { NodeRequest } from './write-head.ts'

/** On the raw request, so that no two sticky() take the same one, whatever the framework and from however many copies of this package. */
const MARK = Symbol.for('limpet.visit')

/** What other copies of this package may rely on. `sticky` undefined: whoever left the mark has skipped this request. */
interface Mark {
  readonly by: object
  readonly sticky: Sticky | undefined
}

type Marked = NodeRequest & { [MARK]?: Mark; sticky?: Sticky }

/** One request from its arrival until its head leaves. What is not for other copies is private: whoever prints a request sees the mark. */
class Visit implements Mark, Leaving {
  readonly by: object
  readonly sticky: Sticky
  readonly #departure: Departure
  readonly #request: NodeRequest
  readonly #check: SecureCheck
  readonly #secure: boolean | undefined
  #speaker: Speaker

  constructor(by: object, exchange: Exchange, request: NodeRequest, check: SecureCheck, speaker: Speaker) {
    const { sticky, departure } = exchange.arrive({ cookieHeader: request.headers.cookie })
    this.by = by
    this.sticky = sticky
    this.#departure = departure
    this.#request = request
    this.#check = check
    this.#secure = check.atArrival(request)
    this.#speaker = speaker
  }

  /** From now on this one says whether a proxy is to be believed. */
  heed(speaker: Speaker): void {
    this.#speaker = speaker
  }

  setCookie(): string | undefined {
    return this.#departure.setCookie(this.#secure ?? this.#check.believe(this.#request, this.#speaker))
  }

  withheld(): void {
    this.#departure.withheld()
  }
}

/** Places the hook on what the response will be written to. */
type Hook<Place> = (place: Place, leaving: Leaving, rules: CookieRules) => void

export interface Visits {
  /**
   * The session of this request, which begins here if nobody has seen it yet. Undefined: the request is none of ours (`skip`). Without a
   * `speaker` the request itself says whether it came over https.
   */
  see<Place>(request: NodeRequest, place: Place, hook: Hook<Place>, speaker?: Speaker): Sticky | undefined
  /** The same, and leaves the session at `request.sticky`. */
  take<Place>(request: NodeRequest, place: Place, hook: Hook<Place>): void
  /** Tells the visits of one sticky() from those of another. */
  readonly by: object
  readonly skips: boolean
}

/** What all adapters for Node do with a request. */
export function createVisits(exchange: Exchange): Visits {
  const { cookie, cacheable, clock, skips } = exchange
  const rules = { cacheable, isOurs: createCookieWriter(cookie).isOurs, clock }
  const check = createSecureCheck(exchange)
  const by = {}

  function see<Place>(request: Marked, place: Place, hook: Hook<Place>, speaker?: Speaker): Sticky | undefined {
    const found = request[MARK]
    if (found !== undefined && found.by === by) {
      if (speaker !== undefined && found instanceof Visit) found.heed(speaker)
      return found.sticky
    }
    if (skips?.(request)) {
      if (found === undefined) request[MARK] = { by, sticky: undefined }
      return undefined
    }
    if (found?.sticky !== undefined) {
      warnTwice(exchange)
      return found.sticky
    }
    const visit = new Visit(by, exchange, request, check, speaker ?? (request as Speaker))
    request[MARK] = visit
    hook(place, visit, rules)
    return visit.sticky
  }

  return {
    see,
    take(request: Marked, place, hook) {
      const sticky = see(request, place, hook)
      if (sticky !== undefined) request.sticky = sticky
    },
    by,
    skips: skips !== undefined,
  }
}

function warnTwice(exchange: Exchange): void {
  exchange.warn(
    'mounted-twice',
    'a request has come to a second sticky(), which does nothing, whatever its options: remove it; or, where a part of the application needs ' +
      'one of its own, mount the first one so that requests to that part do not pass it, or have each of them skip the requests of the other',
  )
}
