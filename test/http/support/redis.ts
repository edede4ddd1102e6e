import { Redis } from 'ioredis'
import type { LimpetEvent } from '../../../src/index.ts'
import { redisStore } from '../../../src/redis.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'

/** What a connection costs by itself, whoever is served: it is opened, watched, and the server's clock is asked now and then. */
const UPKEEP = /^(info|ping|time|hello|auth|select|subscribe|client\|.*|command\|.*)$/

export interface CountedRedis {
  readonly server: RedisServer
  readonly store: ReturnType<typeof redisStore>
  /** For `onEvent`: the events so far are in `events`. */
  readonly onEvent: (event: LimpetEvent) => void
  readonly events: readonly LimpetEvent[]
  /** Resolves when the store has done all that it does before the first request. */
  ready(): Promise<void>
  /** Calls of every command since the server started, but not those of counting itself. */
  counts(): Promise<Record<string, number>>
  stop(): Promise<void>
}

/** A Redis of one's own, a client as limpet asks for it, and a second one that counts. */
export async function countedRedis(): Promise<CountedRedis> {
  const server = await startRedis()
  const client = new Redis(server.url, { enableOfflineQueue: false, autoResendUnfulfilledCommands: false })
  const counter = new Redis(server.url)
  await counter.ping()
  const events: LimpetEvent[] = []
  let up: () => void = () => undefined
  const live = new Promise<void>((resolve) => {
    up = resolve
  })
  return {
    server,
    store: redisStore(client),
    events,
    onEvent(event) {
      events.push(event)
      if (event.type === 'invalidation' && event.state === 'up') up()
    },
    ready: () => live,
    async counts() {
      const stats = await counter.info('commandstats')
      const calls = stats.matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm)
      return Object.fromEntries(
        [...calls].map(([, name = '', count]) => [name, Number(count)] as const).filter(([name]) => !UPKEEP.test(name)),
      )
    },
    async stop() {
      client.disconnect()
      counter.disconnect()
      await server.stop()
    },
  }
}
