import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { StoreError } from '../../../src/core/errors.ts'
import { memoryStore } from '../../../src/memory/memory-store.ts'
import type { Store } from '../../../src/ports/store.ts'
import { backend, Client, FakeClock, facts, site } from '../support/backend.ts'

type Applied = false | 'unknown'

/** A store that can be switched off. `applies`: writes happen, and only their answers are lost. */
function switchable(clock: FakeClock) {
  const memory = memoryStore({ now: clock.read })
  const state = { failing: undefined as Applied | undefined, applies: false, outage: true }
  const through = <A extends unknown[], R>(run: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      if (state.failing === undefined) return run(...args)
      if (state.applies) await run(...args)
      throw new StoreError('down', { applied: state.failing, outage: state.outage })
    }
  }
  const store: Store = {
    read: through(memory.read),
    write: through(memory.write),
    destroy: through(memory.destroy),
    move: through(memory.move),
    touch: through(memory.touch),
  }
  return { state, store }
}

async function withData() {
  const clock = new FakeClock()
  const { state, store: behind } = switchable(clock)
  const place = site({ clock, behind })
  const here = backend(place, 'here')
  const there = backend(place, 'there')
  const client = new Client()
  await client.request(here, (session) => session.set('cart', 1))
  return { ...place, state, here, there, client }
}

