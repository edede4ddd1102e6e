import { afterEach, describe, expect, inject, it } from 'vitest'
import type { StickyOptions } from '../../src/index.ts'
import { Browser, textOf } from './support/client.ts'
import { gateway, type Node, RELAYS, type Relay, service, startNode } from './support/gateway.ts'

let nodes: Node[] = []
afterEach(async () => {
  await Promise.all(nodes.map((node) => node.close()))
  nodes = []
})

interface Site {
  readonly gateway: Node
  readonly service: Node
  /** What a browser gets at the gateway. */
  read(browser: Browser, path: string): Promise<Record<string, unknown>>
}

const [, [, withHttpxy] = []] = RELAYS

async function start(
  options: StickyOptions = {},
  relay: Relay | undefined = withHttpxy,
  behind: StickyOptions = {},
): Promise<Site> {
  const redisUrl = inject('redisUrl')
  const orders = await startNode(redisUrl, 'orders-1', behind, service)
  nodes.push(orders)
  if (relay === undefined) throw new Error('no relay')
  const front = await startNode(redisUrl, 'gateway', options, gateway(relay, orders.port))
  nodes.push(front)
  const read = async (browser: Browser, path: string) => {
    const answer = await browser.ask(front.port, path)
    expect(answer.cookies.length, path).toBeLessThanOrEqual(1)
    return JSON.parse(answer.body)
  }
  return { gateway: front, service: orders, read }
}

describe.each(RELAYS)('a gateway in front of a service, both with limpet and one secret, relayed %s', (_, relay) => {
  it('a login at the service holds for both, when the gateway names the service', async () => {
    const { read, ...site } = await start({ upstreams: ['orders-1'] }, relay)
    const browser = new Browser()
    const before = await read(browser, '/own')
    const login = await read(browser, '/login?ada')
    expect(login).toMatchObject({ user: 'ada', reason: 'valid' })
    expect(login.id).not.toBe(before.id)
    expect(browser.token).toMatchObject({ id: login.id, owner: 'orders-1' })
    expect(await read(browser, '/who')).toEqual({ id: login.id, reason: 'valid', user: 'ada' })
    expect(await read(browser, '/own')).toEqual({ id: login.id, reason: 'valid', user: 'ada' })
    expect([...site.gateway.events, ...site.service.events]).toEqual([])
  })

  it("the load balancer is told of the gateway, whoever has signed, and never by the service's hint of that name", async () => {
    const hint = (value: string) => ({ cookie: 'route', value })
    const options = { upstreams: ['orders-1'], hint: hint('gw') }
    const { gateway } = await start(options, relay, { hint: hint('orders') })
    const ask = async (path: string, cookie = '') => {
      const lines = (await new Browser().ask(gateway.port, path, { headers: { cookie } })).headers['set-cookie'] ?? []
      return lines.map((line) => line.split(';')[0] ?? '').filter((pair) => /^(limpet|route)=/.test(pair))
    }
    const [token = '', said, ...more] = await ask('/login?ada')
    expect([token, said, more]).toEqual([expect.stringContaining('.orders-1.'), 'route=gw', []])
    expect(await ask('/who', `${token}; route=gw`)).toEqual([expect.stringMatching(/^limpet=/)])
    expect(await ask('/who', token)).toEqual([expect.stringMatching(/^limpet=/), 'route=gw'])
  })

  it('so does one of a client who came without a cookie', async () => {
    const { read } = await start({ upstreams: ['orders-*'] }, relay)
    const browser = new Browser()
    const { id } = await read(browser, '/login?ada')
    expect(await read(browser, '/own')).toEqual({ id, reason: 'valid', user: 'ada' })
  })

  it('a logout at the service is one for both', async () => {
    const { read } = await start({ upstreams: ['orders-1'] }, relay)
    const browser = new Browser()
    const login = await read(browser, '/login?ada')
    const { id } = await read(browser, '/logout')
    expect(id).not.toBe(login.id)
    expect(browser.token.id).toBe(id)
    expect(await read(browser, '/own')).toEqual({ id, reason: 'valid' })
  })

  it('what the service writes to the same session, the client has seen, named or not', async () => {
    const { read, ...site } = await start({}, relay)
    const browser = new Browser()
    const { id } = await read(browser, '/own')
    await read(browser, '/set?first')
    expect(browser.token).toMatchObject({ id, owner: 'orders-1' })
    const { version } = browser.token
    expect(version).toBeGreaterThan(0)
    await read(browser, '/write/set?second')
    expect(browser.token).toMatchObject({ id, version: version + 2 })
    expect(await read(browser, '/own')).toMatchObject({ value: 'second', gateway: 'was here' })
    expect(site.gateway.events).toEqual([])
  })

  it('cookies of the service itself come through, and ours with the attributes of the gateway', async () => {
    const { read, ...site } = await start(
      { upstreams: ['orders-1'], cookie: { secure: true, sameSite: 'strict' } },
      relay,
    )
    const browser = new Browser()
    await read(browser, '/own')
    const answer = await browser.ask(site.gateway.port, '/login?ada')
    expect(browser.token.owner).toBe('orders-1')
    expect(answer.headers['set-cookie']).toEqual([
      'flash=hello; Path=/',
      'other=1',
      `limpet=${browser.value}; Max-Age=86400; Path=/; HttpOnly; Secure; SameSite=Strict`,
    ])
  })
})

