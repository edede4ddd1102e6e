import Koa from 'koa'
import { answer, session } from './data.mjs'
import { floor } from './floor.mjs'

export const listeners = {
  cookie: () =>
    new Koa()
      .use((ctx, next) => {
        floor(ctx.req, ctx.res)
        return next()
      })
      .use((ctx) => {
        ctx.body = answer(session.user)
      })
      .callback(),
}
