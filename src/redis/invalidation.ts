import type { Watcher } from '../ports/store.ts'
import type { RedisConnection, Subject } from './connection.ts'

export interface Telling extends Subject {
  /** How the scripts of this store begin what they publish; all are of this length. */
  readonly writer: string
  /** Are our own changes known already to whoever watches? */
  readonly isOwnKnown: () => boolean
  readonly idOf: (key: string) => string | undefined
}

/** Milliseconds until the second connection is tried again: at first, and at most. */
const AGAIN = { first: 100, most: 2000 }

const MOST_EXPLAINED = 10_000

/**
 * Says what other backends change. A second connection hears it twice. Our scripts publish each change and who made it: Redis's own
 * tracking does not say that (its NOLOOP does not know a script's caller), and a change of our own must not look like somebody else's.
 * And Redis tells of every key under our prefix that anybody changes, that expires or is evicted (CLIENT TRACKING in broadcast mode): that
 * comes after what was published of the same change, on the same connection. What no script has explained was done by something else.
 */
export function watchInvalidations(connection: RedisConnection, telling: Telling, watcher: Watcher): () => void {
  const { writer, idOf } = telling
  const explained = new Set<string>()
  let close: (() => void) | undefined
  let timer: NodeJS.Timeout | undefined
  let failures = 0
  let trusted = false
  let tracks = false

  const trust = (now: boolean) => {
    if (now === trusted) return
    trusted = now
    if (now) watcher.up()
    else watcher.down()
  }
  const shut = () => {
    clearTimeout(timer)
    trust(false)
    explained.clear()
    const stop = close
    close = undefined
    stop?.()
  }
  const later = () => {
    shut()
    const delay = Math.min(AGAIN.first * 2 ** failures++, AGAIN.most)
    timer = setTimeout(open, delay).unref()
  }
  const open = () => {
    shut()
    if (!connection.isReady()) return
    // What a closed connection still says means nothing.
    let over = false
    const ifOpen =
      <T extends unknown[]>(hear: (...args: T) => void) =>
      (...args: T) => {
        if (!over) hear(...args)
      }
    const stop = connection.listen(telling, {
      ready: ifOpen((tracking) => {
        failures = 0
        tracks = tracking
        trust(true)
      }),
      lost: ifOpen(later),
      refused: ifOpen((why) => {
        shut()
        watcher.warn('no-invalidation', explain(why))
      }),
      message: ifOpen(published),
      changed: ifOpen(changed),
    })
    close = () => {
      over = true
      stop()
    }
  }
  const remember = (id: string) => {
    // Each is forgotten within moments; should Redis ever not follow up, this may not grow.
    if (explained.size >= MOST_EXPLAINED) explained.clear()
    explained.add(id)
  }
  const published = (text: string) => {
    // Before everything is heard, half of it would be misunderstood; and nothing is trusted then.
    if (!trusted) return
    const id = idOf(text.slice(text.indexOf(' ') + 1))
    if (id === undefined) return
    if (tracks) remember(id)
    const isOwn = text.startsWith(writer, 1) && telling.isOwnKnown()
    if (!isOwn) tell(text.charAt(0), id)
  }
  /** What the scripts publish begins with one of these. */
  const tell = (what: string, id: string) => {
    if (what === '=') watcher.renewed(id)
    else watcher.changed(id, what === '-' ? 'destroyed' : what === '>' ? 'moved' : undefined)
  }
  const changed = (keys: readonly string[] | null) => {
    if (!trusted) return
    if (keys === null) {
      // All of them. What is being read at this moment must not be kept either.
      watcher.down()
      watcher.up()
    }
    for (const key of keys ?? []) {
      const id = idOf(key)
      if (id !== undefined && !explained.delete(id)) watcher.changed(id)
    }
  }

  // A new data connection may be one to another server: the second one has to follow it.
  const stopObserving = connection.observe({
    ready: open,
    lost() {
      if (connection.isReady()) later()
      else shut()
    },
  })
  open()
  return () => {
    stopObserving()
    shut()
  }
}

function explain(why: string): string {
  return `Redis does not let this user hear of changes (${why}), so every read asks Redis: allow what docs/redis.md lists`
}
