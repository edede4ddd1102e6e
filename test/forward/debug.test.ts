import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { until } from '../support/until.ts'
import { Backend } from './support/backend.ts'
import { cookieOf, send } from './support/client.ts'

const backends: Backend[] = []
let [a, b, silent] = [] as unknown as [Backend, Backend, Backend]

beforeAll(async () => {
  for (const [id, debug] of [
    ['t1', true],
    ['t2', true],
    ['t3', false],
  ] as const) {
    const backend = await Backend.start(id, inject('redisUrl'), { cookie: { name: 'limpet' }, debug })
    backend.app.get('/', (_req, res) => void res.set('Server-Timing', 'db;dur=53').send(id))
    backends.push(backend)
  }
  ;[a, b, silent] = backends as [Backend, Backend, Backend]
  await until(() => backends.every((one) => one.ofType('backend').length >= 2), 'they know each other')
})
afterAll(async () => {
  for (const backend of backends) await backend.stop()
})

const timingOf = ({ headers }: Awaited<ReturnType<typeof send>>) => String(headers['server-timing'])

it('with debug, a response says what became of its session and of its request, and names no backend', async () => {
  const first = await send(a.port, '/')
  expect(timingOf(first)).toMatch(/^db;dur=53, limpet;desc="new \(no-cookie\), owner [\w-]{8}"$/)
  const owner = /owner ([\w-]{8})/.exec(timingOf(first))?.[1]
  const headers = { cookie: cookieOf(first) }
  expect(timingOf(await send(a.port, '/', { headers }))).toBe(`db;dur=53, limpet;desc="resumed, owner ${owner}"`)
  const passedOn = timingOf(await send(b.port, '/', { headers }))
  expect(passedOn).toMatch(
    new RegExp(
      `^db;dur=53, limpet;desc="resumed, owner ${owner}", limpet-hop;desc="forward, owner ${owner}";dur=\\d+\\.\\d\\d$`,
    ),
  )
  expect(passedOn).not.toContain(String(a.port))
})

it('without, it says nothing', async () => {
  const first = await send(silent.port, '/')
  expect(timingOf(first)).toBe('db;dur=53')
  const away = await send(b.port, '/', { headers: { cookie: cookieOf(first) } })
  expect(timingOf(away)).toMatch(/^db;dur=53, limpet-hop;/)
})
