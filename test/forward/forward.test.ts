import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import express from 'express'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { StickyOptions } from '../../src/index.ts'
import { until } from '../support/until.ts'
import { Backend } from './support/backend.ts'
import { cookieOf, send } from './support/client.ts'

const backends: Backend[] = []
let [a, b] = [] as unknown as [Backend, Backend]

/** Starts a backend with an application whose state stays in it, and waits until all know each other. */
async function start(id: string, options: StickyOptions = {}): Promise<Backend> {
  const backend = await Backend.start(id, inject('redisUrl'), { cookie: { name: 'limpet' }, ...options })
  const { app } = backend
  let count = 0
  app.get('/who', (_req, res) => void res.send(id))
  app.get('/count', (_req, res) => void res.send(`${id} ${++count}`))
  app.get(
    '/address',
    (req, res) => void res.send(`${req.ip} ${req.headers['limpet-hop']} ${req.rawHeaders.includes('limpet-hop')}`),
  )
  app.get('/missing', (_req, res) => void res.status(404).send('nothing'))
  app.post('/hash', (req, res) => {
    const hash = createHash('sha256')
    req.on('data', (chunk) => hash.update(chunk)).on('end', () => res.send(`${id} ${hash.digest('hex')}`))
  })
  app.post('/trailers', (req, res) => {
    res.writeHead(200, { Trailer: 'x-end' })
    req.on('end', () => {
      res.addTrailers({ 'x-end': String(req.trailers['x-sum']) })
      res.end('done')
    })
    req.resume()
  })
  app.get('/stream', (req, res) => {
    res.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders()
    backend.events.push({ type: 'warning', code: 'no-client', message: 'stream' })
    req.on('close', () => backend.events.push({ type: 'warning', code: 'no-client', message: 'closed' }))
  })
  app.get('/hints', (_req, res) => res.writeEarlyHints({ link: '</a.css>; rel=preload' }, () => res.send('hinted')))
  app.get('/large', async (_req, res) => {
    for (let n = 0; n < 200; n++) {
      if (res.write(Buffer.alloc(100_000))) continue
      // Held back for so long that nobody on the way can have room for it.
      const drained = once(res, 'drain').then(() => true)
      const full = new Promise((resolve) => setTimeout(resolve, 300, false))
      if (!(await Promise.race([drained, full])))
        backend.events.push({ type: 'warning', code: 'no-client', message: 'full' })
      await drained
    }
    res.end()
  })
  app.get('/store', async (req, res) => {
    await req.sticky.session.set('at', id)
    res.send(id)
  })
  app.get('/cookie', (_req, res) => void res.cookie('other', '1').send(id))
  const sockets = new WebSocketServer({ noServer: true })
  backend.server.on('upgrade', (req, socket, head) =>
    sockets.handleUpgrade(req, socket, head, (ws) => ws.on('message', (text) => ws.send(`${id} ${text}`))),
  )
  backends.push(backend)
  const isDated = async () => !/0{16}/.test(cookieOf(await send(backend.port, '/who')))
  if (options.misdirected === undefined) await until(isDated, 'its store has told the time')
  return backend
}

/** Until each has heard of each. */
async function acquainted(...all: Backend[]): Promise<void> {
  await until(
    () =>
      all.every((one) => all.every((other) => one === other || one.ofType('backend').some((e) => e.id === other.id))),
    'the backends know each other',
  )
}

beforeAll(async () => {
  a = await start('a')
  b = await start('b')
  await acquainted(a, b)
})

afterAll(async () => {
  for (const backend of backends) await backend.stop()
})

