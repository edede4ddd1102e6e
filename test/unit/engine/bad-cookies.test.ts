import crypto from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
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
    const visit = here.engine.arrive({ cookieHeader: header })
    expect(facts(visit)).toMatchObject({ state: 'new', reason, owner: 'here', misdirected: false })
    expect(visit.id).not.toBe(owner.token.id)
    expect(visit.setCookie()).toMatch(/^limpet=2[^;]{90,}; Max-Age=86400; /)
    expect(place.store.total).toBe(0)
  })

  it('the good one among them resumes', () => {
    const header = `limpet=${tampered}; limpet=${'x'.repeat(8192)}; limpet="${good}"`
    expect(facts(here.engine.arrive({ cookieHeader: header }))).toMatchObject({
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
        const visit = here.engine.arrive({ cookieHeader })
        expect(visit.setCookie()).toMatch(/^limpet=2[A-Za-z0-9_-]+\.here\.[A-Za-z0-9_-]{8}\.[A-Za-z0-9_-]{43}; /)
        if (visit.state === 'resumed') expect(visit.id).toBe(owner.token.id)
      }),
      { numRuns: 200 },
    )
    expect(place.store.total).toBe(0)
  })
})

describe('a header full of our name costs at most eight signature checks', () => {
  /** Values of our shape whose signature is wrong, each another one. */
  const forged = (count: number) =>
    Array.from({ length: count }, (_, index) => good.slice(0, -43) + `${index}`.padStart(43, 'A'))
  const header = (values: readonly string[]) => values.map((value) => `limpet=${value}`).join('; ')

  /** A good token, and a backend that has not seen it yet. */
  function stranger() {
    const there = backend(place, 'there')
    const client = new Client()
    client.answer(client.visit(here))
    return { there, value: client.value ?? '', id: client.token.id }
  }

  /** What becomes of these values, and how many signatures were checked. */
  function judged(at: ReturnType<typeof backend>, values: readonly string[]) {
    // cookie-signature calls createHmac once per signature.
    const hmac = vi.spyOn(crypto, 'createHmac')
    try {
      const { id, reason } = at.engine.arrive({ cookieHeader: header(values) })
      return { id, reason, checks: hmac.mock.calls.length }
    } finally {
      hmac.mockRestore()
    }
  }

  it('and no more, however many came', () => {
    expect(judged(here, forged(200))).toMatchObject({ reason: 'bad-signature', checks: 8 })
  })

  it('the eighth is still checked, the ninth is not', () => {
    const { there, value, id } = stranger()
    expect(judged(there, [...forged(8), value])).toMatchObject({ reason: 'bad-signature', checks: 8 })
    expect(judged(there, [...forged(7), value])).toEqual({ id, reason: 'valid', checks: 8 })
  })

  it('but for those that were found good before: they cost nothing, wherever they stand', () => {
    const { there, value, id } = stranger()
    judged(there, [value])
    expect(judged(there, [...forged(20), value])).toEqual({ id, reason: 'valid', checks: 8 })
    expect(judged(there, [...Array<string>(20).fill(value), ...forged(20)])).toEqual({ id, reason: 'valid', checks: 8 })
  })

  it.each([
    ['no shape of ours', () => Array.from({ length: 100 }, (_, index) => `junk${index}`)],
    ['nothing in them', () => Array<string>(100).fill('')],
    ['an unknown key', () => Array<string>(100).fill(foreign({ secret: OTHER_SECRET }))],
    [
      'eight of each',
      () => ['junk', foreign({ secret: OTHER_SECRET }), ''].flatMap((one) => Array<string>(8).fill(one)),
    ],
  ])('those with %s are not among them, and hide nothing that comes after', (_, junk) => {
    const values = junk()
    const { there, value, id } = stranger()
    expect(judged(there, [...values, value])).toEqual({ id, reason: 'valid', checks: 1 })
  })

  it('good ones count too, until they are remembered', () => {
    const strangers = Array.from({ length: 9 }, () => stranger())
    const there = backend(place, 'there')
    const values = strangers.map(({ value }) => value)
    expect(judged(there, values).checks).toBe(8)
    expect(judged(there, values).checks).toBe(1)
    expect(judged(there, values).checks).toBe(0)
  })
})
