import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createOutside } from '../../../src/engine/outside/outside.ts'
import { type Backend, backend, Client, DAY, deferred, HOUR, type Site, site, type Visit } from '../support/backend.ts'
import { places } from '../support/places.ts'

const ADA = 'user:ada@example.org'
const BOB = 'user:bob'
const DESTROYED = { code: 'ERR_LIMPET_DESTROYED' }
const LABEL = { code: 'ERR_LIMPET_LABEL' }

const outside = ({ engine }: Backend) => createOutside(engine.services)
const idsOf = async (at: Backend, label: string) => (await outside(at).labelled(label)).map(({ id }) => id).sort()

async function login(at: Backend, label: string, client = new Client()): Promise<Client> {
  await client.request(at, async (_data, { sticky }) => {
    await sticky.regenerate({ user: label } as never)
    await sticky.label(label)
  })
  return client
}

/** Is somebody logged in with this client? */
async function isIn(client: Client, at: Backend): Promise<boolean> {
  return (await client.visit(at).data.get('user')) !== undefined
}

function two(given: Parameters<typeof site>[0] = {}): Site & { here: Backend; there: Backend } {
  const place = site(given)
  return { ...place, here: backend(place, 'here'), there: backend(place, 'there') }
}

describe.each(places)('labels, with %s', (_, given) => {
  it('list the sessions of one, also after their ids have changed; the youngest first', async () => {
    const { clock, here, there } = two(given)
    const first = await login(here, ADA)
    const began = new Date(clock.now)
    clock.forward(HOUR)
    const second = await login(there, ADA)
    const bob = await login(here, BOB)
    await first.request(there, (_data, visit) => visit.regenerate())
    await there.engine.settled()
    expect(await outside(there).labelled(ADA)).toEqual([
      { id: second.token.id, createdAt: new Date(clock.now) },
      { id: first.token.id, createdAt: began },
    ])
    expect(await idsOf(here, BOB)).toEqual([bob.token.id])
    expect(await outside(here).labelled('user:nobody')).toEqual([])
  })

  it('one of them can be logged out', async () => {
    const { clock, here, there } = two(given)
    const [first, second] = [await login(here, ADA), await login(there, ADA)]
    await outside(there).session(first.token.id).destroy()
    clock.forward(1)
    expect(await idsOf(here, ADA)).toEqual([second.token.id])
    expect([await isIn(first, here), await isIn(second, here)]).toEqual([false, true])
  })

  it('log out everywhere, and nobody else (law 6)', async () => {
    const { clock, here, there } = two(given)
    const clients = [await login(here, ADA), await login(there, ADA), await login(here, ADA)]
    const bob = await login(there, BOB)
    const slow = clients.map((client) => client.visit(here))
    expect(await outside(there).destroyAll(ADA)).toBe(3)
    for (const { data } of slow) await expect(data.set('cart', 1)).rejects.toMatchObject(DESTROYED)
    clock.forward(1)
    for (const client of clients) expect(await isIn(client, here)).toBe(false)
    expect(await isIn(bob, here)).toBe(true)
    expect([await idsOf(here, ADA), await outside(here).destroyAll(ADA)]).toEqual([[], 0])
  })

  it('log out everywhere else: the present session stays, whatever it came from', async () => {
    const { here, there } = two(given)
    const [mine, other] = [await login(here, ADA), await login(there, ADA)]
    await mine.request(here, (_data, visit) => visit.regenerate())
    await mine.request(there, async (_data, { sticky }) => {
      expect(await outside(there).destroyAll(ADA, { except: sticky.id })).toBe(1)
    })
    expect([await isIn(mine, here), await isIn(other, here)]).toEqual([true, false])
    expect(await idsOf(here, ADA)).toEqual([mine.token.id])
  })

  it('an id from long ago leads to what the session went on as (law 6)', async () => {
    const { clock, here, there } = two(given)
    const client = await login(here, ADA)
    const before = client.token.id
    await client.request(there, (_data, visit) => visit.regenerate())
    await there.engine.settled()
    // As if the process had ended before it could add the new id.
    await here.engine.services.labels.remove(ADA, [client.token.id])
    clock.forward(HOUR)
    expect(client.token.id).not.toBe(before)
    expect(await outside(here).destroyAll(ADA)).toBe(1)
    expect(await isIn(client, there)).toBe(false)
  })

  it('a session has one, which can be changed and taken away', async () => {
    const { here, there } = two(given)
    const client = await login(here, ADA)
    await client.request(there, (_data, { sticky }) => sticky.label(BOB))
    expect([await idsOf(here, ADA), await idsOf(here, BOB)]).toEqual([[], [client.token.id]])
    expect(await outside(here).destroyAll(ADA)).toBe(0)
    await client.request(here, (_data, { sticky }) => sticky.label(null))
    expect([await idsOf(there, BOB), await outside(there).destroyAll(BOB)]).toEqual([[], 0])
    expect(await isIn(client, here)).toBe(true)
  })

  it('they last as long as sessions are used, and end with the last', async () => {
    const { clock, here, there } = two(given)
    const [used, left] = [await login(here, ADA), await login(here, ADA)]
    for (let hours = 0; hours < 10 * 24; hours += 20) {
      clock.forward(20 * HOUR)
      await used.request(hours % 40 ? here : there, (data) => data.get('user'))
      await Promise.all([here, there].map(({ engine }) => engine.settled()))
    }
    expect(await idsOf(there, ADA)).toEqual([used.token.id])
    expect(await isIn(left, here)).toBe(false)
    expect(await outside(there).destroyAll(ADA)).toBe(1)
    expect(await isIn(used, here)).toBe(false)
    const again = await login(here, ADA)
    clock.forward(4 * DAY)
    expect(await here.engine.services.labels.list(ADA)).toEqual([])
    expect(again.visit(here).reason).toBe('expired')
  })
})

