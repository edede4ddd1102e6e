import { once } from 'node:events'
import { type Agent, createServer, Agent as HttpAgent, request as httpRequest, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type BalancerOptions, startBalancer } from '../../examples/balancer/balancer.ts'

const ends: (() => unknown)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** A backend that says its name, sets the app's cookie, and answers with the status that the path asks for. */
async function backend(name: string): Promise<string> {
  return serve((request, response) => {
    const status = Number(request.url?.slice(1)) || 200
    response.setHeader('set-cookie', ['sid=raw-value; Path=/; HttpOnly', 'theme=dark'])
    if (status === 302) response.setHeader('location', '/after')
    request.setEncoding('utf8')
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => response.writeHead(status, { 'x-name': name }).end(status === 204 ? '' : `${name}:${body}`))
  })
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  ends.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function setUp(options: Partial<BalancerOptions> = {}) {
  const backends = [await backend('a'), await backend('b'), await backend('c')]
  const balancer = await startBalancer({ backends, ...options })
  ends.push(() => balancer.close())
  return { balancer, backends }
}

interface Answer {
  readonly name: string
  readonly status: number
  readonly cookies: readonly string[]
  readonly body: string
  /** Name and value of one cookie of the answer, ready to be sent back. */
  cookie(name: string): string | undefined
}

interface Asking {
  readonly cookie?: string | undefined
  readonly method?: string
  readonly body?: string
  /** The client's own address: the whole of 127.0.0.0/8 is the loopback. */
  readonly from?: string
  readonly agent?: Agent
}

