import { expect, it } from 'vitest'
import { type LimpetEvent, memoryStore } from '../../src/index.ts'
import { Browser } from './support/client.ts'
import { keepTrouble } from './support/events.ts'
import { type Framework, frameworks, type Handler } from './support/frameworks.ts'
import { serve } from './support/server.ts'

/** A small shop. */
const shop: Handler = async (sticky, { method, path }) => {
  const { session } = sticky
  if (path === '/throw') throw new Error('the shop is on fire')
  if (path === '/missing') return { status: 404, body: 'not here' }
  if (path === '/late') await expect(session.set('n', undefined as never)).rejects.toThrow()
  if (path === '/login') {
    await sticky.regenerate()
    await session.set('user', 'ada')
    return { status: 302, headers: { location: '/' } }
  }
  if (path === '/logout') await session.destroy()
  if (method === 'POST') await session.update('n', (n) => ((n as number | undefined) ?? 0) + 1)
  const { state, reason, owner, backend, misdirected } = sticky
  return { body: { state, reason, owner, backend, misdirected, data: await session.all() } }
}

const STEPS = [
  ['GET', '/missing'],
  ['GET', '/'],
  ['POST', '/buy'],
  ['GET', '/throw'],
  ['HEAD', '/'],
  ['POST', '/login'],
  ['POST', '/buy'],
  ['GET', '/late'],
  ['GET', '/'],
  ['POST', '/logout'],
  ['GET', '/'],
] as const

/** What a browser sees that walks through the shop, without what is random. */
async function walk(framework: Framework): Promise<unknown[]> {
  const events: LimpetEvent[] = []
  const app = framework.make(
    {
      secret: 'a secret of the tests, 32 bytes or more',
      store: memoryStore(),
      backend: { id: 'web1' },
      idleTimeout: '1h',
      onEvent: keepTrouble(events),
    },
    shop,
  )
  const running = await serve(app.listener)
  const browser = new Browser()
  const ids: string[] = []
  const seen: unknown[] = []
  for (const [method, path] of STEPS) {
    const answer = await browser.ask(running.port, path, { method })
    const { id, version, owner } = browser.token
    if (!ids.includes(id)) ids.push(id)
    // What a framework says of an error is its own.
    const json = answer.body.startsWith('{') && answer.status < 500
    seen.push({
      step: `${method} ${path}`,
      status: answer.status,
      location: answer.headers.location,
      attributes: answer.cookies.map((cookie) => cookie.slice(cookie.indexOf(';'))),
      session: ids.indexOf(id),
      version,
      owner,
      body: json ? JSON.parse(answer.body) : undefined,
    })
  }
  await running.close()
  await app.close()
  return [...seen, events]
}

it('a browser cannot tell the frameworks from one another, nor from node:http, by its session', async () => {
  const [reference = [], ...others] = await Promise.all(frameworks.map(walk))
  for (const [index, other] of others.entries()) {
    expect(other, `${frameworks[index + 1]?.name} against ${frameworks[0]?.name}`).toEqual(reference)
  }
})

it('and what it sees is this', async () => {
  const [first] = frameworks
  const walked = first ? await walk(first) : []
  const attributes = ['; Max-Age=3600; Path=/; HttpOnly; SameSite=Lax']
  const mine = { owner: 'web1', backend: 'web1', misdirected: false }
  const resumed = { ...mine, state: 'resumed', reason: 'valid' }
  expect(walked).toMatchObject([
    { status: 404, attributes, session: 0, version: 0 },
    { status: 200, attributes, session: 0, version: 0, body: { ...resumed, data: {} } },
    { status: 200, attributes, session: 0, version: 1, body: { ...resumed, data: { n: 1 } } },
    { status: 500, attributes, session: 0, version: 1 },
    { status: 200, attributes, session: 0, version: 1 },
    { status: 302, attributes, session: 1, version: 3, location: '/' },
    { status: 200, attributes, session: 1, version: 4, body: { ...resumed, data: { n: 2, user: 'ada' } } },
    { status: 200, attributes, session: 1, version: 4, body: { ...resumed, data: { n: 2, user: 'ada' } } },
    { status: 200, attributes, session: 1, version: 4, body: { ...resumed, data: { n: 2, user: 'ada' } } },
    { status: 200, attributes, session: 2, version: 1, body: { data: { n: 1 } } },
    { status: 200, attributes, session: 2, version: 1, body: { ...resumed, data: { n: 1 } } },
    [],
  ])
})
