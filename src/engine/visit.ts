import type { Decision, StartReason } from '../core/decide.ts'
import type { Token } from '../core/token.ts'
import type { Departure } from '../ports/exchange.ts'
import type { Session, Sticky } from '../ports/sticky.ts'
import type { Retired } from '../ports/store.ts'
import type { Engine } from './engine.ts'
import { destroyed } from './refusals.ts'
import { SessionData } from './session-data.ts'
import type { SignedToken } from './tokens.ts'

/**
 * Milliseconds that a login's response may take to reach the browser. What the browser sends meanwhile has the old cookie, and must not be
 * answered with a third one.
 */
const COOKIE_ON_ITS_WAY = 10_000

/** One request's view of its session: who it is, what its data is, and which cookie its response carries. */
export class Visit implements Sticky, Departure {
  /** Not a property that could be printed or serialized: everything hangs on it. */
  readonly #engine: Engine
  #state: 'new' | 'resumed' | 'adopted'
  #reason: StartReason | 'valid'
  #token: Token
  /** The signed form of the token; undefined: it has to be signed (again) before it leaves. */
  #signed: SignedToken | undefined
  /** False while nobody but this request can know the session: then nothing is stored, and nothing can have changed. */
  #known: boolean
  /** Something was, or may have been, written by this request. */
  #wrote = false
  /** The session was destroyed by another request while this one ran: the client has been given another id since. */
  #ended = false
  /** The session that the client asked for goes on under another id, whose cookie may still be on its way: this one's must not take its place. */
  #overtaken = false
  #triedRenewal = false
  /** The order of changes when this request last learned the session's state. */
  #order: number
  #session: SessionData | undefined
  readonly #secure: boolean
  readonly #startedAt: number

  constructor(engine: Engine, decision: Decision, signed: SignedToken | undefined, secure: boolean, now: number) {
    this.#engine = engine
    this.#secure = secure
    this.#startedAt = now
    this.#order = engine.changes.order
    if (decision.kind === 'resume' && signed !== undefined) {
      this.#reason = 'valid'
      this.#known = true
      this.#token = decision.token
      this.#signed = decision.sign === undefined ? signed : undefined
      this.#state = decision.misdirected && decision.sign !== undefined ? 'adopted' : 'resumed'
    } else {
      this.#reason = decision.kind === 'start' ? decision.reason : 'no-cookie'
      this.#known = false
      this.#token = this.#newToken(engine.ids.next(), this.#startedAt)
      this.#state = 'new'
      if (this.#reason === 'destroyed' && signed) {
        this.#overtaken = engine.changes.movedFor(signed.token.id, now) < COOKIE_ON_ITS_WAY
      }
    }
  }

