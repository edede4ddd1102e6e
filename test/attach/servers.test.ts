import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import {
  type ClientHttp2Session,
  connect,
  createServer as createHttp2,
  createSecureServer,
  type Http2SecureServer,
  type Http2Server,
} from 'node:http2'
import { createServer as createHttps } from 'node:https'
import express from 'express'
import Koa from 'koa'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type StickyMiddleware, sticky } from '../../src/index.ts'
import { ask } from '../http/support/client.ts'
import { type Certificate, makeCertificate } from '../support/certificate.ts'
import { closeAll, later, listen, portOf, quiet } from './support/apps.ts'

afterEach(closeAll)

let certificate: Certificate
beforeAll(async () => {
  certificate = await makeCertificate()
})

function make(): StickyMiddleware {
  const limpet = sticky(quiet().options)
  later(() => limpet.close())
  return limpet
}

type Emit = (this: unknown, event: string, ...rest: unknown[]) => boolean

const hello: RequestListener = (_req, res) => void res.end('hello')

describe('the servers of Node', () => {
  it('https: the cookie is Secure', async () => {
    const limpet = make()
    const server = createHttps(certificate, hello)
    limpet.attach(server)
    const port = await listen(server)
    const { cookies } = await ask(port, '/', { tls: { ca: certificate.cert } })
    expect(cookies).toEqual([expect.stringContaining('; Secure')])
  })

  it('several, over one sticky(): a client is known on each', async () => {
    const limpet = make()
    const servers = [createServer(hello), createServer(hello), createHttps(certificate, hello)]
    for (const server of servers) limpet.attach(server)
    const [one, two, three] = [
      await listen(servers[0] as never),
      await listen(servers[1] as never),
      await listen(servers[2] as never),
    ]
    const [cookie = ''] = (await ask(one)).cookies
    const headers = { cookie: cookie.split(';')[0] ?? '' }
    const same = expect.stringContaining(headers.cookie)
    expect((await ask(two, '/', { headers })).cookies).toEqual([same])
    expect((await ask(three, '/', { headers, tls: { ca: certificate.cert } })).cookies).toEqual([same])
  })

  const http2: [string, () => Http2Server | Http2SecureServer, string][] = [
    ['http2 in the clear', () => createHttp2(hello as never), 'http'],
    ['http2', () => createSecureServer(certificate, hello as never), 'https'],
  ]
  it.each(http2)('%s, through the compat API', async (_name, create, scheme) => {
    const limpet = make()
    const server = create()
    limpet.attach(server)
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    const client = connect(`${scheme}://127.0.0.1:${portOf(server)}`, { ca: certificate.cert })
    const cookies = [await cookiesOf(client), await cookiesOf(client)]
    client.close()
    await new Promise<void>((resolve) => void server.close(() => resolve()))
    for (const list of cookies) expect(list).toEqual([expect.stringMatching(/^limpet=2/)])
    expect(cookies[0]?.[0]?.includes('; Secure')).toBe(scheme === 'https')
  })

  it('http2 that takes HTTP/1 too', async () => {
    const limpet = make()
    const server = createSecureServer({ ...certificate, allowHTTP1: true }, hello as never)
    limpet.attach(server)
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    const { cookies } = await ask(portOf(server), '/', { tls: { ca: certificate.cert, agent: false } })
    await new Promise<void>((resolve) => void server.close(() => resolve()))
    expect(cookies).toHaveLength(1)
  })
})

async function cookiesOf(client: ClientHttp2Session): Promise<string[]> {
  const stream = client.request({ ':path': '/' })
  const [headers] = await once(stream, 'response')
  stream.resume()
  await once(stream, 'close')
  return headers['set-cookie'] ?? []
}

describe('attach() refuses what cannot work', () => {
  const wrong: [string, unknown][] = [
    ['an Express application', express()],
    ['a Koa application', new Koa()],
    ['a listener', hello],
    ['nothing', undefined],
  ]
  it.each(wrong)('%s', (_name, what) => {
    expect(() => make().attach(what as never)).toThrow(
      expect.objectContaining({ code: 'ERR_LIMPET_OPTIONS', message: expect.stringMatching(/takes the server/) }),
    )
  })

  it('a server that another sticky() is attached to', () => {
    const server = createServer(hello)
    make().attach(server)
    expect(() => make().attach(server)).toThrow(
      expect.objectContaining({ code: 'ERR_LIMPET_OPTIONS', message: expect.stringMatching(/skip/) }),
    )
  })

  it('and not where the other one has been closed', async () => {
    const server = createServer(hello)
    const first = make()
    first.attach(server)
    await first.close()
    make().attach(server)
    expect((await ask(await listen(server))).cookies).toHaveLength(1)
  })
})

describe('close() takes it off again', () => {
  it('emit is the one that was there', async () => {
    const server = createServer(hello)
    const { emit } = server
    const limpet = make()
    limpet.attach(server)
    expect(server.emit).not.toBe(emit)
    await limpet.close()
    expect([server.emit === emit, Object.hasOwn(server, 'emit')]).toEqual([true, false])
    expect((await ask(await listen(server))).cookies).toEqual([])
  })

  it('an emit of the server’s own, set before, is put back', async () => {
    const server = createServer(hello)
    const own = server.emit.bind(server)
    server.emit = own
    const limpet = make()
    limpet.attach(server)
    await limpet.close()
    expect(server.emit).toBe(own)
  })

  it('whoever has wrapped emit since keeps working', async () => {
    const server = createServer(hello)
    const limpet = make()
    limpet.attach(server)
    const { emit } = server
    const seen: string[] = []
    server.emit = function (this: typeof server, event: string, ...rest: unknown[]) {
      if (event === 'request') seen.push(event)
      return (emit as Emit).call(this, event, ...rest)
    } as typeof emit
    const port = await listen(server)
    expect((await ask(port)).cookies).toHaveLength(1)
    await limpet.close()
    const after = await ask(port)
    expect([after.body, after.cookies, seen]).toEqual(['hello', [], ['request', 'request']])
  })

  it('whoever replaces emit of all servers later is not passed by', async () => {
    class Traced extends (createServer().constructor as new (
      listener: RequestListener,
    ) => ReturnType<typeof createServer>) {}
    const server = new Traced(hello)
    make().attach(server)
    const seen: string[] = []
    const { emit } = Traced.prototype
    Traced.prototype.emit = function (this: typeof server, event: string, ...rest: unknown[]) {
      if (event === 'request') seen.push(event)
      return (emit as Emit).call(this, event, ...rest)
    } as typeof emit
    expect((await ask(await listen(server))).cookies).toHaveLength(1)
    expect(seen).toEqual(['request'])
  })
})