describe('log out everywhere while somebody logs in', () => {
  /** The first call of this operation waits, before or after it is done. Returns what tells that it has come, and what lets it go. */
  function hold(at: Backend, operation: 'write' | 'move' | 'add', when: 'before' | 'after') {
    const [come, go] = [deferred(), deferred()]
    const store = at.engine.services.store.store as unknown as Record<string, never> & { labels: Record<string, never> }
    const owner: Record<string, unknown> = operation === 'add' ? store.labels : store
    const run = owner[operation] as (...args: unknown[]) => Promise<unknown>
    owner[operation] = async (...args: unknown[]) => {
      owner[operation] = run
      if (when === 'after') {
        const result = await run(...args)
        come.resolve()
        await go.promise
        return result
      }
      come.resolve()
      await go.promise
      return run(...args)
    }
    return { come: come.promise, go: () => go.resolve() }
  }

  const label = (visit: Visit) => visit.sticky.label(ADA)

  it.each([
    ['the index has it and the session does not yet', 'write', 'before'],
    ['the session has just been written', 'write', 'after'],
    ['the index has just been written', 'add', 'after'],
  ] as const)('%s: it is ended, and the login rejects (law 6)', async (_, operation, when) => {
    const { clock, here, there } = two()
    const client = new Client()
    await client.request(here, (data) => data.set('user', 'ada'))
    const held = hold(here, operation, when)
    const visit = client.visit(here)
    const labelling = label(visit)
    labelling.catch(() => undefined)
    await held.come
    await outside(there).destroyAll(ADA)
    held.go()
    await expect(labelling).rejects.toMatchObject(DESTROYED)
    client.answer(visit)
    clock.forward(1)
    expect(await isIn(client, there)).toBe(false)
    expect(await idsOf(there, ADA)).toEqual([])
  })

  it('of a session that has stored nothing yet: the same', async () => {
    const { here, there } = two()
    const client = new Client()
    const held = hold(here, 'write', 'before')
    const visit = client.visit(here)
    const labelling = label(visit)
    labelling.catch(() => undefined)
    await held.come
    await outside(there).destroyAll(ADA)
    held.go()
    await expect(labelling).rejects.toMatchObject(DESTROYED)
  })

  it.each(['before', 'after'] as const)(
    'a session changes its id, held %s it is done: it is ended (law 6)',
    async (when) => {
      const { clock, here, there } = two()
      const client = await login(here, ADA)
      const held = hold(here, 'move', when)
      const visit = client.visit(here)
      const moving = visit.regenerate()
      moving.catch(() => undefined)
      await held.come
      expect(await outside(there).destroyAll(ADA)).toBe(1)
      held.go()
      await moving.catch(() => undefined)
      client.answer(visit)
      await here.engine.settled()
      clock.forward(1)
      expect(await isIn(client, there)).toBe(false)
      expect(await idsOf(there, ADA)).toEqual([])
    },
  )
})

