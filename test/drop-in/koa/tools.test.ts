import { createServer } from 'node:http'
import grant from 'grant'
import type Koa from 'koa'
import CSRF from 'koa-csrf'
import passports from 'koa-passport'
import { Strategy } from 'passport-local'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Session } from '../../../src/koa-session.ts'
import { listen, type Running } from '../../http/support/server.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { bothAnswer } from './support/both.ts'

/** Its types do not show it as a module's default. */
const withGrant = (grant as unknown as { koa(config: object): Koa.Middleware }).koa

let redis: RedisServer
let provider: Running
beforeAll(async () => {
  redis = await startRedis()
  // Who somebody logs in with: hands out a token for the code that it is asked with.
  provider = await listen(
    createServer((_req, res) => {
      res.setHeader('content-type', 'application/json')
      res.end(JSON.stringify({ access_token: 'a token', token_type: 'bearer' }))
    }),
  )
})
afterAll(async () => {
  await provider.close()
  await redis.stop()
})

function shop(keepSessionInfo: boolean): (app: Koa) => void {
  return (app) => {
    const passport = new passports.KoaPassport()
    passport.use(new Strategy((name, word, done) => done(null, word === 'right' ? { name } : false)))
    passport.serializeUser((user, done) => done(null, user))
    passport.deserializeUser((user, done) => done(null, user as object))
    app.use(passport.initialize())
    app.use(passport.session())
    const login = passport.authenticate('local', {
      failureRedirect: '/failed',
      successRedirect: '/',
      keepSessionInfo,
    })
    app.use(async (ctx, next) => {
      const session = ctx.session as Session
      if (ctx.path === '/login') return login(ctx as never, next)
      if (ctx.path === '/logout') await (ctx.logout as (options: object) => Promise<void>)({ keepSessionInfo })
      if (ctx.path.startsWith('/put/')) session.basket = [...(session.basket ?? []), ctx.path.slice(5)]
      if (ctx.path === '/away') ctx.session = null
      ctx.body = [ctx.isAuthenticated(), ctx.state.user ?? null, session.basket ?? null]
      return undefined
    })
  }
}

const VISIT = [
  ...['/', '/put/net', '/', '/login?username=ada&password=wrong', '/'],
  ...['/login?username=ada&password=right', '/', '/put/rod', '/', '/logout', '/', '/put/bait', '/'],
  ...['/login?username=eve&password=right', '/', '/away', '/'],
]

describe('with one import changed, each step is answered as by koa-session with a store', () => {
  test.each([false, true])('koa-passport: login, wrong password, logout; keepSessionInfo: %s', async (keep) => {
    const answers = await bothAnswer(redis.url, shop(keep), VISIT)
    expect(answers.at(6)).toEqual([200, '[true,{"name":"ada"},["net"]]', undefined])
    expect(answers.at(-3)).toEqual([200, expect.stringMatching(/^\[true,\{"name":"eve"\}/), undefined])
    expect(answers.at(-1)).toEqual([200, '[false,null,null]', undefined])
  })

  test('koa-csrf: a form with its token, one without, and one of another session', async () => {
    let token = ''
    const routes = (app: Koa) => {
      app.use((ctx, next) => {
        ;(ctx.request as { body?: object }).body = {}
        return next()
      })
      app.use(new CSRF())
      app.use((ctx) => {
        if (ctx.method === 'GET') token = ctx.state._csrf
        ctx.body = ctx.method
      })
    }
    const post = (headers: Record<string, string>) => ['/', { method: 'POST', headers }] as [string, object]
    const answers = await bothAnswer(redis.url, routes, [
      '/',
      () => post({ 'x-csrf-token': token }),
      () => post({}),
      () => post({ 'x-csrf-token': `${token.slice(0, -2)}xx` }),
      '/',
      () => post({ 'x-csrf-token': token }),
    ])
    expect(answers.map((one) => (one as unknown[])[0])).toEqual([200, 200, 403, 403, 200, 200])
  })

  test('grant: from one backend to the provider, and back on another', async () => {
    const routes = (app: Koa) => {
      const url = `http://127.0.0.1:${provider.port}`
      app.use(
        withGrant({
          defaults: { origin: 'http://shop.example', transport: 'session' },
          house: {
            authorize_url: `${url}/authorize`,
            access_url: `${url}/token`,
            oauth: 2,
            key: 'k',
            secret: 's',
            callback: '/done',
          },
        }),
      )
      app.use((ctx) => {
        const { provider: who, response } = ctx.session?.grant ?? {}
        ctx.body = JSON.stringify([who ?? null, response?.access_token ?? null])
      })
    }
    const answers = await bothAnswer(redis.url, routes, [
      '/',
      '/connect/house',
      '/connect/house/callback?code=1',
      '/done',
    ])
    expect(answers.at(1)).toEqual([302, expect.any(String), expect.stringContaining('/authorize?client_id=k')])
    expect(answers.at(2)).toEqual([302, expect.any(String), '/done'])
    expect(answers.at(-1)).toEqual([200, '["house","a token"]', undefined])
  })
})
