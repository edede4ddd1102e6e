import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { decodeToken } from '../../src/core/token.ts'
import { type LimpetEvent, type Sticky, sticky } from '../../src/index.ts'
import { redisStore } from '../../src/redis.ts'
import { until } from '../support/until.ts'
import { SECRET } from './support/backend.ts'
import { handIn, LIBRARIES, type Library } from './support/clients.ts'
import { type Stage, stage } from './support/scene.ts'

type Handler = (sticky: Sticky, res: ServerResponse) => Promise<void>

/** One backend whose handlers have the response in their hands. */
async function start({ scene, redis }: Stage, library: Library, handlers: Record<string, Handler>): Promise<number> {
  const { client } = scene.add(await handIn(library, redis.url), (handedIn) => handedIn.end())
  const events: LimpetEvent[] = []
  const onEvent = (event: LimpetEvent) => void events.push(event)
  const limpet = scene.add(sticky({ secret: SECRET, store: redisStore(client), onEvent }), (one) => one.close())
  const server = createServer((req: IncomingMessage & { sticky?: Sticky }, res) =>
    limpet(req, res, () => void (req.sticky && handlers[req.url ?? '']?.(req.sticky, res))),
  )
  scene.add(server, (one) => one.close().closeAllConnections())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  await until(() => events.some((event) => event.type === 'invalidation'), 'changes are told')
  return (server.address() as AddressInfo).port
}

interface Answer {
  readonly cookie: string
  readonly body: string
}

/** `onHead` is called when the headers are there, however long the body takes. */
function get(port: number, path: string, cookie = '', onHead = () => undefined as unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port, path, headers: { cookie }, agent: false }, (res) => {
      onHead()
      let body = ''
      res.setEncoding('utf8').on('data', (chunk) => {
        body += chunk
      })
      const [ours = ''] = res.headers['set-cookie'] ?? []
      res.on('end', () => resolve({ cookie: ours.split(';')[0] ?? '', body })).on('error', reject)
    })
    req.on('error', reject).end()
  })
}

test.each(LIBRARIES)(
  '%s: what is written when the headers have left is saved, and backends hear of it, though the cookie cannot say so',
  async (library) => {
    const place = await stage(onTestFinished)
    let headersArrived: () => void = () => undefined
    const arrived = new Promise<void>((resolve) => {
      headersArrived = resolve
    })
    const handlers: Record<string, Handler> = {
      '/begin': async ({ session }, res) => {
        await session.set('cart', 'old')
        res.end()
      },
      '/read': async ({ session }, res) => void res.end(String(await session.get('cart'))),
      '/stream': async ({ session }, res) => {
        res.flushHeaders()
        await arrived
        await session.set('cart', 'new')
        res.end('saved')
      },
    }
    const [one, two] = await Promise.all([start(place, library, handlers), start(place, library, handlers)])
    const { cookie } = await get(one, '/begin')
    expect((await get(two, '/read', cookie)).body).toBe('old')

    const streamed = await get(one, '/stream', cookie, () => headersArrived())
    expect(streamed.body).toBe('saved')
    expect(decodeToken(streamed.cookie.slice('limpet='.length))?.token.version).toBe(1)
    expect((await get(one, '/read', streamed.cookie)).body, 'the backend that wrote knows').toBe('new')
    await until(async () => (await get(two, '/read', streamed.cookie)).body === 'new', 'the other one hears of it')
  },
)
