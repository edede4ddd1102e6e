import type { Decision, StartReason } from '../../core/decide.ts'
import { endingOf, idleOf, storeTtl, tombstoneTtl, UNKNOWN_TIME } from '../../core/lifetime.ts'
import { NOBODY, type Token } from '../../core/token.ts'
import type { Departure } from '../../ports/exchange.ts'
import { MOVE_WINDOW, type Tombstone } from '../../ports/store.ts'
import type { Stay } from '../process/labels.ts'
import type { SignedToken } from '../process/token-cache.ts'
import type { Services } from '../services.ts'
import { destroyed, expired } from './refusals.ts'
import { relayedToken } from './relayed.ts'
import { newToken, type Owner, signToken } from './tokens.ts'
import { touchSoon } from './touch.ts'

/**
 * `active`: the token names the session. `destroyed`: another request ended it while this one ran; the client was given
 * another cookie. `moved`: it goes on under another id, and the client has the new cookie, or it is on its way; this
 * request can only end it, or begin anew.
 */
export type Life = 'active' | 'destroyed' | 'moved'

/** Milliseconds: the shortest timeout that a session can have. */
const MOMENT = 1000

/**
 * What a tombstone means for a request: its session is over for it, or it begins a new one (or has begun it already).
 */
export type Meeting = 'over' | 'anew'

/**
 * One request's session: who it is, whether it lives, and which cookie the response carries. Reader and writer work on
 * it.
 */
export class RequestState implements Departure {
  readonly services: Services
  #life: Life = 'active'
  #state: 'new' | 'resumed' | 'adopted'
  #reason: StartReason | 'valid'
  #token: Token
  /** The token of the session that the client asked for, where it has ended and another has taken its place here. */
  #left: Token | undefined
  /** The signed form of the token; undefined: it has to be signed (again) before it leaves. */
  #signed: SignedToken | undefined
  /** False while nobody but this request can know the session: then nothing is stored, and nothing can have changed. */
  #known: boolean
  /** Something was, or may have been, written by this request. */
  #wrote = false
  /** This request ended a session, or gave it a new id: its response must bring the new cookie. */
  #mustReplace = false
  /** The client's cookie may still be worth something: a session that stored nothing must not take its place. */
  #keepCookie = false
  #triedTouch = false
  /** The order of changes when this request last learned the session's state. */
  #order: number
  #usedAt: number
  readonly #startedAt: number
  /** Whether the session had ended when the request came, nobody could tell: the store's clock was not measured. */
  readonly #cameUndated: boolean

  /** In whose name the token is signed: ours, but where the session is at home on another backend and stays there. */
  readonly #signer: Owner

