import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { readOptions } from '../../../src/config/options.ts'
import type { StickyOptions } from '../../../src/config/sticky-options.ts'
import { memoryStore } from '../../../src/memory/memory-store.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
const PRODUCTION = { NODE_ENV: 'production' }

/** As untyped code would call it. */
const settings = (options: unknown, env: Record<string, string> = {}) => readOptions(options as StickyOptions, env)
const read = (options: unknown, env: Record<string, string> = {}) => settings(options, env).config

describe('the config, when nothing is wrong', () => {
  it('is complete without any option', () => {
    expect(settings({})).toEqual({ config: expect.anything(), secrets: [], redisUrl: undefined })
    expect(read({})).toEqual({
      cookie: {
        name: 'limpet',
        path: '/',
        domain: undefined,
        httpOnly: true,
        sameSite: 'lax',
        secure: 'auto',
        partitioned: false,
        lifetime: 'permanent',
      },
      namespace: 'limpet',
      upstreams: [],
      limits: { idle: 86_400_000, absolute: undefined },
      backendId: undefined,
      cookieOnWrite: false,
      debug: false,
      cacheable: 'skip',
      storeTimeout: 1000,
      strict: false,
      maxSessionBytes: 65_536,
      production: false,
    })
  })

  it("the namespace is the cookie's name, unless it is given", () => {
    expect(read({ cookie: { name: 'shop' } }).namespace).toBe('shop')
    expect(read({ cookie: { name: 'shop' }, namespace: 'our.shops' }).namespace).toBe('our.shops')
    expect(read({ upstreams: ['orders-*', 'orders'] }).upstreams).toEqual(['orders-*', 'orders'])
  })

  it('is frozen, all of it', () => {
    const config = read({})
    expect([config, config.cookie, config.limits, config.upstreams].every(Object.isFrozen)).toBe(true)
  })

  it('takes what undefined options leave out from the defaults', () => {
    const nothing = {
      secret: undefined,
      cookie: { name: undefined },
      idleTimeout: undefined,
      backend: { id: undefined },
    }
    expect(settings(nothing)).toEqual(settings({}))
  })

  it('takes secret and Redis from the environment, and prefers the option', () => {
    const env = { LIMPET_SECRET: `${SECRET} of the environment`, REDIS_URL: 'redis://127.0.0.1:1' }
    expect(settings({}, env)).toMatchObject({ secrets: [env.LIMPET_SECRET], redisUrl: env.REDIS_URL })
    expect(settings({ secret: SECRET }, env).secrets).toEqual([SECRET])
    expect(settings({}, { REDIS_URL: '' }).redisUrl).toBeUndefined()
  })

  it('holds nothing secret, however it is printed: the request can reach it', () => {
    const env = { LIMPET_SECRET: SECRET, REDIS_URL: 'redis://:hunter2@127.0.0.1:1' }
    for (const config of [read({ secret: [SECRET, `${SECRET} old`] }, env), read({}, env)]) {
      const printed = inspect(config, { depth: Infinity, showHidden: true }) + JSON.stringify(config)
      expect(printed).toContain('limpet')
      expect(printed).not.toContain(SECRET)
      expect(printed).not.toContain('hunter2')
    }
  })

  it('keeps the order of several secrets', () => {
    const secrets = [`${SECRET} new`, `${SECRET} old`]
    expect(settings({ secret: secrets }).secrets).toEqual(secrets)
  })

  it('reads durations as milliseconds or words', () => {
    const { limits, storeTimeout } = read({ idleTimeout: '30m', absoluteTimeout: 7_200_000, storeTimeout: '50ms' })
    expect(limits).toEqual({ idle: 1_800_000, absolute: 7_200_000 })
    expect(storeTimeout).toBe(50)
  })

  it('takes no idleTimeout for one that is longer than the absoluteTimeout', () => {
    expect(read({ absoluteTimeout: '8h' }).limits).toEqual({ idle: 28_800_000, absolute: 28_800_000 })
    expect(read({ absoluteTimeout: '7d' }).limits).toEqual({ idle: 86_400_000, absolute: 604_800_000 })
    expect(read({ idleTimeout: '1h', absoluteTimeout: '1h' }).limits).toEqual({ idle: 3_600_000, absolute: 3_600_000 })
  })

  it('gives a cookie with the first response, or with the first write', () => {
    expect(read({ firstCookie: 'always' }).cookieOnWrite).toBe(false)
    expect(read({ firstCookie: 'on-write' }).cookieOnWrite).toBe(true)
  })

  it('takes a store, a backend id, a listener', () => {
    const store = memoryStore()
    const onEvent = () => undefined
    const options = { store, backend: { id: 'web-1_a' }, onEvent, consistency: 'strict', maxSessionBytes: 1 }
    expect(read(options)).toMatchObject({ backendId: 'web-1_a', strict: true, maxSessionBytes: 1 })
  })

  it.each([
    '2024-01-02-03',
    '20240102030405',
    'v1-2-3',
    '1767225600',
    '123456789',
    '42',
    'a--b',
    'db__1',
    'c0ffee00',
    '3f2504e0-4f89-11d3-9a0c-0305e82c3301',
    'web-7d4b9c6f5-x2x9k',
  ])('takes %s as a backend id: it is no address', (id) => {
    expect(read({ backend: { id, url: undefined } }).backendId).toBe(id)
  })

  it('counts a secret in bytes, not in characters', () => {
    expect(settings({ secret: 'ü'.repeat(16) }).secrets).toHaveLength(1)
  })

  it('needs no secret outside production', () => {
    expect(settings({}, { NODE_ENV: 'development' }).secrets).toEqual([])
  })
})