function ask(url: string, asking: Asking = {}): Promise<Answer> {
  const { cookie, method = 'GET', body, from, agent } = asking
  return new Promise((resolve, reject) => {
    const headers = cookie ? { cookie } : {}
    // Without an agent given, a connection per request: to a TCP listener, a connection is a client's whole visit.
    const request = httpRequest(url, { method, headers, localAddress: from, agent: agent ?? false }, (response) => {
      const cookies = response.headers['set-cookie'] ?? []
      const find = (name: string) => cookies.find((line) => line.startsWith(`${name}=`))?.split(';')[0]
      response.setEncoding('utf8')
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => {
        const name = String(response.headers['x-name'] ?? '')
        resolve({ name, status: response.statusCode ?? 0, cookies, body: text, cookie: find })
      })
      response.on('error', reject)
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** Asks once per path, sending back the newest cookie of that name, as a jar would. Gives the names that answered. */
async function visit(url: string, cookie: string, paths: readonly string[]): Promise<string> {
  let held: string | undefined
  let names = ''
  for (const path of paths) {
    const answer = await ask(`${url}${path}`, { cookie: held })
    held = answer.cookie(cookie) ?? held
    names += answer.name
  }
  return names
}

test('serves clients without a cookie in turn', async () => {
  const { balancer } = await setUp()
  const names = []
  for (let i = 0; i < 4; i++) names.push((await ask(balancer.url)).name)
  expect(names).toEqual(['a', 'b', 'c', 'a'])
})

test('http-insert: adds SERVERID beside the cookies of the app, and follows it', async () => {
  const { balancer } = await setUp({ clock: () => 1000 })
  const first = await ask(balancer.url)
  expect(first.cookies).toEqual([
    'sid=raw-value; Path=/; HttpOnly',
    'theme=dark',
    expect.stringMatching(/^SERVERID=[0-9a-f]{32}\|1000\|1000; Path=\/$/),
  ])
  expect(await visit(balancer.url, 'SERVERID', ['/', '/', '/'])).toBe('bbb')
})

test('http-insert: the string changes with every answer and keeps the first visit', async () => {
  let now = 1000
  const { balancer } = await setUp({ clock: () => now })
  const first = await ask(balancer.url)
  now = 2000
  const second = await ask(balancer.url, { cookie: first.cookie('SERVERID') })
  expect(second.name).toBe('a')
  expect(second.cookie('SERVERID')).toBe(first.cookie('SERVERID')?.replace('|1000|', '|2000|'))
})

test('persistence off: the next in turn whatever the client holds, and no cookie', async () => {
  const { balancer, backends } = await setUp()
  const held = (await ask(balancer.url)).cookie('SERVERID')
  const off = await startBalancer({ backends, persistence: false })
  ends.push(() => off.close())
  const names = []
  for (let i = 0; i < 3; i++) {
    const answer = await ask(off.url, { cookie: held })
    expect(answer.cookie('SERVERID')).toBeUndefined()
    names.push(answer.name)
  }
  expect(names).toEqual(['a', 'b', 'c'])
})

test('timeout: a pause of just that long is kept, a longer one is not', async () => {
  let now = 0
  const { balancer } = await setUp({ timeout: 60_000, clock: () => now })
  const first = await ask(balancer.url)
  now += 60_000
  const second = await ask(balancer.url, { cookie: first.cookie('SERVERID') })
  expect(second.name).toBe('a')
  now += 60_001
  const third = await ask(balancer.url, { cookie: second.cookie('SERVERID') })
  expect(third.name).toBe('b')
})

test.each([
  [200, true],
  [204, true],
  [304, true],
  [399, true],
  [400, false],
  [401, false],
  [404, false],
  [500, false],
  [503, false],
])('http-insert: an answer of %i gets the cookie: %s', async (status, inserted) => {
  const { balancer } = await setUp()
  const answer = await ask(`${balancer.url}/${status}`)
  expect(answer.status).toBe(status)
  expect(answer.cookie('SERVERID') !== undefined).toBe(inserted)
  expect(answer.cookie('sid')).toBe('sid=raw-value')
})

test('a 404 as the first answer: the second request goes to another backend', async () => {
  const { balancer } = await setUp()
  expect(await visit(balancer.url, 'SERVERID', ['/404', '/', '/'])).toBe('abb')
})

test('a 302 names another backend: the client moves once and stays there', async () => {
  const { balancer } = await setUp()
  expect(await visit(balancer.url, 'SERVERID', ['/', '/302', '/', '/'])).toBe('aabb')
})

test('http-rewrite: overwrites the value of the app cookie below 400 and lets it through from there on', async () => {
  const { balancer } = await setUp({ listener: 'http-rewrite', cookie: 'sid', clock: () => 7 })
  const first = await ask(balancer.url)
  expect(first.cookies).toEqual([expect.stringMatching(/^sid=[0-9a-f]{32}\|7\|7; Path=\/; HttpOnly$/), 'theme=dark'])
  expect((await ask(balancer.url, { cookie: `theme=dark; ${first.cookie('sid')}` })).name).toBe('a')
  const bad = await ask(`${balancer.url}/404`, { cookie: first.cookie('sid') })
  expect([bad.name, bad.cookie('sid')]).toEqual(['a', 'sid=raw-value'])
  // The raw value says nothing to the balancer: the client is a stranger now.
  expect((await ask(balancer.url, { cookie: bad.cookie('sid') })).name).toBe('b')
})

test('http-rewrite: says what to write when the cookie is not named', async () => {
  await expect(startBalancer({ backends: [], listener: 'http-rewrite' })).rejects.toThrow("{ cookie: 'sid' }")
})

test('tcp: one source address, one backend; a client that changes its address is a new one', async () => {
  const { balancer } = await setUp({ listener: 'tcp' })
  const names = []
  for (const from of ['127.0.0.2', '127.0.0.2', '127.0.0.3', '127.0.0.2', '127.0.0.3', '127.0.0.4']) {
    names.push((await ask(balancer.url, { from })).name)
  }
  expect(names).toEqual(['a', 'a', 'b', 'a', 'b', 'c'])
})

test('tcp: two clients behind one address share a backend, and no cookie is touched', async () => {
  const { balancer } = await setUp({ listener: 'tcp' })
  const one = await ask(`${balancer.url}/302`, { from: '127.0.0.9' })
  const two = await ask(balancer.url, { from: '127.0.0.9' })
  expect([one.name, two.name]).toEqual(['a', 'a'])
  expect(one.cookies).toEqual(['sid=raw-value; Path=/; HttpOnly', 'theme=dark'])
})

test('tcp: the address is forgotten after the timeout, and at once with persistence off', async () => {
  let now = 0
  const { balancer, backends } = await setUp({ listener: 'tcp', timeout: 1000, clock: () => now })
  expect((await ask(balancer.url)).name).toBe('a')
  now += 1000
  expect((await ask(balancer.url)).name).toBe('a')
  now += 1001
  expect((await ask(balancer.url)).name).toBe('b')

  const off = await startBalancer({ backends, listener: 'tcp', persistence: false })
  ends.push(() => off.close())
  expect([(await ask(off.url)).name, (await ask(off.url)).name]).toEqual(['a', 'b'])
})

test('tcp: a connection stays where it is, however many requests it carries', async () => {
  const { balancer } = await setUp({ listener: 'tcp', persistence: false })
  const agent = new HttpAgent({ keepAlive: true, maxSockets: 1 })
  ends.push(() => agent.destroy())
  const names = []
  for (let i = 0; i < 3; i++) names.push((await ask(balancer.url, { agent })).name)
  expect(names).toEqual(['a', 'a', 'a'])
})

test.each(['http-insert', 'tcp'] as const)('%s: carries a body of a megabyte both ways', async (listener) => {
  const { balancer } = await setUp({ listener })
  const body = 'x'.repeat(1 << 20)
  const answer = await ask(balancer.url, { method: 'POST', body })
  expect(answer.body).toBe(`a:${body}`)
})

test('setBackends: a client of a backend that left is given another; the cookie of one that stays is good', async () => {
  const { balancer, backends } = await setUp()
  const onA = (await ask(balancer.url)).cookie('SERVERID')
  const onB = (await ask(balancer.url)).cookie('SERVERID')
  balancer.setBackends(backends.slice(1))
  expect((await ask(balancer.url, { cookie: onB })).name).toBe('b')
  expect((await ask(balancer.url, { cookie: onA })).name).not.toBe('a')
})

test('no backend: 503. One that does not answer: 502, and the balancer goes on', async () => {
  const { balancer, backends } = await setUp()
  balancer.setBackends([])
  expect((await ask(balancer.url)).status).toBe(503)
  const dead = await startBalancer({ backends: ['http://127.0.0.1:1'] })
  ends.push(() => dead.close())
  expect((await ask(dead.url)).status).toBe(502)
  dead.setBackends(backends)
  expect((await ask(dead.url)).status).toBe(200)
})

test.each(['http-insert', 'tcp'] as const)('%s: close() ends open connections and frees the port', async (listener) => {
  const { balancer, backends } = await setUp({ listener })
  const again = await startBalancer({ backends, listener })
  const agent = new HttpAgent({ keepAlive: true })
  ends.push(() => agent.destroy())
  await ask(again.url, { agent })
  await again.close()
  await expect(ask(again.url)).rejects.toThrow('ECONNREFUSED')
  expect((await ask(balancer.url)).status).toBe(200)
})
