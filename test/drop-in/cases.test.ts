import type { Express } from 'express'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { answersOfBoth, bothAnswer, type Options, type Step } from './support/both.ts'
import type { Answer } from './support/jar.ts'

declare module 'express-session' {
  interface SessionData {
    list: unknown[]
    when: Date
    odd: unknown
  }
}

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

/** What an application does and sees, one route for each. Ids and times are compared among themselves and not shown. */
const routes = (app: Express) => {
  app.get('/see', (req, res) => {
    const { cookie: _, ...data } = req.session
    res.json(data)
  })
  app.get('/count', (req, res) => {
    req.session.n = (req.session.n ?? 0) + 1
    res.json(req.session.n)
  })
  app.get('/put/:key/:value', (req, res) => {
    ;(req.session as unknown as Record<string, unknown>)[req.params.key] = req.params.value
    res.end()
  })
  app.get('/push', (req, res) => {
    req.session.list = [...(req.session.list ?? []), { at: req.session.list?.length ?? 0 }]
    const last = req.session.list.at(-1) as { seen?: boolean }
    last.seen = true
    res.json(req.session.list)
  })
  app.get('/odd', (req, res) => {
    Object.assign(req.session, {
      odd: { nothing: undefined, none: null, nan: Number.NaN, run: () => 1, date: new Date(0), map: new Map([[1, 2]]) },
      when: new Date(86_400_000),
    })
    res.end()
  })
  app.get('/gone', (req, res) => {
    delete req.session.n
    res.json('n' in req.session)
  })
  app.get('/id', (req, res) => void res.json([req.session.id === req.sessionID, typeof req.sessionID]))
  app.get('/keys', (req, res) => {
    const seen = []
    for (const key in req.session) seen.push(key)
    res.json([seen, Object.keys(req.session), 'req' in req.session, typeof req.session.save])
  })
  app.get('/look', (req, res) => {
    const { originalMaxAge, httpOnly, path, secure, sameSite, domain } = req.session.cookie
    const age = req.session.cookie.maxAge
    res.json([originalMaxAge, typeof age, httpOnly, path, secure, sameSite, domain])
  })
  app.get('/age/:ms', (req, res) => {
    req.session.cookie.maxAge = Number(req.params.ms)
    req.session.n = 1
    const { originalMaxAge, expires, maxAge } = req.session.cookie
    res.json([originalMaxAge, expires instanceof Date, Math.round(Number(maxAge) / 1000)])
  })
  app.get('/wrong-age', (req, res) => {
    ;(req.session.cookie as { maxAge: unknown }).maxAge = 'a day'
    res.end()
  })
  app.get('/save', (req, res) => {
    req.session.n = 5
    req.session.save((error) => void res.json(error ?? null))
  })
  app.get('/save-silently', (req, res) => {
    req.session.n = 6
    req.session.save()
    res.end()
  })
  app.get('/reload', (req, res) => {
    const before = req.session
    before.n = 99
    before.reload((error) => {
      res.json([error?.message ?? null, before === req.session, req.session?.n ?? null])
    })
  })
  app.get('/regenerate', (req, res) => {
    const [before, id] = [req.session, req.sessionID]
    req.session.regenerate((error) => {
      res.json([error ?? null, before === req.session, before.n ?? null, req.session.n ?? null, id === req.sessionID])
    })
  })
  app.get('/regenerate-put', (req, res) => {
    req.session.regenerate(() => {
      req.session.n = 10
      res.end()
    })
  })
  app.get('/destroy', (req, res) => {
    const before = req.session
    const returned = req.session.destroy((error) => void res.json([error ?? null, req.session === undefined]))
    if (returned !== before) throw new Error('it returns the session')
  })
  app.get('/destroy-silently', (req, res) => {
    ;(req.session as unknown as { destroy(): unknown }).destroy()
    res.json(req.session === undefined)
  })
  app.get('/returns', (req, res) => {
    const { session } = req
    const saved = session.save(() => {
      const reloaded = session.reload(() => void res.json([saved === session, reloaded === session]))
    })
  })
  app.get('/touch', (req, res) => void res.json(req.session.touch() === req.session.resetMaxAge()))
  app.get('/null', (req, res) => {
    req.session = null as never
    res.end()
  })
  app.get('/delete', (req, res) => {
    delete (req as { session?: unknown }).session
    res.end()
  })
  app.get('/fail', (req) => {
    req.session.n = 42
    throw new Error('after a change')
  })
  app.get('/store', (req, res) => {
    const { sessionID, sessionStore } = req
    sessionStore.get(sessionID, (error, data) => void res.json([error, data?.n ?? null, typeof data?.cookie]))
  })
  app.get('/load', (req, res) => {
    req.sessionStore.load(req.sessionID, (error, loaded) => {
      res.json([error ?? null, loaded?.id === req.sessionID, loaded?.n ?? null, typeof loaded?.save])
    })
  })
  app.get('/end-other', (req, res) => {
    req.sessionStore.destroy(req.sessionID, (error) => void res.json(error ?? null))
  })
  app.get('/twice', (req, res) => {
    req.session.n = 1
    res.write('a')
    req.session.list = [1]
    res.end('b')
  })
  app.get('/assign', (req, res) => {
    Object.assign(req.session, { n: 3, list: [1, { a: 1 }] })
    res.json(JSON.parse(JSON.stringify({ ...req.session, cookie: 0 })))
  })
}

