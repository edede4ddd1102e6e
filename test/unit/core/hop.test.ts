import { describe, expect, it, test } from 'vitest'
import { type Hop, readHop, writeHop } from '../../../src/core/hop.ts'
import { createPurposeKeys } from '../../../src/core/purpose-keys.ts'

const SECRET = 'a secret of more than thirty-two bytes, for tests'
const OTHER = 'another one of more than thirty-two bytes, for tests'
const keys = createPurposeKeys([SECRET], 'limpet', 'hop')
const hop: Hop = {
  to: 'bootboot',
  at: 1_800_000_000_000,
  nonce: 'a-nonce-of-20-letter',
  address: 'fe80::1%eth0',
  port: 51_234,
  encrypted: true,
}
const request = { method: 'POST', url: '/cart?x=1', headers: { host: 'shop.example', 'x-forwarded-for': '192.0.2.1' } }

test('is read as it was written, whatever the address', () => {
  for (const address of ['127.0.0.1', '::1', '::ffff:192.0.2.7', 'fe80::1%eth0', '']) {
    for (const encrypted of [true, false]) {
      const one = { ...hop, address, encrypted }
      expect(readHop(writeHop(one, request, keys), request, keys)).toEqual(one)
    }
  }
})

describe('is worth nothing', () => {
  const value = writeHop(hop, request, keys)
  const { headers } = request

  it.each<[string, object]>([
    ['the method', { method: 'GET' }],
    ['the URL', { url: '/cart?x=2' }],
    ['the Host', { headers: { ...headers, host: 'evil.example' } }],
    ['the client’s address', { headers: { ...headers, 'x-forwarded-for': '203.0.113.9' } }],
    ['the protocol', { headers: { ...headers, 'x-forwarded-proto': 'https' } }],
    ['Forwarded', { headers: { ...headers, forwarded: 'for=203.0.113.9' } }],
    ['X-Real-IP', { headers: { ...headers, 'x-real-ip': '203.0.113.9' } }],
  ])('for a request of which %s was changed', (_what, change) => {
    expect(readHop(value, { ...request, ...change }, keys)).toBeUndefined()
  })

  it('with any character of it changed', () => {
    for (let i = 0; i < value.length; i++) {
      const changed = value.slice(0, i) + (value[i] === '1' ? '2' : '1') + value.slice(i + 1)
      // The case of letters in an address counts as well.
      expect(readHop(changed, request, keys), `character ${i}`).toBeUndefined()
    }
  })

  it('signed with another secret, in another namespace or for another purpose', () => {
    for (const others of [
      createPurposeKeys([OTHER], 'limpet', 'hop'),
      createPurposeKeys([SECRET], 'shop', 'hop'),
      createPurposeKeys([SECRET], 'limpet', 'record'),
    ]) {
      expect(readHop(writeHop(hop, request, others), request, keys)).toBeUndefined()
    }
  })
})

test('signed with a secret that is on its way out, it is good', () => {
  const both = createPurposeKeys([OTHER, SECRET], 'limpet', 'hop')
  expect(readHop(writeHop(hop, request, keys), request, both)).toEqual(hop)
})
