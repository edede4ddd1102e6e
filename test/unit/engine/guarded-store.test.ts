import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { StoreError } from '../../../src/core/errors.ts'
import { GuardedStore } from '../../../src/engine/process/guarded-store.ts'
import { memoryStore } from '../../../src/memory/memory-store.ts'
import type { LimpetEvent } from '../../../src/ports/events.ts'

const outage = () => Promise.reject(new StoreError('down', { applied: false, outage: true }))
const never = () => new Promise<never>(() => undefined)

function guarded(local = false) {
  const events: LimpetEvent[] = []
  const store = { ...memoryStore(), local }
  const guard = new GuardedStore(store, 1000, (event) => events.push(event))
  return { guard, events, store }
}

async function fail(guard: GuardedStore, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await guard.call('read', outage).catch(() => undefined)
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

describe('the deadline of a store call', () => {
  it('rejects a call that does not end, and says that nobody knows what became of it', async () => {
    const { guard, events } = guarded()
    const call = guard.call('write', never)
    const told = expect(call).rejects.toMatchObject({
      code: 'ERR_LIMPET_STORE',
      applied: 'unknown',
      message: 'the store did not answer a write within 1000 ms (storeTimeout)',
    })
    // A driver that keeps to the time itself knows more, and has the first word.
    await vi.advanceTimersByTimeAsync(1099)
    expect(events).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    await told
    expect(events).toMatchObject([{ type: 'store-failed', operation: 'write', error: { code: 'ERR_LIMPET_STORE' } }])
  })

  it('leaves no timer behind when the answer comes, good or bad', async () => {
    const { guard } = guarded()
    await guard.call('read', async () => 'answer')
    await guard.call('read', outage).catch(() => undefined)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('ignores a failure that comes after the deadline', async () => {
    const { guard, events } = guarded()
    const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error('late')), 1500))
    const call = guard.call('write', () => late)
    const told = expect(call).rejects.toMatchObject({ applied: 'unknown' })
    await vi.advanceTimersByTimeAsync(2000)
    await told
    expect(events).toHaveLength(1)
  })
})

describe('failures', () => {
  it('of a driver come as they are, with an event', async () => {
    const { guard, events } = guarded()
    const failure = new StoreError('WRONGTYPE', { applied: false, outage: false })
    await expect(guard.call('touch', () => Promise.reject(failure))).rejects.toBe(failure)
    expect(events).toEqual([{ type: 'store-failed', operation: 'touch', error: failure }])
  })

  it.each([
    ['rejects', () => Promise.reject(new TypeError('oops'))],
    [
      'throws',
      () => {
        throw new TypeError('oops')
      },
    ],
    ['rejects with a text', () => Promise.reject('oops')],
  ])('of a driver that %s with something unforeseen are unknown outcomes', async (_, run: () => Promise<never>) => {
    const { guard } = guarded()
    await expect(guard.call('write', run)).rejects.toMatchObject({
      code: 'ERR_LIMPET_STORE',
      applied: 'unknown',
      message: expect.stringMatching(/^the store failed in a write with (a string|TypeError), which is no StoreError$/),
    })
  })
})

describe('the breaker', () => {
  it('leaves a store alone after five outages in a row', async () => {
    const { guard, events } = guarded()
    await fail(guard, 5)
    expect(events.filter(({ type }) => type === 'store-breaker')).toEqual([
      { type: 'store-breaker', state: 'open', operations: 'reads' },
    ])
    const asked = vi.fn(async () => 'answer')
    await expect(guard.call('read', asked)).rejects.toMatchObject({ applied: false, outage: true })
    expect(asked).not.toHaveBeenCalled()
  })

  it.each([
    ['writes', 'write', 'read'],
    ['writes', 'touch', 'read'],
    ['reads', 'read', 'destroy'],
  ] as const)('of %s holds back those alone: %s, not %s', async (operations, failing, other) => {
    const { guard, events } = guarded()
    for (let i = 0; i < 6; i++) await guard.call(failing, outage).catch(() => undefined)
    expect(events.filter(({ type }) => type === 'store-breaker')).toEqual([
      { type: 'store-breaker', state: 'open', operations },
    ])
    await expect(guard.call(other, async () => 'answer')).resolves.toBe('answer')
    const asked = vi.fn(async () => 'answer')
    await expect(guard.call(failing, asked)).rejects.toMatchObject({ applied: false, outage: true })
    expect(asked).not.toHaveBeenCalled()
  })

  it('lets one call try after a second, and trusts the store again when it answers', async () => {
    const { guard, events } = guarded()
    await fail(guard, 5)
    await vi.advanceTimersByTimeAsync(1000)
    const tried = vi.fn(async () => 'answer')
    await expect(guard.call('read', tried)).resolves.toBe('answer')
    await expect(guard.call('read', tried)).resolves.toBe('answer')
    expect(tried).toHaveBeenCalledTimes(2)
    expect(events.at(-1)).toEqual({ type: 'store-breaker', state: 'closed', operations: 'reads' })
  })

  it('does not make others wait for the call that tries', async () => {
    const { guard } = guarded()
    await fail(guard, 5)
    await vi.advanceTimersByTimeAsync(1000)
    const trial = guard.call('read', never).catch(() => 'failed')
    const asked = vi.fn(async () => 'answer')
    // No time passes here: a call that waits for anything would not end.
    await expect(guard.call('read', asked)).rejects.toMatchObject({ applied: false, outage: true })
    expect(asked).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1100)
    await expect(trial).resolves.toBe('failed')
  })

  it('goes back to leaving it alone when the trial fails', async () => {
    const { guard } = guarded()
    await fail(guard, 5)
    await vi.advanceTimersByTimeAsync(1000)
    await fail(guard, 1)
    const asked = vi.fn(async () => 'answer')
    await guard.call('read', asked).catch(() => undefined)
    expect(asked).not.toHaveBeenCalled()
  })

  it('does not count four, nor failures with an answer in between', async () => {
    const { guard } = guarded()
    await fail(guard, 4)
    await guard.call('read', async () => 'answer')
    await fail(guard, 4)
    await expect(guard.call('read', async () => 'answer')).resolves.toBe('answer')
  })

  it('does not count refusals that say nothing of the server', async () => {
    const { guard } = guarded()
    const refusal = () => Promise.reject(new StoreError('WRONGTYPE', { applied: false, outage: false }))
    for (let i = 0; i < 10; i++) await guard.call('read', refusal).catch(() => undefined)
    await expect(guard.call('read', async () => 'answer')).resolves.toBe('answer')
  })
})

describe('a store in this process', () => {
  it('is called without deadline and breaker', async () => {
    const { guard, events, store } = guarded(true)
    const result = await guard.call('read', (port) => port.read('id', { seen: 0, touch: undefined, ttl: 1 }))
    expect(result).toEqual({ kind: 'absent' })
    expect(guard.store).toBe(store)
    expect(events).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })
})