const CASES: readonly [string, readonly Step[], Options?][] = [
  ['a value is kept from one request to the next', ['/count', '/count', '/see', '/count']],
  ['a nested change is kept', ['/push', '/push', '/see', '/push']],
  ['what JSON has no form for', ['/odd', '/see']],
  ['a key that is deleted', ['/count', '/gone', '/see', '/count']],
  ['sessionID and session.id', ['/id', '/count', '/id', '/regenerate', '/id']],
  ['what a loop over the session finds', ['/keys', '/count', '/keys']],
  ['keys with dots, quotes and numbers', ['/put/a.b/1', '/put/7/x', '/put/%22q%22/y', '/see']],
  ['looks of the cookie', ['/look', '/count', '/look'], { cookie: { sameSite: 'lax', path: '/', maxAge: 60_000 } }],
  ['looks of a browser-session cookie', ['/look', '/count', '/look']],
  ['maxAge is set with a value, and kept', ['/age/5000', '/look', '/count', '/look']],
  ['maxAge that is no number', ['/wrong-age', '/see']],
  ['save with a callback', ['/save', '/see']],
  // What the next request sees of it is a matter of luck with express-session.
  ['save without one', ['/save-silently']],
  ['reload takes back what was not saved', ['/count', '/reload', '/see']],
  ['reload of what was never saved', ['/reload']],
  ['regenerate empties, and the old object keeps its data', ['/count', '/regenerate', '/see', '/count']],
  ['regenerate, and then a value', ['/count', '/regenerate-put', '/see']],
  ['regenerate of a new session', ['/regenerate', '/regenerate-put', '/see']],
  ['destroy, and what comes after', ['/count', '/destroy', '/see', '/count', '/see']],
  ['destroy of a new session', ['/destroy', '/see']],
  ['destroy without a callback', ['/count', '/destroy-silently', '/see']],
  ['touch and resetMaxAge return the session', ['/touch', '/count', '/touch'], { cookie: { maxAge: 60_000 } }],
  ["null, with unset: 'keep'", ['/count', '/null', '/see']],
  ["null, with unset: 'destroy'", ['/count', '/null', '/see', '/count'], { unset: 'destroy' }],
  ["deleted, with unset: 'destroy'", ['/count', '/delete', '/see'], { unset: 'destroy' }],
  ["unset: 'destroy' of a new session", ['/null', '/see'], { unset: 'destroy' }],
  ['an error after a change: the change is saved with the error page', ['/fail', '/see']],
  ['sessionStore.get of its own session', ['/count', '/store']],
  ['sessionStore.load makes a session of it', ['/count', '/load']],
  ['sessionStore.destroy of its own session', ['/count', '/end-other', '/see']],
  ['changes before and after a first write', ['/twice', '/see']],
  ['Object.assign, spread and JSON', ['/assign', '/see']],
  ['resave: true', ['/count', '/see', '/count'], { resave: true }],
  ['saveUninitialized: true', ['/see', '/count', '/see'], { saveUninitialized: true }],
  ['rolling: true', ['/count', '/see', '/see'], { rolling: true, cookie: { maxAge: 60_000 } }],
  ['another name', ['/count', '/count'], { name: 'another' }],
  ['a path that does not match: no session', ['/see', '/count'], { cookie: { path: '/shop' } }],
  [
    'cookie as a function of the request',
    ['/look', '/count', '/look'],
    { cookie: () => ({ maxAge: 90_000, httpOnly: false }) },
  ],
]

/** The HTML of an error page has a stack in it. */
const shown = ({ status, text }: Answer) => [status, status < 500 ? text : text.slice(0, 60)]

describe('an application sees the same with express-session and with one import changed', () => {
  test.each(CASES)('%s', async (_name, steps, options = {}) => {
    await bothAnswer(redis.url, routes, steps, options, shown)
  })
})

/** The table "What differs" of docs/express-session.md, as far as it can be seen from one client. */
const DIFFERENT: readonly [string, readonly Step[], Options, (answer: Answer) => unknown, unknown, unknown][] = [
  [
    'the cookie is on every response',
    ['/count', '/see', '/destroy'],
    {},
    ({ set }) => set.join(),
    ['connect.sid', '', ''],
    ['connect.sid', 'connect.sid', 'connect.sid'],
  ],
  [
    'Max-Age, and not Expires',
    ['/count'],
    { cookie: { maxAge: 60_000 } },
    ({ setCookie }) => setCookie[0]?.replace(/=[^;]*/, '').replace(/Expires=[^;]*/, 'Expires'),
    ['connect.sid; Path=/; Expires; HttpOnly'],
    ['connect.sid; Max-Age=60; Path=/; HttpOnly'],
  ],
  [
    'a change of maxAge alone is stored',
    ['/age/5000', '/age/100000', '/look'],
    {},
    ({ text }) => JSON.parse(text)[0],
    [5000, 100_000, 5000],
    [5000, 100_000, 100_000],
  ],
  [
    'a cookie that is Secure, over http',
    ['/count', '/count'],
    { cookie: { secure: true } },
    ({ setCookie }) => setCookie[0]?.includes('; Secure'),
    [undefined, undefined],
    [true, true],
  ],
  ['save() and reload() return the session', ['/returns'], {}, ({ text }) => text, ['[false,false]'], ['[true,true]']],
]

describe('what differs, and is in the documentation', () => {
  test.each(DIFFERENT)('%s', async (_name, steps, options, show, theirs, ours) => {
    const answers = await answersOfBoth(redis.url, routes, steps, options, show)
    expect([answers.theirs, answers.ours]).toEqual([theirs, ours])
  })
})
