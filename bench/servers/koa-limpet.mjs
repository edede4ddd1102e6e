import Koa from 'koa'
import { answer, session } from './data.mjs'

// The profile brings a build of its own, with source maps.
const { sticky } = await import(process.env.BENCH_LIMPET ? `${process.env.BENCH_LIMPET}/koa.js` : 'limpet/koa')

/** `sticky()` as the README shows it: secret and Redis from the environment. */
const limpet = (options, route) => () => {
  const app = new Koa()
  app.use(sticky(options))
  // Two paths need no router.
  app.use((ctx) => (ctx.path === '/login' ? login(ctx) : route(ctx)))
  return app.callback()
}

const constant = (ctx) => {
  ctx.body = answer(session.user)
}

const login = async (ctx) => {
  await ctx.sticky.session.set(session)
  constant(ctx)
}

const read = async (ctx) => {
  ctx.body = answer(await ctx.sticky.session.get('user'))
}

let writes = 0
const write = async (ctx) => {
  await ctx.sticky.session.set('seen', ++writes)
  constant(ctx)
}

export const listeners = {
  cookie: limpet({}, constant),
  'first-visit': limpet({}, constant),
  read: limpet({}, read),
  'read-store': limpet({ consistency: 'strict' }, read),
  write: limpet({}, write),
}
