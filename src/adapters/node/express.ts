import type { Exchange, Handle } from '../../ports/exchange.ts'
import type { Sticky } from '../../ports/sticky.ts'
import { refuse } from '../wrong-entry.ts'
import { createNodeHandle, type NodeHandle } from './handle.ts'
import { withoutNext } from './made-up.ts'
import { rawRequest } from './raw-request.ts'
import { createVisits } from './visits.ts'
import { addCookieLast, type NodeRequest, type NodeResponse } from './write-head.ts'

/**
 * Middleware for Express 4 and 5, Connect, and plain `node:http` or `node:http2`: it calls `next` at once, but
 * for requests that another backend may have to answer (`misdirected`).
 */
export interface StickyMiddleware extends NodeHandle {
  // biome-ignore lint/suspicious/noExplicitAny: frameworks disagree on what `next` takes: anything, or an Error
  (request: NodeRequest, response: NodeResponse, next: (error?: any) => void): void
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
  const sticky = function sticky(
    request: NodeRequest,
    response: NodeResponse,
    next: (error?: unknown) => void,
  ): unknown {
    // Koa and Hono call with their context and `next`.
    if (typeof response === 'function') return refuse('limpet', [request, response])
    if (typeof next !== 'function') throw withoutNext()
    let away: Promise<boolean> | undefined
    try {
      away = visits.passOn?.(request, response, addCookieLast, () => rawRequest(request, response))
      if (away === undefined) visits.take(request, response, addCookieLast)
    } catch (error) {
      // Fastify calls with its instance, which has no headers.
      return refuse('limpet', [request, response], error)
    }
    if (away === undefined) next()
    else away.then((isAnswered) => isAnswered || serve(request, response, next), next)
    return undefined
  }
  function serve(request: NodeRequest, response: NodeResponse, next: () => void): void {
    visits.take(request, response, addCookieLast)
    next()
  }
  return Object.assign(sticky, createNodeHandle(visits, exchange, handle))
}
