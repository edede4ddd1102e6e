import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { StoreError } from '../../../src/core/errors.ts'
import { Background } from '../../../src/engine/process/background.ts'
import { EndsToTell } from '../../../src/engine/process/ends-to-tell.ts'
import { GuardedStore } from '../../../src/engine/process/guarded-store.ts'
import { memoryStore } from '../../../src/memory/memory-store.ts'
import { deferred } from '../support/backend.ts'

const MINUTE = 60_000
const outage = () => new StoreError('down', { applied: false, outage: true })
const refusal = () => new StoreError('WRONGTYPE', { applied: false, outage: false })

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

/** Ends to tell to a store that a test takes away and brings back, and what it was told. */
function site() {
  const background = new Background()
  const store = new GuardedStore(memoryStore(), 1000, () => undefined)
  const ends = new EndsToTell(store, background, Date.now)
  const told: string[] = []
  const state = { isAway: false, tries: 0 }
  const tell = (id: string) => async () => {
    state.tries++
    if (state.isAway) throw outage()
    told.push(id)
  }
  const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1000)
  return { background, ends, seconds, state, store, tell, told }
}

describe('an end that the store was not told', () => {
  it('is told after a second', async () => {
    const { ends, seconds, tell, told } = site()
    ends.missed('a', tell('a'))
    await seconds(0.999)
    expect(told).toEqual([])
    await seconds(0.001)
    expect(told).toEqual(['a'])
  })

  it('is tried once a second until the store answers, and then no more', async () => {
    const { ends, seconds, state, tell, told } = site()
    state.isAway = true
    ends.missed('a', tell('a'))
    await seconds(10)
    expect(state.tries).toBe(10)
    state.isAway = false
    await seconds(100)
    expect(told).toEqual(['a'])
    expect(state.tries).toBe(11)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is told however old it is by then', async () => {
    const { ends, seconds, state, tell, told } = site()
    state.isAway = true
    ends.missed('a', tell('a'))
    await seconds(3600)
    state.isAway = false
    await seconds(1)
    expect(told).toEqual(['a'])
  })

  it('is told with the others; while the store is away one is tried at a time', async () => {
    const { ends, seconds, state, tell, told } = site()
    state.isAway = true
    for (const id of ['a', 'b', 'c']) ends.missed(id, tell(id))
    await seconds(3)
    expect(state.tries).toBe(3)
    state.isAway = false
    await seconds(1)
    expect(told.toSorted()).toEqual(['a', 'b', 'c'])
  })

  it('is not held up by others whose part of the store is away', async () => {
    const { ends, seconds, tell, told } = site()
    const away = vi.fn(() => Promise.reject(outage()))
    for (const id of ['away 1', 'away 2']) ends.missed(id, away)
    for (const id of ['a', 'b']) ends.missed(id, tell(id))
    await seconds(3)
    expect(told).toEqual(['a', 'b'])
    expect(away.mock.calls.length).toBeGreaterThan(1)
  })

  it('is not put off by others that are missed without a pause', async () => {
    const { ends, seconds, tell, told } = site()
    for (let i = 0; i < 30; i++) {
      ends.missed(`${i}`, tell(`${i}`))
      await seconds(0.1)
    }
    expect(told.length).toBeGreaterThan(15)
  })

  it('is not held up by one that the store refuses, which is tried again', async () => {
    const { ends, seconds, tell, told } = site()
    const refused = vi.fn(() => Promise.reject(refusal()))
    ends.missed('refused', refused)
    ends.missed('a', tell('a'))
    await seconds(1)
    expect(told).toEqual(['a'])
    await seconds(2)
    expect(refused).toHaveBeenCalledTimes(3)
    expect(told).toEqual(['a'])
  })

  it('is told one at a time: what takes long is not begun a second time', async () => {
    const { ends, seconds, tell, told } = site()
    const slow = deferred()
    const first = vi.fn(() => slow.promise)
    ends.missed('slow', first)
    await seconds(1)
    ends.missed('a', tell('a'))
    await seconds(5)
    expect(first).toHaveBeenCalledTimes(1)
    expect(told).toEqual([])
    slow.resolve()
    await seconds(1)
    expect(told).toEqual(['a'])
    expect(first).toHaveBeenCalledTimes(1)
  })

  it('is told with the newest that is known of it', async () => {
    const { ends, seconds, tell, told } = site()
    ends.missed('a', tell('as a move'))
    ends.missed('a', tell('as a logout'))
    await seconds(1)
    expect(told).toEqual(['as a logout'])
  })

  it('is told to the guarded store, off the path of requests', async () => {
    const { background, ends, seconds, store } = site()
    const under = deferred()
    const tell = vi.fn(() => under.promise)
    ends.missed('a', tell)
    await seconds(1)
    expect(tell).toHaveBeenCalledWith(store)
    let isSettled = false
    const settled = background.settled().then(() => {
      isSettled = true
    })
    await seconds(1)
    expect(isSettled).toBe(false)
    under.resolve()
    await settled
  })
})