describe('a request that lands on another backend than its owner (law 8)', () => {
  it('is answered by the owner, with one cookie of ours, whatever backend it lands on', async () => {
    const first = await send(a.port, '/count')
    expect(first.text).toBe('a 1')
    const headers = { cookie: cookieOf(first) }
    const second = await send(b.port, '/count', { headers })
    expect(second.text).toBe('a 2')
    expect(second.cookies).toHaveLength(1)
    expect(cookieOf(second)).toBe(cookieOf(first))
    expect((await send(b.port, '/cookie', { headers })).headers['set-cookie']).toHaveLength(2)
    await until(() => b.ofType('forward').length === 2, 'the forwards were told')
    expect(b.ofType('forward')[0]).toMatchObject({ to: 'a', outcome: 'answered', status: 200 })
  })

  it('keeps the owner after a write, and statuses of errors', async () => {
    const headers = { cookie: cookieOf(await send(a.port, '/who')) }
    const written = await send(b.port, '/store', { headers })
    expect(written.text).toBe('a')
    expect((await send(b.port, '/who', { headers: { cookie: cookieOf(written) } })).text).toBe('a')
    expect(await send(b.port, '/missing', { headers })).toMatchObject({ status: 404, text: 'nothing' })
  })

  it('brings its body, sized or chunked, and trailers in both directions', async () => {
    const headers = { cookie: cookieOf(await send(a.port, '/who')) }
    const body = randomBytes(3_000_000)
    const hash = createHash('sha256').update(body).digest('hex')
    expect((await send(b.port, '/hash', { method: 'POST', headers, body })).text).toBe(`a ${hash}`)
    const chunked = { ...headers, 'transfer-encoding': 'chunked' }
    expect((await send(b.port, '/hash', { method: 'POST', headers: chunked, body })).text).toBe(`a ${hash}`)
    const trailers = await new Promise((resolve, reject) => {
      const req = request(
        { port: b.port, method: 'POST', path: '/trailers', headers: { ...chunked, Trailer: 'x-sum' } },
        (res) => res.resume().on('end', () => resolve(res.trailers)),
      )
      req.on('error', reject)
      req.write('body')
      req.addTrailers({ 'x-sum': '42' })
      req.end()
    })
    expect(trailers).toEqual({ 'x-end': '42' })
  })

  it('goes there with its body when the client has waited for 100', async () => {
    const cookie = cookieOf(await send(a.port, '/who'))
    const socket = connect(b.port, '127.0.0.1')
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.write(
      `POST /hash HTTP/1.1\r\nHost: x\r\nCookie: ${cookie}\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n`,
    )
    await until(() => text.includes('100 Continue'), 'the body is wanted')
    socket.write('body')
    await until(() => text.includes('200 OK'), 'the answer')
    expect(text).toContain(createHash('sha256').update('body').digest('hex'))
    socket.destroy()
  })

  it('streams: the head comes at once, and who goes away is gone at the owner', async () => {
    const cookie = cookieOf(await send(a.port, '/who'))
    const req = request({ port: b.port, path: '/stream', headers: { cookie } })
    req.end()
    const [res] = await once(req, 'response')
    expect(res.headers['content-type']).toBe('text/event-stream')
    const said = (message: string) => a.ofType('warning').some((event) => event.message === message)
    expect(said('stream')).toBe(true)
    req.destroy()
    await until(() => said('closed'), 'the owner has learned that the client is gone')
  })

  it('may be one of many at once, of which none waits for another; and nothing is warned of', async () => {
    const headers = { cookie: cookieOf(await send(a.port, '/who')) }
    const warnings: Error[] = []
    const hear = (warning: Error) => void warnings.push(warning)
    process.on('warning', hear)
    const streams = Array.from({ length: 30 }, () => request({ port: b.port, path: '/stream', headers }).end())
    await Promise.all(streams.map((stream) => once(stream, 'response')))
    expect((await send(b.port, '/who', { headers })).text).toBe('a')
    for (const stream of streams) stream.on('error', () => undefined).destroy()
    process.off('warning', hear)
    expect(warnings).toEqual([])
  })

  it('gets hints and the like on the way (1xx)', async () => {
    const headers = { cookie: cookieOf(await send(a.port, '/who')) }
    const req = request({ port: b.port, path: '/hints', headers }).end()
    const [[info], [res]] = await Promise.all([once(req, 'information'), once(req, 'response')])
    expect(info).toMatchObject({ statusCode: 103, headers: { link: '</a.css>; rel=preload' } })
    expect(res.resume().statusCode).toBe(200)
  })

  it('is held back while its client does not read, and comes whole', async () => {
    const headers = { cookie: cookieOf(await send(a.port, '/who')) }
    const req = request({ port: b.port, path: '/large', headers }).end()
    const [res] = await once(req, 'response')
    await until(() => a.events.some((event) => event.type === 'warning' && event.message === 'full'), 'it is held back')
    let bytes = 0
    res.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    await once(res, 'end')
    expect(bytes).toBe(20_000_000)
  })

  it('may be an upgrade', async () => {
    const headers = { cookie: cookieOf(await send(a.port, '/who')) }
    const ws = new WebSocket(`ws://127.0.0.1:${b.port}/`, { headers })
    await once(ws, 'open')
    const big = 'x'.repeat(200_000)
    ws.send(big)
    const [answer] = await once(ws, 'message')
    expect(String(answer)).toBe(`a ${big}`)
    ws.close()
    await once(ws, 'close')
  })

  it('shows the owner the address that the first backend saw, and no trace of the hop', async () => {
    const headers = { cookie: cookieOf(await send(a.port, '/who')) }
    const answer = await send(b.port, '/address', { headers, localAddress: '127.0.0.2' })
    expect(answer.text).toMatch(/127\.0\.0\.2 undefined false$/)
  })

  it('says where sticky() belongs when something has read the body before it', async () => {
    const c = await start('c')
    await acquainted(a, c)
    const app = express().use(express.json()).use(c.limpet)
    app.use(
      (error: { code?: string }, _req: unknown, res: express.Response, _next: unknown) => void res.send(error.code),
    )
    const server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const headers = { cookie: cookieOf(await send(a.port, '/who')), 'content-type': 'application/json' }
    expect((await send(port, '/', { method: 'POST', headers, body: '{}' })).text).toBe('ERR_LIMPET_BODY')
    server.close()
  })
})

