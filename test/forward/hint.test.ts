import { once } from 'node:events'
import { request } from 'node:http'
import { afterAll, describe, expect, inject, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { StickyOptions } from '../../src/index.ts'
import { until } from '../support/until.ts'
import { Backend } from './support/backend.ts'
import { type Answer, send } from './support/client.ts'

const started: Backend[] = []
afterAll(async () => {
  for (const backend of started) await backend.stop()
})

/** Backends of which the balancer knows by their names, and that know each other. */
async function start(names: readonly string[], options: StickyOptions = {}, port?: number): Promise<Backend[]> {
  const backends: Backend[] = []
  for (const name of names) {
    const namespace = `hint-${names[0]}`
    const hint = { cookie: 'route', value: name }
    const backend = await Backend.start(name, inject('redisUrl'), { namespace, hint, ...options }, port)
    backend.app.get('/who', (_req, res) => void res.send(name))
    backend.app.get('/missing', (_req, res) => void res.sendStatus(404))
    backend.app.get('/out', (_req, res) => void res.redirect('/who'))
    backend.app.get('/break', (req) => void req.socket.destroy())
    backend.app.get('/open', (_req, res) => res.flushHeaders())
    backend.app.get('/store', async (req, res) => {
      await req.sticky.session.set('at', name)
      res.send(name)
    })
    backends.push(backend)
    started.push(backend)
  }
  const knows = (one: Backend, other: Backend) => one === other || one.ofType('backend').some((e) => e.id === other.id)
  await until(() => backends.every((one) => backends.every((other) => knows(one, other))), 'they know each other')
  await until(() => backends.every(({ limpet }) => limpet.isReady()), 'all are ready')
  return backends
}

/** A browser that keeps both cookies; `said`: the values of each hint that it was sent. */
class Browser {
  readonly jar = new Map<string, string>()
  readonly said: string[] = []

  async ask({ port }: Backend, path = '/who'): Promise<Answer> {
    const answer = await send(port, path, { headers: { cookie: this.cookie } })
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]*)=([^;]*)/.exec(line) ?? []
      if (name === 'route') this.said.push(value)
      if (/; Max-Age=0(;|$)/.test(line)) this.jar.delete(name)
      else this.jar.set(name, value)
    }
    return answer
  }

  get cookie(): string {
    return [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ')
  }
}

const forwards = (...all: Backend[]) => all.flatMap((one) => one.ofType('forward')).length

