import { describe, expect, test } from 'vitest'
import type { Exchange } from '../../../src/doctor/observations.ts'
import { addressIn } from '../../../src/doctor/wire/addresses.ts'
import { sharedCaching } from '../../../src/doctor/wire/caching.ts'
import { knownCookie } from '../../../src/doctor/wire/known.ts'
import { lifetimeOf, readSetCookie } from '../../../src/doctor/wire/set-cookie.ts'

const NOW = Date.UTC(2026, 10, 26)

describe('addresses in cookies', () => {
  test.each([
    // F5's own examples (K6917).
    ['1677787402.36895.0000', '10.1.1.100:8080'],
    ['vi20010112000000000000000000000030.20480', '[2001:112:0:0:0:0:0:30]:80'],
    ['rd5o00000000000000000000ffffc0000201o80', '192.0.2.1:80'],
    ['rd3o20010112000000000000000000000030o80', '[2001:112:0:0:0:0:0:30]:80'],
    // Plain, encoded, and in base64, as Envoy writes it: a text, or a message with a field for it.
    ['10.0.0.7', '10.0.0.7'],
    ['http%3A%2F%2F10.0.0.7%3A3000', '10.0.0.7:3000'],
    [Buffer.from('10.20.30.40:8080').toString('base64'), '10.20.30.40:8080'],
    [Buffer.from('\n\u001010.20.30.40:8080').toString('base64'), '10.20.30.40:8080'],
  ])('%s is %s', (value, address) => {
    expect(addressIn(value)).toBe(address)
  })

  test.each([
    '',
    'web1',
    '1.2.3',
    '300.1.1.1',
    '4294967296.36895.0000',
    '1.0.0.1-beta',
    'c2Vzc2lvbjphYmM=',
    '%E0%A4%A',
    '0123456789abcdef0123456789abcdef|1700000000|1700000000',
  ])('%j is none', (value) => {
    expect(addressIn(value)).toBeUndefined()
  })
})

describe('affinity cookies by name and form', () => {
  const hash = '0123456789abcdef0123456789abcdef'

  test.each([
    ['SERVERID', `${hash}|1700000000|1700000000`, 'Alibaba Cloud SLB and ALB, Tengine', hash],
    ['SERVERCORSID', `${hash}|1700000000|1700000000`, 'Alibaba Cloud SLB and ALB, Tengine', hash],
    ['SERVERID', 'web1', 'HAProxy', 'web1'],
    ['SRV', 'web1|Zab12|Zab11', 'HAProxy', 'web1'],
    ['AWSALB', 'x/y+z', 'AWS Application Load Balancer', undefined],
    ['AWSALBCORS', 'x/y+z', 'AWS Application Load Balancer', undefined],
    ['AWSALBTG', 'x/y+z', 'AWS Application Load Balancer', undefined],
    ['AWSELB', 'ABC', 'AWS Classic Load Balancer', 'ABC'],
    ['GCLB', '"abc"', 'Google Cloud Load Balancing', '"abc"'],
    ['ARRAffinity', hash + hash, 'Azure App Service', hash + hash],
    ['ARRAffinitySameSite', hash + hash, 'Azure App Service', hash + hash],
    ['ApplicationGatewayAffinityCORS', hash, 'Azure Application Gateway', hash],
    ['BIGipServerpool_web', '1677787402.36895.0000', 'F5 BIG-IP', '1677787402.36895.0000'],
    ['INGRESSCOOKIE', `1700.1.2.3|${hash}`, 'ingress-nginx', `1700.1.2.3|${hash}`],
    ['route', hash, 'nginx', hash],
    ['__cflb', 'abc', 'Cloudflare Load Balancing', 'abc'],
    ['heroku-session-affinity', 'abc', 'Heroku', 'abc'],
    ['__VCAP_ID__', 'abc', 'Cloud Foundry', 'abc'],
    ['JSESSIONID', '0123ABC.node1', 'a Java server', 'node1'],
    ['JSESSIONID', '0123ABC!-123!456', 'a Java server', '-123.456'],
    ['ROUTEID', '.web1', 'Apache', 'web1'],
    ['lb', hash + hash, 'Caddy', hash + hash],
    ['_1a2b3', '0123456789abcdef', 'Traefik', '0123456789abcdef'],
  ])('%s=%s is of %s', (name, value, product, key) => {
    const known = knownCookie(name, value)
    expect(known?.product).toBe(product)
    expect(known?.key(value)).toBe(key)
  })

  test.each([
    ['JSESSIONID', '0123ABC'],
    ['lb', 'web1'],
    ['route', 'a path/with slashes'],
    ['sid', hash],
    ['_ga', 'GA1.2.3'],
  ])('%s=%s is nothing that is known', (name, value) => {
    expect(knownCookie(name, value)).toBeUndefined()
  })
})

describe('Set-Cookie, as browsers read it', () => {
  test.each([
    ['a=1', undefined, false],
    ['a=1; Max-Age=60', 60, false],
    ['a=1; Expires=Thu, 26 Nov 2026 00:01:00 GMT', 60, false],
    ['a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT', 60, false],
    ['a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT', expect.any(Number), true],
    ['a=1; Max-Age=0', 0, true],
    ['a=1; Max-Age=soon', undefined, false],
  ])('%s lives for %s seconds', (line, seconds, removes) => {
    const cookie = readSetCookie(line, NOW)
    expect(cookie?.removes).toBe(removes)
    expect(cookie && lifetimeOf(cookie, NOW)).toEqual(seconds)
  })

  test('attributes', () => {
    const line = 'a=1; Domain=.Shop.Example; Path=/x; SECURE; httponly; SameSite=None'
    expect(readSetCookie(line, NOW)).toMatchObject({
      name: 'a',
      value: '1',
      bytes: 2,
      domain: 'shop.example',
      path: '/x',
      secure: true,
      httpOnly: true,
      sameSite: 'none',
    })
  })
})

describe('what a shared cache may do (RFC 9111)', () => {
  const answer = (headers: Record<string, string>, more: Partial<Exchange> = {}): Exchange => ({
    number: 1,
    probe: 'fresh',
    client: 'A',
    method: 'GET',
    url: 'https://shop.example/',
    at: NOW,
    took: 1,
    idle: 0,
    sent: [],
    status: 200,
    headers: Object.entries(headers),
    cookies: [],
    body: undefined,
    failure: undefined,
    ...more,
  })

  test.each([
    ['', 'no'],
    ['max-age=60', 'allowed'],
    ['public, max-age=60', 'told'],
    ['Public,Max-Age=60', 'told'],
    ['s-maxage=60', 'told'],
    ['public', 'no'],
    ['public, max-age=0', 'no'],
    ['max-age=60, s-maxage=0', 'no'],
    ['max-age=60, private', 'no'],
    ['public, max-age=60, no-store', 'no'],
    ['max-age=60, no-cache', 'no'],
  ])('%s: %s', (control, expected) => {
    expect(sharedCaching(answer({ 'cache-control': control }))).toBe(expected)
  })

  test('by Expires alone, and never for other methods', () => {
    const expires = new Date(NOW + 60_000).toUTCString()
    expect(sharedCaching(answer({ expires }))).toBe('allowed')
    expect(sharedCaching(answer({ expires: '0' }))).toBe('no')
    expect(sharedCaching(answer({ 'cache-control': 's-maxage=60' }, { method: 'POST' }))).toBe('no')
  })
})
