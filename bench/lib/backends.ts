import { Redis } from 'ioredis'
import type { Channel, Store } from '../../src/ports/store.ts'
import { redisStore } from '../../src/redis.ts'

/** A backend as Redis sees it: a store with its two connections, on which it hears of changes. */
export interface Backend {
  readonly store: Store
  /** So many changes it has been told of. */
  readonly told: () => number
  readonly isTrusted: () => boolean
  close(): Promise<void>
}

/** `count` backends that listen; resolves when each of them hears of every change. */
export async function openBackends(url: string, count: number): Promise<Backend[]> {
  const backends: Backend[] = []
  // Not all at once: a server takes so many connections at a time, and no more.
  while (backends.length < count) {
    const some = Array.from({ length: Math.min(50, count - backends.length) }, () => open(url))
    backends.push(...some)
    while (!some.every((one) => one.isTrusted())) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return backends
}

function open(url: string): Backend {
  const store = redisStore(new Redis(url, { lazyConnect: true }))
  const up = new Set<Channel>()
  let channels = 0
  let told = 0
  const channel = () => {
    channels++
    const one: Channel = {
      changed: () => void told++,
      ended: () => void told++,
      up: () => void up.add(one),
      down: () => void up.delete(one),
    }
    return one
  }
  const warn = (_code: string, message: string) => {
    throw new Error(message)
  }
  const stop = store.watch?.({ channel, warn })
  return {
    store,
    told: () => told,
    isTrusted: () => channels > 0 && up.size === channels,
    close: async () => {
      stop?.()
      await store.close?.()
    },
  }
}
