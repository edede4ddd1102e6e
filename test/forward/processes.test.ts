import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { cookieOf, send } from './support/client.ts'
import { acquainted, BackendProcess } from './support/process.ts'

const started: BackendProcess[] = []
let redis: RedisServer
let admin: Redis

beforeAll(async () => {
  redis = await startRedis()
  admin = new Redis(redis.url)
})
afterAll(async () => {
  for (const one of started) await one.kill()
  admin.disconnect()
  await redis.stop()
})

/** Backends that know each other. */
async function start(...ids: string[]): Promise<BackendProcess[]> {
  const all = await Promise.all(ids.map((id) => BackendProcess.start(id, redis.url)))
  started.push(...all)
  await acquainted(all)
  return all
}

const count = async (what: string) => Number(await admin.get(`work:${what}`))

/** A cookie of a session with data that is at home on this backend. */
async function homeOn(backend: BackendProcess): Promise<{ cookie: string }> {
  const answer = await send(backend.port, '/store', { method: 'POST' })
  expect(answer.text).toBe(backend.id)
  return { cookie: cookieOf(answer) }
}

describe.concurrent('an owner in a process of its own (law 8)', () => {
  it('that is killed in the middle of its answers: nobody gets a whole one, nothing is done twice, one other takes over', async () => {
    const [owner, other, third] = await start('k1', 'k2', 'k3')
    if (!owner || !other || !third) throw new Error('unreachable')
    const headers = await homeOn(owner)

    const half = request({ port: other.port, path: '/work/k-half?half', method: 'POST', headers, agent: false })
    half.end('x')
    const [response] = (await once(half, 'response')) as [IncomingMessage]
    const [chunk] = await once(response, 'data')
    const waiting = send(other.port, '/work/k-nothing', { method: 'POST', headers, body: 'x' })
    await until(async () => (await count('k-nothing')) === 1, 'the owner works at it')
    const end = new Promise<string>((resolve) =>
      response.on('end', () => resolve('whole')).on('error', () => resolve('broken off')),
    )
    await owner.kill()

    expect(String(chunk)).toBe('half of it')
    expect(await end).toBe('broken off')
    const answer = await waiting
    expect(answer.status).toBe(502)
    expect(answer.text).toMatch(/may have done what was asked/)
    expect([await count('k-half'), await count('k-nothing')]).toEqual([1, 1])

    await until(() => [other, third].every((one) => one.knows(owner) === 'down'), 'its end was noticed')
    const answers = await Promise.all([other, third, other, third].map(({ port }) => send(port, '/who', { headers })))
    const heirs = new Set(answers.map(({ text }) => text))
    expect(heirs.size).toBe(1)
    expect([other.id, third.id]).toContain([...heirs][0])
  })

  it('that stands still: its requests get 504, nobody else does them, and when it wakes it knows that the session has moved', async () => {
    const [owner, other] = await start('s1', 's2')
    if (!owner || !other) throw new Error('unreachable')
    const headers = await homeOn(owner)
    owner.signal('SIGSTOP')
    try {
      const answer = await send(other.port, '/add/s', { method: 'POST', headers, body: 'x' })
      expect(answer.status).toBe(504)
      expect(await count('s')).toBe(0)
      const next = await send(other.port, '/who', { headers })
      expect(next.text).toBe('s2')
      headers.cookie = cookieOf(next)
    } finally {
      owner.signal('SIGCONT')
    }
    await until(() => other.knows(owner) === 'up', 'it is there again')
    expect((await send(owner.port, '/who', { headers })).text).toBe('s2')
    // What had reached it before it stood still it does when it wakes, once: nobody has sent it again.
    expect(await count('s')).toBeLessThanOrEqual(1)
  })

  it('goes on being the owner while Redis is away', async () => {
    const silent = await startRedis()
    const all = await Promise.all(['r1', 'r2'].map((id) => BackendProcess.start(id, silent.url)))
    started.push(...all)
    const [owner, other] = all
    if (!owner || !other) throw new Error('unreachable')
    try {
      await acquainted(all)
      const headers = await homeOn(owner)
      silent.pause()
      const since = performance.now()
      // For longer than a backend is given that does not announce itself.
      while (performance.now() - since < 9000) {
        expect((await send(other.port, '/who', { headers })).text).toBe('r1')
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      expect(other.knows(owner)).toBe('up')
    } finally {
      silent.resume()
      for (const one of all) await one.kill()
      await silent.stop()
    }
  })
})
