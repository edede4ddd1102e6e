import { describe, expect, it } from 'vitest'
import { readOptions } from '../../../src/config/options.ts'
import type { StickyOptions } from '../../../src/config/sticky-options.ts'

const read = (hint: unknown, more: object = {}) => readOptions({ hint, ...more } as StickyOptions, {}).config.hint
const refused = (hint: unknown, more: object = {}) => {
  try {
    read(hint, more)
  } catch (error) {
    return error as Error & { code: string }
  }
  throw new Error(`was taken: ${JSON.stringify(hint)}`)
}

describe('the option `hint`', () => {
  it.each(['web1', '.web1', 'a~b|c!d', 'aGVsbG8gd29ybGQ=', 'f'.repeat(64), '2024-01-02-build'])('takes %s', (value) => {
    const hint = read({ cookie: 'route', value })
    expect(hint).toEqual({ cookie: 'route', value })
    expect(Object.isFrozen(hint)).toBe(true)
  })

  it.each([
    ['10.0.0.3', 'with dots'],
    ['web-10.0.0.3-a', 'in the middle'],
    ['10-0-0-3', 'with other signs'],
    ['0x0a000003', 'as hex'],
    ['167772163', 'as a number'],
    ['fd00--1-2', 'IPv6'],
    [Buffer.from('10.0.0.3:3000').toString('base64'), 'as Envoy has it'],
    [Buffer.from('\n\r10.0.0.3:3000').toString('base64'), 'in a protobuf'],
    [Buffer.from('[fd00::3]:3000').toString('base64'), 'IPv6, as Envoy has it'],
  ])('refuses an address, %s (%s): clients can read it (law 10)', (value) => {
    const { code, message } = refused({ cookie: 'route', value })
    expect(code).toBe('ERR_LIMPET_OPTIONS')
    expect(message).toMatch(/tells an address.*write that name, like 'web1'/)
    expect(message).not.toContain(value)
  })

  it.each([
    ['route', /hint must be an object, like \{ cookie: 'route', value: 'web1' \}/],
    [{ value: 'web1' }, /hint\.cookie must be .* like 'route'; got undefined/],
    [{ cookie: 'a b', value: 'web1' }, /hint\.cookie must be/],
    [{ cookie: 'route' }, /hint\.value is what the balancer looks for.*got undefined/],
    [{ cookie: 'route', value: 7 }, /hint\.value .* got 7/],
    [{ cookie: 'route', value: 'web1; Path=/' }, /hint\.value/],
    [{ cookie: 'route', value: '' }, /hint\.value/],
    [{ cookie: 'limpet', value: 'web1' }, /both 'limpet'.*name the hint 'route'/],
    [{ cookie: '__Host-route', value: 'web1' }, /__Host-.*add secure: true, or choose another name/],
    [{ name: 'route', value: 'web1' }, /unknown hint option "name": it is cookie: 'route'/],
    [{ cookie: 'route', value: 'web1', path: '/' }, /the hint has the attributes of our own cookie/],
    [{ cookie: 'route', valeu: 'web1' }, /did you mean "value"/],
  ])('refuses %j and says what to write', (hint, text) => {
    expect(refused(hint)).toMatchObject({ code: 'ERR_LIMPET_OPTIONS', message: expect.stringMatching(text) })
  })

  it('takes a prefix that our own cookie has the attributes for', () => {
    expect(read({ cookie: '__Host-route', value: 'web1' }, { cookie: { secure: true } })).toBeDefined()
  })
})
