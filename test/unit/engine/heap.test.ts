import { expect, it } from 'vitest'
import { copiesOnHeap } from '../../../bench/lib/copies.ts'

it('local copies take less than one and a half times of the heap that they may, whatever the shape of the sessions', async () => {
  const measured = await copiesOnHeap(16 * 2 ** 20)
  expect(measured.length).toBeGreaterThan(4)
  for (const { shape, kept, configured, measured: bytes } of measured) {
    expect(kept, shape).toBeGreaterThan(10)
    expect(bytes / configured, shape).toBeLessThan(1.5)
    // What is measured is there at all.
    expect(bytes / configured, shape).toBeGreaterThan(0.3)
  }
})
