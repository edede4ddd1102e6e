import { randomBytes } from 'node:crypto'
import { type Environment, readOptions } from './config/options.ts'
import type { StickyOptions } from './config/sticky-options.ts'
import { createIdSource } from './core/session-id.ts'
import { handleRequest } from './engine/handle-request.ts'
import { createOutside } from './engine/outside/outside.ts'
import { createServices, watch } from './engine/services.ts'
import { createEvents } from './events.ts'
import { memoryStore } from './memory/memory-store.ts'
import type { Exchange, Handle } from './ports/exchange.ts'
import type { Store } from './ports/store.ts'
import { redisStoreFromUrl } from './redis/from-url.ts'
import { createSkip } from './skip.ts'

/** Options and environment become what an adapter needs, and the handle. The only place that knows both stores. */
export function createSticky(
  options: StickyOptions,
  env: Environment = process.env,
): { exchange: Exchange; handle: Handle } {
  const { config, secrets, redisUrl } = readOptions(options, env)
  const { store, owned } = chooseStore(options.store, redisUrl)
  const services = createServices(config, {
    store,
    backend: config.backendId ?? randomBytes(8).toString('base64url'),
    boot: randomBytes(6).toString('base64url'),
    secrets: secrets.length > 0 ? secrets : [randomBytes(32).toString('base64url')],
    ids: createIdSource(),
    clock: Date.now,
    steady: () => performance.now(),
    events: createEvents(options.onEvent),
  })
  const { warnings } = services
  if (secrets.length === 0) {
    warnings.once(
      'random-secret',
      'no secret is set, so this process made one up: sessions end when it does, and no other process knows them. Set LIMPET_SECRET',
    )
  }
  if (options.store === undefined && redisUrl === undefined && config.production) {
    warnings.once(
      'memory-store',
      'session data is kept in the memory of this process, and other backends do not share it: set REDIS_URL, or pass ' +
        'sticky({ store: memoryStore() }) if one backend is all there is',
    )
  }
  const stop = watch(services)
  const exchange: Exchange = {
    cookie: config.cookie,
    cacheable: config.cacheable,
    clock: Date.now,
    skips: createSkip(options.skip, (message) => warnings.once('skip-failed', message)),
    arrive: (arrival) => handleRequest(services, arrival),
    warn: (code, message) => warnings.once(code, message),
  }
  const close = async () => {
    await stop()
    if (owned) await store.close?.()
  }
  return { exchange, handle: { ...createOutside(services), close } }
}

function chooseStore(store: Store | undefined, redisUrl: string | undefined): { store: Store; owned: boolean } {
  if (store) return { store, owned: false }
  return { store: redisUrl === undefined ? memoryStore() : redisStoreFromUrl(redisUrl), owned: true }
}
