import { randomBytes } from 'node:crypto'
import { type Environment, readOptions } from './config/options.ts'
import type { StickyOptions } from './config/sticky-options.ts'
import { LimpetError } from './core/errors.ts'
import { createIdSource } from './core/session-id.ts'
import { handleRequest } from './engine/handle-request.ts'
import { createOutside } from './engine/outside/outside.ts'
import { OpenRequests } from './engine/process/open-requests.ts'
import { createServices, watch } from './engine/services.ts'
import { textsOf } from './engine/texts.ts'
import { createEvents } from './events.ts'
import { createHoming } from './homing.ts'
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
  const settings = readOptions(options, env)
  const { config, redisUrl } = settings
  const secrets = settings.secrets.length > 0 ? settings.secrets : [randomBytes(32).toString('base64url')]
  const { store, owned } = chooseStore(options.store, redisUrl)
  const open = config.routing && new OpenRequests()
  const services = createServices(config, {
    store,
    backend: config.backendId ?? randomBytes(8).toString('base64url'),
    boot: randomBytes(6).toString('base64url'),
    secrets,
    ids: createIdSource(),
    clock: Date.now,
    steady: () => performance.now(),
    events: createEvents(options.onEvent),
    open,
  })
  const { warnings } = services
  if (settings.secrets.length === 0) {
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
  const homing =
    config.routing &&
    open &&
    createHoming(services, {
      routing: config.routing,
      url: settings.backendUrl,
      secrets,
      registry: store.backends,
      open,
      hop: options.hop?.(),
    })
  const stop = watch(services)
  const exchange: Exchange = {
    cookie: config.cookie,
    hintCookie: config.hint?.cookie,
    cacheable: config.cacheable,
    clock: Date.now,
    skips: createSkip(options.skip, (message) => warnings.once('skip-failed', message)),
    arrive: (arrival) => handleRequest(services, arrival),
    dispatch: homing?.dispatch,
    reachable: homing?.reachable,
    warn: (code, message) => warnings.once(code, message),
    emit: services.events.emit,
    texts: textsOf,
  }
  let isClosed = false
  const close = async () => {
    isClosed = true
    await homing?.close()
    await stop()
    if (owned) await store.close?.()
  }
  const alone: Pick<Handle, 'ownedId' | 'isReady' | 'drain'> = {
    ownedId: noOwnedIds,
    isReady: () => !isClosed,
    drain: async () => undefined,
  }
  return { exchange, handle: { ...createOutside(services), ...(homing?.handle ?? alone), close } }
}

function noOwnedIds(): never {
  throw new LimpetError(
    'ERR_LIMPET_OPTIONS',
    "an owned id leads requests to the backend that minted it, and nothing is set up to lead them: pass sticky({ misdirected: 'forward', backend: { url }, carriers })",
  )
}

function chooseStore(store: Store | undefined, redisUrl: string | undefined): { store: Store; owned: boolean } {
  if (store) return { store, owned: false }
  return { store: redisUrl === undefined ? memoryStore() : redisStoreFromUrl(redisUrl), owned: true }
}