  get engine(): Engine {
    return this.#engine
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

  /** Whoever signs becomes the owner. */
  get owner(): string {
    return this.#signed === undefined ? this.#engine.backend : this.#token.owner
  }

  get backend(): string {
    return this.#engine.backend
  }

  get misdirected(): boolean {
    return this.owner !== this.#engine.backend
  }

  get session(): Session {
    return this.data as unknown as Session
  }

  get data(): SessionData {
    this.#session ??= new SessionData(this)
    return this.#session
  }

  get token(): Token {
    return this.#token
  }

  /** The session was destroyed by another request while this one ran, as far as this backend knows. */
  get isOver(): boolean {
    return this.#ended || (this.#known && this.#engine.changes.isDestroyed(this.#token.id))
  }

  /** Could the store hold anything under this id? Only then is it worth a command (law 7). */
  get mayHaveData(): boolean {
    if (!this.#known) return false
    const { store, changes, config, copies } = this.#engine
    if (this.#token.version > 0 || store.store.local === true || config.strict) return true
    // This cookie may have overtaken that of a write. Where the store tells of changes, this backend has heard of the write.
    return !copies.live || changes.isKnown(this.#token.id)
  }

  /** Could another request have this id? Then it takes a tombstone to end it, for another backend may be about to write for the first time. */
  get isKnown(): boolean {
    return this.#known
  }

  /** The next read had better renew the stored data's lifetime as well. */
  get renewalDue(): boolean {
    return !this.#triedRenewal && this.#engine.keepAlive.isWanted(this.#token)
  }

  regenerate(): Promise<void> {
    const { writer } = this.data
    return writer.changeId(async () => {
      if (this.isOver) throw destroyed()
      const from = this.#token.id
      const to = this.#engine.ids.successor(from)
      const version = this.isKnown ? (await writer.move(from, to)).version : 0
      this.#becomes({ ...this.#token, id: to, version, storedAt: version > 0 ? this.#engine.seconds() : 0 })
    })
  }

  /** The store said which version it holds. */
  saw(version: number, order: number): void {
    this.#order = Math.max(this.#order, order)
    if (version > this.#token.version) this.#resign({ ...this.#token, version })
  }

  /** A read was to renew the lifetime as well. A server that only reads cannot: then there is no use in asking it again. */
  renewed(done: boolean): void {
    this.#triedRenewal = true
    if (!done) return
    this.#engine.keepAlive.done(this.#token.id)
    this.#resign({ ...this.#token, storedAt: this.#engine.seconds() })
  }

  /** This request wrote, or may have written (`version` undefined: nobody knows). */
  wrote(version: number | undefined): void {
    this.#engine.changes.mark(this.#token.id)
    this.#order = this.#engine.changes.order
    this.#wrote = true
    this.#known = true
    if (version !== undefined) {
      const { id, owner, createdAt, issuedAt } = this.#token
      const newest = Math.max(version, this.#token.version)
      this.#resign({ id, owner, version: newest, createdAt, storedAt: this.#engine.seconds(), issuedAt })
    }
  }

  /**
   * The store says that the session is destroyed. A client that comes back with an old cookie starts anew (true). A request that was
   * under way when it happened must not: whoever destroyed the session has already given the client another cookie. True, too, when
   * this request itself has left that id behind.
   */
  endedElsewhere(id: string, retired: Retired): boolean {
    if (id !== this.#token.id) return true
    this.#engine.learnRetired(id, retired)
    if (retired.age <= this.#engine.clock() - this.#startedAt) {
      this.#ended = true
      return false
    }
    this.startAnew()
    this.#overtaken = retired.moved && retired.age < COOKIE_ON_ITS_WAY
    return true
  }

  /** A new, empty session takes the place of a destroyed one. */
  startAnew(): void {
    this.#known = false
    this.#state = 'new'
    this.#reason = 'destroyed'
    this.#becomes(this.#newToken(this.#engine.ids.next(), this.#engine.clock()))
  }

  /** @see Departure. Signs at most once for what is to be said, however often it is asked. */
  setCookie(): string | undefined {
    const { changes, tokens } = this.#engine
    const { id } = this.#token
    if (this.isOver || (this.#overtaken && !this.#wrote)) return undefined
    // Another request changed the session since: the client was, or will be, given a newer token than this one.
    if (this.#known && changes.changedAfter(id, this.#order)) return undefined
    if (this.#engine.keepAlive.isDue(this.#token)) this.#keepAlive()
    this.#signed ??= this.#sign()
    return tokens.header(this.#signed, this.#secure)
  }

  withheld(): void {
    if (!this.#wrote) return
    this.#engine.warn(
      'cacheable-session',
      'a response that a shared cache may store has changed the session, and was sent without the cookie: ' +
        "give it Cache-Control: private, or set sticky({ cacheable: 'private' })",
    )
  }

  /** For JSON.stringify. */
  toJSON() {
    const { id, state, reason, owner, backend, misdirected } = this
    return { id, state, reason, owner, backend, misdirected }
  }

  /** For console.log. */
  [Symbol.for('nodejs.util.inspect.custom')]() {
    return this.toJSON()
  }

  /** Renews the stored data's lifetime off the request's path, or says that it was. */
  #keepAlive(): void {
    const { keepAlive } = this.#engine
    const { id, storedAt } = this.#token
    const doneAt = keepAlive.doneAt(id)
    if (doneAt !== undefined && doneAt > storedAt) this.#resign({ ...this.#token, storedAt: doneAt })
    if (this.renewalDue) this.#engine.inBackground(keepAlive.run(id, () => this.data.writer.keepAlive(id)))
  }

  #sign(): SignedToken {
    const { id, version, createdAt, storedAt } = this.#token
    this.#token = { id, owner: this.#engine.backend, version, createdAt, storedAt, issuedAt: this.#engine.seconds() }
    return this.#engine.tokens.sign(this.#token)
  }

  #resign(token: Token): void {
    this.#token = token
    this.#signed = undefined
  }

  /** The session goes on, or begins, under another id. */
  #becomes(token: Token): void {
    this.#resign(token)
    this.#order = this.#engine.changes.order
    this.#ended = false
  }

  #newToken(id: string, now: number): Token {
    const seconds = Math.floor(now / 1000)
    return { id, owner: this.#engine.backend, version: 0, createdAt: seconds, storedAt: 0, issuedAt: seconds }
  }
}
