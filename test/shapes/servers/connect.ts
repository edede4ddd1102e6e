import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RequestHandler } from 'express'
import type { ConnectMiddleware, Kit } from '../shape.ts'
import { loadExpress } from './load.ts'
import type { Listener, Stage } from './start.ts'

/** The middleware in its order, and the kit with this contender's `write`. */
export function connectListener(stage: Stage): Listener {
  const { shape, contender } = stage
  if (!contender.connect) throw new Error(`${contender.label} is not a Connect middleware`)
  const mounted = contender.connect()
  const kit: Kit = { ...stage.kit, write: (req) => mounted.write(req as IncomingMessage) }
  const look: ConnectMiddleware = (req, _res, next) => {
    stage.seen(mounted.look(req))
    next()
  }
  const session = shape.twice ? [mounted.middleware, mounted.middleware] : [mounted.middleware]
  const chain = [...around(shape.front), ...session, look, ...around(shape.behind)]
  const plain = stage.server === 'http' || stage.server === 'http2'
  return plain ? plainListener(chain, kit, stage) : expressListener(chain, kit, stage)
}

const around = (part: { connect: ConnectMiddleware } | undefined) => (part ? [part.connect] : [])

function plainListener(chain: readonly ConnectMiddleware[], kit: Kit, stage: Stage): Listener {
  const step = (i: number, req: IncomingMessage, res: ServerResponse): unknown => {
    const middleware = chain[i]
    if (!middleware) return stage.shape.app.node(req, res, kit)
    return middleware(req, res, (error) => (error ? stage.uncaught(error) : settle(step(i + 1, req, res))))
  }
  const settle = (result: unknown) => {
    if (result instanceof Promise) result.catch(stage.uncaught)
  }
  return (req, res) => settle(step(0, req, res))
}

function expressListener(chain: readonly ConnectMiddleware[], kit: Kit, stage: Stage): Listener {
  const { app: handlers, expressError } = stage.shape
  const isFour = stage.server === 'express4'
  const app = loadExpress(isFour ? 'express4' : 'express')()
  // Express prints errors to the console otherwise.
  app.set('env', 'test')
  for (const middleware of chain) app.use(middleware as RequestHandler)
  const own = (isFour && handlers.express4) || handlers.express
  app.use((req, res, next) => {
    if (own) return own(req, res, next, kit)
    const result = handlers.node(req, res, kit)
    // Express 4 does not look at what a handler returns.
    if (result instanceof Promise) result.catch(next)
  })
  if (expressError) app.use(expressError)
  return app as unknown as Listener
}
