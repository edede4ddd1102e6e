import { LimpetError } from '../core/errors.ts'
import { checkKey, decodeValue, encodeValue } from '../core/values.ts'
import type { Entries } from '../ports/store.ts'
import { NO_ENTRIES, Reader } from './reader.ts'
import type { Visit } from './visit.ts'
import { Writer } from './writer.ts'

/** How often `update` calls its function before it gives up with ERR_LIMPET_CONFLICT. */
const UPDATE_ATTEMPTS = 20

/** The session's data, as one request reads and writes it: `Session` without the application's types. */
export class SessionData {
  readonly reader: Reader
  #writer: Writer | undefined
  readonly #visit: Visit

  constructor(visit: Visit) {
    this.#visit = visit
    this.reader = new Reader(visit)
  }

  get writer(): Writer {
    this.#writer ??= new Writer(this.#visit, this.reader)
    return this.#writer
  }

  /** For JSON.stringify, and so that console.log shows no more: reading is asynchronous. */
  toJSON() {
    const { behind, stale } = this
    return { behind, stale }
  }

  [Symbol.for('nodejs.util.inspect.custom')]() {
    return this.toJSON()
  }

  get behind(): boolean {
    return this.reader.behind
  }

  get stale(): boolean {
    return this.reader.stale
  }

  /** Not an async function: where a copy answers, that would cost more than the reading. */
  get(key: string): Promise<unknown> {
    try {
      checkKey(key)
      const entries = this.reader.load()
      if (entries instanceof Promise) return entries.then((loaded) => decodeValue(loaded.get(key)))
      return Promise.resolve(decodeValue(entries.get(key)))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  async all(): Promise<Record<string, unknown>> {
    const entries = await this.reader.load()
    return Object.fromEntries(Array.from(entries, ([key, text]) => [key, decodeValue(text)]))
  }

  async set(keyOrValues: unknown, value?: unknown): Promise<void> {
    const set = encodeEntries(keyOrValues, value)
    if (set.size > 0) await this.writer.write({ set, delete: [], expect: undefined })
  }

  async delete(...keys: string[]): Promise<void> {
    for (const key of keys) checkKey(key)
    // What was never stored needs no command to be gone.
    if (keys.length === 0 || !this.#visit.mayHaveData) return
    await this.writer.write({ set: NO_ENTRIES, delete: keys, expect: undefined })
  }

  async update(key: string, change: (value: unknown) => unknown): Promise<unknown> {
    checkKey(key)
    if (typeof change !== 'function') {
      const example = `session.update('${key.slice(0, 40)}', (n) => (n ?? 0) + 1)`
      throw new LimpetError('ERR_LIMPET_UPDATE', `update takes a function of the old value, like ${example}`)
    }
    const { engine, id } = this.#visit
    return engine.updates.run(`${id} ${key}`, () => this.#compareAndSet(key, change))
  }

  destroy(): Promise<void> {
    return this.writer.destroy()
  }

  async #compareAndSet(key: string, change: (value: unknown) => unknown): Promise<unknown> {
    let text = (await this.reader.load()).get(key)
    for (let attempt = 1; attempt <= UPDATE_ATTEMPTS; attempt++) {
      const value = await inTime(change(decodeValue(text)), this.#visit.engine.store.timeout)
      const set = new Map([[key, encodeValue(key, value)]])
      const obstacle = await this.writer.write({ set, delete: [], expect: { key, text } })
      if (!obstacle) return value
      text = obstacle.text
    }
    throw new LimpetError(
      'ERR_LIMPET_CONFLICT',
      `'${key.slice(0, 40)}' was changed by somebody else ${UPDATE_ATTEMPTS} times while it was being updated: nothing was written`,
    )
  }
}

/** What an update's function returns, if it does so in time: other updates of the key wait for it. */
async function inTime(value: unknown, timeout: number): Promise<unknown> {
  if (!isThenable(value)) return value
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const message =
      `the function given to update() did not finish within ${timeout} ms (storeTimeout): nothing was written. ` +
      'Fetch what takes long before the update, and do not update a key inside an update of the same key'
    timer = setTimeout(() => reject(new LimpetError('ERR_LIMPET_UPDATE', message)), timeout)
  })
  return Promise.race([value, late]).finally(() => clearTimeout(timer))
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

function encodeEntries(keyOrValues: unknown, value: unknown): Entries {
  if (!isPlainObject(keyOrValues)) {
    checkKey(keyOrValues)
    return new Map([[keyOrValues, encodeValue(keyOrValues, value)]])
  }
  for (const symbol of Object.getOwnPropertySymbols(keyOrValues)) checkKey(symbol)
  return new Map(
    Object.entries(keyOrValues).map(([key, one]) => {
      checkKey(key)
      return [key, encodeValue(key, one)]
    }),
  )
}

/** A Map, a list or a Date has no keys that would be meant as the session's. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
