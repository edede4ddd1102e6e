import { afterAll, describe, expect, it } from 'vitest'
import { playCell } from './cell.ts'
import { createLimpet } from './limpet.ts'
import { servers } from './shape.ts'
import { playUnreachable, unreachable, unreachableOnHttp2 } from './unreachable.ts'

const limpet = createLimpet()
afterAll(() => limpet.close())

const places = servers.filter((server) => server !== 'http2')

describe.each(places)('out of reach on %s', (server) => {
  it.each(unreachable.map((row) => [row.name, row] as const))('%s', async (_name, row) => {
    expect(await playUnreachable(row, server, limpet)).toEqual([])
  })
})

it(`out of reach on http2: ${unreachableOnHttp2.name}`, async () => {
  expect(await playCell(unreachableOnHttp2, 'http2', limpet)).toEqual([])
})
