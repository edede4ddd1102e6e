import { subscribe } from 'node:diagnostics_channel'
import { expect, it, vi } from 'vitest'

// The same tests with the other hop: what it does not take goes by node:http, and nobody may notice the difference.
vi.stubEnv('TEST_HOP', 'undici')
let sent = 0
subscribe('undici:client:sendHeaders', () => sent++)
await import('./forward.test.ts')

it('and undici was the one that was asked', () => {
  expect(sent).toBeGreaterThan(30)
})