describe('while the store fails (law 11)', () => {
  it('the token goes on: same id, a cookie on each response', async () => {
    const { client, clock, here, state, there } = await withData()
    const { id } = client.token
    state.failing = 'unknown'
    for (const at of [here, there]) {
      clock.forward(7200)
      const visit = client.visit(at)
      await expect(visit.data.set('cart', 2)).rejects.toMatchObject({ code: 'ERR_LIMPET_STORE', applied: 'unknown' })
      expect(client.answer(visit)).toMatch(/^limpet=/)
      expect(client.token.id).toBe(id)
    }
  })

  it('a read is answered from the last known copy, and says so; then it is fresh again', async () => {
    const { client, clock, here, state } = await withData()
    clock.forward(60)
    state.failing = false
    const { data } = client.visit(here)
    expect(data.stale).toBe(false)
    expect(await data.get('cart')).toBe(1)
    expect(data.stale).toBe(true)
    state.failing = undefined
    expect(await data.get('cart')).toBe(1)
    expect(data.stale).toBe(false)
  })

  it('a read without a copy rejects', async () => {
    const { client, state, there } = await withData()
    state.failing = false
    const { data } = client.visit(there)
    await expect(data.get('cart')).rejects.toMatchObject({ code: 'ERR_LIMPET_STORE' })
    expect(data.stale).toBe(false)
    expect(there.events).toMatchObject([{}, { type: 'store-failed', operation: 'read' }])
  })

  it('a copy that is older than what the client has seen does not answer', async () => {
    const { client, here, state, store, there } = await withData()
    store.deaf = true
    await client.request(there, (session) => session.set('cart', 2))
    state.failing = false
    await expect(client.visit(here).data.get('cart')).rejects.toMatchObject({ code: 'ERR_LIMPET_STORE' })
  })

  it('a refusal that concerns this session alone is not hidden behind a copy', async () => {
    const { client, clock, here, state } = await withData()
    clock.forward(60)
    state.failing = false
    state.outage = false
    await expect(client.visit(here).data.get('cart')).rejects.toMatchObject({ code: 'ERR_LIMPET_STORE' })
  })

  it('after a write that certainly did not happen, the copy still answers', async () => {
    const { client, here, state, store } = await withData()
    state.failing = false
    const { data } = client.visit(here)
    await expect(data.set('cart', 2)).rejects.toMatchObject({ applied: false })
    state.failing = undefined
    expect(await data.get('cart')).toBe(1)
    expect(store.calls.read).toBe(0)
  })

  it('after a write of unknown outcome the copy is not trusted: the store is asked', async () => {
    const { client, here, state } = await withData()
    state.failing = 'unknown'
    state.applies = true
    const { data } = client.visit(here)
    await expect(data.set('cart', 2)).rejects.toMatchObject({ applied: 'unknown' })
    state.failing = undefined
    expect(await data.get('cart')).toBe(2)
    expect(await client.visit(here).data.get('cart')).toBe(2)
  })

  it('the first write of a session, outcome unknown: this backend asks the store from then on', async () => {
    const { here, state } = await withData()
    const newcomer = new Client()
    state.failing = 'unknown'
    state.applies = true
    await newcomer.request(here, async (session) => {
      await expect(session.set('cart', 3)).rejects.toMatchObject({ applied: 'unknown' })
    })
    state.failing = undefined
    await newcomer.request(here, async (session) => expect(await session.get('cart')).toBe(3))
    expect(newcomer.token.version).toBe(1)
  })

  it('login rejects, and the client keeps its session and its cookie', async () => {
    const { client, here, state } = await withData()
    const { id } = client.token
    state.failing = false
    const visit = client.visit(here)
    await expect(visit.regenerate()).rejects.toMatchObject({ code: 'ERR_LIMPET_STORE', applied: false })
    expect(client.answer(visit)).toMatch(/^limpet=/)
    state.failing = undefined
    expect(facts(client.visit(here))).toMatchObject({ id, state: 'resumed' })
    expect(await client.visit(here).data.get('cart')).toBe(1)
  })

  it.each([[false], ['unknown']] as const)(
    'logout (applied: %s) rejects, and the client gets the cookie of a new session all the same (law 6)',
    async (applied) => {
      const { client, here, state } = await withData()
      const old = client.value
      const { id } = client.token
      state.failing = applied
      const visit = client.visit(here)
      await expect(visit.data.destroy()).rejects.toMatchObject({ code: 'ERR_LIMPET_STORE', applied })
      await expect(visit.data.destroy(), 'a second one has nothing to end').resolves.toBeUndefined()
      expect(client.answer(visit)).toMatch(/^limpet=/)
      expect(client.token.id).not.toBe(id)
      const ghost = new Client()
      ghost.value = old
      const seen = ghost.visit(here)
      expect(await seen.data.all(), 'this backend serves nothing of it any more, also not from a copy').toEqual({})
      expect(facts(seen)).toMatchObject({ state: 'new', reason: 'destroyed' })
    },
  )

  it('a logout that the store could not be told is told when it answers again (law 6)', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const { client, clock, here, state, ...place } = await withData()
    const old = client.value
    state.failing = false
    await client.request(here, (session) => expect(session.destroy()).rejects.toThrow())
    await vi.advanceTimersByTimeAsync(5000)
    state.failing = undefined
    await vi.advanceTimersByTimeAsync(1000)
    await here.engine.settled()
    const there = backend({ ...place, clock }, 'one that knows nothing of it')
    clock.forward(60)
    client.value = old
    expect(await client.visit(there).data.all()).toEqual({})
  })

  it.each([true, false])(
    'a login of unknown outcome (it happened: %s) leaves the client with its data: whoever comes next repeats it',
    async (applies) => {
      const { client, here, state, ...place } = await withData()
      const { id } = client.token
      const old = client.value
      state.failing = 'unknown'
      state.applies = applies
      const visit = client.visit(here)
      await expect(visit.regenerate()).rejects.toMatchObject({ applied: 'unknown' })
      expect(client.answer(visit)).toMatch(/^limpet=/)
      expect(client.token).toMatchObject({ pendingFrom: id })
      state.failing = undefined
      const there = backend(place, 'there')
      await client.request(there, async (session) => {
        expect(await session.get('cart')).toBe(1)
        expect(session.behind).toBe(false)
      })
      expect(client.token.pendingFrom).toBeUndefined()
      expect(client.token.id).not.toBe(id)
      const ghost = new Client()
      ghost.value = old
      expect(await ghost.visit(there).data.all()).toEqual({})
    },
  )

  it('a client that has stored nothing is served as ever, and it is said that nobody knows better', async () => {
    const { here, state } = await withData()
    const visitor = new Client()
    visitor.answer(visitor.visit(here))
    state.failing = false
    // As in a real outage: nobody hears of changes either.
    here.engine.deafen()
    await visitor.request(here, async (session) => {
      expect(await session.get('user')).toBeUndefined()
      expect(session.stale).toBe(true)
    })
  })

  it('a new client is served as ever', async () => {
    const { here, state, store } = await withData()
    state.failing = false
    const before = store.total
    const newcomer = new Client()
    await newcomer.request(here, async (session) => expect(await session.all()).toEqual({}))
    expect(newcomer.token.owner).toBe('here')
    expect(store.total).toBe(before)
  })
})
