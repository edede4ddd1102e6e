import { describe, expect, it } from 'vitest'
import { readCookie } from '../../../src/config/cookie-options.ts'

describe('cookie options that no browser would honour, or that nobody can mean', () => {
  it.each<[title: string, options: unknown, message: RegExp]>([
    ['a list', [], /cookie must be an object, like \{ name: 'limpet' \}; got an array/],
    ['a string', 'limpet', /cookie must be an object, like \{ name: 'limpet' \}; got 'limpet'/],
    ['a list', ['limpet'], /cookie/],
    ['an unknown key', { samesite: 'lax' }, /unknown cookie option "samesite": did you mean "sameSite"\?/],
    ['maxAge', { maxAge: 3600 }, /unknown cookie option "maxAge"/],
    ['expires', { expires: new Date(0) }, /unknown cookie option "expires"/],
    ['an empty name', { name: '' }, /cookie\.name must be/],
    ['a name with a space', { name: 'my cookie' }, /cookie\.name must be.*got 'my cookie'/],
    ['a name with an equals sign', { name: 'a=b' }, /cookie\.name must be/],
    ['a name with a line end', { name: 'a\r\nSet-Cookie: b' }, /cookie\.name must be/],
    ['a name that is too long', { name: 'n'.repeat(65) }, /cookie\.name must be/],
    ['a function where the name belongs', { name: () => 'limpet' }, /cookie\.name must be.*got a function/],
    ['a relative path', { path: 'shop' }, /cookie\.path must begin with "\/".*; got 'shop'/],
    [
      'a path that injects',
      { path: '/; Domain=evil.example' },
      /^cookie\.path must.*without ";".*'\/shop'.*; got '\/; Do/,
    ],
    ['a path with a line end', { path: '/\r\nX: y' }, /^cookie\.path must/],
    ['a path that is not ASCII', { path: '/café' }, /^cookie\.path must.*encodeURI.*got '\/café'/],
    ['an empty path', { path: '' }, /^cookie\.path must begin with "\/".*got ''/],
    ['a function where the path belongs', { path: () => '/' }, /cookie\.path.*got a function/],
    ['a domain that is no string', { domain: true }, /^cookie\.domain must be a host name.*got true/],
    ['a domain that injects', { domain: 'example.com; Secure' }, /^cookie\.domain must be a host name/],
    ['an empty domain', { domain: '' }, /^cookie\.domain must be a host name.*or left out.*got ''/],
    [
      'a domain with a scheme',
      { domain: 'https://example.com' },
      /^cookie\.domain must.*without scheme.*'example\.com'/,
    ],
    [
      'a domain with a port',
      { domain: 'example.com:8080' },
      /^cookie\.domain must be a host name.*got 'example\.com:8080'/,
    ],
    ['httpOnly as a word', { httpOnly: 'yes' }, /cookie\.httpOnly must be true or false; got 'yes'/],
    ['sameSite with a capital', { sameSite: 'Lax' }, /cookie\.sameSite must be 'lax' or 'strict' or 'none'; got 'Lax'/],
    ['sameSite: true', { sameSite: true }, /cookie\.sameSite must be/],
    ['secure as a word', { secure: 'yes' }, /cookie\.secure must be true or false or 'auto'; got 'yes'/],
    ['partitioned as a number', { partitioned: 1 }, /cookie\.partitioned must be/],
    ['a lifetime in days', { lifetime: '7d' }, /cookie\.lifetime must be 'permanent' or 'session'/],
    ['__Host- without secure', { name: '__Host-limpet' }, /__Host-.*not secure: add secure: true/],
    ['__Host- with secure: auto', { name: '__Host-limpet', secure: 'auto' }, /add secure: true/],
    ['__Host- with a domain', { name: '__Host-a', secure: true, domain: 'example.com' }, /leave cookie\.domain out/],
    ['__Host- with a path', { name: '__Host-a', secure: true, path: '/shop' }, /leave cookie\.path out/],
    ['__host- in small letters, which browsers take as well', { name: '__host-a' }, /add secure: true/],
    ['__Secure- without secure', { name: '__Secure-a', secure: false }, /__Secure-.*add secure: true/],
    [
      'sameSite: none with secure: false',
      { sameSite: 'none', secure: false },
      /add secure: true, .*or use sameSite: 'lax'/,
    ],
    [
      'sameSite: none and no word on secure',
      { sameSite: 'none' },
      /sameSite: 'none' that is not secure: add secure: true, or/,
    ],
    [
      'the same, undefined',
      { sameSite: 'none', secure: undefined },
      /add secure: true, or secure: 'auto' if each request/,
    ],
    ['partitioned with secure: false', { partitioned: true, secure: false }, /partitioned.*add secure: true/],
    [
      'partitioned and no word on secure',
      { partitioned: true },
      /a partitioned cookie that is not secure: add secure: true/,
    ],
  ])('%s', (_, options, message) => {
    expect(() => readCookie(options as object)).toThrow(
      expect.objectContaining({ code: 'ERR_LIMPET_OPTIONS', message: expect.stringMatching(message) }),
    )
  })

  it.each([
    { name: '__Host-limpet', secure: true },
    { name: '__Secure-limpet', secure: true, domain: 'example.com', path: '/shop' },
    { sameSite: 'none', secure: true },
    { sameSite: 'none', secure: 'auto' },
    { partitioned: true, secure: 'auto' },
    { partitioned: false },
    { path: '/a%20b', domain: '.example.com' },
    { sameSite: 'none', secure: true, partitioned: true },
    { name: 'a.b-c_d!#$' },
    { domain: 'example.com' },
  ])('%j is fine', (options) => {
    expect(readCookie(options)).toMatchObject(options)
  })
})
