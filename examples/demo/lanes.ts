import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { memoryStore } from 'limpet'
import { inMemory, withSticky } from './keepers.ts'
import { type Keeper, shop } from './shop.ts'

/** The names that the backends of a lane give themselves, in the order in which the balancer serves them. */
export const names = ['b1', 'b2', 'b3'] as const

/** The backends of both lanes, as URLs for a balancer. */
export interface Lanes {
  readonly alone: readonly string[]
  readonly sticky: readonly string[]
  close(): Promise<void>
}

/** Both lanes in this process. The three sticky backends share one store, as they would share a Redis. */
export async function lanesInProcess(): Promise<Lanes> {
  // One secret for the three backends of a lane: a session must not get lost for want of it.
  const secret = randomBytes(32).toString('base64url')
  const store = memoryStore()
  const alone = await Promise.all(names.map((name) => serve(name, inMemory(secret))))
  const sticky = await Promise.all(names.map((id) => serve(id, withSticky({ secret, store, backend: { id } }))))
  return {
    alone: alone.map(({ url }) => url),
    sticky: sticky.map(({ url }) => url),
    async close() {
      await Promise.all([...alone, ...sticky].map((backend) => backend.close()))
      await store.close?.()
    },
  }
}

/** One backend, on a free port of the loopback. */
export async function serve(name: string, keeper: Keeper): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(shop(name, keeper)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('the backend has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
      await keeper.close?.()
    },
  }
}
