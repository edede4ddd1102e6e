import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { backend, Client, facts, SECRET, site } from '../support/backend.ts'

it('what stands on the request says who the session is when it is printed or serialized, and no secret', async () => {
  const here = backend(site())
  const client = new Client()
  await client.request(here, (session) => session.set('user', 'ada'))
  const visit = client.visit(here)
  const { sticky } = visit
  await sticky.session.get('user' as never)
  expect(JSON.parse(JSON.stringify(sticky))).toEqual(facts(visit))
  expect(JSON.parse(JSON.stringify(sticky.session))).toEqual({ behind: false, stale: false })
  for (const thing of [sticky, sticky.session, { req: { sticky } }]) {
    for (const text of [inspect(thing, { depth: Number.POSITIVE_INFINITY, showHidden: true }), JSON.stringify(thing)]) {
      for (const secret of [SECRET, client.value ?? '', 'ada']) expect(text).not.toContain(secret)
    }
  }
  expect(inspect(sticky)).toContain(visit.id)
})

it('what stands on the request has the members that its type promises, and leads to nothing of the engine', () => {
  const { sticky } = new Client().visit(backend(site()))
  for (const thing of [sticky, sticky.session]) {
    expect(Reflect.ownKeys(thing)).toEqual([])
    const names = Object.getOwnPropertyNames(Object.getPrototypeOf(thing))
    const values = names.map((name) => Reflect.get(thing, name) as unknown).filter((value) => value !== sticky.session)
    // Words, flags and methods: no object through which anything could be reached.
    expect(values.filter((value) => typeof value === 'object')).toEqual([])
  }
  expect(Object.keys(JSON.parse(JSON.stringify(sticky)))).toEqual([
    'id',
    'state',
    'reason',
    'owner',
    'backend',
    'misdirected',
  ])
})
