import { answer, type Expected, type Group, raw, type Shape } from '../shape.ts'

/** A response that a shared cache may store and hand to others: it must go without the cookie, and otherwise as the app made it. */
const skipped = (name: string, headers: Record<string, string | string[]>, status = 200): Shape => ({
  name,
  app: answer(status, headers, status === 304 ? undefined : 'x'),
  expect: { status, ours: 'none', body: status === 304 ? '' : 'x' },
})

/** One that a shared cache must not hand to others, or not without asking: it carries the cookie, and says `becomes`. */
const carried = (cacheControl: string, becomes = cacheControl): Shape => ({
  name: cacheControl,
  app: answer(200, { 'Cache-Control': cacheControl }, 'x'),
  expect: { status: 200, body: 'x', headers: { 'Cache-Control': [becomes] } },
  mayChange: becomes === cacheControl ? [] : ['Cache-Control'],
})

const expectSkipped: Expected = { status: 200, ours: 'none', body: 'x' }

export const caching: Group = {
  title: 'No cookie in a shared cache',
  rows: [
    skipped('public, max-age=60', { 'Cache-Control': 'public, max-age=60' }),
    skipped('max-age=60,PUBLIC', { 'Cache-Control': 'max-age=60,PUBLIC' }),
    skipped('public, max-age="60"', { 'Cache-Control': 'public, max-age="60"' }),
    skipped('s-maxage=60', { 'Cache-Control': 's-maxage=60' }),
    skipped('max-age=0, S-MaxAge=60', { 'Cache-Control': 'max-age=0, S-MaxAge=60' }),
    skipped('public and max-age=60 in two lines', { 'Cache-Control': ['public', 'max-age=60'] }),
    skipped('public, max-age=60 on a 404', { 'Cache-Control': 'public, max-age=60' }, 404),
    skipped('public, max-age=60 on a 304', { 'Cache-Control': 'public, max-age=60', ETag: '"e"' }, 304),
    skipped('no-store, but CDN-Cache-Control: max-age=60', {
      'Cache-Control': 'no-store',
      'CDN-Cache-Control': 'max-age=60',
    }),
    skipped('CDN-Cache-Control: max-age=0 beside Surrogate-Control: max-age=60', {
      'CDN-Cache-Control': 'max-age=0',
      'Surrogate-Control': 'max-age=60',
    }),
    {
      name: "public, max-age=60 with a cookie of the app's own",
      app: answer(200, { 'Cache-Control': 'public, max-age=60', 'Set-Cookie': 'a=1' }, 'x'),
      expect: { ...expectSkipped, cookies: ['a=1'] },
    },
    {
      name: 'public, max-age=60 given to writeHead',
      app: raw((_req, res) => void res.writeHead(200, ['Cache-Control', 'public, max-age=60']).end('x')),
      expect: expectSkipped,
    },
    {
      name: 'public, max-age=60 at first, private at writeHead',
      app: raw((_req, res) => {
        res.setHeader('Cache-Control', 'public, max-age=60')
        res.writeHead(200, { 'cache-control': 'private' }).end('x')
      }),
      expect: { status: 200, body: 'x', headers: { 'Cache-Control': ['private'] } },
    },
    carried('public, max-age=0', 'private, max-age=0'),
    carried('public', 'private'),
    carried('public, max-age=0, must-revalidate', 'private, max-age=0, must-revalidate'),
    carried('private, max-age=60'),
    carried('max-age=60', 'private, max-age=60'),
    carried('max-age=60, must-revalidate', 'private, max-age=60, must-revalidate'),
    {
      name: 'Expires in the future, and no Cache-Control',
      app: answer(200, { Expires: 'Fri, 31 Dec 9999 23:59:59 GMT' }, 'x'),
      expect: { status: 200, body: 'x', headers: { 'Cache-Control': ['private'] } },
      mayChange: ['Cache-Control'],
    },
    carried('no-cache'),
    carried('no-store'),
    carried('x-public, x-max-age=60'),
  ],
}
