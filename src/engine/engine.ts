import type { Config } from '../config/options.ts'
import { cookieValues, createCookieWriter } from '../core/cookie.ts'
import { beyondLimits, CLOCK_SKEW, decide, newest } from '../core/decide.ts'
import type { IdSource } from '../core/ids.ts'
import { createKeyring } from '../core/keyring.ts'
import type { Token } from '../core/token.ts'
import type { Clock } from '../ports/clock.ts'
import type { LimpetEvent, WarningCode } from '../ports/events.ts'
import type { Arrival } from '../ports/exchange.ts'
import type { Retired, Store } from '../ports/store.ts'
import { Changes } from './changes.ts'
import { COPY_LIMITS, Copies } from './copies.ts'
import { GuardedStore } from './process/guarded-store.ts'
import { KeepAlive } from './keep-alive.ts'
import { Queue } from './queue.ts'
import { Refresher } from './refresher.ts'
import { Tokens } from './tokens.ts'
import { Visit } from './visit.ts'

/** How many sessions' changes are remembered; enough for those that change while the longest request runs. */
const CHANGES_REMEMBERED = 50_000

/** Milliseconds. A request that runs for longer than this after a logout, and than idleTimeout, could write to the session again. */
const LONGEST_REQUEST = 3_600_000

export interface Parts {
  readonly store: Store
  readonly backend: string
  readonly secrets: readonly string[]
  readonly ids: IdSource
  readonly clock: Clock
  readonly emit: (event: LimpetEvent) => void
}

/** One request, start to end. Everything that outlives a request hangs here; `close()` ends it. */
export class Engine {
  readonly config: Config
  readonly backend: string
  readonly clock: Clock
  readonly ids: IdSource
  readonly tokens: Tokens
  readonly store: GuardedStore
  readonly copies = new Copies(COPY_LIMITS)
  readonly changes = new Changes(CHANGES_REMEMBERED)
  readonly updates = new Queue()
  readonly refresher = new Refresher(this)
  readonly keepAlive: KeepAlive
  readonly emit: (event: LimpetEvent) => void
  #stopWatching: (() => void) | undefined
  readonly #background = new Set<Promise<void>>()
  readonly #warned = new Set<WarningCode>()

  constructor(config: Config, parts: Parts) {
    this.config = config
    this.backend = parts.backend
    this.clock = parts.clock
    this.ids = parts.ids
    this.emit = parts.emit
    this.tokens = new Tokens(
      createKeyring(parts.secrets, config.cookie.name),
      createCookieWriter(config.cookie),
      config.limits,
    )
    const seconds = () => this.seconds()
    this.keepAlive = new KeepAlive(config.limits.keepAliveAfter, seconds, CHANGES_REMEMBERED)
    this.store = new GuardedStore(parts.store, config.storeTimeout, parts.emit)
    this.#stopWatching = parts.store.watch?.({
      changed: (id, how) => {
        if (how === undefined) this.changes.mark(id)
        else this.changes.markDestroyed(id, how === 'moved' ? this.clock() : undefined)
        this.copies.drop(id)
      },
      renewed: (id) => this.keepAlive.done(id),
      down: () => {
        if (this.copies.live) this.emit({ type: 'invalidation', state: 'down' })
        this.copies.down()
        this.changes.forgetDestroyed()
      },
      up: () => {
        this.copies.up()
        this.emit({ type: 'invalidation', state: 'up' })
      },
      warn: (code, message) => this.warn(code, message),
    })
  }

  /** Judges the cookie of a request. Never throws, and never asks the store. */
  arrive({ cookieHeader, secure }: Arrival): Visit {
    const now = this.clock()
    const values = cookieValues(cookieHeader, this.config.cookie.name)
    const several = values.length > 1
    const cookie = several ? this.#verifyAll(values, now) : this.#verifyOnly(values[0])
    const signed = cookie?.kind === 'token' ? cookie : undefined
    const decision = decide({
      cookie,
      several,
      destroyed: signed !== undefined && this.changes.isDestroyed(signed.token.id),
      now: Math.floor(now / 1000),
      backend: this.backend,
      limits: this.config.limits,
    })
    return new Visit(this, decision, signed, secure, now)
  }

  #verifyAll(values: readonly string[], now: number) {
    const { limits } = this.config
    const usable = (token: Token) =>
      !this.changes.isDestroyed(token.id) && beyondLimits(token, Math.floor(now / 1000), limits) === undefined
    return newest(
      values.map((value) => this.tokens.verify(value)),
      usable,
    )
  }

  #verifyOnly(value: string | undefined) {
    return value === undefined ? undefined : this.tokens.verify(value)
  }

  /** Milliseconds that the store keeps a session without hearing of it: longer than any valid token lives, so that what is missing was lost. */
  lifetime(token: Token, now: number): number {
    const { idle, absolute } = this.config.limits
    // Renewed after a tenth, and the token says so only when it is done; the rest of the quarter is for what takes its time.
    const idleEnd = idle * 1.25
    const left = absolute === undefined ? idleEnd : Math.min(idleEnd, token.createdAt + absolute - now / 1000)
    return Math.max(1000, Math.ceil((left + 2 * CLOCK_SKEW) * 1000))
  }

  /** Milliseconds that a tombstone stays: as long as a token of the session is valid, and as any request may take. */
  tombstoneTtl(token: Token, now: number): number {
    return Math.max(LONGEST_REQUEST, this.lifetime(token, now))
  }

  seconds(): number {
    return Math.floor(this.clock() / 1000)
  }

  /** The store has a tombstone under this id. */
  learnRetired(id: string, { age, moved }: Retired): void {
    this.changes.markDestroyed(id, moved ? this.clock() - age : undefined)
  }

  /** Does something off the request's path. Its failure has been told through an event. */
  inBackground(task: Promise<void>): void {
    const settled = task.catch(() => undefined).finally(() => this.#background.delete(settled))
    this.#background.add(settled)
  }

  warn(code: WarningCode, message: string): void {
    if (this.#warned.has(code)) return
    this.#warned.add(code)
    this.emit({ type: 'warning', code, message })
  }

  hasWarned(code: WarningCode): boolean {
    return this.#warned.has(code)
  }

  /** What goes on off the requests' path has ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#background)
  }

  async close(): Promise<void> {
    this.#stopWatching?.()
    this.#stopWatching = undefined
    await this.settled()
  }
}