describe.concurrent('the hint, where requests come home', () => {
  it('forward: the first request hops, the answer names the owner, whatever it is, and comes once', async () => {
    const [one, two] = (await start(['f1', 'f2'])) as [Backend, Backend]
    for (const path of ['/who', '/missing', '/out', '/store']) {
      const browser = new Browser()
      await browser.ask(one)
      // The balancer's cookie was lost, or another tool overwrote it.
      browser.jar.set('route', 'f2')
      browser.said.length = 0
      const before = forwards(two)
      await browser.ask(two, path)
      expect(browser.said, path).toEqual(['f1'])
      await until(() => forwards(two) === before + 1, 'it was passed on')
      await browser.ask(one, path)
      await browser.ask(two, path)
      expect(browser.said, path).toEqual(['f1'])
    }
  })

  it.each([
    ['reject', 421],
    ['replay', 421],
  ] as const)("%s: the answer that is made in the owner's place names the owner", async (misdirected, status) => {
    const [one, two] = (await start([`${misdirected}-1`, `${misdirected}-2`], { misdirected })) as [Backend, Backend]
    const browser = new Browser()
    await browser.ask(one)
    browser.jar.delete('route')
    const away = await browser.ask(two)
    expect(away.status).toBe(status)
    expect(away.cookies).toHaveLength(1)
    expect(browser.said).toEqual([one.id, one.id])
    await browser.ask(two)
    expect(browser.said).toHaveLength(2)
    expect((await browser.ask(one)).text).toBe(one.id)
  })

  it('an answer that stands in for one that broke off brings neither cookie: a newer one may be on its way', async () => {
    const [one, two] = (await start(['b1', 'b2'])) as [Backend, Backend]
    const browser = new Browser()
    await browser.ask(one)
    browser.jar.delete('route')
    const answer = await browser.ask(two, '/break')
    expect([answer.status, answer.cookies]).toEqual([502, []])
    expect(browser.said).toEqual(['b1'])
  })

  it('an upgrade brings the hint of its owner', async () => {
    const [one, two] = (await start(['u1', 'u2'])) as [Backend, Backend]
    const sockets = new WebSocketServer({ noServer: true })
    for (const { server } of [one, two]) {
      server.on('upgrade', (req, socket, head) => sockets.handleUpgrade(req, socket, head, (ws) => ws.close()))
    }
    const browser = new Browser()
    await browser.ask(one)
    const limpet = `limpet=${browser.jar.get('limpet')}`
    const socket = new WebSocket(`ws://127.0.0.1:${two.port}/`, { headers: { cookie: limpet } })
    const [{ headers }] = await once(socket, 'upgrade')
    expect(headers['set-cookie']).toEqual([expect.stringMatching(/^limpet=/), expect.stringMatching(/^route=u1;/)])
    await once(socket, 'close')
  })

  it('an owner that cannot be reached keeps its session, and its hint', async () => {
    const [one, two] = (await start(['r1', 'r2'])) as [Backend, Backend]
    const browser = new Browser()
    await browser.ask(one)
    await new Promise((resolve) => one.server.close(resolve))
    browser.jar.set('route', 'r2')
    expect((await browser.ask(two)).text).toBe('r2')
    expect(browser.said).toEqual(['r1', 'r1'])
  })

  it('a backend that drains takes the hint away, but not of a session that is open there; whoever adopts it says its own', async () => {
    const [one, two] = (await start(['d1', 'd2'])) as [Backend, Backend]
    const [still, busy] = [new Browser(), new Browser()]
    await still.ask(one, '/store')
    await busy.ask(one, '/store')
    const open = request({ port: one.port, path: '/open', headers: { cookie: busy.cookie } }).end()
    const [stream] = await once(open, 'response')
    stream.on('error', () => undefined)
    const drained = one.limpet.drain({ deadline: '60s' })
    await still.ask(one)
    await busy.ask(one)
    expect(still.said).toEqual(['d1', ''])
    expect(still.jar.has('route')).toBe(false)
    expect(busy.said).toEqual(['d1'])
    expect((await still.ask(two)).text).toBe('d2')
    expect(still.said).toEqual(['d1', '', 'd2'])
    open.on('error', () => undefined).destroy()
    await drained
    // By now the peers send nothing more: the session moves with its next request.
    await until(async () => (await busy.ask(two)).text === 'd2', 'it was adopted')
    expect(busy.said).toEqual(['d1', 'd2'])
  })

  it('of an owner that was started again at its address is right with the first request that hops there', async () => {
    const [one, two] = (await start(['a1', 'a2'])) as [Backend, Backend]
    const browser = new Browser()
    await browser.ask(one, '/store')
    const { port } = one
    await one.stop()
    const [again] = (await start(['a1'], {}, port)) as [Backend]
    browser.jar.delete('route')
    // The other one has not noticed yet, and passes the request on.
    const hopped = await browser.ask(two)
    expect([hopped.text, browser.said]).toEqual(['a1', ['a1', 'a1']])
    expect([forwards(two), again.ofType('adopt').length]).toEqual([1, 1])
  })

  it('a session whose owner has gone says the hint of whoever adopts it', async () => {
    const [one, two] = (await start(['g1', 'g2'])) as [Backend, Backend]
    const browser = new Browser()
    await browser.ask(one, '/store')
    await one.stop()
    await until(
      async () => {
        await browser.ask(two)
        return browser.jar.get('route') === 'g2'
      },
      'it was adopted',
      20_000,
    )
    expect(browser.said).toEqual(['g1', 'g2'])
  })
})
