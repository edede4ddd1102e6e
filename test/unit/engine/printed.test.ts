import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
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

describe("a key of a client's choosing in an error", () => {
  // It would begin a line of its own in a log, and give an order to the terminal.
  const key = 'cart\r\nERROR \u001b[31m\u0085\u202e'
  const escaped = "'cart\\r\\nERROR \\x1b[31m\\x85\\u202e'"
  const onOneLine = expect.stringMatching(/^[^\p{Cc}\p{Cf}]*$/u)

  it('is escaped where an update gets no function', async () => {
    const { data } = new Client().visit(backend(site()))
    const failed = data.update(key, 1 as never)
    await expect(failed).rejects.toMatchObject({ code: 'ERR_LIMPET_UPDATE', message: onOneLine })
    await expect(failed).rejects.toThrow(escaped)
  })

  it('is escaped where an update gives up', async () => {
    const place = site()
    const [here, there] = [backend(place, 'here'), backend(place, 'there')]
    const client = new Client()
    await client.request(here, (session) => session.set(key, 0))
    const other = client.visit(there)
    let n = 0
    const failed = client.visit(here).data.update(key, async () => {
      await other.data.set(key, ++n)
      return -1
    })
    await expect(failed).rejects.toMatchObject({ code: 'ERR_LIMPET_CONFLICT', message: onOneLine })
    await expect(failed).rejects.toThrow(escaped)
  })
})
