import { createRequire } from 'node:module'
import type { getRequestListener as GetRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { sticky } from '../../src/hono.ts'
import { memoryStore, type StickyOptions } from '../../src/index.ts'
import { cookieOf, send } from '../forward/support/client.ts'
import { serve } from '../http/support/server.ts'
import { twoBackends } from './support/backends.ts'

// In a file of its own: each version puts a class of its own in the place of Response.
const { getRequestListener }: { getRequestListener: typeof GetRequestListener } = createRequire(import.meta.url)(
  'hono-node-server1',
)

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

async function make(options: StickyOptions, name = 'alone') {
  const handle = sticky(options)
  const app = new Hono()
  app.use(handle)
  app.onError((error, c) => c.text(error.message, 500))
  app.get('/', (c) => c.text(`${name} ${c.get('sticky').state}`))
  app.get('/throw', () => {
    throw new Error('the shop is on fire')
  })
  app.get('/redirect', (c) => c.redirect('/'))
  return { handle, listener: getRequestListener(app.fetch) }
}

describe('Hono on @hono/node-server 1', () => {
  it('every answer carries one cookie', async () => {
    const { handle, listener } = await make({
      secret: 'a secret of the tests, 32 bytes or more',
      store: memoryStore(),
    })
    const running = await serve(listener)
    ends.push(running.close, handle.close)
    for (const [path, status] of [
      ['/', 200],
      ['/throw', 500],
      ['/redirect', 302],
      ['/nowhere', 404],
    ] as const) {
      expect(await send(running.port, path), path).toMatchObject({ status, cookies: [expect.any(String)] })
    }
    // With this version and Hono 4.13 HEAD is answered with 500, also without limpet.
    expect(await send(running.port, '/', { method: 'HEAD' })).toMatchObject({ cookies: [expect.any(String)] })
  })

  it('a request of another backend is answered by its owner, and Hono does not answer once more (law 8)', async () => {
    const { one, other, stop } = await twoBackends(make)
    ends.push(stop)
    const printed = vi.spyOn(console, 'error')
    const headers = { cookie: cookieOf(await send(one.port, '/')) }
    for (const method of ['HEAD', 'GET']) {
      const answer = await send(other.port, '/', { method, headers })
      expect(answer).toMatchObject({ text: method === 'GET' ? 'one resumed' : '', cookies: [expect.any(String)] })
    }
    expect(printed).not.toHaveBeenCalled()
  })
})
