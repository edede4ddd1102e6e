import { getRequestListener } from '@hono/node-server'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import type { Around, HonoEnv, Kit } from '../shape.ts'
import type { Listener, Stage } from './start.ts'

export function honoListener(stage: Stage): Listener {
  const { shape, contender } = stage
  if (!contender.hono) throw new Error(`${contender.label} is not a Hono middleware`)
  const app = new Hono<HonoEnv>()
  const mounted = contender.hono()
  const contexts = new WeakMap<object, Context>()
  const contextOf = (carrier: object) => contexts.get(carrier) ?? (carrier as Context)
  const kit: Kit = { ...stage.kit, write: (carrier) => mounted.write(contextOf(carrier)) }
  if (shape.front) app.use(fromConnect(shape.front))
  app.use(mounted.middleware)
  if (shape.twice) app.use(mounted.middleware)
  app.use((c, next) => {
    contexts.set(c.env.incoming, c)
    stage.seen(mounted.look(c))
    return next()
  })
  if (shape.behind) app.use(fromConnect(shape.behind))
  if (shape.honoError) app.onError(shape.honoError)
  // Hono prints errors to the console otherwise.
  else app.onError((_error, c) => c.text('Internal Server Error', 500))
  app.all('*', (c) => (shape.app.hono ? shape.app.hono(c, kit) : pastResponse(stage, c, kit)))
  return getRequestListener(app.fetch, { hostname: 'localhost' }) as Listener
}

/** The shape is a call on the raw response. */
function pastResponse({ shape, uncaught }: Stage, c: Context<HonoEnv>, kit: Kit): Response {
  const result = shape.app.node(c.env.incoming, c.env.outgoing, kit)
  if (result instanceof Promise) result.catch(uncaught)
  return alreadySent()
}

/**
 * Hono makes another response of it for HEAD, for which the constant of @hono/node-server is sent once more. This is
 * one that is not.
 */
function alreadySent(): Response {
  const response = new Response(null, { headers: { 'x-hono-already-sent': 'true' } })
  void response.bodyUsed
  return response
}

function fromConnect({ connect }: Around): MiddlewareHandler<HonoEnv> {
  return async (c, next) => {
    const { incoming, outgoing } = c.env
    await new Promise<void>((resolve, reject) => {
      connect(incoming, outgoing, (error) => (error ? reject(error) : resolve()))
    })
    await next()
  }
}
