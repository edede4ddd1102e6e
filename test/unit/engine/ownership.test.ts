import { describe, expect, it } from 'vitest'
import type { Visit } from '../support/backend.ts'
import { backend, Client, facts, HOUR, site } from '../support/backend.ts'

function twoBackends() {
  const place = site()
  const a = backend(place, 'a')
  const b = backend(place, 'b')
  const client = new Client()
  client.answer(client.visit(a))
  return { ...place, a, b, client }
}

/** `misdirected` means that the owner is another backend: at no time may the two say different things. */
function expectAgreement(visit: Visit): void {
  expect(visit.misdirected).toBe(visit.owner !== visit.backend)
}

describe('the owner of a session', () => {
  it('is the backend that began it', () => {
    const { a, client } = twoBackends()
    expect(facts(client.visit(a))).toMatchObject({ owner: 'a', backend: 'a', misdirected: false, state: 'resumed' })
  })

  it('stays another while nothing is signed: moving costs nothing', () => {
    const { b, client } = twoBackends()
    const before = client.value
    const visit = client.visit(b)
    expect(facts(visit)).toMatchObject({ owner: 'a', backend: 'b', misdirected: true, state: 'resumed' })
    client.answer(visit)
    expect(client.value).toBe(before)
    expectAgreement(visit)
  })

  it('becomes whoever signs: a renewal', () => {
    const { b, client, clock } = twoBackends()
    clock.forward(2 * HOUR)
    const visit = client.visit(b)
    expect(facts(visit)).toMatchObject({ state: 'adopted', reason: 'valid', owner: 'b', backend: 'b' })
    expectAgreement(visit)
    client.answer(visit)
    expectAgreement(visit)
    expect(client.token.owner).toBe('b')
    expect(facts(client.visit(b))).toMatchObject({ state: 'resumed', misdirected: false })
  })

  it('becomes whoever writes', async () => {
    const { b, client } = twoBackends()
    await client.request(b, async (session, visit) => {
      await session.set('cart', 1)
      expect(visit.owner).toBe('b')
      expectAgreement(visit)
    })
    expect(client.token.owner).toBe('b')
  })

  it('is this backend for every session that begins here', () => {
    const { b } = twoBackends()
    const visit = new Client().visit(b)
    expect(facts(visit)).toMatchObject({ state: 'new', reason: 'no-cookie', owner: 'b', misdirected: false })
    expectAgreement(visit)
  })

  it('does not turn a session that nobody adopted into an adopted one', () => {
    const { a, client, clock } = twoBackends()
    clock.forward(2 * HOUR)
    expect(client.visit(a).state).toBe('resumed')
  })
})

describe('two cookies of our name', () => {
  it('the better one counts, and is signed anew to replace its twin', () => {
    const { a, client } = twoBackends()
    const [id, mine] = [client.token.id, client.value]
    const cookieHeader = `limpet=${mine?.slice(0, -1)}; theme=dark; limpet=${mine}; limpet=`
    const visit = a.engine.arrive({ cookieHeader })
    expect(facts(visit)).toMatchObject({ id, state: 'resumed', reason: 'valid' })
    expect(visit.setCookie()).toMatch(/^limpet=2/)
  })

  it('of one session, the one that has seen more', async () => {
    const { a, client } = twoBackends()
    const older = client.value
    await client.request(a, (session) => session.set('cart', 1))
    for (const cookieHeader of [`limpet=${older}; limpet=${client.value}`, `limpet=${client.value}; limpet=${older}`]) {
      expect(a.engine.arrive({ cookieHeader }).token.version).toBe(1)
    }
  })

  it('one that is beyond its limits does not cost the session of one that is not', () => {
    const { client, ...place } = twoBackends()
    const limited = backend(place, 'limited', { absoluteTimeout: '10h' })
    place.clock.forward(9 * HOUR)
    const young = new Client()
    young.answer(young.visit(limited))
    const { id } = young.token
    place.clock.forward(60)
    client.answer(client.visit(limited))
    place.clock.forward(2 * HOUR)
    expect(client.visit(limited).reason).toBe('too-old')
    const cookieHeader = `limpet=${client.value}; limpet=${young.value}`
    expect(facts(limited.engine.arrive({ cookieHeader }))).toMatchObject({ id, reason: 'valid' })
  })

  it('nor does one whose session was destroyed here', async () => {
    const { a, client, clock } = twoBackends()
    const { id } = client.token
    clock.forward(60)
    const other = new Client()
    other.answer(other.visit(a))
    const destroyed = other.value
    await other.request(a, (session) => session.destroy())
    const cookieHeader = `limpet=${destroyed}; limpet=${client.value}`
    expect(facts(a.engine.arrive({ cookieHeader }))).toMatchObject({ id, reason: 'valid' })
  })
})
