import { readDuration, SESSION_BOUNDS } from '../config/duration.ts'
import { hintAttributes } from '../config/hint.ts'
import type { Config } from '../config/options.ts'
import { createCookieWriter } from '../core/cookie.ts'
import { createKeyring } from '../core/keyring.ts'
import type { IdSource } from '../core/session-id.ts'
import type { Clock } from '../ports/clock.ts'
import type { Events } from '../ports/events.ts'
import type { Watcher } from '../ports/invalidation.ts'
import type { Store } from '../ports/store.ts'
import { Background } from './process/background.ts'
import { ChangeLog } from './process/change-log.ts'
import { EndsToTell } from './process/ends-to-tell.ts'
import { GuardedStore } from './process/guarded-store.ts'
import { Hints } from './process/hints.ts'
import { LabelIndex } from './process/labels.ts'
import type { OpenRequests } from './process/open-requests.ts'
import { Queue } from './process/queue.ts'
import { RefreshAhead } from './process/refresh-ahead.ts'
import { CACHE_LIMITS, SessionCache } from './process/session-cache.ts'
import { createStoreClock, type StoreClock } from './process/store-clock.ts'
import { TokenCache } from './process/token-cache.ts'
import { TouchSchedule } from './process/touch-schedule.ts'
import { Warnings } from './process/warnings.ts'

/** How many sessions' changes are remembered; enough for those that change while the longest request runs. */
const CHANGES_REMEMBERED = 50_000

/** What the composition root hands over. */
export interface Parts {
  readonly store: Store
  /** Id of this backend, and the name of this life of its process. */
  readonly backend: string
  readonly boot: string
  readonly secrets: readonly string[]
  readonly ids: IdSource
  /** This backend's own clock. */
  readonly clock: Clock
  /** Milliseconds of a clock that nobody sets: for how long something takes. */
  readonly steady: Clock
  readonly events: Events
  /** What is open here; undefined: nobody counts, since nothing is ever handed over. */
  readonly open?: OpenRequests | undefined
}

/** What outlives a request. */
export interface Services {
  readonly config: Config
  readonly backend: string
  readonly boot: string
  readonly ids: IdSource
  /** Judges times: the store's clock where there is one. */
  readonly clock: StoreClock
  /** Measures how long something takes, and how old something is. Milliseconds. */
  readonly steady: Clock
  readonly events: Events
  readonly warnings: Warnings
  readonly tokens: TokenCache
  readonly store: GuardedStore
  readonly cache: SessionCache
  readonly log: ChangeLog
  readonly touches: TouchSchedule
  readonly refresh: RefreshAhead
  readonly ends: EndsToTell
  readonly labels: LabelIndex
  /** Milliseconds, of what `idleTimeout` takes. Throws `ERR_LIMPET_OPTIONS`. */
  readonly readLifetime: (value: unknown) => number
  readonly updates: Queue
  readonly background: Background
  readonly open: OpenRequests | undefined
  /** What tells the load balancer of owners; undefined: nothing does. */
  readonly hints: Hints | undefined
}

export function createServices(config: Config, parts: Parts): Services {
  const { backend, boot, ids, events, steady } = parts
  const emit = events.emit
  const warnings = new Warnings(emit)
  const clock = createStoreClock(parts.store, parts.clock, warnings)
  const { now } = clock
  const store = new GuardedStore(parts.store, config.storeTimeout, emit)
  const cache = new SessionCache(CACHE_LIMITS)
  const log = new ChangeLog(CHANGES_REMEMBERED)
  const background = new Background()
  return {
    config,
    backend,
    boot,
    ids,
    clock,
    steady,
    events,
    warnings,
    tokens: new TokenCache(
      createKeyring(parts.secrets, config.namespace),
      createCookieWriter(config.cookie),
      config.limits,
    ),
    store,
    cache,
    log,
    touches: new TouchSchedule(config.limits, now, CHANGES_REMEMBERED),
    refresh: new RefreshAhead({ store, cache, log, background, steady }),
    ends: new EndsToTell(store, background, steady),
    labels: new LabelIndex(store, background, steady, CHANGES_REMEMBERED),
    readLifetime: (value) => readDuration(value, 'the lifetime of a session', SESSION_BOUNDS),
    updates: new Queue(),
    background,
    open: parts.open,
    hints: config.hint && new Hints(config.hint, createCookieWriter(hintAttributes(config.cookie, config.hint)), boot),
  }
}

/** Begins to hear what other backends change. Returns what ends that, and all that goes on off the requests' path. */
export function watch(services: Services): () => Promise<void> {
  const { background, cache, ends, store } = services
  let stop = store.store.watch?.(watcherFor(services))
  return async () => {
    stop?.()
    stop = undefined
    cache.closeChannels()
    ends.close()
    await background.settled()
  }
}

/** What the store reports while it is watched: changes drop copies, and ends are remembered. */
function watcherFor({ cache, ends, events, log, steady, warnings }: Services): Watcher {
  return {
    channel() {
      const trust = cache.openChannel()
      const set = (isUp: boolean) => {
        const wasLive = cache.live
        trust(isUp)
        if (cache.live !== wasLive) events.emit({ type: 'invalidation', state: isUp ? 'up' : 'down' })
        if (cache.live && !wasLive) ends.reconnected()
      }
      return {
        changed(id) {
          log.mark(id)
          cache.drop(id)
        },
        ended(id, end) {
          log.markEnded(id, end, steady())
          cache.drop(id)
        },
        down: () => set(false),
        up: () => set(true),
      }
    },
    warn: (code, message) => warnings.once(code, message),
  }
}
