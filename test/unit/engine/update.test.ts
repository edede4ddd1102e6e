import { afterEach, describe, expect, it, vi } from 'vitest'
import { memoryStore } from '../../../src/memory/memory-store.ts'
import { deferred, FakeClock } from '../support/backend.ts'
import { add, counterAt } from '../support/counter.ts'

afterEach(() => void vi.useRealTimers())

describe('update (law 5)', () => {
  it('resolves to what was written', async () => {
    const { client, here, there } = await counterAt(1)
    await client.request(here, async (session) => {
      expect(await session.update('n', add)).toBe(2)
      expect(await session.update('list', () => Promise.resolve(['a']))).toEqual(['a'])
    })
    expect(await client.visit(there).data.all()).toEqual({ n: 2, list: ['a'] })
  })

  it('gives its function undefined for what is absent, and a copy of its own for what is there', async () => {
    const { client, here } = await counterAt(1)
    await client.request(here, async (session) => {
      await session.set('list', ['a'])
      await session.update('nothing', (value) => {
        expect(value).toBeUndefined()
        return null
      })
      const given: unknown[] = []
      await session.update('list', (list) => {
        given.push(list)
        return [...(list as string[]), 'b']
      })
      ;(given[0] as string[]).push('mutated later')
      expect(await session.get('list')).toEqual(['a', 'b'])
    })
  })

  it('of many requests on one backend queues: no conflicts, one command each', async () => {
    const { client, here, store } = await counterAt(0)
    const before = store.total
    const visits = Array.from({ length: 50 }, () => client.visit(here))
    const calls = vi.fn(add)
    await Promise.all(visits.map((visit) => visit.data.update('n', calls)))
    expect(calls).toHaveBeenCalledTimes(50)
    expect(store.total - before).toBe(50)
  })

  it('calls its function again with the newer value when another backend was quicker', async () => {
    const { client, here, there } = await counterAt(1)
    const slow = client.visit(here)
    const seen: unknown[] = []
    const result = await slow.data.update('n', async (n) => {
      seen.push(n)
      if (seen.length === 1) await client.request(there, (session) => session.update('n', () => 10))
      return add(n)
    })
    expect(seen).toEqual([1, 10])
    expect(result).toBe(11)
  })

  it('is not disturbed by writes to other keys', async () => {
    const { client, here, there } = await counterAt(1)
    const calls = vi.fn(async (n: unknown) => {
      await client.request(there, (session) => session.set('other', 1))
      return add(n)
    })
    await client.visit(here).data.update('n', calls)
    expect(calls).toHaveBeenCalledTimes(1)
  })

  it('gives up after twenty conflicts, with nothing written', async () => {
    const clock = new FakeClock()
    const memory = memoryStore({ now: clock.read })
    let rival = 0
    const behind: typeof memory = {
      ...memory,
      // Somebody else is always quicker.
      write: async (id, change) => {
        if (change.expect) await memory.write(id, { ...change, expect: undefined, set: new Map([['n', `${--rival}`]]) })
        return memory.write(id, change)
      },
    }
    const { client, here, there } = await counterAt(1, { clock, behind })
    const calls = vi.fn(add)
    await expect(client.visit(here).data.update('n', calls)).rejects.toMatchObject({ code: 'ERR_LIMPET_CONFLICT' })
    expect(calls).toHaveBeenCalledTimes(20)
    expect(await client.visit(there).data.get('n')).toBe(rival)
  })

  it('whose function throws or rejects, rejects with just that; nothing is written, and the next one goes on', async () => {
    const { client, here, store } = await counterAt(1)
    const { data } = client.visit(here)
    const reason = new Error('no stock')
    const failing = [
      data.update('n', () => {
        throw reason
      }),
      data.update('n', () => Promise.reject(reason)),
    ]
    const next = data.update('n', add)
    for (const one of failing) await expect(one).rejects.toBe(reason)
    expect(await next).toBe(2)
    expect(store.calls.write).toBe(2)
  })

  it.each([
    ['nothing', undefined, 'ERR_LIMPET_UPDATE'],
    ['a promise of nothing', Promise.resolve(), 'ERR_LIMPET_UPDATE'],
    ['NaN', Number.NaN, 'ERR_LIMPET_VALUE'],
    ['a value that is too large', 'x'.repeat(70_000), 'ERR_LIMPET_SIZE'],
  ])('whose function returns %s, rejects, and nothing is written', async (_, value, code) => {
    const { client, here, store } = await counterAt(1)
    await expect(client.visit(here).data.update('n', () => value)).rejects.toMatchObject({ code })
    expect(store.calls.write).toBe(1)
  })

  it('whose function forgets to return, rejects and says so', async () => {
    const { client, here } = await counterAt(1)
    const forgetful = (n: unknown) => {
      Number(n) + 1
    }
    await expect(client.visit(here).data.update('n', forgetful)).rejects.toMatchObject({
      message: expect.stringMatching(/update\('n'\) returned nothing.*return the new value.*needs a return/),
    })
  })

  it.each([undefined, null, 1, 'n + 1', {}])('without a function but %j, rejects', async (change) => {
    const { client, here, store } = await counterAt(1)
    const update = client.visit(here).data.update('n', change as never)
    await expect(update).rejects.toMatchObject({ code: 'ERR_LIMPET_UPDATE' })
    expect(store.calls.write).toBe(1)
  })

  it.each([
    ['promise', () => new Promise(() => undefined)],
    // biome-ignore lint/suspicious/noThenProperty: a promise of another library
    ['thenable', () => ({ then: () => undefined })],
  ])(
    'whose function returns a %s that never ends, rejects after storeTimeout; others then go on',
    { timeout: 2000 },
    async (_, never) => {
      const { client, here, store } = await counterAt(1)
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      const hanging = client.visit(here).data.update('n', never)
      const told = expect(hanging).rejects.toMatchObject({
        code: 'ERR_LIMPET_UPDATE',
        message: expect.stringMatching(/did not finish within 1000 ms \(storeTimeout\): nothing was written/),
      })
      const next = client.visit(here).data.update('n', add)
      await vi.advanceTimersByTimeAsync(1000)
      await told
      expect(await next).toBe(2)
      expect(store.calls.write).toBe(2)
      expect(vi.getTimerCount()).toBe(0)
    },
  )

  it('ignores what a function returns after it was given up', async () => {
    const { client, here, store } = await counterAt(1)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const late = deferred<number>()
    const told = expect(client.visit(here).data.update('n', () => late.promise)).rejects.toMatchObject({
      code: 'ERR_LIMPET_UPDATE',
    })
    await vi.advanceTimersByTimeAsync(1000)
    await told
    late.resolve(99)
    await vi.advanceTimersByTimeAsync(1000)
    expect(await client.visit(here).data.get('n')).toBe(1)
    expect(store.calls.write).toBe(1)
  })
})
