import { createReadStream, writeFileSync } from 'node:fs'
import { connect, createSecureServer } from 'node:http2'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import compression from 'compression'
import type { Express, RequestHandler, Response } from 'express'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import session from '../../src/express-session.ts'
import { redisStoreFromUrl } from '../../src/redis/from-url.ts'
import { makeCertificate } from '../support/certificate.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { Jar } from './support/jar.ts'
import { type Backend, backend, SECRET } from './support/site.ts'

let redis: RedisServer
let file: string
const running: Backend[] = []
beforeAll(async () => {
  redis = await startRedis()
  file = join(redis.dir, 'page.txt')
  writeFileSync(file, 'x'.repeat(200_000))
})
afterAll(async () => {
  for (const one of running) await one.close()
  await redis.stop()
})

async function start(routes: (app: Express) => void, options = {}): Promise<Backend> {
  const one = await backend(redis.url, routes, options)
  running.push(one)
  return one
}

const read: RequestHandler = (req, res) => {
  const { cookie: _, ...data } = req.session
  res.json(data)
}

/** Ways in which a response leaves, each after a change of the session, and what the client sees of it. */
const WAYS: readonly [string, (res: Response, file: string) => unknown, number, string | RegExp][] = [
  ['json', (res) => res.json({ a: 1 }), 200, '{"a":1}'],
  ['a redirect', (res) => res.redirect('/elsewhere'), 302, 'Found. Redirecting to /elsewhere'],
  ['sendStatus', (res) => res.sendStatus(204), 204, ''],
  ['writeHead and end', (res) => res.writeHead(201, { 'X-A': '1' }).end('made'), 201, 'made'],
  ['writeHead with a reason', (res) => res.writeHead(418, 'Teapot', { 'X-A': '1' }).end(), 418, ''],
  ['end with a callback', (res) => res.end('done', () => undefined), 200, 'done'],
  ['write, write, end', (res) => [res.write('one '), res.write('two '), res.end('three')], 200, 'one two three'],
  ['a pipe', (res, from) => createReadStream(from).pipe(res), 200, /^x{200000}$/],
  ['pipeline', (res, from) => pipeline(createReadStream(from), res), 200, /^x{200000}$/],
  ['pipeline of texts', (res) => pipeline(Readable.from(['a', 'b', 'c']), res), 200, 'abc'],
  ['sendFile', (res, from) => res.sendFile(from), 200, /^x{200000}$/],
  ['flushHeaders', (res) => [res.flushHeaders(), res.end('flushed')], 200, 'flushed'],
  ['content-length', (res) => res.set('Content-Length', '4').end('four'), 200, 'four'],
]

