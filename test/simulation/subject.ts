import './cheap-signatures.ts'
import { readOptions, type Settings } from '../../src/config/options.ts'
import { handleRequest } from '../../src/engine/handle-request.ts'
import { ChangeLog, type KnownEnd } from '../../src/engine/process/change-log.ts'
import { createServices, type Services, watch } from '../../src/engine/services.ts'
import { memoryStore } from '../../src/memory/memory-store.ts'
import type { Events, LimpetEvent } from '../../src/ports/events.ts'
import type { Outcome } from '../../src/ports/exchange.ts'
import type { Store } from '../../src/ports/store.ts'
import type { Random } from '../consistency/driver/random.ts'
import type { Break } from './breaks.ts'

/** Everything that the simulation knows of limpet's inside: this file, and port.ts for the store's side. */

const SECRET = 'a secret of the simulation, 32 bytes or more'

export interface SubjectOptions {
  readonly backend: string
  readonly store: Store
  readonly random: Random
  /** Wall-clock milliseconds of this backend. */
  readonly clock: () => number
  /** Milliseconds. */
  readonly idleTimeout: number
  readonly storeTimeout: number
  readonly broken?: Break | undefined
}

/** One backend: what an adapter would give requests to. */
export interface Subject {
  arrive(cookie: string): Served
  /** The process ends. */
  close(): void
}

/** One request, as an application sees it. */
export interface Served {
  get(key: string): Promise<unknown>
  all(): Promise<Record<string, unknown>>
  set(values: Record<string, string>): Promise<void>
  /** Raises a counter by one and returns the new value. */
  add(key: string): Promise<number>
  logout(): Promise<void>
  /** A new id, and the values under it. */
  login(values: Record<string, string>): Promise<void>
  id(): string
  flags(): { readonly behind: boolean; readonly stale: boolean }
  /** The response's head leaves: the cookie that it carries, empty if none. */
  head(): string
}

export function createSubject(options: SubjectOptions): Subject {
  const { backend, random, clock, storeTimeout, broken } = options
  // Where outliving is not noticed, the store forgets first.
  const idleTimeout = broken === 'expired' ? options.idleTimeout * 100 : options.idleTimeout
  const { config, secrets } = settings(idleTimeout, storeTimeout)
  const next = () => randomText(random, 24)
  let forget: () => void = nothing
  const made = createServices(config, {
    store: broken === 'clock' ? withoutClock(options.store) : options.store,
    backend,
    boot: randomText(random, 8),
    secrets,
    ids: { next, successor: (id) => id.slice(0, 2) + next().slice(2) },
    clock,
    steady: () => performance.now(),
    events: listening((type) => type === 'store-failed' && forget()),
  })
  const services = broken === 'ends' ? withoutEnds(made) : made
  if (services.log instanceof Forgetful) forget = services.log.forget
  const stop = watch(services)
  return {
    arrive: (cookie) =>
      serve(handleRequest(services, { cookieHeader: cookie === '' ? undefined : `limpet=${cookie}` })),
    close: () => void stop(),
  }
}

const known = new Map<string, Settings>()

/** All backends are configured alike, and thousands of them start in a second. */
function settings(idleTimeout: number, storeTimeout: number): Settings {
  const name = `${idleTimeout} ${storeTimeout}`
  const read = known.get(name) ?? readOptions({ secret: SECRET, idleTimeout, storeTimeout }, {})
  known.set(name, read)
  return read
}

/** Nobody reads the events, only that there was one. */
function listening(heard: (type: LimpetEvent['type']) => void): Events {
  return { emit: ({ type }) => heard(type), hears: () => false, trace: undefined }
}

/** Each backend judges times by its own clock. */
function withoutClock({ now: _, ...store }: Store): Store {
  return store
}

/** What this backend knows to have ended it forgets when the store fails, and it never tells the store. */
function withoutEnds(services: Services): Services {
  const ends = Object.assign(Object.create(services.ends), {
    confirmed: nothing,
    missed: nothing,
    reconnected: nothing,
    close: nothing,
  })
  return { ...services, ends, log: new Forgetful(services.steady) }
}

class Forgetful extends ChangeLog {
  readonly #now: () => number
  #until = Number.NEGATIVE_INFINITY

  constructor(now: () => number) {
    super(1000)
    this.#now = now
  }

  readonly forget = (): void => {
    this.#until = this.#now()
  }

  override endOf(id: string): KnownEnd | undefined {
    const known = super.endOf(id)
    return known && known.at > this.#until ? known : undefined
  }
}

function nothing(): void {}

function serve({ sticky, departure }: Outcome): Served {
  const { session } = sticky
  return {
    get: (key) => session.get(key),
    all: () => session.all(),
    set: (values) => session.set(values),
    add: async (key) => Number(await session.update(key, (value) => Number(value ?? 0) + 1)),
    logout: () => session.destroy(),
    login: (values) => sticky.regenerate(values),
    id: () => sticky.id,
    flags: () => ({ behind: session.behind, stale: session.stale }),
    head: () => {
      const cookie = departure.setCookie(false)
      return cookie === undefined ? '' : cookie.slice(cookie.indexOf('=') + 1, cookie.indexOf(';'))
    },
  }
}

/** The session that a cookie names. To decode all of it would take longer; a test compares. */
export function sessionOf(cookie: string): string {
  return cookie.slice(5, 29)
}

/** The memory store, on a clock of its own. */
export function createStore(now: () => number): Store {
  return memoryStore({ maxSessions: 128, now })
}

/** What is known not to have happened: only limpet's own word counts. */
export function didNotHappen(error: unknown): boolean {
  const { code, applied } = Object(error)
  return applied === false || REFUSALS.includes(code)
}

const REFUSALS = ['ERR_LIMPET_DESTROYED', 'ERR_LIMPET_CONFLICT', 'ERR_LIMPET_EXPIRED', 'ERR_LIMPET_UPDATE']

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

function randomText(random: Random, length: number): string {
  let text = ''
  for (let left = length; left > 0; left -= 4) {
    const bits = random.next() * 2 ** 24
    text += letter(bits) + letter(bits / 64) + letter(bits / 4096) + letter(bits / 262_144)
  }
  return text
}

function letter(bits: number): string {
  return LETTERS[bits & 63] as string
}
