import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { clocks } from './faults/clocks.ts'
import { type Fault, type Row, Stage } from './faults/fault.ts'
import { forged } from './faults/forged.ts'
import { killedBusy, killedIdle } from './faults/killed.ts'
import { partition } from './faults/network.ts'
import { redisAway } from './faults/redis.ts'
import { slowLoris, stopped } from './faults/silent.ts'

const FAULTS: readonly Fault[] = [killedIdle, killedBusy, stopped, redisAway, partition, clocks, slowLoris, forged]

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

const seen = new Map<Fault, readonly Row[]>()

describe.concurrent('what clients see of a fault where requests come home (law 8)', () => {
  it.each(FAULTS.map((fault) => [fault.title, fault] as const))(
    '%s',
    async (_title, fault) => {
      const stage = new Stage(redis.url)
      try {
        seen.set(fault, await fault.run(stage))
      } finally {
        await stage.end()
      }
    },
    120_000,
  )
})

it('docs/faults.md says what was seen; "npm run faults" renews it', async () => {
  const missing = FAULTS.filter((fault) => !seen.has(fault)).map(({ title }) => title)
  expect(missing, 'faults that were not run to their end').toEqual([])
  await expect(page()).toMatchFileSnapshot('../../docs/faults.md')
})

function page(): string {
  const parts = FAULTS.map((fault) => {
    const rows = (seen.get(fault) ?? []).map((row) => `| ${row.join(' | ')} |`)
    return [`## ${fault.title}`, '', fault.how, '', '| request | its client sees |', '|---|---|', ...rows].join('\n')
  })
  return `${[HEAD, ...parts].join('\n\n')}\n`
}

const HEAD = `# Faults

What clients see when something breaks while requests come home (\`misdirected: 'forward'\`, see [forwarding.md](forwarding.md)). This page is written by
\`npm run faults\`, which runs each fault with real processes and a real Redis; \`npm test\` runs them, too, and fails when this page is not what it has seen.`
