import { createHash } from 'node:crypto'
import { readOptions } from '../../../src/config/options.ts'
import type { StickyOptions } from '../../../src/config/sticky-options.ts'
import { createIdSource } from '../../../src/core/session-id.ts'
import { decodeToken, type Token } from '../../../src/core/token.ts'
import { handleRequest } from '../../../src/engine/handle-request.ts'
import type { RequestData } from '../../../src/engine/request/session.ts'
import type { RequestState } from '../../../src/engine/request/state.ts'
import { createServices, type Services, watch } from '../../../src/engine/services.ts'
import { memoryStore } from '../../../src/memory/memory-store.ts'
import type { LimpetEvent } from '../../../src/ports/events.ts'
import type { Arrival, Outcome } from '../../../src/ports/exchange.ts'
import type { Sticky } from '../../../src/ports/sticky.ts'
import type { Store } from '../../../src/ports/store.ts'
import { type SharedStore, sharedStore } from './shared-store.ts'

export const SECRET = 'a secret of the tests, 32 bytes or more'
export const OTHER_SECRET = 'another secret of the tests, as long as it'

/** What `data` is to a test: the session without the application's types. */
export type SessionData = Pick<
  RequestData,
  'get' | 'set' | 'all' | 'delete' | 'update' | 'destroy' | 'behind' | 'stale'
>

/** Seconds of an hour and of a day, for clocks. */
export const HOUR = 3600
export const DAY = 24 * HOUR

/** Time stands still unless a test moves it. */
export class FakeClock {
  #now = Date.UTC(2026, 0, 1)

  readonly read = (): number => this.#now

  get seconds(): number {
    return Math.floor(this.#now / 1000)
  }

  get now(): number {
    return this.#now
  }

  /** Moves by so many seconds, backwards too. */
  forward(seconds: number): void {
    this.#now += seconds * 1000
  }
}

/** All backends of one test: one clock, one store. */
export interface Site {
  readonly clock: FakeClock
  readonly store: SharedStore
  readonly options: StickyOptions
}

export interface SiteOptions {
  readonly options?: StickyOptions
  readonly clock?: FakeClock
  /** What holds the data. Default: a memory store on the same clock. */
  readonly behind?: Store
  /** Default: behaves as a store of another process that tells what changes. */
  readonly local?: boolean
  readonly tells?: boolean
  /** The store's own clock. Default: it has none, and each backend judges by its own. */
  readonly now?: () => number | undefined
}

export function site(given: SiteOptions = {}): Site {
  const { options = {}, clock = new FakeClock(), local = false, tells = true } = given
  const behind = given.behind ?? memoryStore({ now: clock.read })
  return { clock, options, store: sharedStore(behind, { local, tells, now: given.now }) }
}

/** One request at a backend, as its adapter sees it. */
export class Visit {
  readonly sticky: Sticky
  readonly #state: RequestState

  constructor({ sticky, departure }: Outcome) {
    this.sticky = sticky
    this.#state = departure as RequestState
  }

  get data(): SessionData {
    return this.sticky.session as unknown as SessionData
  }

  get id(): string {
    return this.sticky.id
  }

  get state(): Sticky['state'] {
    return this.sticky.state
  }

  get reason(): Sticky['reason'] {
    return this.sticky.reason
  }

  get owner(): string {
    return this.sticky.owner
  }

  get backend(): string {
    return this.sticky.backend
  }

  get misdirected(): boolean {
    return this.sticky.misdirected
  }

  get token(): Token {
    return this.#state.token
  }

  regenerate(values?: object): Promise<void> {
    return this.sticky.regenerate(values as never)
  }

  setCookie(): string | undefined {
    return this.#state.setCookie(false)
  }

  withheld(): void {
    this.#state.withheld()
  }
}

/** A backend without its adapter. */
export interface TestEngine {
  readonly services: Services
  arrive(arrival: Arrival): Visit
  /** What goes on off the requests' path has ended. */
  settled(): Promise<void>
  /** From now on no copy is trusted: one more way to hear of changes, and nothing comes that way. */
  deafen(): void
  close(): Promise<void>
}

export interface Backend {
  readonly engine: TestEngine
  readonly events: LimpetEvent[]
}

export interface BackendOptions extends StickyOptions {
  /** This backend's own clock, where it differs from the site's. */
  readonly ownClock?: () => number
}

/** A backend with nothing random in it. `changes` are options of this backend alone. */
export function backend(place: Site, id = 'here', { ownClock, ...changes }: BackendOptions = {}): Backend {
  const { config, secrets } = readOptions({ secret: SECRET, ...place.options, ...changes }, {})
  const events: LimpetEvent[] = []
  const services = createServices(config, {
    store: changes.store ?? place.store.connect(),
    backend: id,
    boot: createHash('sha256').update(id).digest('base64url').slice(0, 8),
    secrets,
    ids: createIdSource(reproducible(id)),
    clock: ownClock ?? place.clock.read,
    steady: place.clock.read,
    events: { emit: (event) => events.push(event), hears: () => true, trace: undefined },
  })
  const close = watch(services)
  for (const channel of place.store.channels) channel.up()
  const engine: TestEngine = {
    services,
    arrive: (arrival) => new Visit(handleRequest(services, arrival)),
    settled: () => services.background.settled(),
    deafen: () => void services.cache.openChannel(),
    close,
  }
  return { engine, events }
}

/** Bytes that look random and are the same in every run; different for each seed. */
function reproducible(seed: string): (buffer: Buffer) => void {
  let round = 0
  return (buffer) => {
    for (let at = 0; at < buffer.length; at += 32) {
      createHash('sha256').update(`${seed} ${round++}`).digest().copy(buffer, at)
    }
  }
}

/** A client with a cookie jar for one cookie. */
export class Client {
  /** The token's text, as the cookie header would carry it. */
  value: string | undefined

  /** A request arrives at a backend. Nothing is sent back before `answer`. */
  visit({ engine }: Backend): Visit {
    return engine.arrive({ cookieHeader: this.value === undefined ? undefined : `limpet=${this.value}` })
  }

  /** The response leaves, and its cookie, if any, reaches the jar. */
  answer(visit: Visit): string | undefined {
    const cookie = visit.setCookie()
    if (cookie !== undefined) this.value = tokenText(cookie)
    return cookie
  }

  /** A whole request: arrives, does something, is answered. */
  async request<T>(at: Backend, work: (data: SessionData, visit: Visit) => Promise<T> | T): Promise<T> {
    const visit = this.visit(at)
    try {
      return await work(visit.data, visit)
    } finally {
      this.answer(visit)
    }
  }

  get token(): Token {
    return tokenOf(this.value)
  }
}

/** What a visit says of itself, as plain data. */
export function facts({ id, state, reason, owner, backend, misdirected }: Visit) {
  return { id, state, reason, owner, backend, misdirected }
}

export function tokenText(setCookie: string): string {
  return setCookie.slice(setCookie.indexOf('=') + 1).split(';')[0] ?? ''
}

export function tokenOf(value: string | undefined): Token {
  const decoded = value === undefined ? undefined : decodeToken(value)
  if (!decoded) throw new Error(`not a token: ${value}`)
  return decoded.token
}

/** A promise and its ends. */
export function deferred<T = void>(): {
  promise: Promise<T>
  resolve: (value: T) => void
  reject: (error: Error) => void
} {
  let resolve: (value: T) => void = () => undefined
  let reject: (error: Error) => void = () => undefined
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
