import { createServer, type RequestListener } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { freePort } from '../support/redis-server.ts'
import { Balancer } from './driver/balancer.ts'
import { Random } from './driver/random.ts'

const cleanUp: (() => unknown)[] = []

afterEach(async () => {
  for (const end of cleanUp.splice(0)) await end()
})

async function backend(listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUp.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return Object(server.address()).port
}

function balancer(...ports: number[]): Balancer {
  const made = new Balancer(ports, new Random(1))
  cleanUp.push(() => made.stop())
  return made
}

test('tells of the cookies before the body has arrived, and whichever backend answered', async () => {
  const port = await backend((req, res) => {
    res.writeHead(200, { 'set-cookie': ['a=1', 'b=2'] })
    res.write('you sent ')
    setImmediate(() => res.end(req.headers.cookie))
  })
  const heard: (readonly string[])[] = []
  const sent = await balancer(port).send('/', 'c=3', (cookies) => heard.push(cookies))
  expect(heard).toEqual([['a=1', 'b=2']])
  expect(sent).toEqual({ kind: 'answered', reply: { status: 200, body: 'you sent c=3', backend: 0 } })
})

test('goes to another backend when one refuses the connection', async () => {
  const port = await backend((_req, res) => res.end('here'))
  const behind = balancer(await freePort(), port, await freePort())
  for (let left = 10; left > 0; left--) {
    const sent = await behind.send('/', '', () => undefined)
    expect(sent).toMatchObject({ kind: 'answered', reply: { body: 'here', backend: 1 } })
  }
})

test('sends nothing twice: a connection that breaks is the end of the request', async () => {
  let requests = 0
  const breaks: RequestListener = (req) => {
    requests++
    req.socket.destroy()
  }
  const sent = await balancer(await backend(breaks), await backend(breaks)).send('/', '', () => undefined)
  expect(sent.kind).toBe('broken')
  expect(requests).toBe(1)
})

test('knows when nobody was there', async () => {
  const sent = await balancer(await freePort(), await freePort()).send('/', '', () => undefined)
  expect(sent).toEqual({ kind: 'refused' })
})

test('a response that is held back arrives late, cookies and all; another overtakes it', async () => {
  const port = await backend((req, res) => res.setHeader('set-cookie', `from=${req.url}`).end())
  const behind = balancer(port)
  const order: string[] = []
  const hear = (cookies: readonly string[]) => void order.push(...cookies)
  await Promise.all([behind.send('/slow', '', hear, { hold: 60 }), behind.send('/quick', '', hear)])
  expect(order).toEqual(['from=/quick', 'from=/slow'])
})

test('a client that hangs up hears no cookie, and the backend does what it was asked', async () => {
  let done: (url: string | undefined) => void = () => undefined
  const carriedOut = new Promise<string | undefined>((resolve) => {
    done = resolve
  })
  const port = await backend((req, res) => {
    req.socket.once('close', () => {
      res.setHeader('set-cookie', 'a=1').end()
      done(req.url)
    })
  })
  const heard: (readonly string[])[] = []
  const sent = await balancer(port).send('/', '', (cookies) => heard.push(cookies), { hangUp: 20 })
  expect(sent).toEqual({ kind: 'broken', backend: 0, why: 'hung up' })
  expect(await carriedOut).toBe('/')
  expect(heard).toEqual([])
})
