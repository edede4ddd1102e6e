import { describe, expect, it } from 'vitest'
import { decodeToken, encodeToken, MAX_TOKEN_LENGTH, type Token } from '../../../src/core/token.ts'

const SIGNATURE = 'A'.repeat(43)
const TOKEN: Token = {
  id: 'AAAAAAAAAAAAAAAAAAAAAAAA',
  owner: 'web1',
  version: 37,
  createdAt: 1_800_000_000,
  storedAt: 0,
  issuedAt: 1_800_000_060,
}

describe('the token', () => {
  it('is this text: format, key id, id, three times in base 36, version, owner', () => {
    expect(encodeToken(TOKEN, 'kkkk')).toBe('1kkkkAAAAAAAAAAAAAAAAAAAAAAAA0tro8w000000000tro8xo11.web1')
  })

  it('says the same when it is read back', () => {
    expect(decodeToken(`${encodeToken(TOKEN, 'kkkk')}.${SIGNATURE}`)).toEqual({ keyId: 'kkkk', token: TOKEN })
  })

  it('stays far below its limit with the longest owner and a version of ten digits', () => {
    const version = 36 ** 10 - 1
    const value = `${encodeToken({ ...TOKEN, owner: 'w'.repeat(64), version }, 'kkkk')}.${SIGNATURE}`
    expect(value.length).toBeLessThan(MAX_TOKEN_LENGTH)
    expect(decodeToken(value)?.token.version).toBe(version)
  })

  const good = `${encodeToken(TOKEN, 'kkkk')}.${SIGNATURE}`
  it.each([
    ['nothing', ''],
    ['another format', `2${good.slice(1)}`],
    ['no signature', good.slice(0, good.lastIndexOf('.'))],
    ['an empty signature', good.slice(0, good.lastIndexOf('.') + 1)],
    ['a signature that is too short', good.slice(0, -1)],
    ['a signature that is too long', `${good}A`],
    ['base64 padding', `${good}=`],
    ['a base64url signature', good.replace(/A$/, '-')],
    ['no owner', good.replace('.web1.', '..')],
    ['an owner with a dot', good.replace('.web1.', '.web.1.')],
    ['an owner that is too long', good.replace('.web1.', `.${'w'.repeat(65)}.`)],
    ['an address as owner', good.replace('.web1.', '.10.0.0.1:80.')],
    ['a part too many', `${good}.${SIGNATURE}`],
    ['capitals in the version', good.replace('11.web1', 'ZZ.web1')],
    ['a version of eleven digits', good.replace('11.web1', `${'1'.repeat(11)}.web1`)],
    ['no version', good.replace('11.web1', '.web1')],
    ['a percent sign', good.replace('AAA', '%41')],
    ['a line end', `${good}\n`],
    ['spaces', ` ${good}`],
    ['non-ASCII letters', good.replace('web1', 'wéb1')],
    ['8 KB', good + 'A'.repeat(8192)],
  ])('is not: %s', (_, value) => {
    expect(decodeToken(value)).toBeUndefined()
  })
})
