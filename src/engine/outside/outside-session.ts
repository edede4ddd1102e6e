import { isStoreError, LimpetError } from '../../core/errors.ts'
import { checkKey, decodeValue, encodeEntries, encodeValue } from '../../core/json.ts'
import { printed } from '../../core/printed.ts'
import type { Entries } from '../../ports/store.ts'
import { NO_ENTRIES } from '../process/session-cache.ts'
import { endSession } from '../request/ending.ts'
import { letDetach, refuseToSet } from '../request/facade.ts'
import { refuseTooLarge, tooLarge } from '../request/refusals.ts'
import { takeValue, type UpdateParts, updateValue } from '../request/update.ts'
import type { Edit, Obstacle } from '../request/writer.ts'
import type { Services } from '../services.ts'
import { isOutage, OutsideState } from './outside-state.ts'

/** What a logout from outside adds to the failure of the store. */
const NOT_TOLD = 'this backend serves nothing of the session any more, and it tells the store when that answers again'

/**
 * A session without its request: `Session` without the application's types. It has no token, and so nothing that a
 * client has seen: each read asks the store, and nothing is ever said to be behind.
 */
export class OutsideSession {
  readonly #state: OutsideState
  #stale = false

  static {
    letDetach(OutsideSession.prototype, [
      ...['get', 'has', 'all', 'set', 'delete', 'update', 'take', 'clear', 'touch', 'destroy'],
    ])
    refuseToSet(OutsideSession.prototype)
  }

  constructor(services: Services, id: string) {
    this.#state = new OutsideState(services, id)
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
    return false
  }

  get stale(): boolean {
    return this.#stale
  }

  async get(key: string): Promise<unknown> {
    checkKey(key)
    return decodeValue((await this.#read()).get(key))
  }

  async has(key: string): Promise<boolean> {
    checkKey(key)
    return (await this.#read()).has(key)
  }

  async all(): Promise<Record<string, unknown>> {
    return Object.fromEntries(Array.from(await this.#read(), ([key, text]) => [key, decodeValue(text)]))
  }

  async set(keyOrValues: unknown, value?: unknown): Promise<void> {
    const set = encodeEntries(keyOrValues, value)
    if (set.size > 0) await this.#write({ set, delete: [], expect: undefined })
  }

  async delete(...keys: string[]): Promise<void> {
    for (const key of keys) checkKey(key)
    if (keys.length > 0) await this.#write({ set: NO_ENTRIES, delete: keys, expect: undefined })
  }

  async update(key: string, change: (value: unknown) => unknown): Promise<unknown> {
    checkKey(key)
    if (typeof change !== 'function') {
      const example = `session.update('${printed(key)}', (n) => (n ?? 0) + 1)`
      throw new LimpetError('ERR_LIMPET_UPDATE', `update takes a function of the old value, like ${example}`)
    }
    return this.#inTurn(key, () => updateValue(key, change, this.#parts))
  }

  async take(key: string): Promise<unknown> {
    checkKey(key)
    return this.#inTurn(key, () => takeValue(key, this.#parts))
  }

  async clear(): Promise<void> {
    await this.#write({ set: NO_ENTRIES, delete: [], expect: undefined, clear: true })
  }

  async touch(): Promise<void> {
    await this.#read(true)
  }

  async destroy(): Promise<void> {
    const state = this.#state
    await endSession(state.services, state.id, state.endHow(), NOT_TOLD)
  }

  #inTurn(key: string, work: () => Promise<unknown>): Promise<unknown> {
    const { services, id } = this.#state
    return services.updates.run(`${id} ${key}`, work)
  }

  get #parts(): UpdateParts {
    const { services } = this.#state
    return { read: () => this.#read(), write: (edit) => this.#write(edit), encode: encodeValue, services }
  }

  async #read(touching = this.#state.touchDue): Promise<Entries> {
    const state = this.#state
    state.use()
    const { id, services } = state
    const { store } = services
    const { ttl } = state.stay
    const how = { seen: 0, touch: touching ? ttl : undefined, ttl, within: store.timeout }
    let result: Awaited<ReturnType<typeof store.store.read>>
    try {
      result = await store.call('read', (port) => port.read(id, how))
    } catch (error) {
      return this.#lastKnown(error)
    }
    this.#stale = false
    if (result.kind === 'tombstone') throw state.ended(result)
    if (result.kind === 'absent') throw state.absent()
    state.found(result, touching && result.touched !== false)
    return result.entries
  }

  /** What answers while the store does not; the failure itself where nothing can. */
  #lastKnown(error: unknown): Entries {
    const { id, services } = this.#state
    const copy = services.log.endOf(id) ? undefined : services.cache.lastKnown(id, 0)
    if (!copy || copy.version === 0 || !isOutage(error)) throw error
    this.#stale = true
    return copy.entries
  }

  async #write(edit: Edit): Promise<Obstacle | undefined> {
    const state = this.#state
    const { id, services } = state
    const { maxSessionBytes: maxBytes } = services.config
    refuseTooLarge(edit.set, maxBytes)
    state.use()
    // For how long it is to be stored only the store knows.
    if (!state.isKnown) await this.#read(false)
    const { store } = services
    const change = { ...edit, seen: 0, ttl: state.stay.ttl, within: store.timeout, maxBytes, ifStored: true }
    const result = await store
      .call('write', (port) => port.write(id, change))
      .catch((error) => {
        if (isStoreError(error) && error.applied === 'unknown') state.changed()
        throw error
      })
    switch (result.kind) {
      case 'written':
        state.changed()
        state.found(result, true)
        return undefined
      case 'conflict':
      case 'claimed':
        return result
      case 'too-large':
        throw tooLarge(result.bytes, maxBytes)
      case 'absent':
        throw state.absent()
      case 'tombstone':
        throw state.ended(result)
    }
  }
}
