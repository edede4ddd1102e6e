import type { Engine } from '../engine/engine.ts'
import type { Sticky } from '../ports/sticky.ts'
import { createArrivals, type Handle } from './arrivals.ts'
import type { NodeRequest, NodeResponse } from './node.ts'

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
    const visit = arrive(request, response, request.sticky, () => request.secure === true)
    if (visit) request.sticky = visit
    next()
  }
  return Object.assign(sticky, handle)
}
