import { LimpetError } from '../../core/errors.ts'
import { checkKey, decodeValue, encodeEntries, encodeValue } from '../../core/json.ts'
import { printed } from '../../core/printed.ts'
import type { Session } from '../../ports/sticky.ts'
import { NO_ENTRIES } from '../process/session-cache.ts'
import { letDetach, refuseToSet } from './facade.ts'
import { Reader } from './reader.ts'
import type { RequestState } from './state.ts'
import { updateValue } from './update.ts'
import { Writer } from './writer.ts'

/** The session's data, as one request reads and writes it: `Session` without the application's types. */
export class RequestData {
  readonly #state: RequestState
  readonly #reader: Reader
  #writer: Writer | undefined

  static {
    letDetach(RequestData.prototype, ['get', 'all', 'set', 'delete', 'update', 'destroy', 'regenerate'])
    refuseToSet(RequestData.prototype)
  }

  constructor(state: RequestState) {
    this.#state = state
    this.#reader = new Reader(state)
  }

  /** What the application gets. */
  get session(): Session {
    return this as unknown as Session
  }

  get #write(): Writer {
    this.#writer ??= new Writer(this.#state, this.#reader)
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
    return this.#reader.behind
  }

  get stale(): boolean {
    return this.#reader.stale
  }

  /** Not an async function: where a copy answers, that would cost more than the reading. */
  get(key: string): Promise<unknown> {
    try {
      checkKey(key)
      const entries = this.#reader.load()
      if (entries instanceof Promise) return entries.then((loaded) => decodeValue(loaded.get(key)))
      return Promise.resolve(decodeValue(entries.get(key)))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  async all(): Promise<Record<string, unknown>> {
    const entries = await this.#reader.load()
    return Object.fromEntries(Array.from(entries, ([key, text]) => [key, decodeValue(text)]))
  }

  async set(keyOrValues: unknown, value?: unknown): Promise<void> {
    const set = encodeEntries(keyOrValues, value)
    if (set.size > 0) await this.#write.write({ set, delete: [], expect: undefined })
  }

  async delete(...keys: string[]): Promise<void> {
    for (const key of keys) checkKey(key)
    // What only this request knows holds nothing.
    if (keys.length === 0 || (this.#state.life === 'active' && !this.#state.isKnown)) return
    await this.#write.write({ set: NO_ENTRIES, delete: keys, expect: undefined })
  }

  async update(key: string, change: (value: unknown) => unknown): Promise<unknown> {
    checkKey(key)
    if (typeof change !== 'function') {
      const example = `session.update('${printed(key)}', (n) => (n ?? 0) + 1)`
      throw new LimpetError('ERR_LIMPET_UPDATE', `update takes a function of the old value, like ${example}`)
    }
    const { services, id } = this.#state
    const once = { read: () => this.#reader.load(), write: this.#write, encode: encodeValue, services }
    return services.updates.run(`${id} ${key}`, () => updateValue(key, change, once))
  }

  destroy(): Promise<void> {
    return this.#write.destroy()
  }

  /** `Sticky.regenerate`; the values are those of `set`. */
  async regenerate(values?: unknown): Promise<void> {
    await this.#write.regenerate(values === undefined ? NO_ENTRIES : encodeEntries(values, undefined))
  }
}