  constructor(services: Services, decision: Decision, signed: SignedToken | undefined, signer: Owner = services) {
    this.services = services
    this.#signer = signer
    this.#startedAt = services.steady()
    this.#cameUndated = signed !== undefined && !services.clock.isMeasured()
    this.#usedAt = this.#startedAt
    this.#order = services.log.order
    if (decision.kind === 'resume' && signed !== undefined) {
      this.#reason = 'valid'
      this.#known = true
      this.#token = decision.token
      this.#signed = decision.sign === undefined ? signed : undefined
      this.#state = decision.misdirected && decision.sign !== undefined && signer === services ? 'adopted' : 'resumed'
      return
    }
    this.#reason = decision.kind === 'start' ? decision.reason : 'no-cookie'
    this.#known = false
    this.#token = newToken(services, services.ids.next())
    this.#state = 'new'
    if (this.#reason !== 'destroyed' || !signed) return
    this.#left = signed.token
    if (decision.kind !== 'start' || !decision.keepCookie) return
    this.#keepCookie = true
    this.#life = 'moved'
  }

  get id(): string {
    return this.#token.id
  }

  get state(): 'new' | 'resumed' | 'adopted' {
    return this.#state
  }

  get reason(): StartReason | 'valid' {
    return this.#reason
  }

  /** Whoever signs becomes the owner, unless the session is only visiting. */
  get owner(): string {
    return this.#signed === undefined ? this.#signer.backend : this.#token.owner
  }

  get misdirected(): boolean {
    return (this.#signed === undefined ? this.#signer.boot : this.#token.boot) !== this.services.boot
  }

  get token(): Token {
    return this.#token
  }

  get life(): Life {
    return this.#life
  }

  /**
   * The token of the session that a logout or login is about: where that has ended, or moved, the one that the client
   * had. Undefined: nobody else knows it.
   */
  get asked(): Token | undefined {
    return this.#known && this.#life !== 'moved' ? this.#token : this.#left
  }

  /**
   * Could another request have this id? Then the store has to be asked, and it takes a tombstone to end the session.
   */
  get isKnown(): boolean {
    return this.#known
  }

  /** Milliseconds for which this request has been running. */
  get age(): number {
    return this.services.steady() - this.#startedAt
  }

  /** Milliseconds of the steady clock: when the session was used last. */
  get usedAt(): number {
    return this.#usedAt
  }

  /** The request has been running for so long that its response no longer looks after the data's lifetime. */
  get isLong(): boolean {
    return this.#usedAt - this.#startedAt > MOMENT
  }

  /** The next read had better renew the stored data's lifetime as well. */
  get touchDue(): boolean {
    return !this.#triedTouch && this.services.touches.isWanted(this.#token)
  }

  /** Milliseconds that the store keeps what is written now, and what is left of a session that ends now. */
  get ttl(): number {
    return storeTtl(this.#token, this.services.clock.now(), this.services.config.limits)
  }

  /**
   * The same for a session that is to have this lifetime of its own: no shorter, because tokens with the old one may be
   * on their way.
   */
  ttlWith(lifetime: number | undefined): number {
    return Math.max(
      this.ttl,
      storeTtl({ ...this.#token, lifetime }, this.services.clock.now(), this.services.config.limits),
    )
  }

  /** For how long a label is to lead here. */
  get stay(): Stay {
    return { ttl: this.ttl, idle: idleOf(this.#token, this.services.config.limits) }
  }

  /** Milliseconds since 1970; undefined: nobody knows yet. */
  get createdAt(): number | undefined {
    return this.#token.createdAt === UNKNOWN_TIME ? undefined : this.#token.createdAt
  }

  /** The same where somebody asks for it who has no token: sessions end some time after that. */
  get createdAtIfLimited(): number | undefined {
    return this.services.config.limits.absolute === undefined ? undefined : this.createdAt
  }

  get tombstoneTtl(): number {
    return tombstoneTtl(this.asked ?? this.#token, this.services.clock.now(), this.services.config.limits)
  }

  /**
   * The application uses the session now. Throws `ERR_LIMPET_EXPIRED` when it has ended by itself while this request
   * ran: a stream or socket may outlive its session. And takes note when this backend has learned meanwhile that
   * somebody ended it.
   */
  use(): void {
    const { log, steady } = this.services
    const now = steady()
    if (this.#known) {
      if (this.#hasEndedByItself(now)) throw expired()
      const known = log.endOf(this.#token.id)
      if (known && this.#life === 'active') {
        this.meets(this.#token.id, { kind: 'tombstone', end: known.end, age: now - known.at })
      }
    }
    this.#usedAt = now
  }

  /** The same for what writes: throws `ERR_LIMPET_DESTROYED` when the session is over for this request. */
  useForWriting(): void {
    this.use()
    if (this.#life !== 'active') throw destroyed()
  }

  /** The store said which version it holds. */
  saw(version: number, order: number, lifetime: number | undefined): void {
    this.#order = Math.max(this.#order, order)
    if (version > this.#token.version) this.#resign({ ...this.#token, version, lifetime })
  }

  /**
   * A read was to renew the lifetime as well. A server that only reads cannot: then there is no use in asking it again.
   */
  touched(done: boolean): void {
    this.#triedTouch = !done
    if (!done) return
    this.services.touches.done(this.#token.id)
    this.#resign({ ...this.#token, touchedAt: this.services.clock.now() })
  }

  /** This request wrote, or may have written (`version` undefined: nobody knows). */
  wrote(version: number | undefined, lifetime?: number): void {
    // There was nothing to remove.
    if (version === 0) return
    this.services.log.mark(this.#token.id)
    this.#order = this.services.log.order
    this.#wrote = true
    this.#known = true
    if (version === undefined) return
    const newest = version >= this.#token.version ? { version, lifetime } : {}
    this.#resign({ ...this.#token, ...newest, touchedAt: this.services.clock.now() })
  }

  /**
   * There is a tombstone under this id. A client that comes back with an old cookie starts anew. A request that was
   * under way when the session ended must not: whoever ended it has already given the client another cookie; and while
   * a move's new cookie is on its way, one that a request with the old id sends would take its place.
   */
  meets(id: string, { age, end }: Tombstone): Meeting {
    const { log, steady } = this.services
    log.markEnded(id, end, steady() - age)
    this.services.cache.drop(id)
    // This request itself has left that id behind.
    if (id !== this.#token.id) return this.#life === 'active' ? 'anew' : 'over'
    // Below zero: the clock of the store was set back, and nobody knows when it was.
    const isDated = age >= 0
    const underWay = isDated && age <= this.age
    if (end === 'moved' && isDated && (underWay || age < MOVE_WINDOW)) {
      this.#left = this.#token
      if (!underWay) this.startAnew()
      this.#keepCookie = true
      this.#life = 'moved'
      return 'over'
    }
    if (underWay) {
      this.#life = 'destroyed'
      return 'over'
    }
    this.startAnew()
    return 'anew'
  }

  /** A new, empty session takes the place of one that ended. `id`: where the store has given it one. */
  startAnew(id = this.services.ids.next()): void {
    const { events } = this.services
    this.#known = false
    this.#wrote = false
    this.#state = 'new'
    this.#reason = 'destroyed'
    this.#becomes(newToken(this.services, id))
    if (events.hears('session-begin')) events.emit({ type: 'session-begin', id: this.id, reason: 'destroyed' })
  }

  /**
   * The same by the will of this request (logout, or login with an old cookie): its response replaces the client's
   * cookie.
   */
  replace(): void {
    this.startAnew()
    this.#mustReplace = true
  }

  /** The same, where the store has begun it, as one of those that came of the session which the client asked for. */
  beginsAs(id: string, version: number): void {
    this.startAnew(id)
    this.#mustReplace = true
    this.#known = true
    this.wrote(version)
  }

  /** The session goes on under another id. */
  goesOnAs(token: Token): void {
    this.#known = true
    this.#mustReplace = true
    this.#becomes(token)
  }

  /** The client has a session of this id already, though no token of it. */
  takesOver(id: string): void {
    this.#known = true
    this.#state = 'resumed'
    this.#mustReplace = true
    this.#becomes(newToken(this.services, id))
  }

  /** Nobody but this request knew the old id, so a new one is all it takes. */
  renames(id: string): void {
    this.#mustReplace = true
    this.#becomes({ ...this.#token, id })
  }

  /** The pending move has happened. */
  settled(version: number, lifetime: number | undefined): void {
    const { touchedAt } = this.#token
    this.services.log.mark(this.#token.id)
    this.#order = this.services.log.order
    this.#resign({
      ...this.#token,
      version,
      lifetime,
      touchedAt: version > 0 ? this.services.clock.now() : touchedAt,
      pendingFrom: undefined,
    })
  }

  /** @see Departure. Signs at most once for what is to be said, however often it is asked. */
  setCookie(secure: boolean, relayed?: readonly string[]): string | undefined {
    const { config, log, steady, tokens } = this.services
    if (relayed !== undefined) {
      const theirs = relayedToken(this.services, this.#token, this.#wrote || this.#mustReplace, relayed)
      if (theirs !== undefined) return tokens.header(theirs, secure)
    }
    const { id } = this.#token
    if (this.#life !== 'active' || (this.#known && (log.endOf(id) || this.#hasEndedByItself(steady()))))
      return undefined
    if (!this.#wrote && !this.#mustReplace) {
      if (this.#keepCookie || (config.cookieOnWrite && this.#state === 'new')) return undefined
    }
    // Another request changed the session since: the client was, or will be, given a newer token than this one.
    if (this.#known && log.changedAfter(id, this.#order)) return undefined
    this.learnTouch()
    const leaving = this.services.open?.isLeaving(id) === true && this.owner !== NOBODY.backend && !this.misdirected
    if (this.#signed === undefined || leaving) {
      this.#signed = signToken(this.services, this.#token, leaving ? NOBODY : this.#signer)
      this.#token = this.#signed.token
    }
    return tokens.header(this.#signed, secure)
  }

  withheld(): void {
    if (!this.#wrote) return
    this.services.warnings.once(
      'cacheable-session',
      'a response that a shared cache may store has changed the session, and was sent without the cookie: ' +
        "give it Cache-Control: private, or set sticky({ cacheable: 'private' })",
    )
  }

  /**
   * Takes over what another request of this backend did for the data's lifetime, and does it where nobody has: off this
   * request's path.
   */
  learnTouch(): void {
    const { touches } = this.services
    if (!touches.isDue(this.#token)) return
    const { id, touchedAt } = this.#token
    const doneAt = touches.doneAt(id)
    if (doneAt !== undefined && doneAt > touchedAt) this.#resign({ ...this.#token, touchedAt: doneAt })
    if (this.touchDue) touchSoon(this.services, id, this.stay)
  }

  /** A response that leaves after its session has ended must not begin it anew. */
  #hasEndedByItself(steadyNow: number): boolean {
    const { clock, config } = this.services
    const age = steadyNow - this.#startedAt
    if (this.#cameUndated && clock.isMeasured()) {
      if (endingOf(this.#token, this.#token.issuedAt, clock.now() - age, config.limits) !== undefined) return true
    }
    // It lived when the request came, and no timeout is shorter.
    if (age < MOMENT) return false
    if (steadyNow - this.#usedAt > idleOf(this.#token, config.limits)) return true
    const now = clock.now()
    return clock.isMeasured() && endingOf(this.#token, now, now, config.limits) !== undefined
  }

  #resign(token: Token): void {
    this.#token = token
    this.#signed = undefined
  }

  #becomes(token: Token): void {
    this.#resign(token)
    this.#order = this.services.log.order
    this.#usedAt = this.services.steady()
    this.#life = 'active'
  }
}
