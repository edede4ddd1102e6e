import { channel } from 'node:diagnostics_channel'
import { Registry, register } from 'prom-client'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { collectMetrics } from '../../src/metrics.ts'
import type { LimpetEvent } from '../../src/ports/events.ts'
import { Backend } from '../forward/support/backend.ts'
import { cookieOf, send } from '../forward/support/client.ts'
import { until } from '../support/until.ts'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** The lines of one metric, as Prometheus reads them. */
async function linesOf(registry: Registry, name: string): Promise<string[]> {
  const text = await registry.metrics()
  return text.split('\n').filter((line) => line.startsWith(name))
}

describe('limpet/metrics, with prom-client', () => {
  const registry = new Registry()
  let end: () => void
  let [a, b] = [] as unknown as [Backend, Backend]
  beforeAll(async () => {
    end = collectMetrics({ registry })
    const start = async (id: string) => {
      const backend = await Backend.start(id, inject('redisUrl'), { cookie: { name: 'limpet' } })
      backend.app.post('/store', async (req, res) => {
        await req.sticky.session.set('at', id)
        res.send(id)
      })
      return backend
    }
    ;[a, b] = [await start('m1'), await start('m2')]
    await until(() => [a, b].every((one) => one.ofType('backend').length > 0), 'they know each other')
  })
  afterAll(async () => {
    end()
    await a.stop()
    await b.stop()
  })

  it('counts what a session goes through: begun, passed on, adopted; and hops that nobody made', async () => {
    const home = await send(a.port, '/store', { method: 'POST' })
    const headers = { cookie: cookieOf(home) }
    for (let n = 0; n < 3; n++) expect((await send(b.port, '/store', { method: 'POST', headers })).text).toBe('m1')
    await send(a.port, '/', { headers: { 'limpet-hop': 'made up' } })
    expect(await linesOf(registry, 'limpet_peers')).toEqual(['limpet_peers 2'])
    expect(await linesOf(registry, 'limpet_local_copies')).toEqual(['limpet_local_copies_trusted 1'])
    await a.stop()
    await until(() => b.ofType('backend').at(-1)?.state === 'down', 'its end was noticed')
    expect((await send(b.port, '/store', { method: 'POST', headers })).text).toBe('m2')

    expect(await linesOf(registry, 'limpet_sessions_started')).toEqual([
      'limpet_sessions_started_total{reason="no-cookie"} 2',
    ])
    const forwards = await linesOf(registry, 'limpet_forward_duration_seconds')
    expect(forwards).toContain('limpet_forward_duration_seconds_count{outcome="answered"} 3')
    expect(forwards).toContain('limpet_forward_duration_seconds_bucket{le="600",outcome="answered"} 3')
    expect(await linesOf(registry, 'limpet_adoptions')).toEqual(['limpet_adoptions_total 1'])
    expect(await linesOf(registry, 'limpet_hops_rejected')).toEqual([
      'limpet_hops_rejected_total{reason="bad-signature"} 1',
    ])
    expect(await linesOf(registry, 'limpet_peers')).toEqual(['limpet_peers 1'])
  })

  it('is one for each process and registry, and leaves nothing behind when it ends', async () => {
    expect(() => collectMetrics({ registry })).toThrow(expect.objectContaining({ code: 'ERR_LIMPET_OPTIONS' }))
    expect(() => collectMetrics({ registry: 'prom' as never })).toThrow(/takes \{ registry \}/)
    const other = new Registry()
    collectMetrics({ registry: other })()
    expect(await other.metrics()).toBe('\n')
    ends.push(collectMetrics())
    expect(register.getSingleMetric('limpet_adoptions_total')).toBeDefined()
  })
})

it('every type of event is counted', async () => {
  const registry = new Registry()
  ends.push(collectMetrics({ registry }))
  const events: LimpetEvent[] = [
    { type: 'warning', code: 'no-client', message: '' },
    { type: 'behind', id: 'x', seen: 5, lost: 3 },
    { type: 'store-failed', operation: 'read', error: new Error('x') },
    { type: 'store-breaker', state: 'open', operations: 'writes' },
    { type: 'invalidation', state: 'down' },
  ]
  for (const event of events) channel(`limpet:${event.type}`).publish(event)
  const text = await registry.metrics()
  for (const line of [
    'limpet_warnings_total{code="no-client"} 1',
    'limpet_sessions_behind_total 1',
    'limpet_writes_lost_total 3',
    'limpet_store_failures_total{operation="read"} 1',
    'limpet_store_breaker_open{operations="writes"} 1',
    'limpet_local_copies_trusted 0',
  ]) {
    expect(text).toContain(`${line}\n`)
  }
})