describe('a relayed cookie takes the place of the own one', () => {
  it('not when it is of a backend that is not named: the client keeps its session, and a warning says what to do', async () => {
    const { read, ...site } = await start({ upstreams: ['orders-2', 'orders'] })
    const browser = new Browser()
    const { id } = await read(browser, '/own')
    await read(browser, '/login?ada')
    await read(browser, '/login?ada')
    expect(browser.token.owner).toBe('gateway')
    expect(browser.token.id).toBe(id)
    expect(site.gateway.events).toEqual([
      {
        type: 'warning',
        code: 'relayed-cookie',
        message: expect.stringContaining("sticky({ upstreams: ['orders-1'] })"),
      },
    ])
  })

  it('not when this request has changed the session in the gateway: what it wrote is not lost', async () => {
    const { read } = await start({ upstreams: ['orders-1'] })
    const browser = new Browser()
    await read(browser, '/write/login?ada')
    expect(browser.token.owner).toBe('gateway')
    expect(await read(browser, '/own')).toMatchObject({ reason: 'valid', gateway: 'was here' })
  })

  it('not on a response that a shared cache may store (law 9)', async () => {
    const { read, ...site } = await start({ upstreams: ['orders-1'] }, withHttpxy, { cacheable: 'emit' })
    const browser = new Browser()
    await read(browser, '/own')
    const answer = await browser.ask(site.gateway.port, '/cached?ada')
    expect(answer.headers['set-cookie']).toEqual(['flash=hello; Path=/', 'other=1'])
  })

  const makeBad: readonly (readonly [string, StickyOptions, (good: string) => string])[] = [
    ['forged', {}, (good) => good.replace(/.$/, (last) => (last === 'A' ? 'E' : 'A'))],
    ['cut off', {}, (good) => good.slice(0, -1)],
    ['empty, as from clearCookie', {}, () => ''],
    ['signed for another namespace', { namespace: 'other' }, (good) => good],
    ['signed with another secret', { secret: 'another secret of the tests, of 32 bytes' }, (good) => good],
  ]
  it.each(makeBad)('not when it is %s (law 2)', async (_, behind, bad) => {
    const login = new Browser()
    const { service: orders, gateway: front } = await start({ upstreams: ['orders-1'] }, lies, behind)
    await login.ask(orders.port, '/login?ada')
    const value = bad(login.value ?? '')
    const browser = new Browser()
    await browser.ask(front.port, '/own')
    const { id } = browser.token
    const answer = await browser.ask(front.port, `/lie?${value}`)
    expect(answer.cookies).toHaveLength(1)
    expect(browser.token).toMatchObject({ id, owner: 'gateway' })
    expect(answer.headers['set-cookie']).toEqual(['a=1', answer.cookies[0]])
    expect(front.events).toEqual([])
  })

  it('not when its session was logged out meanwhile (law 6)', async () => {
    const { service: orders, gateway: front } = await start({ upstreams: ['orders-1'] }, lies)
    const browser = new Browser()
    await browser.ask(orders.port, '/login?ada')
    const ended = browser.value ?? ''
    await browser.ask(orders.port, '/logout')
    // A read tells the gateway, whatever Redis has told it so far.
    const other = new Browser()
    other.value = ended
    await other.ask(front.port, '/own')
    await other.ask(front.port, `/lie?${ended}`)
    const late = new Browser()
    late.value = ended
    expect(other.token.id).not.toBe(late.token.id)
  })

  it('when it is the newest of several', async () => {
    const { service: orders, gateway: front } = await start({ upstreams: ['orders-1'] }, lies)
    const ada = new Browser()
    await ada.ask(orders.port, '/login?ada')
    const older = ada.value ?? ''
    await ada.ask(orders.port, '/set?more')
    const browser = new Browser()
    await browser.ask(front.port, '/own')
    for (const values of [`${older},${ada.value}`, `${ada.value},${older}`]) {
      const { cookies } = await browser.ask(front.port, `/lie?${values}`)
      expect(cookies.map(textOf)).toEqual([ada.value])
    }
  })
})

/** Answers with the cookie that the path says, whatever the service would. */
const lies: Relay = (request, response) => {
  const values = request.url?.split('?')[1]?.split(',') ?? []
  response.writeHead(200, { 'Set-Cookie': ['a=1', ...values.map((value) => `limpet=${value}; Path=/; HttpOnly`)] })
  response.end()
}

describe('the namespace', () => {
  const cookieOf = async (node: Node, path = '/login?ada') => {
    const browser = new Browser()
    await browser.ask(node.port, path)
    return browser
  }

  it.each<[what: string, a: StickyOptions, b: StickyOptions, reason: string]>([
    ['by itself the same for two applications with one name of the cookie', {}, {}, 'valid'],
    ['keeps applications with one secret apart', { namespace: 'shop' }, { namespace: 'admin' }, 'unknown-key'],
    ["is the cookie's name where none is given", { namespace: 'limpet' }, {}, 'valid'],
  ])('%s', async (_, a, b, reason) => {
    const redisUrl = inject('redisUrl')
    const [one, other] = [await startNode(redisUrl, 'one', a, service), await startNode(redisUrl, 'other', b, service)]
    nodes.push(one, other)
    const browser = await cookieOf(one)
    expect(JSON.parse((await browser.ask(other.port)).body)).toMatchObject({ reason })
  })
})