describe('a hop header', () => {
  it('that no peer has written is taken away, and the request is like any other', async () => {
    for (const hop of ['1.aaaaaaaa.1.aaaaaaaaaaaa.0.0.1.2.3.4.aaaaaaaaaaaaaaaaaaaaaaaaaa', 'x', '1'.repeat(9000)]) {
      const answer = await send(a.port, '/address', { headers: { 'limpet-hop': hop } })
      expect(answer.text).toMatch(/127\.0\.0\.1 undefined false$/)
    }
    expect(a.ofType('hop-rejected').map(({ reason }) => reason)).toContain('bad-signature')
  })
})

describe('an owned id', () => {
  it('leads to the backend that minted it, and counts over the cookie, whose session stays where it is', async () => {
    const carriers = [{ query: 'sid' }, { header: 'mcp-session-id' }, { path: '/files/:id' }]
    const [c, d] = [await start('e', { carriers }), await start('f', { carriers })]
    await acquainted(c, d)
    const id = c.limpet.ownedId()
    expect(id).toMatch(/^[\w-]{59}$/)
    expect((await send(d.port, `/who?sid=${id}`)).text).toBe('e')
    expect((await send(d.port, '/who', { headers: { 'Mcp-Session-Id': id } })).text).toBe('e')
    const mine = await send(d.port, '/who')
    const both = await send(d.port, `/who?sid=${id}`, { headers: { cookie: cookieOf(mine) } })
    expect(both.text).toBe('e')
    expect(cookieOf(both)).toBe(cookieOf(mine))
    const forged = `${id.slice(0, -1)}${id.endsWith('A') ? 'B' : 'A'}`
    expect((await send(d.port, `/who?sid=${forged}`)).text).toBe('f')
  })

  it('cannot be had where nothing leads requests home', async () => {
    const { sticky } = await import('../../src/index.ts')
    const alone = sticky({ secret: 'x'.repeat(32) })
    expect(() => alone.ownedId()).toThrow(expect.objectContaining({ code: 'ERR_LIMPET_OPTIONS' }))
    await alone.close()
  })
})

describe('an owner that is gone (law 8)', () => {
  it('is succeeded by one backend, though requests come to several at once', async () => {
    const [owner, c, d] = [await start('gone'), await start('c2'), await start('d2')]
    await acquainted(owner, c, d)
    const stored = cookieOf(await send(owner.port, '/store'))
    await owner.stop()
    await until(() => [c, d].every((one) => one.ofType('backend').at(-1)?.state === 'down'), 'its end was noticed')
    const headers = { cookie: stored }
    const answers = await Promise.all([c, d, c, d].map(({ port }) => send(port, '/who', { headers })))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    const adopted = [...c.ofType('adopt'), ...d.ofType('adopt')]
    expect(new Set(adopted.map(({ from }) => from))).toEqual(new Set(['gone']))
    const [answer] = answers
    const winner = answer?.text
    for (const { port } of [c, d]) {
      expect((await send(port, '/who', { headers: { cookie: cookieOf(answer as never) } })).text).toBe(winner)
    }
  })

  it('that cannot be reached, but is alive, keeps its sessions: they are served where they land', async () => {
    const [owner, c] = [await start('unreachable'), await start('c3')]
    await acquainted(owner, c)
    const headers = { cookie: cookieOf(await send(owner.port, '/store')) }
    owner.server.closeAllConnections()
    await new Promise((resolve) => owner.server.close(resolve))
    const answer = await send(c.port, '/who', { headers })
    expect(answer).toMatchObject({ status: 200, text: 'c3' })
    expect(cookieOf(answer)).toBe(headers.cookie)
    const written = await send(c.port, '/store', { headers })
    expect(written.text).toBe('c3')
    expect(cookieOf(written).split('.')[1]).toBe('unreachable')
    expect(c.ofType('forward').map(({ outcome }) => outcome)).toEqual(['unreachable', 'unreachable'])
  })

  it('that breaks off in the middle was asked once: the client learns of it', async () => {
    const [owner, c] = [await start('breaks'), await start('c4')]
    await acquainted(owner, c)
    let asked = 0
    owner.app.post('/break', (req) => {
      asked++
      req.socket.destroy()
    })
    const headers = { cookie: cookieOf(await send(owner.port, '/who')) }
    const answer = await send(c.port, '/break', { method: 'POST', headers, body: 'x' })
    expect(answer).toMatchObject({ status: 502 })
    expect(answer.text).toMatch(/may have done what was asked/)
    // A newer one may be on its way to the client, or it may have logged out there.
    expect(answer.cookies).toEqual([])
    expect(asked).toBe(1)
  })
})

