import { createCookieWriter } from '../../core/cookie.ts'
import type { CookieRules, Leaving } from '../../core/response-head.ts'
import type { Departure, Exchange, Outcome, RoutedArrival } from '../../ports/exchange.ts'
import type { Raw } from '../../ports/misdirected.ts'
import type { Sticky } from '../../ports/sticky.ts'
import { cookieHeaderOf, misuse } from './made-up.ts'
import { connectionOf, showConnection } from './original-connection.ts'
import { createSecureCheck, type SecureCheck, type Speaker } from './secure.ts'
import type { NodeRequest } from './write-head.ts'

/**
 * On the raw request, so that no two sticky() take the same one, whatever the framework and from however many copies of
 * this package.
 */
const MARK = Symbol.for('limpet.visit')

/**
 * What other copies of this package may rely on. `sticky` undefined: whoever left the mark has skipped this request.
 */
interface Mark {
  readonly by: object
  readonly sticky: Sticky | undefined
}

type Marked = NodeRequest & { [MARK]?: Mark; sticky?: Sticky }

/**
 * One request from its arrival until its head leaves. What is not for other copies is private: whoever prints a request
 * sees the mark.
 */
class Visit implements Mark, Leaving {
  readonly by: object
  readonly sticky: Sticky
  readonly note: (() => string) | undefined
  readonly #departure: Departure
  readonly #request: NodeRequest
  readonly #check: SecureCheck
  readonly #secure: boolean | undefined
  readonly #dress: Exchange['dress']
  #speaker: Speaker

  constructor(
    by: object,
    { sticky, departure, note }: Outcome,
    request: NodeRequest,
    check: SecureCheck,
    speaker: Speaker,
    dress: Exchange['dress'],
  ) {
    this.#dress = dress
    this.by = by
    this.sticky = sticky
    this.note = note
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

  setCookie(relayed?: readonly string[]): string | undefined {
    const setCookie = this.#departure.setCookie(this.#isSecure(), relayed)
    return this.#dress && setCookie !== undefined ? this.#dress(this.#request, setCookie) : setCookie
  }

  hint(): string | undefined {
    return this.#departure.hint?.(this.#isSecure())
  }

  withheld(): void {
    this.#departure.withheld()
  }

  #isSecure(): boolean {
    return this.#secure ?? this.#check.believe(this.#request, this.#speaker)
  }
}

/** Places the hook on what the response will be written to. */
type Hook<Place> = (place: Place, leaving: Leaving, rules: CookieRules) => void

/** A response, or the socket of an upgrade. */
interface Closable {
  /** What somebody made up may have none, and is never closed. */
  once?(event: 'close', listener: () => void): unknown
  destroy(): unknown
}

type PassOn = <Place extends Closable>(
  request: NodeRequest,
  place: Place,
  hook: Hook<Place>,
  raw: () => Raw,
  speaker?: Speaker,
) => Promise<boolean> | undefined

export interface Visits {
  /**
   * The session of this request, which begins here if nobody has seen it yet. Undefined: the request is none of ours
   * (`skip`). Without a `speaker` the request itself says whether it came over https.
   */
  see<Place>(request: NodeRequest, place: Place, hook: Hook<Place>, speaker?: Speaker): Sticky | undefined
  /** The same, and leaves the session at `request.sticky`. */
  take<Place>(request: NodeRequest, place: Place, hook: Hook<Place>): void
  /**
   * To be asked before either. Resolves to true when another backend has answered the request, and to false when it is
   * to be answered here, like what is undefined at once. Rejects when it belongs to another backend and cannot be
   * passed on. Undefined itself: all requests are answered here.
   */
  readonly passOn: PassOn | undefined
  /** Tells the visits of one sticky() from those of another. */
  readonly by: object
  readonly skips: boolean
}

/** What all adapters for Node do with a request. */
export function createVisits(exchange: Exchange): Visits {
  const { cookie, cacheable, clock, hintCookie, skips } = exchange
  const rules = { cacheable, isOurs: createCookieWriter(cookie).isOurs, hintCookie, clock }
  const check = createSecureCheck(exchange)
  const by = {}

  function see<Place>(request: Marked, place: Place, hook: Hook<Place>, speaker?: Speaker): Sticky | undefined {
    try {
      return find(request, place, hook, speaker)
    } catch (error) {
      throw misuse(request, place) ?? error
    }
  }

  function find<Place>(request: Marked, place: Place, hook: Hook<Place>, speaker?: Speaker): Sticky | undefined {
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
    return begin(request, place, hook, exchange.arrive({ cookieHeader: cookieHeaderOf(request) }), speaker)
  }

  function begin<Place>(
    request: Marked,
    place: Place,
    hook: Hook<Place>,
    outcome: Outcome,
    speaker: Speaker = request as Speaker,
  ): Sticky {
    const visit = new Visit(by, outcome, request, check, speaker, exchange.dress)
    request[MARK] = visit
    hook(place, visit, rules)
    return visit.sticky
  }

  const { dispatch } = exchange
  const passOn: PassOn | undefined =
    dispatch &&
    ((request, place, hook, raw, speaker) => {
      try {
        return dispatched(dispatch, request, place, hook, raw, speaker)
      } catch (error) {
        throw misuse(request, place) ?? error
      }
    })

  function dispatched<Place extends Closable>(
    dispatch: NonNullable<Exchange['dispatch']>,
    request: Marked,
    place: Place,
    hook: Hook<Place>,
    raw: () => Raw,
    speaker?: Speaker,
  ): Promise<boolean> | undefined {
    if (request[MARK] !== undefined || skips?.(request)) return undefined
    const here = (outcome: Outcome) => {
      showConnection(request, outcome.from)
      begin(request, place, hook, outcome, speaker)
      const closed = outcome.opened?.(() => place.destroy())
      if (closed) place.once?.('close', closed)
    }
    const arrived = dispatch(arrivalOf(request))
    if (arrived.kind === 'serve') return void here(arrived)
    return arrived.passOn(raw()).then((outcome) => {
      if (outcome) here(outcome)
      return outcome === undefined
    })
  }

  return {
    see,
    take(request: Marked, place, hook) {
      const sticky = see(request, place, hook)
      if (sticky !== undefined) request.sticky = sticky
    },
    passOn,
    by,
    skips: skips !== undefined,
  }
}

function arrivalOf(request: NodeRequest & { originalUrl?: unknown }): RoutedArrival {
  const { method, url, originalUrl, headers, rawHeaders } = request
  return {
    cookieHeader: cookieHeaderOf(request),
    method,
    url: typeof originalUrl === 'string' ? originalUrl : url,
    headers,
    rawHeaders,
    connection: () => connectionOf(request),
  }
}

export function warnTwice(exchange: Exchange): void {
  exchange.warn(
    'mounted-twice',
    'a request has come to a second sticky(), which does nothing, whatever its options: remove it; or, where a part of the application needs ' +
      'one of its own, mount the first one so that requests to that part do not pass it, or have each of them skip the requests of the other',
  )
}
