import { createHash } from 'node:crypto'
import { unsign } from 'cookie-signature'
import { describe } from '../config/duration.ts'
import { checkKeys } from '../config/unknown-keys.ts'
import { cookieValues } from '../core/cookie.ts'
import { LimpetError } from '../core/errors.ts'
import { answered, type ForeignStore } from './foreign-records.ts'
import { isForeign } from './foreign-store.ts'

/** The sessions of express-session that run now, so that a deploy logs nobody out. */
export interface MigrateOptions {
  /** Of its cookie. Default `'connect.sid'`. */
  name?: string | undefined
  /** Its secret, or all of them. */
  secret: string | readonly string[]
  /** Its store, as it was given to express-session. Nothing is written there; a logout or login deletes the record. */
  store: ForeignStore
}

/** A session of express-session that a request brings. */
export interface Brought {
  /** The id under which it goes on: the same on all backends, however many requests bring it at once. */
  readonly id: string
  /** Its data, with its cookie. Undefined: there is no such session any more. */
  read(): Promise<Record<string, unknown> | undefined>
  /** It is over on the old backends, too. */
  end(): Promise<unknown>
}

export type Migrate = (cookieHeader: string | undefined) => Brought | undefined

/** Throws `ERR_LIMPET_OPTIONS`. */
export function readMigrate(option: unknown): { readonly name: string; readonly bring: Migrate } | undefined {
  if (option === undefined) return undefined
  checkKeys(option, ['name', 'secret', 'store'], {
    what: 'option of migrate',
    name: 'migrate',
    example: "{ name: 'connect.sid', secret, store: new RedisStore({ client }) }",
  })
  const { name = 'connect.sid', secret, store } = option as MigrateOptions
  if (typeof name !== 'string' || name === '') {
    throw wrong(`migrate.name must be the name of express-session's cookie, like 'connect.sid'; got ${describe(name)}`)
  }
  const secrets: readonly unknown[] = Array.isArray(secret) ? secret : [secret]
  if (secrets.length === 0 || !secrets.every((one) => typeof one === 'string' && one !== '')) {
    throw wrong('migrate.secret must be the secret that express-session has, or a list of them')
  }
  if (!isForeign(store)) throw wrong('migrate.store must be the store that express-session has')
  const bring = (header: string | undefined) => {
    for (const value of cookieValues(header, name)) {
      const sid = sidOf(value, secrets as string[])
      if (sid !== undefined) return brought(sid, store)
    }
    return undefined
  }
  return { name, bring }
}

function brought(sid: string, store: ForeignStore): Brought {
  return {
    id: createHash('sha256').update(`limpet takes over ${sid}`).digest().subarray(0, 18).toString('base64url'),
    async read() {
      const record = await answered((done) => store.get(sid, done), false)
      return typeof record === 'object' && record !== null ? (record as Record<string, unknown>) : undefined
    },
    end: () => answered((done) => store.destroy(sid, done), 'unknown'),
  }
}

/** The id in the cookie of express-session, `s:id.signature`, percent-encoded. */
function sidOf(value: string, secrets: readonly string[]): string | undefined {
  const text = decoded(value)
  if (!text?.startsWith('s:')) return undefined
  for (const secret of secrets) {
    const sid = unsign(text.slice(2), secret)
    if (sid !== false) return sid
  }
  return undefined
}

function decoded(value: string): string | undefined {
  try {
    return decodeURIComponent(value)
  } catch {
    return undefined
  }
}

function wrong(message: string): LimpetError {
  return new LimpetError('ERR_LIMPET_OPTIONS', message)
}
