import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { backend, Client, facts, SECRET, site } from '../support/backend.ts'

it('what stands on the request says who the session is when it is printed or serialized, and no secret', async () => {
  const here = backend(site())
  const client = new Client()
  await client.request(here, (session) => session.set('user', 'ada'))
  const visit = client.visit(here)
  expect(JSON.parse(JSON.stringify(visit))).toEqual(facts(visit))
  expect(JSON.parse(JSON.stringify(visit.session))).toEqual({ behind: false, stale: false })
  for (const thing of [visit, visit.session, { req: { sticky: visit } }]) {
    expect(inspect(thing, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain(SECRET)
    expect(JSON.stringify(thing)).not.toContain(SECRET)
  }
  expect(inspect(visit)).toContain(visit.id)
})
