import type { Middleware, Next, ParameterizedContext } from 'koa'
import type { Exchange, Handle } from '../ports/exchange.ts'
import type { Sticky } from '../ports/sticky.ts'
import { createArrivals } from './arrivals.ts'
import { wrongEntry } from './wrong-entry.ts'

/** Middleware for Koa 2 and 3. */
export type StickyMiddleware = Middleware & Handle

declare module 'koa' {
  interface ExtendableContext {
    sticky: Sticky
  }
}

export function koaMiddleware(exchange: Exchange, handle: Handle): StickyMiddleware {
  const arrive = createArrivals(exchange)
  const sticky = function sticky(ctx: ParameterizedContext & { sticky?: Sticky }, next: Next): Promise<unknown> {
    // Express calls with the request, the response and `next`.
    if (typeof next !== 'function') throw wrongEntry('limpet')
    const mine = arrive(ctx.req, ctx.res, ctx.sticky, () => ctx.secure)
    if (mine) ctx.sticky = mine
    return next()
  }
  return Object.assign(sticky, handle) as StickyMiddleware
}
