import { describe, expect, it } from 'vitest'
import { decodeToken, encodeToken, MAX_TOKEN_LENGTH, type Token } from '../../../src/core/token.ts'

const SIGNATURE = 'A'.repeat(43)
const TOKEN: Token = {
  id: 'AAAAAAAAAAAAAAAAAAAAAAAA',
  owner: 'web1',
  boot: 'boot-1_a',
  version: 37,
  createdAt: 1_800_000_000_000,
  touchedAt: 0,
  issuedAt: 1_800_000_060_000,
  lifetime: undefined,
  pendingFrom: undefined,
}
const DAY = 86_400_000
const FROM = 'AABBBBBBBBBBBBBBBBBBBBBB'

const signed = (changes: Partial<Token> = {}) => `${encodeToken({ ...TOKEN, ...changes }, 'kkkk')}.${SIGNATURE}`

const EXTRAS: readonly [what: string, changes: Partial<Token>, end: string][] = [
  ['nothing more', {}, ''],
  ['a lifetime of its own', { lifetime: DAY }, '.l1ffuo0'],
  ['a pending move, without what both ids share', { pendingFrom: FROM }, '.pBBBBBBBBBBBBBBBBBBBBBB'],
  ['both', { lifetime: DAY, pendingFrom: FROM }, '.l1ffuo0.pBBBBBBBBBBBBBBBBBBBBBB'],
]

describe('the token', () => {
  it.each(EXTRAS)('is this text: format, key id, id, three times and version in base 36, owner, boot; %s', (...row) => {
    const [, changes, end] = row
    const times = '0mywpiww00000000000mywpk76o'
    expect(encodeToken({ ...TOKEN, ...changes }, 'kkkk')).toBe(
      `2kkkkAAAAAAAAAAAAAAAAAAAAAAAA${times}11.web1.boot-1_a${end}`,
    )
  })

  it.each(EXTRAS)('reads back as it was written: %s', (_, changes) => {
    expect(decodeToken(signed(changes))).toEqual({ keyId: 'kkkk', token: { ...TOKEN, ...changes } })
  })

  it('stays below its limit with the longest of everything', () => {
    const longest = {
      owner: 'w'.repeat(64),
      version: Number.MAX_SAFE_INTEGER,
      lifetime: 36 ** 9 - 1,
      pendingFrom: FROM,
    }
    const value = signed(longest)
    expect(value.length).toBeLessThan(MAX_TOKEN_LENGTH)
    expect(decodeToken(value)?.token).toEqual({ ...TOKEN, ...longest })
  })

  it('has room for milliseconds until the year 5188', () => {
    const last = Date.UTC(5188, 0, 1)
    expect(decodeToken(signed({ issuedAt: last }))?.token.issuedAt).toBe(last)
  })

  const good = signed()
  const pending = signed({ lifetime: DAY, pendingFrom: FROM })
  it.each([
    ['nothing', ''],
    ['another format', `1${good.slice(1)}`],
    ['no signature', good.slice(0, good.lastIndexOf('.'))],
    ['an empty signature', good.slice(0, good.lastIndexOf('.') + 1)],
    ['a signature that is too short', good.slice(0, -1)],
    ['a signature that is too long', `${good}A`],
    ['base64 padding', `${good}=`],
    ['a signature in plain base64: +', good.replace(/A$/, '+')],
    ['a signature in plain base64: /', good.replace(/A$/, '/')],
    ['no owner', good.replace('.web1.', '..')],
    ['an owner with a dot', good.replace('.web1.', '.web.1.')],
    ['an owner that is too long', good.replace('.web1.', `.${'w'.repeat(65)}.`)],
    ['an address as owner', good.replace('.web1.', '.10.0.0.1:80.')],
    ['no boot', good.replace('.boot-1_a.', '.')],
    ['a boot that is too short', good.replace('.boot-1_a.', '.boot-1_.')],
    ['a boot that is too long', good.replace('.boot-1_a.', '.boot-1_ab.')],
    ['a lifetime without digits', pending.replace('.l1ffuo0', '.l')],
    ['a lifetime with capitals', pending.replace('.l1ffuo0', '.l1FFUO0')],
    ['a lifetime of ten digits', pending.replace('.l1ffuo0', '.l1234567890')],
    ['a pending id that is too short', pending.replace('.pBB', '.pB')],
    ['a whole pending id', pending.replace('.pBB', '.pAABB')],
    ['the pending id before the lifetime', good.replace(`.${SIGNATURE}`, `.p${'B'.repeat(22)}.l1.${SIGNATURE}`)],
    ['two lifetimes', pending.replace('.l1ffuo0', '.l1.l1')],
    ['an extra of an unknown kind', good.replace(`.${SIGNATURE}`, `.x1.${SIGNATURE}`)],
    ['a part too many', `${good}.${SIGNATURE}`],
    ['capitals in the version', good.replace('11.web1', 'ZZ.web1')],
    ['a version of twelve digits', good.replace('11.web1', `${'1'.repeat(12)}.web1`)],
    ['no version', good.replace('11.web1', '.web1')],
    ['a percent sign', good.replace('AAA', '%41')],
    ['a line end', `${good}\n`],
    ['spaces', ` ${good}`],
    ['non-ASCII letters', good.replace('web1', 'wéb1')],
    ['8 KB', good + 'A'.repeat(8192)],
  ])('is not: %s', (_, value) => {
    expect([good, pending]).not.toContain(value)
    expect(decodeToken(value)).toBeUndefined()
  })
})
