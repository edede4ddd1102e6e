import { afterAll, describe, expect, it } from 'vitest'
import { playCell } from './cell.ts'
import { createAttached, createLimpet } from './limpet.ts'
import { caching } from './rows/caching.ts'
import { groups } from './rows/index.ts'
import { type ServerName, servers } from './shape.ts'

const tables = [...groups, caching].map(({ title, rows }) => [title, rows] as const)
const limpet = createLimpet()
const attached = createAttached()
afterAll(async () => {
  await limpet.close()
  await attached.close()
})

const placesToAttach: readonly ServerName[] = ['express5', 'koa3', 'fastify5', 'hono', 'http', 'http2']
const columns = [
  ...servers.map((server) => ({ server, how: 'app.use()', contender: limpet })),
  ...placesToAttach.map((server) => ({ server, how: 'attach()', contender: attached })),
]

describe.each(columns)('every response on $server, by $how (law 1)', ({ server, contender }) => {
  describe.each(tables)('%s', (_title, rows) => {
    const cells = rows.filter((row) => row.doesNotApply?.[server] === undefined)
    it.each(cells.map((row) => [row.name, row] as const))('%s', async (_name, row) => {
      const problems = await playCell(row, server, contender, { strict: true })
      expect(problems.map(({ detail }) => detail)).toEqual([])
    })
  })
})

it('has at least 40 rows, and leaves out next to nothing', () => {
  const rows = groups.flatMap((group) => group.rows)
  const names = rows.map((row) => row.name)
  expect(rows.length).toBeGreaterThanOrEqual(40)
  expect(new Set(names).size).toBe(names.length)
  expect(rows.flatMap((row) => Object.keys(row.doesNotApply ?? {})).length).toBeLessThanOrEqual(2)
})
