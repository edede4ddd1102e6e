import express, { type ErrorRequestHandler, type Express, type Request } from 'express'
import type { Keeper } from './keepers.ts'

/** The shop that all lanes run: the same routes, the same code, another keeper. `prices`: where a price is looked up. */
export function shop(backend: string, keeper: Keeper, prices: string): Express {
  const app = express()
  app.disable('x-powered-by')
  app.use((_request, response, next) => {
    response.set('x-backend', backend)
    next()
  })
  app.use(keeper.middleware)

  const cart = async (request: Request) => {
    const kept = await keeper.get(request, 'cart')
    return Array.isArray(kept) ? kept.map(String) : []
  }

  app.post('/cart', async (request, response) => {
    // Any handler that awaits something has this gap, in which other requests of the same session run.
    const price = await (await fetch(prices)).text()
    await keeper.add(request, `lamp for ${price}`)
    response.json({ cart: await cart(request) })
  })
  app.get('/cart', async (request, response) => {
    response.json({ cart: await cart(request), behind: keeper.behind?.(request) })
  })
  app.post('/login', async (request, response) => {
    await keeper.login(request, 'signed in')
    response.redirect('/account')
  })
  app.post('/logout', async (request, response) => {
    await keeper.logout(request)
    response.status(204).end()
  })
  app.get('/account', async (request, response) => {
    const visitor = await keeper.get(request, 'visitor')
    if (visitor) response.json({ visitor })
    else response.status(401).json({ error: 'please sign in' })
  })
  // A page that is no longer there says sorry with a voucher, so the session begins with a 404.
  app.use(async (request, response) => {
    await keeper.add(request, 'voucher')
    response.status(404).json({ cart: await cart(request) })
  })
  const failed: ErrorRequestHandler = (error, _request, response, _next) => {
    response.status(error.status ?? 500).json({ error: String(error.message) })
  }
  app.use(failed)
  return app
}
