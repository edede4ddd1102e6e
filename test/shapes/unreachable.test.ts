import { afterAll, describe, expect, it } from 'vitest'
import { playCell } from './cell.ts'
import { createLimpet } from './limpet.ts'
import { playUnreachable, unreachable, unreachableOnHttp2 } from './unreachable.ts'

const limpet = createLimpet()
afterAll(() => limpet.close())

describe.each(['express4', 'express5', 'koa2', 'koa3', 'http'] as const)('out of reach on %s', (server) => {
  it.each(unreachable.map((row) => [row.name, row] as const))('%s', async (_name, row) => {
    expect(await playUnreachable(row, server, limpet)).toEqual([])
  })
})

it(`out of reach on http2: ${unreachableOnHttp2.name}`, async () => {
  expect(await playCell(unreachableOnHttp2, 'http2', limpet)).toEqual([])
})
