import type { Copy } from './copies.ts'
import { COPY_LIMITS } from './copies.ts'
import type { Engine } from './engine.ts'

/** Milliseconds after which a copy that is still in use is read again. */
const REFRESH_AFTER = COPY_LIMITS.maxAge * 0.8

/** Copies that are used all the time are read again before they are too old, so that no request waits for it. */
export class Refresher {
  readonly #engine: Engine
  readonly #underWay = new Set<string>()

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** This copy has just answered. */
  used(id: string, copy: Copy, now: number): void {
    if (now - copy.at < REFRESH_AFTER || this.#underWay.has(id)) return
    this.#underWay.add(id)
    this.#engine.inBackground(this.#refresh(id, copy).finally(() => this.#underWay.delete(id)))
  }

  async #refresh(id: string, { version }: Copy): Promise<void> {
    const { changes, clock, copies, store } = this.#engine
    const when = { order: changes.order, generation: copies.generation, at: clock() }
    // As somebody who has seen nothing: whoever has seen what is lost hears of it when they ask themselves.
    const how = { seen: 0, renew: undefined, ttl: 1000, within: store.timeout }
    const result = await store.call('read', (port) => port.read(id, how))
    if (changes.changedAfter(id, when.order) || copies.generation !== when.generation) return
    if (result.kind === 'retired') this.#engine.learnRetired(id, result)
    if (result.kind === 'found' && result.version >= version) copies.keep(id, result, when)
    else copies.drop(id)
  }
}
