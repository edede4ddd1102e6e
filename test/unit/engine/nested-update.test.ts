import { afterEach, describe, expect, it, vi } from 'vitest'
import { Client } from '../support/backend.ts'
import { add, counterAt } from '../support/counter.ts'

afterEach(() => void vi.useRealTimers())

describe('an update inside an update', () => {
  it('of the same key waits for the outer one, which gives up and says why', async () => {
    const { client, here } = await counterAt(1)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { data } = client.visit(here)
    let inner: Promise<unknown> = Promise.resolve()
    const outer = data.update('n', async (n) => {
      inner = data.update('n', (m) => (m as number) * 10)
      await inner
      return add(n)
    })
    const told = expect(outer).rejects.toMatchObject({
      code: 'ERR_LIMPET_UPDATE',
      message: expect.stringContaining('do not update a key inside an update of the same key'),
    })
    await vi.advanceTimersByTimeAsync(1000)
    await told
    expect(await inner).toBe(10)
    expect(await data.get('n')).toBe(10)
  })

  it('of another key is just an update', async () => {
    const { client, here } = await counterAt(1)
    const { data } = client.visit(here)
    await data.update('n', async (n) => {
      await data.update('m', add)
      return add(n)
    })
    expect(await data.all()).toEqual({ n: 2, m: 1 })
  })

  it('of another session is just an update', async () => {
    const { client, here } = await counterAt(1)
    const friend = new Client()
    await client.request(here, (session) =>
      session.update('n', async (n) => {
        await friend.request(here, (theirs) => theirs.update('n', add))
        return add(n)
      }),
    )
    expect(await client.visit(here).data.get('n')).toBe(2)
    expect(await friend.visit(here).data.get('n')).toBe(1)
  })

  it('that each wait for the other, end by the deadline', async () => {
    const { client, here } = await counterAt(1)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { data } = client.visit(here)
    const cross = (one: string, other: string) =>
      data.update(one, async () => {
        await data.update(other, add)
        return 'done'
      })
    const both = Promise.allSettled([cross('a', 'b'), cross('b', 'a')])
    await vi.advanceTimersByTimeAsync(2000)
    expect((await both).map(({ status }) => status)).toContain('rejected')
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('an update whose function writes the same key itself', () => {
  it('each time something new: a conflict with itself, bounded, and the last of its writes stays', async () => {
    const { client, here } = await counterAt(0)
    const { data } = client.visit(here)
    let calls = 0
    const update = data.update('n', async () => {
      await data.set('n', ++calls)
      return 'never'
    })
    await expect(update).rejects.toMatchObject({ code: 'ERR_LIMPET_CONFLICT' })
    expect(calls).toBe(20)
    expect(await data.get('n')).toBe(20)
  })

  it('always the same: the second attempt succeeds', async () => {
    const { client, here } = await counterAt(0)
    const { data } = client.visit(here)
    const calls = vi.fn(async (n: unknown) => {
      await data.set('n', 5)
      return add(n)
    })
    expect(await data.update('n', calls)).toBe(6)
    expect(calls).toHaveBeenCalledTimes(2)
  })

  it('destroys the session: what the update returns goes to the new one', async () => {
    const { client, here } = await counterAt(7)
    const old = client.token.id
    await client.request(here, async (session) => {
      await session.update('n', async (n) => {
        if (n !== undefined) await session.destroy()
        return add(n)
      })
      expect(await session.all()).toEqual({ n: 1 })
    })
    expect(client.token.id).not.toBe(old)
  })
})
