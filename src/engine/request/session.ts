import { LimpetError } from '../../core/errors.ts'
import { checkKey, decodeValue, encodeEntries, encodeValue } from '../../core/json.ts'
import { checkLabel } from '../../core/label.ts'
import { printed } from '../../core/printed.ts'
import type { Session } from '../../ports/sticky.ts'
import type { TextEdit, Texts } from '../../ports/texts.ts'
import { NO_ENTRIES } from '../process/session-cache.ts'
import { letDetach, refuseToSet } from './facade.ts'
import { Reader } from './reader.ts'
import { destroyed } from './refusals.ts'
import type { RequestState } from './state.ts'
import { writeTexts } from './texts.ts'
import { touch } from './touch.ts'
import { takeValue, type UpdateParts, updateValue } from './update.ts'
import { Writer } from './writer.ts'

/** The session's data, as one request reads and writes it: `Session` without the application's types. */
export class RequestData {
  readonly #state: RequestState
  readonly #reader: Reader
  #writer: Writer | undefined

  static {
    letDetach(RequestData.prototype, [
      ...['get', 'has', 'all', 'set', 'delete', 'update', 'take', 'clear', 'touch', 'destroy'],
      ...['regenerate', 'lifetime', 'label'],
    ])
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

  /** For who keeps a picture of the data. Not a property: what the application gets has no way to it. */
  static texts(data: RequestData): Texts {
    const state = data.#state
    let by: string | undefined
    return {
      read: () => data.#reader.load(),
      async reread() {
        data.#reader.forget(state.id)
        const entries = await data.#reader.load()
        const isLost = data.#reader.behind && entries.size === 0
        return state.life === 'active' && state.isKnown && !isLost ? entries : undefined
      },
      async adopt(id: string) {
        state.takesOver(id)
        const entries = await data.#reader.load()
        if (state.id !== id || state.life !== 'active') return 'over'
        return state.token.version > 0 ? entries : 'absent'
      },
      async write(edit: TextEdit) {
        const isNothing = edit.set.size === 0 && !edit.lifetime
        if (isNothing && data.#isNobodys) return undefined
        by ??= state.services.ids.next()
        return writeTexts(edit, by, state.services, (whole) => data.#write.write(whole))
      },
    }
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

  async has(key: string): Promise<boolean> {
    checkKey(key)
    return (await this.#reader.load()).has(key)
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
    if (keys.length === 0 || this.#isNobodys) return
    await this.#write.write({ set: NO_ENTRIES, delete: keys, expect: undefined })
  }

  async update(key: string, change: (value: unknown) => unknown): Promise<unknown> {
    checkKey(key)
    if (typeof change !== 'function') {
      const example = `session.update('${printed(key)}', (n) => (n ?? 0) + 1)`
      throw new LimpetError('ERR_LIMPET_UPDATE', `update takes a function of the old value, like ${example}`)
    }
    const { services, id } = this.#state
    return services.updates.run(`${id} ${key}`, () => updateValue(key, change, this.#parts))
  }

  async take(key: string): Promise<unknown> {
    checkKey(key)
    const { services, id } = this.#state
    return services.updates.run(`${id} ${key}`, () => takeValue(key, this.#parts))
  }

  get #parts(): UpdateParts {
    return {
      read: () => this.#reader.load(),
      write: (edit) => this.#write.write(edit),
      encode: encodeValue,
      services: this.#state.services,
    }
  }

  async clear(): Promise<void> {
    if (this.#isNobodys) return
    await this.#write.write({ set: NO_ENTRIES, delete: [], expect: undefined, clear: true })
  }

  async touch(): Promise<void> {
    const state = this.#state
    state.useForWriting()
    // What has stored nothing lives as long as its cookie, which every response brings.
    if (this.#isNobodys || state.token.pendingFrom !== undefined) return void (await this.#reader.load())
    const { id } = state
    const result = await touch(state.services, id, state.stay)
    if (result.kind === 'tombstone' && state.meets(id, result) === 'over') throw destroyed()
    if (result.kind === 'touched' && id === state.id) state.touched(true)
  }

  /** Nobody but this request knows the session, so it holds nothing. */
  get #isNobodys(): boolean {
    return this.#state.life === 'active' && !this.#state.isKnown
  }

  destroy(): Promise<void> {
    return this.#write.destroy()
  }

  /** `Sticky.lifetime`. */
  async lifetime(duration: unknown): Promise<void> {
    const lifetime = duration === null ? 0 : this.#state.services.readLifetime(duration)
    if (lifetime === 0 && this.#isNobodys) return
    await this.#write.write({ set: NO_ENTRIES, delete: [], expect: undefined, lifetime })
  }

  /** `Sticky.label`. */
  async label(label: unknown): Promise<void> {
    this.#state.services.labels.check()
    if (label !== null) {
      checkLabel(label, 'sticky.label')
      await this.#write.label(label)
    } else if (!this.#isNobodys) {
      await this.#write.write({ set: NO_ENTRIES, delete: [], expect: undefined, label })
    }
  }

  /** `Sticky.regenerate`; the values are those of `set`. */
  async regenerate(values?: unknown): Promise<void> {
    await this.#write.regenerate(values === undefined ? NO_ENTRIES : encodeEntries(values, undefined))
  }
}
