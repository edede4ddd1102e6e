import type { Middleware, Next, ParameterizedContext } from 'koa'
import type { Engine } from '../engine/engine.ts'
import type { Sticky } from '../ports/sticky.ts'
import { createArrivals, type Handle } from './arrivals.ts'
import { refuseAt, wrongEntry } from './wrong-entry.ts'

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
    // Express calls with the request, the response and `next`.
    if (typeof next !== 'function') throw wrongEntry('limpet')
    const visit = arrive(ctx.req, ctx.res, ctx.sticky, () => ctx.secure)
    if (visit) ctx.sticky = visit
    return next()
  }
  return refuseAt(Object.assign(sticky, handle) as StickyMiddleware, 'handle', () => wrongEntry('limpet'))
}