describe('other policies', () => {
  it("'reject' answers 421, or the status of one's own, and gives the cookie back", async () => {
    const [c, d] = [await start('c5', { misdirected: 'reject' }), await start('d5', { misdirected: { reject: 409 } })]
    await acquainted(c, d)
    const home = await send(d.port, '/who')
    const away = await send(c.port, '/who', { headers: { cookie: cookieOf(home) } })
    expect(away).toMatchObject({ status: 421 })
    expect(cookieOf(away)).toBe(cookieOf(home))
    const back = await send(d.port, '/who', { headers: { cookie: cookieOf(await send(c.port, '/who')) } })
    expect(back).toMatchObject({ status: 409 })
  })

  it("'replay' names the owner to Fly's proxy, once", async () => {
    const [c, d] = [await start('c6', { misdirected: 'replay' }), await start('d6', { misdirected: 'replay' })]
    await acquainted(c, d)
    const headers = { cookie: cookieOf(await send(d.port, '/who')) }
    const away = await send(c.port, '/who', { headers })
    expect(away.headers['fly-replay']).toBe('instance=d6;timeout=5s;fallback=force_self')
    const failed = { ...headers, 'fly-replay-failed': 'instance=d6' }
    expect(await send(c.port, '/who', { headers: failed })).toMatchObject({ status: 200, text: 'c6' })
  })

  it('may be chosen for each request', async () => {
    const choose: StickyOptions = { misdirected: ({ url }) => (url?.startsWith('/who') ? 'forward' : 'serve') }
    const [c, d] = [await start('c7', choose), await start('d7', choose)]
    await acquainted(c, d)
    const headers = { cookie: cookieOf(await send(d.port, '/who')) }
    expect((await send(c.port, '/who', { headers })).text).toBe('d7')
    expect((await send(c.port, '/count', { headers })).text).toBe('c7 1')
  })

  it.each<[string, () => never, RegExp]>([
    [
      'throws',
      () => {
        throw new RangeError('the password is tea')
      },
      /RangeError/,
    ],
    ['returns what is none', () => 'forwards' as never, /'forward'/],
  ])('that %s is served where it landed, and that is said once', async (what, misdirected, said) => {
    const [c, d] = [await start(`c-${what.length}`, { misdirected }), await start(`d-${what.length}`)]
    await acquainted(c, d)
    const headers = { cookie: cookieOf(await send(d.port, '/who')) }
    for (let n = 0; n < 3; n++) expect((await send(c.port, '/who', { headers })).text).toBe(c.id)
    const told = c.ofType('warning').filter(({ code }) => code === 'misdirected-failed')
    expect(told).toHaveLength(1)
    expect(told[0]?.message).toMatch(said)
    expect(told[0]?.message).not.toContain('tea')
  })
})

describe('a backend that drains', () => {
  it('gives its sessions up, is not ready, and serves on until what is open has ended', async () => {
    const [c, d] = [await start('c8'), await start('d8')]
    await acquainted(c, d)
    await until(() => c.limpet.isReady() && d.limpet.isReady(), 'both are ready')
    const headers = { cookie: cookieOf(await send(c.port, '/store')) }
    const stream = request({ port: c.port, path: '/stream' }).end()
    const [res] = await once(stream, 'response')
    const drained = c.limpet.drain({ deadline: '60s' })
    expect(c.limpet.isReady()).toBe(false)
    const last = await send(d.port, '/who', { headers })
    expect(last.text).toBe('c8')
    expect(last.cookies).toHaveLength(1)
    const next = await send(d.port, '/who', { headers: { cookie: cookieOf(last) } })
    expect(next.text).toBe('d8')
    expect(cookieOf(next).split('.')[1]).toBe('d8')
    res.on('error', () => undefined)
    stream.on('error', () => undefined).destroy()
    await drained
  })
})

describe("url: 'unix'", () => {
  it('lets workers that share a port reach each other', async () => {
    const options: StickyOptions = { backend: { id: 'u1', url: 'unix' } }
    const [c, d] = [await start('u1', options), await start('u2', { backend: { id: 'u2', url: 'unix' } })]
    await acquainted(c, d)
    const headers = { cookie: cookieOf(await send(c.port, '/who')) }
    await until(async () => (await send(d.port, '/who', { headers })).text === 'u1', 'its address is known')
    expect((await send(d.port, '/address', { headers })).text).toMatch(/127\.0\.0\.1 undefined false$/)
  })
})
