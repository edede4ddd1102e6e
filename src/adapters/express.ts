import type { Exchange, Handle } from '../ports/exchange.ts'
import type { Sticky } from '../ports/sticky.ts'
import { createArrivals } from './arrivals.ts'
import type { NodeRequest, NodeResponse } from './node.ts'
import { wrongEntry } from './wrong-entry.ts'

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

export function expressMiddleware(exchange: Exchange, handle: Handle): StickyMiddleware {
  const arrive = createArrivals(exchange)
  const sticky = function sticky(
    request: NodeRequest & { sticky?: Sticky; secure?: boolean },
    response: NodeResponse,
    next: () => void,
  ): void {
    // Koa calls with its context and `next`.
    if (typeof response === 'function') throw wrongEntry('limpet/koa')
    const mine = arrive(request, response, request.sticky, () => request.secure === true)
    if (mine) request.sticky = mine
    next()
  }
  return Object.assign(sticky, handle)
}
