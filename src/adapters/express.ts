import type { Engine } from '../engine/engine.ts'
import type { Sticky } from '../ports/sticky.ts'
import { createArrivals, type Handle } from './arrivals.ts'
import type { NodeRequest, NodeResponse } from './node.ts'
import { refuseAt, wrongEntry } from './wrong-entry.ts'

/** Middleware for Express 4 and 5, Connect, and plain `node:http` or `node:http2`: it never waits, so `next` is called at once. */
export interface StickyMiddleware extends Handle {
  (request: NodeRequest, response: NodeResponse, next: (error?: unknown) => void): void
}

declare global {
  namespace Express {
    interface Request {
      sticky: Sticky
    }
  }
}

export function expressMiddleware(engine: Engine, handle: Handle): StickyMiddleware {
  const arrive = createArrivals(engine)
  const sticky = function sticky(
    request: NodeRequest & { sticky?: Sticky; secure?: boolean },
    response: NodeResponse,
    next: () => void,
  ): void {
    // Koa calls with its context and `next`.
    if (typeof response === 'function') throw wrongEntry('limpet/koa')
    const visit = arrive(request, response, request.sticky, () => request.secure === true)
    if (visit) request.sticky = visit
    next()
  }
  return refuseAt(Object.assign(sticky, handle), '_name', () => wrongEntry('limpet/koa'))
}
