import type { Exchange, Handle } from '../../ports/exchange.ts'
import type { Sticky } from '../../ports/sticky.ts'
import { wrongEntry } from '../wrong-entry.ts'
import { createNodeHandle, type NodeHandle } from './handle.ts'
import { createVisits } from './visits.ts'
import { addCookieLast, type NodeRequest, type NodeResponse } from './write-head.ts'

/** Middleware for Express 4 and 5, Connect, and plain `node:http` or `node:http2`: it never waits, so `next` is called at once. */
export interface StickyMiddleware extends NodeHandle {
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
  const visits = createVisits(exchange)
  const sticky = function sticky(request: NodeRequest, response: NodeResponse, next: (error?: unknown) => void): void {
    // Koa calls with its context and `next`.
    if (typeof response === 'function') throw wrongEntry('limpet/koa')
    const away = visits.passOn(request, response, addCookieLast, () => ({
      kind: 'request',
      request,
      response,
      awaitsContinue: false,
    }))
    const serve = () => {
      visits.take(request, response, addCookieLast)
      next()
    }
    if (away === undefined) serve()
    else
      away.then((isAnswered) => {
        if (!isAnswered) serve()
      }, next)
  }
  return Object.assign(sticky, createNodeHandle(visits, exchange, handle))
}
