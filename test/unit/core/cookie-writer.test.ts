import { describe, expect, it } from 'vitest'
import { readCookie } from '../../../src/config/cookie-options.ts'
import { createCookieWriter } from '../../../src/core/cookie.ts'

const writer = (options: object = {}) => createCookieWriter(readCookie(options))

describe('our Set-Cookie', () => {
  it.each([
    { options: {}, secure: false, text: 'limpet=v; Max-Age=60; Path=/; HttpOnly; SameSite=Lax' },
    { options: {}, secure: true, text: 'limpet=v; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=Lax' },
    {
      options: { secure: true },
      secure: false,
      text: 'limpet=v; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=Lax',
    },
    { options: { secure: false }, secure: true, text: 'limpet=v; Max-Age=60; Path=/; HttpOnly; SameSite=Lax' },
    { options: { lifetime: 'session' }, secure: false, text: 'limpet=v; Path=/; HttpOnly; SameSite=Lax' },
    { options: { httpOnly: false }, secure: false, text: 'limpet=v; Max-Age=60; Path=/; SameSite=Lax' },
    {
      options: { name: 'route', path: '/shop', domain: 'example.com', sameSite: 'strict' },
      secure: false,
      text: 'route=v; Max-Age=60; Domain=example.com; Path=/shop; HttpOnly; SameSite=Strict',
    },
    {
      options: { sameSite: 'none', partitioned: true, secure: true },
      secure: true,
      text: 'limpet=v; Max-Age=60; Path=/; HttpOnly; Secure; Partitioned; SameSite=None',
    },
    {
      options: { name: '__Host-limpet', secure: true },
      secure: true,
      text: '__Host-limpet=v; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=Lax',
    },
  ])('$text', ({ options, secure, text }) => {
    expect(writer(options).write('v', 60, secure)).toBe(text)
  })

  it('sends the value raw: what a load balancer compares is what the signature covers', () => {
    expect(writer().write('2a_-.w.b', 1, false)).toMatch(/^limpet=2a_-\.w\.b;/)
  })

  it.each([
    { setCookie: 'limpet=v; Path=/', ours: true },
    { setCookie: ' limpet=v', ours: true },
    { setCookie: 'limpet=', ours: true },
    { setCookie: 'limpet =v', ours: true },
    { setCookie: '\tlimpet\t= v', ours: true },
    { setCookie: 'limpet', ours: false },
    { setCookie: 'limpetx', ours: false },
    { setCookie: 'a; limpet=v', ours: false },
    { setCookie: 'limpets=v', ours: false },
    { setCookie: 'xlimpet=v', ours: false },
    { setCookie: 'a=limpet=v', ours: false },
    { setCookie: 'Limpet=v', ours: false },
    { setCookie: '', ours: false },
  ])('knows its own: "$setCookie" $ours', ({ setCookie, ours }) => {
    expect(writer().isOurs(setCookie)).toBe(ours)
  })
})