describe('a wrong option stops the start and says what to write instead', () => {
  it.each<[title: string, options: unknown, message: RegExp]>([
    ['options that are no object', 'secret', /sticky\(\{ idleTimeout: '1h' \}\); got 'secret'/],
    ['null', null, /the options of sticky\(\) must be an object.*got null/],
    ['a list', [{}], /the options of sticky\(\) must be an object.*got an array/],
    ['a request: app.use(sticky) without the call', { method: 'GET', headers: {}, url: '/' }, /app\.use\(sticky\(\)\)/],
    ['a misspelt key', { idleTimout: '1h' }, /unknown option "idleTimout": did you mean "idleTimeout"\?/],
    ['another case', { Secret: SECRET }, /unknown option "Secret": did you mean "secret"\?/],
    ['a key that resembles none', { flavour: 'sweet' }, /unknown option "flavour": known: secret, cookie, /],
    ['a cookie key one level too high', { sameSite: 'lax' }, /unknown option "sameSite": .*cookie: \{ sameSite/],
    [
      'an absoluteTimeout below the idleTimeout',
      { idleTimeout: '2h', absoluteTimeout: '1h' },
      /absoluteTimeout \(3600000 ms\) is shorter than idleTimeout \(7200000 ms\)/,
    ],
    ['a secret that is a function', { secret: () => SECRET }, /secret must be a string.*got a function/],
    ['a secret that is a number', { secret: 42 }, /secret must be a string.*got 42/],
    ['no secret in the list', { secret: [] }, /empty list/],
    ['a list within the list', { secret: [[SECRET]] }, /secret must be a string.*got an array/],
    ['undefined in the list', { secret: [SECRET, undefined] }, /secret must be a string.*got undefined/],
    ['an idleTimeout in words of no clock', { idleTimeout: 'a while' }, /idleTimeout must be a duration/],
    ['an idleTimeout below a second', { idleTimeout: 500 }, /idleTimeout must be a duration of at least 1s/],
    ['seconds where milliseconds belong', { idleTimeout: '900' }, /idleTimeout must be .* at least 1s.*got '900'/],
    ['an idleTimeout of for ever', { idleTimeout: 1e300 }, /idleTimeout must be .* at most 10y, .*got 1e\+300/],
    [
      'an absoluteTimeout of for ever',
      { absoluteTimeout: '99y' },
      /absoluteTimeout must be .* at most 10y, .*got '99y'/,
    ],
    ['a storeTimeout that a timer takes for 1 ms', { storeTimeout: '30d' }, /storeTimeout must be .* at most 24d/],
    ['an absoluteTimeout that is a function', { absoluteTimeout: () => 1 }, /absoluteTimeout must be.*a function/],
    ['a negative storeTimeout', { storeTimeout: -1 }, /storeTimeout must be/],
    ['forward without a url', { misdirected: 'forward' }, /misdirected: 'forward' needs backend: \{ url \}/],
    [
      'a status that is no error',
      { misdirected: { reject: 200 } },
      /reject must be a status from 400 to 599, like 421; got 200/,
    ],
    ['carriers without a policy', { carriers: [{ query: 'sid' }] }, /carriers .* add misdirected: 'forward'/],
    ['a hop without a policy', { hop: () => undefined }, /hop passes requests on.* add misdirected: 'forward'/],
    [
      'a hop by name',
      { misdirected: 'reject', hop: 'undici' },
      /hop must be undiciHop from 'limpet\/undici'; got 'undici'/,
    ],
    ['debug: 1', { debug: 1 }, /debug must be true or false; got 1/],
    ['carriers twice', { misdirected: 'reject', carriers: [{ query: 'sid' }, { query: 'sid' }] }, /twice: remove one/],
    ['a carrier of nothing', { misdirected: 'reject', carriers: [{}] }, /a carrier is one of/],
    ['a path without an id', { misdirected: 'reject', carriers: [{ path: '/files' }] }, /one segment that is the id/],
    ['the cookie as a carrier', { misdirected: 'reject', carriers: [{ header: 'Cookie' }] }, /cannot be a carrier/],
    [
      'a url that is none',
      { misdirected: 'forward', backend: { url: '10.0.0.3:3000' } },
      /backend\.url is where .* got '10/,
    ],
    ['a url with a path', { misdirected: 'forward', backend: { url: 'http://web1/app' } }, /more than an origin/],
    ['a url to listen at', { misdirected: 'forward', backend: { url: 'http://0.0.0.0:80' } }, /nobody can reach/],
    ['a url with a password', { misdirected: 'forward', backend: { url: 'http://a:b@web1' } }, /a user or a password/],
    [
      'misdirected: ignore',
      { misdirected: 'ignore' },
      /misdirected must be 'serve', 'forward', 'replay', 'reject' or .* got 'ignore'/,
    ],
    ['a namespace of nothing', { namespace: '' }, /namespace must be 1 to 64 letters.*like 'shop'; got ''/],
    ['a namespace with a blank', { namespace: 'my shop' }, /namespace must be 1 to 64 letters/],
    ['upstreams that is no list', { upstreams: 'orders1' }, /upstreams must be a list, like \['orders1', 'orders2'\]/],
    [
      'an upstream by its url',
      { upstreams: ['http://a:3000'] },
      /by their id.* give the service backend: \{ id: 'orders1' \}/,
    ],
    ['an upstream with a star inside', { upstreams: ['or*rs'] }, /upstreams holds ids.*like 'orders1' or 'orders-\*'/],
    ['all upstreams', { upstreams: ['*'] }, /upstreams holds ids of backends/],
    ['a namespace in capitals', { nameSpace: 'shop' }, /did you mean "namespace"\?/],
    ['cacheable: true', { cacheable: true }, /cacheable must be 'skip' or 'private' or 'emit'; got true/],
    ['firstCookie: never', { firstCookie: 'never' }, /firstCookie must be 'always' or 'on-write'; got 'never'/],
    ['firstCookie: false', { firstCookie: false }, /firstCookie must be 'always' or 'on-write'; got false/],
    ['firstcookie in small letters', { firstcookie: 'always' }, /did you mean "firstCookie"\?/],
    ['consistency: eventual', { consistency: 'eventual' }, /consistency must be 'token' or 'strict'/],
    ['maxSessionBytes in words', { maxSessionBytes: '64kb' }, /maxSessionBytes must be a whole number/],
    ['maxSessionBytes of a fraction', { maxSessionBytes: 1.5 }, /maxSessionBytes must be a whole number/],
    ['skip that is no function', { skip: '/healthz' }, /skip must be a function of the request.*got '\/healthz'/],
    ['onEvent that is no function', { onEvent: 'log' }, /onEvent must be a function/],
    [
      'a store that was not called',
      { store: memoryStore },
      /memoryStore\(\).*got a function: did you forget to call it\?/,
    ],
    ['a client where the store belongs', { store: { get: 1 } }, /redisStore\(client\).*got an object/],
    ['the word redis', { store: 'redis' }, /store must be memoryStore\(\)/],
    ['store: null', { store: null }, /store must be memoryStore\(\).*got null/],
    ['a backend that is a list', { backend: [] }, /backend must be an object.*got an array/],
    ['a backend that is a string', { backend: 'web1' }, /backend must be an object, like \{ id: 'web1' \}/],
    ['a misspelt backend key', { backend: { ID: 'web1' } }, /unknown backend option "ID": did you mean "id"\?/],
    ['a backend url', { backend: { id: 'web1', url: 'http://10.0.0.1' } }, /add misdirected: 'forward'/],
    ['a backend id with a dot', { backend: { id: 'web.1' } }, /backend\.id must be 1 to 64 letters/],
    ['a backend id that is empty', { backend: { id: '' } }, /backend\.id must be/],
    ['a backend id that is too long', { backend: { id: 'w'.repeat(65) } }, /backend\.id must be/],
    ['a backend id that is an address', { backend: { id: '10-0-0-17' } }, /looks like an address/],
    ['one with an address in it', { backend: { id: 'ip_192_168_1_20_web' } }, /looks like an address/],
    ['one with zeros', { backend: { id: '010-000-000-017' } }, /looks like an address/],
    ['an IPv6 address', { backend: { id: '2001-db8-a-b-c-d-e-f' } }, /looks like an address/],
    ['one with a gap', { backend: { id: 'fe80--1' } }, /looks like an address/],
    ['a private one with a gap', { backend: { id: 'FD00_1__17' } }, /looks like an address/],
    ['127.0.0.1 as a number', { backend: { id: '2130706433' } }, /looks like an address/],
    ['10.0.0.17 as a number', { backend: { id: '167772177' } }, /looks like an address/],
    ['172.16.0.1 as a number', { backend: { id: '2886729729' } }, /looks like an address/],
    ['192.168.0.1 as a number', { backend: { id: '3232235521' } }, /looks like an address/],
    ['a number in hex', { backend: { id: '0x7f000001' } }, /looks like an address/],
    ['a host and a port as backend id', { backend: { id: '10.0.0.1:3000' } }, /backend\.id must be/],
  ])('%s', (_, options, message) => {
    expect(() => read(options)).toThrow(
      expect.objectContaining({ code: 'ERR_LIMPET_OPTIONS', message: expect.stringMatching(message) }),
    )
  })

  it.each<[word: string, instead: RegExp]>([
    ['maxAge', /idleTimeout: '24h'.*lifetime: 'session'/],
    ['expires', /idleTimeout/],
    ['ttl', /idleTimeout/],
    ['name', /cookie: \{ name: 'limpet' \}/],
    ['key', /cookie: \{ name: 'limpet' \}/],
    ['keys', /secret: \[new, old\]/],
    ['resave', /leave it out/],
    ['rolling', /leave it out: every response/],
    ['renew', /leave it out: every response/],
    ['saveUninitialized', /firstCookie: 'on-write'/],
    ['genid', /leave it out/],
    ['unset', /session\.destroy\(\).*session\.delete/],
    ['proxy', /trust proxy/],
    ['overwrite', /leave it out/],
    ['signed', /leave it out/],
    ['autoCommit', /leave it out/],
    ['httpOnly', /cookie: \{/],
    ['prefix', /redisStore\(client, \{ prefix/],
    ['client', /store: redisStore\(client\)/],
  ])('the word %s of another library: with ours', (word, instead) => {
    expect(() => read({ [word]: 1 })).toThrow(
      expect.objectContaining({ code: 'ERR_LIMPET_OPTIONS', message: expect.stringMatching(instead) }),
    )
    expect(() => read({ [word]: 1 })).toThrow(`unknown option "${word}": `)
  })

  it.each(['maxAge', 'expires', 'signed', 'overwrite', 'key'])('the same in cookie: %s', (word) => {
    expect(() => read({ cookie: { [word]: 1 } })).toThrow(/unknown cookie option "\w+": (outside of|leave|it is name)/)
  })

  it('a word that every object has is no such word', () => {
    expect(() => read({ constructor: 1 })).toThrow(/unknown option "constructor": known: /)
  })

  it.each<[title: string, options: unknown, env: Record<string, string>, message: RegExp]>([
    ['no secret in production', {}, PRODUCTION, /set LIMPET_SECRET to at least 32 random bytes/],
    ['an empty secret in production', { secret: '' }, PRODUCTION, /set LIMPET_SECRET/],
    ['an empty LIMPET_SECRET in production', {}, { ...PRODUCTION, LIMPET_SECRET: '' }, /set LIMPET_SECRET/],
    ['a short secret', { secret: 'x'.repeat(31) }, {}, /at least 32 bytes and this one has 31/],
    ['a short secret among good ones', { secret: [SECRET, 'short'] }, {}, /at least 32 bytes and this one has 5/],
    ['a short LIMPET_SECRET', {}, { LIMPET_SECRET: 'changeme' }, /at least 32 bytes and this one has 8/],
  ])('%s', (_, options, env, message) => {
    expect(() => read(options, env)).toThrow(
      expect.objectContaining({ code: 'ERR_LIMPET_SECRET', message: expect.stringMatching(message) }),
    )
  })

  it('never prints the secret', () => {
    const secret = 'hunter2-is-too-short'
    const message = (options: unknown) => {
      try {
        read(options)
        return ''
      } catch (error) {
        return String(error)
      }
    }
    expect(message({ secret })).toMatch(/32 bytes/)
    expect(message({ secret })).not.toContain('hunter2')
    expect(message({ secret: [[secret]] })).not.toContain('hunter2')
    expect(message(SECRET)).toMatch(/must be an object.*got a string of 32 characters/)
  })

  it('never prints a URL, which may hold a password', () => {
    expect(() => read({ store: 'redis://:hunter2@db' })).toThrow(/got a string \(a URL belongs into REDIS_URL\)$/)
  })
})
