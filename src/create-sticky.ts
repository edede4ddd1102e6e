import { randomBytes } from 'node:crypto'
import type { Handle } from './adapters/arrivals.ts'
import { type Environment, readOptions } from './config/options.ts'
import type { StickyOptions } from './config/sticky-options.ts'
import { createIdSource } from './core/ids.ts'
import { Engine } from './engine/engine.ts'
import { memoryStore } from './memory/memory-store.ts'
import type { LimpetEvent } from './ports/events.ts'
import type { Store } from './ports/store.ts'
import { redisStoreFromUrl } from './redis/from-url.ts'

/** Puts an engine together from options and environment. The only place that knows both stores. */
export function start(options: StickyOptions, env: Environment = process.env): { engine: Engine; handle: Handle } {
  const { config, secrets, redisUrl } = readOptions(options, env)
  const emit = options.onEvent ? harmless(options.onEvent) : toProcessWarnings()
  const { store, owned } = chooseStore(options.store, redisUrl)
  const engine = new Engine(config, {
    store,
    backend: config.backendId ?? randomBytes(8).toString('base64url'),
    secrets: secrets.length > 0 ? secrets : [randomBytes(32).toString('base64url')],
    ids: createIdSource(),
    clock: Date.now,
    emit,
  })
  if (secrets.length === 0) {
    engine.warn(
      'random-secret',
      'no secret is set, so this process made one up: sessions end when it does, and no other process knows them. Set LIMPET_SECRET',
    )
  }
  if (options.store === undefined && redisUrl === undefined && config.production) {
    engine.warn(
      'memory-store',
      'session data is kept in the memory of this process, and other backends do not share it: set REDIS_URL, or pass ' +
        'sticky({ store: memoryStore() }) if one backend is all there is',
    )
  }
  const close = async () => {
    await engine.close()
    if (owned) await store.close?.()
  }
  return { engine, handle: { close } }
}

function chooseStore(store: Store | undefined, redisUrl: string | undefined): { store: Store; owned: boolean } {
  if (store) return { store, owned: false }
  return { store: redisUrl === undefined ? memoryStore() : redisStoreFromUrl(redisUrl), owned: true }
}

/** A listener that throws must not break the response that it hears of. */
function harmless(listener: (event: LimpetEvent) => void): (event: LimpetEvent) => void {
  const complain = (error: unknown) => {
    const why = error instanceof Error ? error.message : String(error)
    processWarning('LISTENER', `the function given as onEvent threw: ${why}`)
  }
  return (event) => {
    try {
      // It may be an async function, whatever its type says.
      const returned: unknown = listener(event)
      if (returned instanceof Promise) returned.catch(complain)
    } catch (error) {
      complain(error)
    }
  }
}

/** Where nobody listens, what must not be hidden goes to Node's warnings: lost writes once, for after a failover there are many. */
function toProcessWarnings(): (event: LimpetEvent) => void {
  let saidBehind = false
  return (event) => {
    if (event.type === 'warning') processWarning(event.code.toUpperCase().replaceAll('-', '_'), event.message)
    if (event.type !== 'behind' || saidBehind) return
    saidBehind = true
    processWarning(
      'BEHIND',
      `the store has lost ${event.lost} acknowledged write(s) of a session (a failover, an empty restart, an eviction): ` +
        'session.behind is true there. Said once; pass onEvent to hear of each',
    )
  }
}

function processWarning(code: string, message: string): void {
  process.emitWarning(message, { type: 'LimpetWarning', code: `LIMPET_${code}` })
}
