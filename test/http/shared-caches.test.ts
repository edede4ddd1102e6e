import { afterEach, describe, expect, it } from 'vitest'
import { type LimpetEvent, memoryStore } from '../../src/index.ts'
import { type Answer, ask, Browser } from './support/client.ts'
import { keepTrouble } from './support/events.ts'
import { type App, type Framework, frameworks, type Reply } from './support/frameworks.ts'
import { type Running, serve } from './support/server.ts'

type Cacheable = 'skip' | 'private' | 'emit'

let open: { running: Running; app: App }[] = []
afterEach(async () => {
  for (const { running, app } of open) {
    await running.close()
    await app.close()
  }
  open = []
})

/** An application that answers everything with these headers. A POST stores something first. */
async function answering(framework: Framework, headers: Reply['headers'] = {}, cacheable?: Cacheable) {
  const events: LimpetEvent[] = []
  const options = { secret: 'a secret of the tests, 32 bytes or more', store: memoryStore(), cacheable }
  const app = framework.make({ ...options, onEvent: keepTrouble(events) }, async ({ session }, { method }) => {
    if (method === 'POST') await session.set('cart', 1)
    return { headers }
  })
  const running = await serve(app.listener)
  open.push({ running, app })
  return { events, port: running.port }
}

/** A shared cache must not be able to hand our cookie to somebody else. */
function expectSafe({ cookies, headers }: Answer): void {
  if (cookies.length === 0) return
  const cacheControl = headers['cache-control'] ?? ''
  expect(cacheControl).not.toMatch(/public|s-maxage/i)
  for (const name of ['cdn-cache-control', 'surrogate-control', 'cloudflare-cdn-cache-control'])
    expect(headers[name] ?? '').not.toMatch(/max-age=[1-9]/)
}

const LATER = new Date(Date.now() + 3_600_000).toUTCString()

const REUSABLE = [
  { 'Cache-Control': 'public, max-age=60' },
  { 'Cache-Control': 'max-age=60, Public' },
  { 'Cache-Control': 's-maxage=60' },
  { 'Cache-Control': 'public, max-age=0, s-maxage=60' },
  { 'CDN-Cache-Control': 'max-age=60' },
  { 'CDN-Cache-Control': 's-maxage=60' },
  { 'Surrogate-Control': 'max-age=60' },
  { 'Cache-Control': 'no-store', 'CDN-Cache-Control': 'max-age=60' },
  { 'Cache-Control': 'public, max-age=60', 'Surrogate-Control': 'max-age=600' },
  // Each of the two speaks to other caches.
  { 'CDN-Cache-Control': 'max-age=0', 'Surrogate-Control': 'max-age=600' },
  { 'Surrogate-Control': 'no-store', 'CDN-Cache-Control': 'max-age=600' },
  { 'Cloudflare-CDN-Cache-Control': 'max-age=600' },
]

describe.each(frameworks)('$name: no cookie in a shared cache (law 9)', (framework) => {
  it.each(REUSABLE)("a response with %j gets no cookie, and stays as it is: 'skip', the default", async (headers) => {
    const { port } = await answering(framework, headers)
    const answer = await ask(port)
    expect(answer.cookies).toEqual([])
    for (const [name, value] of Object.entries(headers)) expect(answer.headers[name.toLowerCase()]).toBe(value)
  })

  it.each(REUSABLE)("a response with %j is made private and gets it: 'private'", async (headers) => {
    const { port } = await answering(framework, headers, 'private')
    const answer = await ask(port)
    expect(answer.cookies).toHaveLength(1)
    expect(answer.headers['cache-control']).toMatch(/^private/)
    expectSafe(answer)
  })

  it.each(REUSABLE)("a response with %j gets it and stays as it is: 'emit'", async (headers) => {
    const { port } = await answering(framework, headers, 'emit')
    const answer = await ask(port)
    expect(answer.cookies).toHaveLength(1)
    for (const [name, value] of Object.entries(headers)) expect(answer.headers[name.toLowerCase()]).toBe(value)
  })

  it.each([
    ['public', 'private'],
    ['public, max-age=0', 'private, max-age=0'],
    ['public, no-cache', 'private, no-cache'],
    ['max-age=60', 'private, max-age=60'],
  ])('"%s" says "%s" instead, and carries the cookie', async (before, after) => {
    const { port } = await answering(framework, { 'Cache-Control': before })
    const answer = await ask(port)
    expect(answer.cookies).toHaveLength(1)
    expect(answer.headers['cache-control']).toBe(after)
  })

  it.each([undefined, 'no-store', 'private', 'private, max-age=60', 'no-cache', 'no-store, public, max-age=60'])(
    'nothing is done to Cache-Control: %s',
    async (cacheControl) => {
      const { port } = await answering(framework, cacheControl === undefined ? {} : { 'Cache-Control': cacheControl })
      const answer = await ask(port)
      expect(answer.cookies).toHaveLength(1)
      const stays = cacheControl?.replace('public, ', '') === cacheControl
      if (stays) expect(answer.headers['cache-control']).toBe(cacheControl)
      else expect(answer.headers['cache-control']).toContain('no-store')
    },
  )

  it.each([
    [{ Expires: LATER }, 'private'],
    [{ Expires: LATER, 'Cache-Control': 'must-revalidate' }, 'private, must-revalidate'],
    [{ Expires: LATER, 'Cache-Control': 'private' }, 'private'],
    [{ Expires: LATER, 'Cache-Control': 'max-age=0' }, 'max-age=0'],
    [{ Expires: 'Thu, 01 Jan 1970 00:00:00 GMT' }, undefined],
    [{ Expires: '0' }, undefined],
  ])('with %j the response carries the cookie, and its Cache-Control is: %s', async (headers, after) => {
    const { port } = await answering(framework, headers as Reply['headers'])
    const answer = await ask(port)
    expect(answer.cookies).toHaveLength(1)
    expect(answer.headers['cache-control']).toBe(after)
    expect(answer.headers.expires).toBe(headers.Expires)
  })

  it('a write behind such a response is told once, for the client does not learn of it', async () => {
    const { events, port } = await answering(framework, { 'Cache-Control': 'public, max-age=60' })
    await ask(port)
    expect(events).toEqual([])
    await ask(port, '/', { method: 'POST' })
    await ask(port, '/', { method: 'POST' })
    expect(events).toMatchObject([{ type: 'warning', code: 'cacheable-session' }])
    expect(events[0]).toMatchObject({ message: expect.stringContaining("cacheable: 'private'") })
  })

  it('a client that has its cookie keeps it through cacheable responses', async () => {
    const { port } = await answering(framework, { 'Cache-Control': 'public, max-age=60' })
    const other = await answering(framework)
    const browser = new Browser()
    await browser.ask(other.port)
    const { value } = browser
    await browser.ask(port)
    expect(browser.value).toBe(value)
  })
})
