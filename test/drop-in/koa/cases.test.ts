import { inspect } from 'node:util'
import type Koa from 'koa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Session } from '../../../src/koa-session.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import type { Step } from '../support/both.ts'
import { answersOfBoth, bothAnswer } from './support/both.ts'

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

/** A session may be set to anything, and is read where it is not null. */
type Context = Omit<Koa.Context, 'session'> & { get session(): Session; set session(value: unknown) }
type Doing = (ctx: Context) => unknown

/** What an application does and sees, one route for each. */
const ROUTES: Record<string, Doing> = {
  '/see': ({ session }) => session.toJSON(),
  '/untouched': () => 'nothing',
  '/count': ({ session }) => {
    session.n = (session.n ?? 0) + 1
    return session.n
  },
  '/semicolon': ({ session }) => {
    session.text = 'a;b; c=d "é" %20'
    return session.text
  },
  '/nested': ({ session }) => {
    session.box ??= { list: [] }
    session.box.list.push(session.box.list.length)
    return session.box
  },
  '/delete': ({ session }) => {
    delete session.n
    return 'n' in session
  },
  '/what': ({ session }) => [session.isNew, session.length, session.populated, JSON.stringify(session)],
  '/print': ({ session }) => [inspect(session), typeof session.save, typeof session.externalKey],
  '/null': (ctx) => {
    ctx.session = null
    return [ctx.session]
  },
  '/null-then-object': (ctx) => {
    ctx.session = null
    ctx.session = { user: 'eve' }
    return ctx.session
  },
  '/empty': (ctx) => {
    ctx.session = {}
    return [ctx.session?.isNew, ctx.session]
  },
  '/object': (ctx) => {
    ctx.session = { user: 'ada', deep: { list: [1, 2] } }
    return [ctx.session?.isNew, ctx.session?.user]
  },
  '/text': (ctx) => {
    ctx.session = 'text'
    return 'not reached'
  },
  '/spread': (ctx) => {
    ctx.session = { ...ctx.session?.toJSON(), more: true }
    return ctx.session
  },
  '/private': ({ session }) => {
    Object.assign(session, { _secret: 1, n: 7, run: () => 1 })
    return [session._secret, session.toJSON()]
  },
  '/odd': ({ session }) => {
    session.odd = { nothing: undefined, none: null, nan: Number.NaN, date: new Date(0), map: new Map([[1, 2]]) }
    return 'odd'
  },
  '/save-empty': async ({ session }) => {
    await session.save()
    return session.isNew
  },
  '/save-callback': ({ session }) =>
    new Promise((resolve) => {
      session.n = 5
      session.save((error?: unknown) => resolve([error ?? null, session.n]))
    }),
  '/regenerate': async ({ session }) => {
    await session.regenerate()
    session.after = true
    return session
  },
  '/regenerate-callback': ({ session }) =>
    new Promise((resolve) => session.regenerate((error?: unknown) => resolve([error ?? null, session.n]))),
  '/commit': async ({ session }) => {
    session.committed = true
    await session.manuallyCommit()
    session.later = true
    return session
  },
  '/age': ({ session }) => session.maxAge,
  '/age-set': (ctx) => {
    ctx.session.maxAge = 50_000
    return [ctx.session.maxAge, ctx.sessionOptions.maxAge]
  },
  '/age-session': ({ session }) => {
    session.maxAge = 'session'
    return session.maxAge
  },
  '/options': ({ sessionOptions: { key, autoCommit, overwrite, httpOnly, signed, rolling, renew, maxAge } }) => {
    return [key, autoCommit, overwrite, httpOnly, signed, rolling, renew, maxAge]
  },
  '/throw': ({ session }) => {
    session.thrown = true
    throw Object.assign(new Error('on purpose'), { status: 418 })
  },
}

const routes = (app: Koa) => {
  app.use(async (ctx) => {
    const doing = ROUTES[ctx.path]
    ctx.body = JSON.stringify((await doing?.(ctx as Context)) ?? null)
  })
}

const DAY = { maxAge: 86_400_000 }

