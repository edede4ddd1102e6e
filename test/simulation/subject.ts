import './cheap-signatures.ts'
import { readOptions } from '../../src/core/options.ts'
import { decodeToken } from '../../src/core/token.ts'
import { Engine } from '../../src/engine/engine.ts'
import type { Visit } from '../../src/engine/visit.ts'
import type { Store } from '../../src/ports/store.ts'
import { memoryStore } from '../../src/stores/memory/memory-store.ts'
import type { Random } from '../consistency/driver/random.ts'

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
}

/** One backend: what an adapter would give requests to. */
export interface Subject {
  arrive(cookie: string): Served
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

export function createSubject({ backend, store, random, clock, idleTimeout, storeTimeout }: SubjectOptions): Subject {
  const { config, secrets } = readOptions({ secret: SECRET, idleTimeout, storeTimeout }, {})
  const next = () => randomId(random)
  const engine = new Engine(config, {
    store,
    backend,
    secrets,
    ids: { next, successor: (id) => id.slice(0, 2) + next().slice(2) },
    clock,
    emit: () => undefined,
  })
  return {
    arrive: (cookie) =>
      serve(engine.arrive({ cookieHeader: cookie === '' ? undefined : `limpet=${cookie}`, secure: false })),
  }
}

function serve(visit: Visit): Served {
  const { data } = visit
  return {
    get: (key) => data.get(key),
    all: () => data.all(),
    set: (values) => data.set(values),
    add: async (key) => Number(await data.update(key, (value) => Number(value ?? 0) + 1)),
    logout: () => data.destroy(),
    login: async (values) => {
      await visit.regenerate()
      await data.set(values)
    },
    id: () => visit.id,
    flags: () => ({ behind: data.behind, stale: data.stale }),
    head: () => {
      const cookie = visit.setCookie()
      return cookie === undefined ? '' : (cookie.slice(cookie.indexOf('=') + 1).split(';')[0] ?? '')
    },
  }
}

/** The session that a cookie names, and the version that it has seen. */
export function cookieFacts(cookie: string): { readonly id: string; readonly version: number } {
  const token = cookie === '' ? undefined : decodeToken(cookie)?.token
  return { id: token?.id ?? '', version: token?.version ?? 0 }
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

function randomId(random: Random): string {
  let id = ''
  for (let left = 24; left > 0; left--) id += LETTERS[Math.floor(random.next() * 64)]
  return id
}
