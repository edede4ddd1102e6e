import { randomUUID } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { inject } from 'vitest'
import type { NodeHandle } from '../../../src/adapters/node/handle.ts'
import type { LimpetEvent, StickyOptions } from '../../../src/index.ts'
import { redisStoreFromUrl } from '../../../src/redis/from-url.ts'
import { type Running, serve } from '../../http/support/server.ts'
import { until } from '../../support/until.ts'

export interface Made {
  readonly handle: NodeHandle
  readonly listener: RequestListener
}

export interface Backend extends Made {
  readonly id: string
  readonly port: number
  readonly events: readonly LimpetEvent[]
}

/** Two backends of one application that know each other, and pass requests on to the owner. `make` gets its name. */
export async function twoBackends(make: (options: StickyOptions, name: string) => Promise<Made>) {
  const ends: (() => Promise<unknown>)[] = []
  const store = () => redisStoreFromUrl(inject('redisUrl'))
  // Test files that run at the same time share the Redis.
  const team = randomUUID().slice(0, 8)
  const start = async (name: string): Promise<Backend> => {
    const id = `${name}-${team}`
    let listener: RequestListener = () => undefined
    const running: Running = await serve((req, res) => listener(req, res))
    const events: LimpetEvent[] = []
    const made = await make(
      {
        secret: 'a secret of the tests, 32 bytes or more',
        store: store(),
        backend: { id, url: `http://127.0.0.1:${running.port}` },
        misdirected: 'forward',
        onEvent: (event) => events.push(event),
      },
      name,
    )
    listener = made.listener
    ends.push(running.close, made.handle.close)
    return { ...made, id, port: running.port, events }
  }
  const both = [await start('one'), await start('other')] as const
  const [one, other] = both
  const knows = (a: Backend, b: Backend) => a.events.some((event) => event.type === 'backend' && event.id === b.id)
  await until(() => knows(one, other) && knows(other, one), 'the backends know each other')
  const stop = async () => {
    for (const end of ends) await end()
  }
  return { one, other, stop }
}
