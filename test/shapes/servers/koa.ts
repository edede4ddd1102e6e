import type Koa from 'koa'
import type { Kit } from '../shape.ts'
import { loadKoa } from './load.ts'
import type { Listener, Stage } from './start.ts'

export function koaListener(stage: Stage): Listener {
  const { shape, contender } = stage
  if (!contender.koa) throw new Error(`${contender.label} is not a Koa middleware`)
  const Application = loadKoa(stage.server === 'koa2' ? 'koa2' : 'koa')
  const app = new Application()
  // Koa prints errors to the console otherwise.
  app.silent = true
  const mounted = contender.koa(app)
  const kit: Kit = { ...stage.kit, write: (carrier) => mounted.write(carrier as Koa.Context) }
  if (shape.front) app.use(shape.front.koa)
  app.use(mounted.middleware)
  if (shape.twice) app.use(mounted.middleware)
  app.use((ctx, next) => {
    stage.seen(mounted.look(ctx))
    return next()
  })
  if (shape.behind) app.use(shape.behind.koa)
  app.use(async (ctx) => {
    await shape.app.koa(ctx, kit)
  })
  const callback = app.callback()
  return (req, res) => {
    callback(req, res).catch(stage.uncaught)
  }
}
