import type { Decision, StartReason } from '../core/decide.ts'
import type { Token } from '../core/token.ts'
import type { Departure } from '../ports/exchange.ts'
import type { Session, Sticky } from '../ports/sticky.ts'
import type { Retired } from '../ports/store.ts'
import type { Engine } from './engine.ts'
import { SessionData } from './session-data.ts'
import type { SignedToken } from './tokens.ts'
import { destroyed } from './writer.ts'

/** One request's view of its session: who it is, what its data is, and which cookie its response carries. */
export class Visit implements Sticky, Departure {
  readonly engine: Engine
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
  /** The order of changes when this request last learned the session's state. */
  #order: number
  #session: SessionData | undefined
  readonly #secure: boolean
  readonly #startedAt: number

  constructor(engine: Engine, decision: Decision, signed: SignedToken | undefined, secure: boolean, now: number) {
    this.engine = engine
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
    }
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
    return this.#signed === undefined ? this.engine.backend : this.#token.owner
  }

  get backend(): string {
    return this.engine.backend
  }

  get misdirected(): boolean {
    return this.owner !== this.engine.backend
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
    return this.#ended || (this.#known && this.engine.changes.isDestroyed(this.#token.id))
  }

  /** Could the store hold anything under this id? Only then is it worth a command (law 7). */
  get mayHaveData(): boolean {
    if (!this.#known) return false
    const { store, changes, config } = this.engine
    return this.#token.version > 0 || store.store.local === true || config.strict || changes.isKnown(this.#token.id)
  }

  /** The stored data's lifetime ought to be renewed. */
  get keepAliveDue(): boolean {
    const { version, storedAt } = this.#token
    return version > 0 && this.#seconds() - storedAt > this.engine.config.limits.keepAliveAfter
  }

  async regenerate(): Promise<void> {
    const { writer } = this.data
    for (let wait = writer.settled; wait; wait = writer.settled) await wait
    if (this.isOver) throw destroyed()
    const from = this.#token.id
    const to = this.engine.ids.successor(from)
    if (this.mayHaveData) {
      const { version } = await writer.move(from, to)
      this.#becomes({ ...this.#token, id: to, version, storedAt: this.#seconds() })
      return
    }
    // Nothing is awaited here, so that no write of this request can go out under the old id meanwhile.
    if (this.#known) this.engine.changes.markDestroyed(from)
    this.#becomes({ ...this.#token, id: to })
  }

  /** The store said which version it holds, and that its lifetime was renewed if `stored`. */
  saw(version: number, order: number, stored: boolean): void {
    this.#order = Math.max(this.#order, order)
    if (version <= this.#token.version && !stored) return
    this.#resign({ ...this.#token, version: Math.max(version, this.#token.version), storedAt: this.#storedAt(stored) })
  }

  /** This request wrote, or may have written (`version` undefined: nobody knows). */
  wrote(version: number | undefined): void {
    this.engine.changes.mark(this.#token.id)
    this.#order = this.engine.changes.order
    this.#wrote = true
    this.#known = true
    if (version !== undefined) {
      const { id, owner, createdAt, issuedAt } = this.#token
      const newest = Math.max(version, this.#token.version)
      this.#resign({ id, owner, version: newest, createdAt, storedAt: this.#seconds(), issuedAt })
    }
  }

  /**
   * The store says that the session is destroyed. A client that comes back with an old cookie starts anew (true). A request that was
   * under way when it happened must not: whoever destroyed the session has already given the client another cookie. True, too, when
   * this request itself has left that id behind.
   */
  endedElsewhere(id: string, { age }: Retired): boolean {
    if (id !== this.#token.id) return true
    this.engine.changes.markDestroyed(id)
    if (age <= this.engine.clock() - this.#startedAt) {
      this.#ended = true
      return false
    }
    this.startAnew()
    return true
  }

  /** A new, empty session takes the place of a destroyed one. */
  startAnew(): void {
    this.#known = false
    this.#state = 'new'
    this.#reason = 'destroyed'
    this.#becomes(this.#newToken(this.engine.ids.next(), this.engine.clock()))
  }

  /** @see Departure. Signs at most once for what is to be said, however often it is asked. */
  setCookie(): string | undefined {
    const { changes, tokens } = this.engine
    const { id } = this.#token
    if (this.isOver) return undefined
    // Another request changed the session since: the client was, or will be, given a newer token than this one.
    if (this.#known && changes.changedAfter(id, this.#order)) return undefined
    if (this.keepAliveDue) this.#keepAlive()
    this.#signed ??= this.#sign()
    return tokens.header(this.#signed, this.#secure)
  }

  withheld(): void {
    if (!this.#wrote) return
    this.engine.warn(
      'cacheable-session',
      'a response that a shared cache may store has changed the session, and was sent without the cookie: ' +
        "give it Cache-Control: private, or set sticky({ cacheable: 'private' })",
    )
  }

  /** Renews the stored data's lifetime, unless another request has just done so here; the token says when it was done. */
  #keepAlive(): void {
    const { id, storedAt } = this.#token
    const now = this.#seconds()
    const { keptAlive, config } = this.engine
    const last = keptAlive.get(id) ?? storedAt
    const due = now - last > config.limits.keepAliveAfter
    this.#resign({ ...this.#token, storedAt: due ? now : last })
    if (!due) return
    keptAlive.set(id, now)
    const renewal = this.data.writer.keepAlive(id).catch((error) => {
      keptAlive.delete(id)
      throw error
    })
    this.engine.inBackground(renewal)
  }

  #sign(): SignedToken {
    const { id, version, createdAt, storedAt } = this.#token
    this.#token = { id, owner: this.engine.backend, version, createdAt, storedAt, issuedAt: this.#seconds() }
    return this.engine.tokens.sign(this.#token)
  }

  #resign(token: Token): void {
    this.#token = token
    this.#signed = undefined
  }

  /** The session goes on, or begins, under another id. */
  #becomes(token: Token): void {
    this.#resign(token)
    this.#order = this.engine.changes.order
    this.#ended = false
  }

  #newToken(id: string, now: number): Token {
    const seconds = Math.floor(now / 1000)
    return { id, owner: this.engine.backend, version: 0, createdAt: seconds, storedAt: 0, issuedAt: seconds }
  }

  #storedAt(stored: boolean): number {
    return stored ? this.#seconds() : this.#token.storedAt
  }

  #seconds(): number {
    return Math.floor(this.engine.clock() / 1000)
  }
}