describe('a changed session is saved before the head leaves', () => {
  test.each(WAYS)('%s', async (_name, leave, status, text) => {
    const routes = (app: Express) => {
      app.get('/read', read)
      app.get('/', (req, res) => {
        req.session.n = 1
        leave(res, file)
      })
    }
    const [one, two] = [await start(routes), await start(routes)]
    const jar = new Jar()
    const answer = await jar.ask(one.port)
    expect(answer.status).toBe(status)
    expect(answer.text).toMatch(typeof text === 'string' ? new RegExp(`^${text.replace(/[{}.]/g, '\\$&')}$`) : text)
    // Its cookie knows of the write, so any backend answers with it.
    expect(await jar.json(two.port, '/read')).toEqual({ n: 1 })
    expect(one.errors).toEqual([])
  })

  test.each(['in front of it', 'behind it'])('compression %s', async (where) => {
    const zip = compression({ threshold: 0 })
    const { port } = await backendWith(where === 'in front of it' ? [zip] : [], where === 'behind it' ? [zip] : [])
    const jar = new Jar()
    const { headers, status } = await jar.ask(port, '/', { headers: { 'accept-encoding': 'gzip' } })
    expect([status, headers['content-encoding']]).toEqual([200, 'gzip'])
    expect(await jar.json(port, '/read')).toEqual({ n: 1 })
  })

  test('what looks as if it had left cannot be changed or written a second time', async () => {
    const seen: unknown[] = []
    const { port } = await start((app) => {
      app.get('/', (req, res) => {
        req.session.n = 1
        res.status(202).send('first')
        seen.push(
          res.headersSent,
          codeOf(() => res.setHeader('X-Late', '1')),
          codeOf(() => res.send('second')),
        )
      })
    })
    const { status, text, headers } = await new Jar().ask(port)
    expect([status, text, headers['x-late']]).toEqual([202, 'first', undefined])
    expect(seen).toEqual([true, 'ERR_HTTP_HEADERS_SENT', 'ERR_HTTP_HEADERS_SENT'])
  })

  test('what is changed after the head has left is saved when the response ends', async () => {
    let streamed = false
    const { port } = await start((app) => {
      app.get('/read', read)
      app.get('/', (req, res) => {
        req.session.user = 'early'
        res.flushHeaders()
        req.session.n = 2
        res.end('late')
      })
      app.get('/later', async (req, res) => {
        res.write('begun')
        await until(() => streamed, 'the client has seen the head')
        req.session.n = 3
        res.end()
      })
    })
    const jar = new Jar()
    expect((await jar.ask(port)).text).toBe('late')
    expect(await jar.json(port, '/read')).toEqual({ user: 'early', n: 2 })
    const cookie = [...jar.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(`http://127.0.0.1:${port}/later`, { headers: { cookie } })
    streamed = true
    expect(await response.text()).toBe('begun')
    await until(async () => Object(await jar.json(port, '/read')).n === 3, 'the late change is read')
  })

  test('over HTTP/2', async () => {
    const store = redisStoreFromUrl(redis.url)
    const handle = session({ secret: SECRET, saveUninitialized: false, resave: false, store })
    const { cert, key } = await makeCertificate()
    const server = createSecureServer({ cert, key }, (req, res) => {
      handle(req, res, () => {
        const { session } = req as unknown as { session: Record<string, unknown> }
        if (req.url === '/read') return void res.end(String(session.n))
        session.n = 1
        res.writeHead(200, { 'x-a': '1' })
        res.write('a')
        res.end('b')
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const client = connect(`https://127.0.0.1:${(server.address() as { port: number }).port}`, {
      rejectUnauthorized: false,
    })
    const get = (path: string, cookie = '') =>
      new Promise<{ text: string; setCookie: string }>((resolve, reject) => {
        const stream = client.request({ ':path': path, ...(cookie && { cookie }) })
        let [text, setCookie] = ['', '']
        stream.on('response', (headers) => {
          setCookie = headers['set-cookie']?.[0] ?? ''
        })
        stream.on('data', (chunk) => {
          text += chunk
        })
        stream.on('end', () => resolve({ text, setCookie })).on('error', reject)
      })
    const first = await get('/')
    expect(first).toEqual({ text: 'ab', setCookie: expect.stringContaining('connect.sid=') })
    expect((await get('/read', first.setCookie.split(';')[0])).text).toBe('1')
    client.close()
    await new Promise((resolve) => server.close(resolve))
    await handle.close()
    await store.close?.()
  })
})

describe('a session that cannot be saved', () => {
  test('destroyed meanwhile: 409 instead of the response, the error handler is called once, and nothing comes back', async () => {
    let go: () => void = () => undefined
    const waiting = new Promise<void>((resolve) => {
      go = resolve
    })
    let arrived = 0
    const routes = (app: Express) => {
      app.get('/read', read)
      app.get('/set', (req, res) => {
        req.session.user = 'ada'
        res.end()
      })
      app.get('/logout', (req, res) => void req.session.destroy(() => res.end()))
      app.get('/slow', async (req, res) => {
        arrived++
        await waiting
        req.session.n = 1
        res.status(201).set('ETag', '"x"').set('X-Mine', 'stays').location('/').json({ a: 1 })
      })
    }
    const [one, two] = [await start(routes), await start(routes)]
    const jar = new Jar()
    await jar.ask(one.port, '/set')
    const old = jar.copy()
    const slow = jar.copy().ask(one.port, '/slow')
    await until(() => arrived === 1, 'the slow request is there')
    await jar.ask(two.port, '/logout')
    go()
    const { status, text, headers } = await slow
    expect([status, text]).toEqual([409, 'failed: ERR_LIMPET_DESTROYED'])
    expect([headers.location, headers['x-mine'], headers.etag === '"x"']).toEqual([undefined, 'stays', false])
    expect(one.errors).toHaveLength(1)
    expect(await old.json(one.port, '/read')).toEqual({})
  })

  test('what no JSON can be made of is an error that names the key, and no value', async () => {
    const { port, errors } = await start((app) => {
      app.get('/', (req, res) => {
        const circle: Record<string, unknown> = { secret: 'hidden' }
        circle.self = circle
        req.session.box = circle
        res.json({ fine: true })
      })
    })
    const { status, text } = await new Jar().ask(port)
    expect([status, text]).toEqual([500, 'failed: ERR_LIMPET_VALUE'])
    expect(String(errors[0])).toContain("'box'")
    expect(String(errors[0])).not.toContain('hidden')
  })

  test('Redis does not answer: 503 for what changes the session, with the cookie, and reads go on', async () => {
    const own = await startRedis()
    const one = await backend(
      own.url,
      (app) => {
        app.get('/read', read)
        app.get('/set', (req, res) => {
          req.session.n = (req.session.n ?? 0) + 1
          res.end('written')
        })
      },
      { storeTimeout: 200 },
    )
    const jar = new Jar()
    expect((await jar.ask(one.port, '/set')).text).toBe('written')
    own.pause()
    expect(await jar.json(one.port, '/read')).toEqual({ n: 1 })
    const failed = await jar.ask(one.port, '/set')
    expect([failed.status, failed.text, failed.set]).toEqual([503, 'failed: ERR_LIMPET_STORE', ['connect.sid']])
    own.resume()
    await one.close()
    await own.stop()
  })

  test('after the head has left, the connection is broken off: no client takes it for whole', async () => {
    const routes = (app: Express) => {
      app.get('/set', (req, res) => {
        req.session.user = 'ada'
        res.end()
      })
      app.get('/late', (req, res) => {
        res.write('begun')
        ;(req.session as unknown as Record<string, unknown>).n = BigInt(1)
        res.end('never')
      })
    }
    const one = await backend(redis.url, routes)
    running.push(one)
    const jar = new Jar()
    await jar.ask(one.port, '/set')
    await expect(jar.ask(one.port, '/late')).rejects.toThrow(/aborted|hang up|reset/i)
    expect(one.errors).toHaveLength(1)
  })
})

function codeOf(call: () => unknown): unknown {
  try {
    call()
    return undefined
  } catch (error) {
    return (error as { code?: unknown }).code
  }
}

/** An application with middleware in front of session(), and behind it. */
async function backendWith(before: RequestHandler[], after: RequestHandler[]): Promise<Backend> {
  const one = await backend(
    redis.url,
    (app) => {
      for (const each of after) app.use(each)
      app.get('/read', read)
      app.get('/', (req, res) => {
        req.session.n = 1
        res.type('text').send('y'.repeat(5000))
      })
    },
    {},
    before,
  )
  running.push(one)
  return one
}
