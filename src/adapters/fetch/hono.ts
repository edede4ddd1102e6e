import type { Context, MiddlewareHandler, Next } from 'hono'
import type { Exchange, Handle } from '../../ports/exchange.ts'
import type { Sticky } from '../../ports/sticky.ts'
import { createNodeHandle, type NodeHandle } from '../node/handle.ts'
import { rawRequest } from '../node/raw-request.ts'
import { createVisits, type Visits } from '../node/visits.ts'
import { addCookieLast, type NodeRequest, type NodeResponse } from '../node/write-head.ts'
import { refuse } from '../wrong-entry.ts'
import { createFetchVisits } from './visits.ts'

/** Middleware for Hono 4. */
export type StickyMiddleware = MiddlewareHandler & NodeHandle

declare module 'hono' {
  interface ContextVariableMap {
    sticky: Sticky
  }
}

/** What `@hono/node-server` hands over as the environment. */
interface NodeBindings {
  readonly incoming: NodeRequest
  readonly outgoing: NodeResponse
}

export function honoMiddleware(exchange: Exchange, handle: Handle): StickyMiddleware {
  const visits = createVisits(exchange)
  const fetchVisits = createFetchVisits(exchange)

  const sticky = function sticky(c: Context, next: Next): Promise<Response | undefined> {
    // Express calls with a request, a response and `next`, Fastify with its instance, Koa with a context that has no
    // Request.
    if (typeof next !== 'function' || c.req?.raw === undefined) return refuse('limpet/hono', [c, next])
    const node = nodeOf(c)
    return node ? onNode(visits, node, c, next) : fetchVisits(c, next)
  }
  return Object.assign(sticky as MiddlewareHandler, createNodeHandle(visits, exchange, handle))
}

/** Undefined: this is another server than Node's, or a test that calls `app.request()`. */
function nodeOf({ env }: Context): NodeBindings | undefined {
  const { incoming, outgoing } = (env ?? {}) as Partial<NodeBindings>
  return incoming && typeof outgoing?.writeHead === 'function' ? { incoming, outgoing } : undefined
}

async function onNode(
  visits: Visits,
  { incoming, outgoing }: NodeBindings,
  c: Context,
  next: Next,
): Promise<Response | undefined> {
  const raw = () => rawRequest(incoming, outgoing)
  if (await visits.passOn?.(incoming, outgoing, addCookieLast, raw)) return alreadySent()
  const found = visits.see(incoming, outgoing, addCookieLast)
  if (found !== undefined) c.set('sticky', found)
  await next()
  return undefined
}

/**
 * What `@hono/node-server` takes as a sign that the response went out another way; its own constant would make it a
 * dependency.
 */
function alreadySent(): Response {
  const response = new Response(null, { headers: { 'x-hono-already-sent': 'true' } })
  // It puts a class of its own in the place of `Response`, whose shortcut does not look for the sign. Reading this
  // makes a whole response of it.
  void response.bodyUsed
  return response
}