describe('labels', () => {
  it('cost nothing where there are none: no store command more for any operation (law 7)', async () => {
    const { here, store } = two()
    const client = new Client()
    await client.request(here, async (data, visit) => {
      await data.set('user', 'ada')
      await visit.regenerate()
      await data.get('user')
      await data.destroy()
    })
    expect(store.calls).toMatchObject({ label: 0, labelled: 0 })
  })

  it('where the store has none: the error says what to do', async () => {
    const place = site({})
    const here = backend(place)
    delete (here.engine.services.store.store as { labels?: unknown }).labels
    const visit = new Client().visit(here)
    const refused = { ...LABEL, message: expect.stringContaining('docs/stores.md') }
    await expect(visit.sticky.label(ADA)).rejects.toMatchObject(refused)
    await expect(outside(here).labelled(ADA)).rejects.toMatchObject(refused)
    await expect(outside(here).destroyAll(ADA)).rejects.toMatchObject(refused)
    expect(place.store.total).toBe(0)
  })

  it.each([undefined, '', 42, 'x'.repeat(257), '\ud800'])(
    '%j is none, and the text does not show it',
    async (wrong) => {
      const here = backend(site({}))
      await expect(new Client().visit(here).sticky.label(wrong as never)).rejects.toMatchObject(LABEL)
      await expect(outside(here).labelled(wrong as never)).rejects.toMatchObject(LABEL)
      await expect(outside(here).destroyAll(wrong as never)).rejects.toMatchObject(LABEL)
    },
  )

  it.each([{ exept: 'x' }, { except: 1 }, null, 'id'])('destroyAll refuses %j', async (options) => {
    const here = backend(site({}))
    const refused = { code: 'ERR_LIMPET_OPTIONS' }
    await expect(outside(here).destroyAll(ADA, options as never)).rejects.toMatchObject(refused)
  })

  it('store away: destroyAll rejects, and no error, event or cookie shows the label (laws 10 and 11)', async () => {
    const { here, there } = two()
    const client = await login(here, ADA)
    const failing = async () => {
      throw new Error(`away: ${ADA}`)
    }
    const store = there.engine.services.store.store as unknown as { labels: object; destroy: unknown }
    const { labels, destroy } = store
    const errors: unknown[] = []
    store.destroy = failing
    await outside(there)
      .destroyAll(ADA)
      .catch((error) => errors.push(error))
    store.destroy = destroy
    store.labels = { add: failing, list: failing, remove: failing }
    await outside(there)
      .destroyAll(ADA)
      .catch((error) => errors.push(error))
    await outside(there)
      .labelled(ADA)
      .catch((error) => errors.push(error))
    await client
      .visit(there)
      .sticky.label(ADA)
      .catch((error) => errors.push(error))
    store.labels = labels
    expect(errors).toHaveLength(4)
    for (const error of errors) expect(error).toMatchObject({ code: 'ERR_LIMPET_STORE', status: 503 })
    const all = [errors, here.events, there.events, client.value, client.visit(here).sticky]
    expect(inspect(all, { depth: 9, showHidden: true })).not.toMatch(/ada|example/)
  })
})
