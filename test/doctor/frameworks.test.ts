import { expect, test } from 'vitest'
import { startBalancer } from '../../examples/balancer/balancer.ts'
import { checks, examine, type Observations, observe } from '../../src/doctor.ts'
import { memoryStore } from '../../src/index.ts'
import { type Framework, frameworks } from '../http/support/frameworks.ts'
import { serve } from '../http/support/server.ts'

const SECRET = 'a secret of the tests, 32 bytes or more'

/** Three backends of a framework behind a balancer with all four causes of the article. */
async function behindTheWorst<T>({ make }: Framework, look: (url: string) => Promise<T>): Promise<T> {
  const store = memoryStore()
  const started = await Promise.all(
    ['b1', 'b2', 'b3'].map(async (id) => {
      const { listener, close } = make({ secret: SECRET, store, backend: { id } }, (_sticky, { path }) => {
        if (path === '/throw') throw new Error('on fire')
        if (path === '/login') return { status: 302, headers: { location: '/', 'x-backend': id } }
        return { status: path === '/' ? 200 : 404, headers: { 'x-backend': id } }
      })
      return { running: await serve(listener), close }
    }),
  )
  const backends = started.map(({ running }) => `http://127.0.0.1:${running.port}`)
  const balancer = await startBalancer({ backends, persistence: false })
  try {
    return await look(`${balancer.url}/`)
  } finally {
    await balancer.close()
    for (const { running, close } of started) {
      await running.close()
      await close()
    }
  }
}

test.each(frameworks)('$name: every answer carries the cookie, and no session is lost', async (framework) => {
  const found = await behindTheWorst(framework, async (url) => {
    const with404 = await examine(url, { redirect: '/login' })
    const with500 = await examine(url, { redirect: '/login', missing: '/throw' })
    const statuses = [...with404.exchanges, ...with500.exchanges].map(({ status }) => status)
    expect(new Set(statuses)).toEqual(new Set([200, 302, 404, 500]))
    return [with404, with500].map(({ verdict, findings }) => ({ verdict, ids: findings.map(({ id }) => id) }))
  })
  // Round robin goes on under it, and that is a note.
  expect(found).toEqual([
    { verdict: 'healthy', ids: ['backend-changes'] },
    { verdict: 'healthy', ids: ['backend-changes'] },
  ])
})

test('one check alone, on what was seen', async () => {
  const [framework] = frameworks
  if (!framework) throw new Error('no framework')
  const { observations } = await behindTheWorst(framework, (url) => observe(url))
  expect(checks['limpet-missing'](observations)).toEqual([])
  // Taken out of one answer, it is missed there.
  const broken: Observations = {
    ...observations,
    exchanges: observations.exchanges.map((one) => (one.number === 3 ? { ...one, cookies: [] } : one)),
  }
  expect(checks['limpet-missing'](broken)).toMatchObject([{ id: 'limpet-missing', evidence: [3] }])
})
