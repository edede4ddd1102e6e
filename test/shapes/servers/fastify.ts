import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Around, Kit } from '../shape.ts'
import { loadFastify } from './load.ts'
import type { Listener, Stage } from './start.ts'

export async function fastifyListener(stage: Stage): Promise<Listener> {
  const { shape, contender } = stage
  if (!contender.fastify) throw new Error(`${contender.label} is not a plugin for Fastify`)
  const app = loadFastify(stage.server === 'fastify4' ? 'fastify4' : 'fastify')()
  const mounted = contender.fastify()
  const requests = new WeakMap<IncomingMessage, FastifyRequest>()
  const requestOf = (carrier: unknown) => requests.get(carrier as IncomingMessage) ?? (carrier as FastifyRequest)
  const kit: Kit = { ...stage.kit, write: (carrier) => mounted.write(requestOf(carrier)) }
  const hook = ({ connect }: Around) =>
    app.addHook('onRequest', (request, reply, done) => {
      connect(request.raw, reply.raw, (error) => done(error as Error | undefined))
    })
  if (shape.front) hook(shape.front)
  await app.register(mounted.middleware)
  if (shape.twice) await app.register(mounted.middleware)
  app.addHook('onRequest', (request, _reply, done) => {
    requests.set(request.raw, request)
    stage.seen(mounted.look(request))
    done()
  })
  if (shape.behind) hook(shape.behind)
  if (shape.fastifyError) app.setErrorHandler(shape.fastifyError)
  // Bodies are the shape's business.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  app.all('*', (request, reply) => {
    if (shape.app.fastify) return shape.app.fastify(request, reply, kit)
    return pastReply(stage, request, reply, kit)
  })
  await app.ready()
  return app.routing as Listener
}

/** The shape is a call on the raw response. */
function pastReply({ shape, uncaught }: Stage, request: FastifyRequest, reply: FastifyReply, kit: Kit): void {
  reply.hijack()
  const result = shape.app.node(request.raw, reply.raw, kit)
  if (result instanceof Promise) result.catch(uncaught)
}