describe('an end that the store has confirmed', () => {
  it('is not told again as long as the connection stays', async () => {
    const { ends, seconds, tell, told } = site()
    ends.confirmed('a', tell('a'))
    await seconds(100)
    expect(told).toEqual([])
  })

  it('is told again at once when the connection was lost, while it is young: another server may answer', async () => {
    const { ends, seconds, tell, told } = site()
    ends.confirmed('old', tell('old'))
    await seconds(0.001)
    ends.confirmed('young', tell('young'))
    await seconds(60)
    ends.reconnected()
    await seconds(0)
    expect(told).toEqual(['young'])
  })

  it('is told again after each reconnection, and until it was', async () => {
    const { ends, seconds, state, tell, told } = site()
    ends.confirmed('a', tell('a'))
    ends.reconnected()
    await seconds(0)
    state.isAway = true
    ends.reconnected()
    await seconds(3)
    state.isAway = false
    await seconds(1)
    expect(told).toEqual(['a', 'a'])
  })

  it('is told to the new server too when the connection is lost while it is being told', async () => {
    const { ends, seconds } = site()
    const answers = [deferred(), deferred()]
    const tell = vi.fn(() => answers[tell.mock.calls.length - 1]?.promise ?? Promise.resolve())
    ends.missed('a', tell)
    await seconds(1)
    ends.reconnected()
    answers[0]?.resolve()
    await seconds(1)
    expect(tell).toHaveBeenCalledTimes(2)
    answers[1]?.resolve()
    await seconds(5)
    expect(tell).toHaveBeenCalledTimes(2)
  })
})

describe('what is remembered', () => {
  it('is bounded: of too many, the oldest are given up', async () => {
    const { ends, seconds, state, tell, told } = site()
    state.isAway = true
    for (let i = 0; i < 10_005; i++) ends.missed(`${i}`, tell(`${i}`))
    state.isAway = false
    await seconds(1)
    expect(told).toHaveLength(10_000)
    expect(told[0]).toBe('5')
  })

  it('is no end that was confirmed long ago', async () => {
    const { ends, seconds, tell, told } = site()
    for (let i = 0; i < 10_000; i++) ends.confirmed(`old ${i}`, tell('old'))
    await seconds(61)
    ends.missed('missed', tell('missed'))
    for (let i = 0; i < 9_999; i++) ends.confirmed(`new ${i}`, tell('new'))
    await seconds(1)
    expect(told).toEqual(['missed'])
  })
})

describe('close()', () => {
  it('ends the timer', async () => {
    const { ends, seconds, state, tell } = site()
    ends.missed('a', tell('a'))
    ends.close()
    expect(vi.getTimerCount()).toBe(0)
    await seconds(MINUTE)
    expect(state.tries).toBe(0)
  })

  it('lets none begin: not by what is missed or reconnected later, nor by a try that fails', async () => {
    const { ends, seconds, tell } = site()
    const slow = deferred()
    ends.missed('slow', () => slow.promise)
    await seconds(1)
    ends.close()
    ends.missed('a', tell('a'))
    expect(vi.getTimerCount()).toBe(0)
    ends.reconnected()
    expect(vi.getTimerCount()).toBe(0)
    slow.reject(outage())
    await seconds(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('lets those that are left untold', async () => {
    const { background, ends, seconds, state, tell } = site()
    const slow = deferred()
    ends.missed('slow', () => slow.promise)
    ends.missed('a', tell('a'))
    await seconds(1)
    ends.close()
    slow.resolve()
    await background.settled()
    expect(state.tries).toBe(0)
  })
})

it('a process that has nothing else to do is not kept alive for it', () => {
  vi.useRealTimers()
  const { ends, tell } = site()
  const timers = vi.spyOn(globalThis, 'setTimeout')
  try {
    ends.missed('a', tell('a'))
    const [timer] = timers.mock.results.map(({ value }) => value as NodeJS.Timeout)
    expect(timer?.hasRef()).toBe(false)
  } finally {
    ends.close()
    timers.mockRestore()
  }
})
