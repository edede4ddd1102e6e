import { describe, expect, test } from 'vitest'
import { checks } from '../../../src/doctor/checks/index.ts'
import type { Finding, FindingId } from '../../../src/doctor/findings.ts'
import type { Exchange, Observations } from '../../../src/doctor/observations.ts'
import { explain } from '../../../src/doctor/text/sentences.ts'
import { readSetCookie } from '../../../src/doctor/wire/set-cookie.ts'

const NOW = Date.UTC(2026, 10, 26)

/** Answers one after the other to one client; lines set cookies, `sent` are cookies that came. */
function seen(...answers: { lines: readonly string[]; sent?: Record<string, string>; url?: string }[]): Observations {
  const exchanges = answers.map(
    ({ lines, sent = {}, url = 'https://shop.example/' }, at): Exchange => ({
      number: at + 1,
      probe: at === 0 ? 'entry' : 'repeat',
      client: 'A',
      method: 'GET',
      url,
      at: NOW + at,
      took: 1,
      idle: 0,
      sent: Object.entries(sent).map(([name, value]) => ({ name, value })),
      status: 200,
      headers: [],
      cookies: lines.map((line) => readSetCookie(line, NOW)).filter((cookie) => cookie !== undefined),
      body: undefined,
      failure: undefined,
    }),
  )
  return { from: 'probes', page: 'https://shop.example/', exchanges }
}

const found = (id: FindingId, observations: Observations): readonly Finding[] => checks[id](observations)

describe('cookie-not-returned', () => {
  test.each([
    ['sid=1; Domain=other.example', 'Domain=other.example'],
    ['sid=1; Domain=example', 'Domain=example'],
    ['sid=1; Path=/admin', 'Path=/admin'],
    ['__Host-sid=1; Path=/', 'its name, which asks for Secure'],
    ['__Host-sid=1; Path=/x; Secure', 'Path=/x'],
    ['__Host-sid=1; Path=/; Secure; Domain=shop.example', 'its name, which asks for Path=/ alone'],
    ['__Secure-sid=1; Path=/', 'its name, which asks for Secure'],
  ])('%s', (line, why) => {
    expect(found('cookie-not-returned', seen({ lines: [line] }))).toMatchObject([{ level: 'error', args: { why } }])
  })

  test.each([
    ['https://shop.example/', 'sid=1'],
    ['https://shop.example/', 'sid=1; Domain=shop.example; Path=/'],
    ['https://www.shop.example/', 'sid=1; Domain=.shop.example'],
    ['https://shop.example/admin/x', 'sid=1; Path=/admin'],
    ['https://shop.example/', '__Host-sid=1; Path=/; Secure'],
    ['http://127.0.0.1:3000/', 'sid=1; Secure'],
    // Taken away, not set.
    ['https://shop.example/', 'sid=; Path=/admin; Max-Age=0'],
    // Nobody misses it.
    ['https://shop.example/', 'theme=dark; Path=/admin'],
  ])('nothing at %s: %s', (url, line) => {
    expect(found('cookie-not-returned', seen({ lines: [line], url }))).toEqual([])
  })

  test('everybody of co.uk is nobody', () => {
    const observations = seen({ lines: ['sid=1; Domain=co.uk'], url: 'https://shop.co.uk/' })
    expect(found('cookie-not-returned', observations)).toMatchObject([{ args: { why: 'Domain=co.uk' } }])
  })

  test('Secure over http', () => {
    const observations = seen({ lines: ['sid=1; Secure'], url: 'http://shop.example/' })
    expect(found('cookie-not-returned', observations)).toMatchObject([{ args: { why: 'Secure' } }])
  })
})

describe('two-affinity-cookies', () => {
  test('a pair of one product is one', () => {
    const lines = ['AWSALB=abc; Path=/', 'AWSALBCORS=abc; Path=/; SameSite=None; Secure']
    expect(found('two-affinity-cookies', seen({ lines }))).toEqual([])
  })

  test('they fight where one is replaced although it came back', () => {
    const first = { lines: ['SERVERID=web1; Path=/', 'INGRESSCOOKIE=a; Path=/'] }
    const sent = { SERVERID: 'web1', INGRESSCOOKIE: 'a' }
    expect(found('two-affinity-cookies', seen(first, { sent, lines: [] }))).toMatchObject([{ level: 'warning' }])
    expect(found('two-affinity-cookies', seen(first, { sent, lines: ['SERVERID=web2; Path=/'] }))).toMatchObject([
      { level: 'error', args: { moving: ['SERVERID'] } },
    ])
  })
})

test('limits of lifetimes: below five minutes an error, below fifteen a warning', () => {
  const level = (seconds: number) =>
    found('timeout-too-low', seen({ lines: [`SERVERID=web1; Path=/; Max-Age=${seconds}`] })).map((one) => one.level)
  expect([299, 300, 899, 900].map(level)).toEqual([['error'], ['warning'], ['warning'], []])
})

test('what the site has sent gets into no sentence raw', () => {
  const args = { name: 'a\u001b[2J', addresses: ['\u009b31m'], value: 'x'.repeat(500) }
  const { text } = explain({ id: 'address-disclosed', args })
  expect(text).toMatch(/^The cookie a\\x1b\[2J \(x{80}\.\.\.\) is the address \\x9b31m in disguise\.$/)
})
