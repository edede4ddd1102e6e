import type { Middleware, Next, ParameterizedContext } from 'koa'
import type { Engine } from '../engine/engine.ts'
import type { Sticky } from '../ports/sticky.ts'
import { createArrivals, type Handle } from './arrivals.ts'

/** Middleware for Koa 2 and 3. */
export type StickyMiddleware = Middleware & Handle

declare module 'koa' {
  interface ExtendableContext {
    sticky: Sticky
  }
}

export function koaMiddleware(engine: Engine, handle: Handle): StickyMiddleware {
  const arrive = createArrivals(engine)
  const sticky = function sticky(ctx: ParameterizedContext & { sticky?: Sticky }, next: Next): Promise<unknown> {
    const visit = arrive(ctx.req, ctx.res, ctx.sticky, () => ctx.secure)
    if (visit) ctx.sticky = visit
    return next()
  }
  return Object.assign(sticky, handle) as StickyMiddleware
}
