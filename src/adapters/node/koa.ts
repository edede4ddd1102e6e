import type { Middleware, Next, ParameterizedContext } from 'koa'
import type { Exchange, Handle } from '../../ports/exchange.ts'
import type { Sticky } from '../../ports/sticky.ts'
import { refuse } from '../wrong-entry.ts'
import { createNodeHandle, type NodeHandle } from './handle.ts'
import { misuse } from './made-up.ts'
import { rawRequest } from './raw-request.ts'
import { createVisits } from './visits.ts'
import { addCookieLast } from './write-head.ts'

/** Middleware for Koa 2 and 3. */
export type StickyMiddleware = Middleware & NodeHandle

declare module 'koa' {
  interface ExtendableContext {
    sticky: Sticky
  }
}

type Context = ParameterizedContext & { sticky?: Sticky }

export function koaMiddleware(exchange: Exchange, handle: Handle): StickyMiddleware {
  const visits = createVisits(exchange)
  const sticky = function sticky(ctx: Context, next: Next): Promise<unknown> {
    // Express calls with the request, the response and `next`, Fastify with its instance, and Hono with a context whose
    // `req` has no headers.
    if (typeof next !== 'function' || ctx.req?.headers === undefined) {
      return refuse('limpet/koa', [ctx, next], misuse(ctx.req, ctx.res))
    }
    const away = visits.passOn?.(ctx.req, ctx.res, addCookieLast, () => rawRequest(ctx.req, ctx.res), ctx)
    if (away === undefined) return serve(ctx, next)
    return away.then((isAnswered) => {
      if (!isAnswered) return serve(ctx, next)
      // Koa would answer once more.
      ctx.respond = false
      return undefined
    })
  }
  function serve(ctx: Context, next: Next): Promise<unknown> {
    const found = visits.see(ctx.req, ctx.res, addCookieLast, ctx)
    if (found !== undefined) ctx.sticky = found
    return next()
  }
  return Object.assign(sticky, createNodeHandle(visits, exchange, handle)) as StickyMiddleware
}
