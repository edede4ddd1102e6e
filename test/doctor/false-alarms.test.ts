import type { RequestListener } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { examine } from '../../src/doctor.ts'
import { serve } from '../http/support/server.ts'

const ends: (() => unknown)[] = []

afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

/** One server, so that nothing can get lost: what it says must not be taken for several backends. */
async function look(listener: RequestListener) {
  const { port, close } = await serve(listener)
  ends.push(close)
  const report = await examine(`http://127.0.0.1:${port}/`)
  return { ...report, found: report.findings.map(({ id, level }) => `${level} ${id}`) }
}

const AFFINITY = 'SERVERID=web1; Path=/; HttpOnly'
let count = 0
const turn = <T>(...of: readonly T[]): T => of[count++ % of.length] as T

test.each<[string, () => Record<string, string>]>([
  ['nodes of a network of caches', () => ({ 'X-Served-By': turn('cache-fra-1', 'cache-fra-2') })],
  ['a field about such nodes', () => ({ 'X-Cache-Node': turn('n1', 'n2', 'n3') })],
  [
    'Via of such nodes',
    () => ({ Via: turn('1.1 abc.cloudfront.net (CloudFront)', '1.1 def.cloudfront.net (CloudFront)') }),
  ],
  ['Server-Timing of such nodes', () => ({ 'Server-Timing': turn('cdn-cache; desc=HIT', 'cdn-cache; desc=MISS') })],
  ['durations', () => ({ 'Server-Timing': `app;dur=${count++}` })],
  ['an id for each request', () => ({ 'X-Request-Id': `${count++}`, 'X-Instance': `${count++}-of-many` })],
  ['hits and misses', () => ({ 'X-Cache': turn('HIT', 'MISS'), Age: `${count++}` })],
])('no alarm for %s', async (_what, fields) => {
  const { found, verdict } = await look((_request, response) => {
    for (const [name, value] of Object.entries(fields())) response.setHeader(name, value)
    response.setHeader('Set-Cookie', AFFINITY).end('page')
  })
  expect(found).toEqual(['note cannot-tell-backend'])
  expect(verdict).toBe('healthy')
})

test('a page that shows something else each time is no proof, and at most a warning', async () => {
  const { found, verdict } = await look((_request, response) => {
    response.setHeader('Set-Cookie', AFFINITY).end(turn('one banner', 'another banner'))
  })
  expect(found).toEqual(['warning backend-changes'])
  expect(verdict).toBe('healthy')
})

test('another page for those who came before is none either', async () => {
  const { found } = await look((request, response) => {
    response.setHeader('Set-Cookie', AFFINITY).end(request.headers.cookie ? 'welcome back' : 'welcome')
  })
  expect(found).toEqual(['note cannot-tell-backend'])
})

test('the cookie of an experiment is no affinity', async () => {
  const { found } = await look((request, response) => {
    if (!request.headers.cookie) response.setHeader('Set-Cookie', `experiment=variant${turn(1, 2)}; Path=/`)
    response.end('page')
  })
  expect(found).toEqual(['warning no-affinity-cookie'])
})

test('cookies of a network in front are its own business', async () => {
  const { found } = await look((_request, response) => {
    response.setHeader('Cache-Control', 'public, max-age=60')
    response.setHeader('Set-Cookie', '__cf_bm=abc; Path=/; HttpOnly').end('page')
  })
  expect(found).toEqual(['warning no-affinity-cookie'])
})

test('a site that limits requests: it could not be checked', async () => {
  let asked = 0
  const { verdict, incomplete } = await look((_request, response) => {
    asked += 1
    if (asked < 15) response.setHeader('Set-Cookie', AFFINITY)
    response.writeHead(asked < 15 ? 200 : 429).end('page')
  })
  expect(verdict).toBe('unknown')
  expect(incomplete).toMatch(/^the site limits requests: it answered 429 to \d+ of them/)
})

test('a page that asks for a password: it could not be checked', async () => {
  const { verdict, incomplete } = await look((_request, response) => response.writeHead(401).end('who are you?'))
  expect(verdict).toBe('unknown')
  expect(incomplete).toMatch(/^\/ answers 401: name a page that visitors see/)
})
