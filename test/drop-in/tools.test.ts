import flash from 'connect-flash'
import { csrfSync } from 'csrf-sync'
import type { Express, RequestHandler } from 'express'
import lusca from 'lusca'
import { Passport } from 'passport'
import { Strategy } from 'passport-local'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { bothAnswer } from './support/both.ts'

declare module 'express-session' {
  interface SessionData {
    basket: string[]
    returnTo: string
  }
}

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

/** A shop with a login, as passport's own pages have it. */
function shop(keepSessionInfo: boolean): (app: Express) => void {
  return (app) => {
    const passport = new Passport()
    passport.use(new Strategy((name, word, done) => done(null, word === 'right' ? { name } : false)))
    passport.serializeUser((user, done) => done(null, user))
    passport.deserializeUser((user, done) => done(null, user as Express.User))
    app.use(passport.initialize() as RequestHandler, passport.session())
    app.get(
      '/login',
      passport.authenticate('local', { failureRedirect: '/failed', successRedirect: '/', keepSessionInfo }),
    )
    app.get('/logout', (req, res, next) => {
      req.logout({ keepSessionInfo }, (error) => (error ? next(error) : res.redirect('/')))
    })
    app.get('/put/:item', (req, res) => {
      req.session.basket = [...(req.session.basket ?? []), req.params.item]
      res.redirect('/')
    })
    app.get('/', (req, res) => void res.json([req.user ?? null, req.session.basket ?? null]))
  }
}

const VISIT = [
  ...['/', '/put/net', '/', '/login?username=ada&password=wrong', '/'],
  ...['/login?username=ada&password=right', '/', '/put/rod', '/', '/logout', '/', '/put/bait', '/'],
]

describe('with one import changed, each step is answered as by express-session and connect-redis', () => {
  test('passport: login, wrong password, logout', async () => {
    const answers = await bothAnswer(redis.url, shop(false), VISIT)
    expect(answers.at(6)).toEqual([200, '[{"name":"ada"},null]', undefined])
    expect(answers.at(-1)).toEqual([200, '[null,["bait"]]', undefined])
  })

  test('passport with keepSessionInfo: the basket goes along', async () => {
    const answers = await bothAnswer(redis.url, shop(true), VISIT)
    expect(answers.at(6)).toEqual([200, '[{"name":"ada"},["net"]]', undefined])
    expect(answers.at(-1)).toEqual([200, '[null,["net","rod","bait"]]', undefined])
  })

  test('passport: after the login the id is another one, and the old cookie is worth nothing', async () => {
    const ids = (app: Express) => {
      shop(false)(app)
      app.get('/id', (req, res) => {
        const { seen } = req.query
        res.json([seen === undefined ? null : req.sessionID === seen, req.sessionID])
      })
    }
    const same = ({ text }: { text: string }) => (text.startsWith('[') ? JSON.parse(text)[0] : text)
    const idOf = (text: string | undefined) => JSON.parse(text ?? '[]')[1]
    await bothAnswer(
      redis.url,
      ids,
      [
        '/put/net',
        '/id',
        (answers) => [`/id?seen=${idOf(answers.at(-1)?.text)}`],
        '/login?username=ada&password=right',
        (answers) => [`/id?seen=${idOf(answers.at(2)?.text)}`],
      ],
      {},
      same,
    )
  })

  test('connect-flash: a message is shown once, after the redirect', async () => {
    const routes = (app: Express) => {
      app.use(flash())
      app.get('/say/:what', (req, res) => {
        req.flash('info', req.params.what)
        res.redirect('/')
      })
      app.get('/', (req, res) => void res.json(req.flash('info')))
    }
    const answers = await bothAnswer(redis.url, routes, ['/', '/say/a', '/', '/', '/say/b', '/say/c', '/', '/'])
    expect(answers.at(6)).toEqual([200, '["b","c"]', undefined])
  })

  test('csrf-sync: the token of the session is taken, another one is not', async () => {
    const { csrfSynchronisedProtection, generateToken } = csrfSync()
    const routes = (app: Express) => {
      app.get('/form', (req, res) => void res.send(generateToken(req)))
      app.use(csrfSynchronisedProtection)
      app.post('/', (_req, res) => void res.send('taken'))
    }
    const answers = await bothAnswer(
      redis.url,
      routes,
      [
        '/form',
        () => ['/', { method: 'POST' }],
        (seen) => ['/', { method: 'POST', headers: { 'x-csrf-token': seen[0]?.text ?? '' } }],
        () => ['/', { method: 'POST', headers: { 'x-csrf-token': 'made up' } }],
      ],
      {},
      ({ status, text }) => [status, text.length > 60 ? 'a token' : text],
    )
    expect(answers.map((one) => (one as unknown[])[0])).toEqual([200, 403, 200, 403])
  })

  test('lusca.csrf: the same (it refuses with an error that has no status)', async () => {
    const routes = (app: Express) => {
      app.use(lusca.csrf())
      app.get('/form', (_req, res) => void res.send(res.locals._csrf))
      app.post('/', (_req, res) => void res.send('taken'))
    }
    const answers = await bothAnswer(
      redis.url,
      routes,
      [
        '/form',
        () => ['/', { method: 'POST' }],
        (seen) => ['/', { method: 'POST', headers: { 'x-csrf-token': seen[0]?.text ?? '' } }],
      ],
      {},
      ({ status, text }) => [status, /^[\w+/=-]{20,}$/.test(text) ? 'a token' : text],
    )
    expect(answers.map((one) => (one as unknown[])[0])).toEqual([200, 500, 200])
  })
})
