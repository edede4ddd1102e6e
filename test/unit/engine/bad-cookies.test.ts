import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backend, Client, facts, OTHER_SECRET, site } from '../support/backend.ts'

const place = site()
const here = backend(place)
const owner = new Client()
owner.answer(owner.visit(here))
const good = owner.value ?? ''

/** What a client of this other application would bring. */
function foreign(options: Parameters<typeof backend>[2]): string {
  const client = new Client()
  client.answer(client.visit(backend(place, 'elsewhere', options)))
  return client.value ?? ''
}

const tampered = good.slice(0, 10) + (good[10] === 'x' ? 'y' : 'x') + good.slice(11)

describe('a bad cookie starts a new session, and a word says why', () => {
  it.each([
    { what: 'none', header: undefined, reason: 'no-cookie' },
    { what: 'an empty header', header: '', reason: 'no-cookie' },
    { what: 'cookies of others', header: 'theme=dark; xlimpet=1', reason: 'no-cookie' },
    { what: 'an empty one', header: 'limpet=', reason: 'malformed' },
    { what: 'one with a changed byte', header: `limpet=${tampered}`, reason: 'bad-signature' },
    {
      what: 'one with another signature',
      header: `limpet=${good.slice(0, -43)}${'A'.repeat(43)}`,
      reason: 'bad-signature',
    },
    { what: 'one that was cut off', header: `limpet=${good.slice(0, -1)}`, reason: 'malformed' },
    { what: 'half of one', header: `limpet=${good.slice(0, 60)}`, reason: 'malformed' },
    { what: 'one of 8 KB', header: `limpet=${good}${'A'.repeat(8192)}`, reason: 'malformed' },
    { what: 'one that is not ASCII', header: 'limpet=séance-日本', reason: 'malformed' },
    { what: 'one that is URL-encoded', header: `limpet=${good.replaceAll('.', '%2E')}`, reason: 'malformed' },
    { what: 'two bad ones', header: `limpet=${tampered}; limpet=x`, reason: 'bad-signature' },
    { what: 'one of an unknown key', header: `limpet=${foreign({ secret: OTHER_SECRET })}`, reason: 'unknown-key' },
    {
      what: 'one signed for another cookie',
      header: `limpet=${foreign({ cookie: { name: 'other' } })}`,
      reason: 'unknown-key',
    },
  ])('$what: $reason', ({ header, reason }) => {
    const visit = here.engine.arrive({ cookieHeader: header, secure: false })
    expect(facts(visit)).toMatchObject({ state: 'new', reason, owner: 'here', misdirected: false })
    expect(visit.id).not.toBe(owner.token.id)
    expect(visit.setCookie()).toMatch(/^limpet=1[^;]{90,}; Max-Age=86400; /)
    expect(place.store.total).toBe(0)
  })

  it('the good one among them resumes', () => {
    const header = `limpet=${tampered}; limpet=${'x'.repeat(8192)}; limpet="${good}"`
    expect(facts(here.engine.arrive({ cookieHeader: header, secure: false }))).toMatchObject({
      id: owner.token.id,
      state: 'resumed',
    })
  })

  it('arriving never throws, whatever the header', () => {
    const piece = fc.constantFrom(
      'limpet=',
      good,
      good.slice(0, 90),
      tampered,
      '; ',
      '"',
      ' ',
      '.',
      'A',
      '\u0000',
      '日',
    )
    const header = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string().map((text) => `limpet=${text}`),
      fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
    )
    fc.assert(
      fc.property(fc.option(header, { nil: undefined }), (cookieHeader) => {
        const visit = here.engine.arrive({ cookieHeader, secure: false })
        expect(visit.setCookie()).toMatch(/^limpet=1[A-Za-z0-9_-]+\.here\.[A-Za-z0-9+/]{43}; /)
        if (visit.state === 'resumed') expect(visit.id).toBe(owner.token.id)
      }),
      { numRuns: 200 },
    )
    expect(place.store.total).toBe(0)
  })
})