const CASES: readonly [string, readonly Step[], object?][] = [
  ['a session that nobody has touched is empty and new', ['/untouched', '/see', '/what', '/what']],
  ['values, also nested ones, are there again', ['/count', '/count', '/nested', '/nested', '/see', '/what']],
  ['text with characters that cookies cannot have', ['/semicolon', '/see']],
  ['a key that is deleted', ['/count', '/delete', '/see', '/what']],
  ['printing it shows the data', ['/count', '/print', '/what']],
  ['null is a logout', ['/count', '/null', '/see', '/what', '/count', '/see']],
  ['null for somebody who has none', ['/null', '/see', '/what']],
  ['null, and then an object', ['/count', '/null-then-object', '/see', '/count', '/see']],
  ['{} for a new visitor', ['/empty', '/what']],
  ['{} for one who has a session', ['/count', '/empty', '/see', '/what', '/count', '/see']],
  ['an object takes the place of all', ['/count', '/object', '/see', '/what', '/spread', '/see']],
  ['functions and what begins with _ are not kept', ['/private', '/see']],
  ['what JSON makes of values', ['/odd', '/see']],
  ['save() of an empty session', ['/save-empty', '/what', '/count', '/what']],
  ['save(callback)', ['/save-callback', '/see']],
  ['regenerate() keeps the data', ['/count', '/regenerate', '/see', '/regenerate-callback', '/see']],
  ['regenerate() of a new session', ['/regenerate', '/see', '/what']],
  ['manuallyCommit() beside the automatic one', ['/commit', '/see']],
  [
    'without autoCommit nothing is saved',
    ['/count', '/see', '/object', '/see', '/null', '/see'],
    { autoCommit: false },
  ],
  ['without autoCommit, but manuallyCommit()', ['/commit', '/see', '/null', '/see'], { autoCommit: false }],
  ['maxAge as it is configured', ['/age', '/count', '/age', '/options'], DAY],
  ['maxAge of one session', ['/count', '/age-set', '/age', '/see', '/regenerate', '/age'], DAY],
  ['maxAge alone makes a session', ['/age-set', '/what', '/age'], DAY],
  ["maxAge 'session' of one session", ['/count', '/age-session', '/age', '/count', '/age'], DAY],
  ["maxAge 'session' for all", ['/age', '/count', '/age', '/age-set', '/age'], { maxAge: 'session' }],
  ['options and their defaults', ['/options'], { maxAge: 5000, rolling: true, renew: true, key: 'sid' }],
  ['an error, caught further out: the session is saved', ['/count', '/throw', '/see']],
]

describe('each is answered as by koa-session with a store', () => {
  test.each(CASES)('%s', async (_name, steps, options) => {
    const answers = await bothAnswer(redis.url, routes, steps, options)
    expect(answers.length).toBe(steps.length)
  })

  test('anything else than an object throws', async () => {
    const { theirs, ours } = await answersOfBoth(redis.url, routes, ['/text', '/count', '/text', '/see'])
    const statuses = (seen: unknown[]) => seen.map((one) => (one as unknown[])[0])
    expect(statuses(ours)).toEqual(statuses(theirs))
    expect(statuses(ours)).toEqual([500, 200, 500, 200])
    expect(ours[3]).toEqual(theirs[3])
  })

  test('valid() and beforeSave()', async () => {
    const options = {
      valid: (ctx: Koa.Context, data: { uid?: string }) => ctx.get('uid') === '' || data.uid === ctx.get('uid'),
      beforeSave: (_ctx: unknown, session: { uid: string; saves?: number }) => {
        session.uid = 'ada'
        session.saves = (session.saves ?? 0) + 1
      },
    }
    const as =
      (uid: string, path: string): Step =>
      () => [path, { headers: { uid } }]
    const steps = [as('', '/count'), as('ada', '/see'), as('eve', '/see'), as('eve', '/count'), as('', '/see')]
    const answers = await bothAnswer(redis.url, routes, steps, options)
    expect(answers.at(-1)).toEqual([200, '{"n":1,"uid":"ada","saves":1}', undefined])
  })
})

describe('what differs, and why: docs/koa-session.md', () => {
  test('without a maxAge it stays undefined', async () => {
    const { theirs, ours } = await answersOfBoth(redis.url, routes, ['/age', '/count', '/age'])
    expect([theirs[0], ours[0]]).toEqual([ours[0], [200, 'null', undefined]])
    expect(theirs[2]).toEqual([200, '86400000', undefined])
    expect(ours[2]).toEqual([200, 'null', undefined])
  })

  test('every response brings the cookie once something is stored; also one after a logout', async () => {
    const steps = ['/untouched', '/count', '/untouched', '/see', '/null', '/throw']
    const { answers } = await answersOfBoth(redis.url, routes, steps)
    expect(answers.map(({ set }) => set)).toEqual([[], ...steps.slice(1).map(() => ['koa.sess'])])
  })

  test('own enumerable keys are the data alone', async () => {
    const keys = (app: Koa) => {
      app.use((ctx) => {
        if (ctx.session) ctx.session.n = 1
        ctx.body = JSON.stringify(Object.keys(ctx.session ?? {}))
      })
    }
    const { theirs, ours } = await answersOfBoth(redis.url, keys, ['/'])
    expect(theirs[0]).toEqual([200, '["isNew","_requireSave","_expire","n"]', undefined])
    expect(ours[0]).toEqual([200, '["n"]', undefined])
  })
})
