import { StoreError } from '../core/errors.ts'
import type { End, Entries, Lost, Tagged } from '../ports/store.ts'
import { Cookie } from './cookie.ts'
import { COOKIE } from './picture.ts'

/** A store written for express-session, as far as it is used here; those of koa-session are made to look like one. */
export interface ForeignStore {
  // biome-ignore lint/suspicious/noExplicitAny: express-session's own types
  get(id: string, callback: (error: any, session?: any) => void): unknown
  // biome-ignore lint/suspicious/noExplicitAny: express-session's own types
  set(id: string, session: any, callback?: (error?: any) => void): unknown
  // biome-ignore lint/suspicious/noExplicitAny: express-session's own types
  destroy(id: string, callback?: (error?: any) => void): unknown
  on?(event: string, listener: () => void): unknown
}

/** What is kept beside the application's data, under `__limpet`. */
interface Meta extends Tagged {
  readonly version: number
  readonly lost?: Lost | undefined
  /** `ownLooks` of its cookie: under `cookie` stands the one that the store takes its time from. */
  readonly looks?: string | undefined
  /** Milliseconds for which it is stored. */
  readonly ttl: number
  /** It has ended: how, when (milliseconds since 1970), and what it went on as. */
  readonly end?: End | undefined
  readonly at?: number | undefined
  readonly successors?: readonly string[] | undefined
}

export type Kept = Omit<Meta, 'looks'> & { readonly entries: Entries }

export const NOTHING: Kept = { version: 0, entries: new Map(), ttl: 0 }

const META = '__limpet'

/** How the records of one library look, beside the application's data. */
export interface RecordForm {
  /** Under which limpet keeps a session's looks among its texts; no data of an application stands there. */
  readonly looksKey: string
  /** Is it the library's own, and no data? */
  isTheirs(key: string): boolean
  /** From what its stores take the time for which they keep a record; milliseconds. */
  lasting(ttl: number): Record<string, unknown>
}

/** All stores for express-session take that time from the cookie. */
export const EXPRESS_FORM: RecordForm = {
  looksKey: COOKIE,
  isTheirs: (key) => key === COOKIE,
  lasting: (ttl) => ({ cookie: new Cookie({ maxAge: ttl }) }),
}

/** Reads and writes records of one foreign store. Its failures become `StoreError`. */
export class ForeignRecords {
  readonly #store: ForeignStore
  readonly #form: RecordForm

  constructor(store: ForeignStore, form: RecordForm) {
    this.#store = store
    this.#form = form
  }

  async load(id: string): Promise<Kept> {
    const record = await answered((done) => this.#store.get(id, done), false)
    if (typeof record !== 'object' || record === null) return NOTHING
    return kept(record as Record<string, unknown>, this.#form)
  }

  async save(id: string, { entries, ...meta }: Kept): Promise<void> {
    const { looksKey, lasting } = this.#form
    const values: Record<string, unknown> = {}
    for (const [key, text] of entries) if (key !== looksKey) values[key] = JSON.parse(text)
    const looks = entries.get(looksKey)
    const record = { ...values, ...lasting(meta.ttl), [META]: { ...meta, ...(looks !== undefined && { looks }) } }
    await answered((done) => this.#store.set(id, record, done), 'unknown')
  }
}

function kept(record: Record<string, unknown>, { looksKey, isTheirs }: RecordForm): Kept {
  const { [META]: meta, ...values } = record
  const { looks, ...known } = (meta ?? { version: 1, ttl: 0 }) as Meta
  const entries = new Map<string, string>()
  for (const [key, value] of Object.entries(values)) {
    if (isTheirs(key)) continue
    const text: string | undefined = JSON.stringify(value)
    if (text !== undefined) entries.set(key, text)
  }
  if (looks !== undefined) entries.set(looksKey, looks)
  return { ...known, entries }
}

/** What a store calls back with. */
export function answered(
  ask: (done: (error?: unknown, answer?: unknown) => void) => unknown,
  applied: false | 'unknown',
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const failed = (error: unknown) => {
      // Files that are not there are no failure: express-session takes it for no session.
      if (Object(error).code === 'ENOENT' && applied === false) resolve(undefined)
      else reject(new StoreError('the express-session store failed', { applied, outage: true, cause: error }))
    }
    try {
      ask((error, answer) => (error ? failed(error) : resolve(answer)))
    } catch (error) {
      failed(error)
    }
  })
}
