import express, { type Express, type Request, type RequestHandler } from 'express'

/** What the shop asks of a session, whoever keeps it. */
export interface Keeper {
  readonly middleware: RequestHandler
  get(request: Request, key: 'cart' | 'visitor'): Promise<unknown>
  set(request: Request, key: 'cart' | 'visitor', value: string | string[]): Promise<void>
  /** Ends what it started. */
  close?(): Promise<void>
}

/** The shop that both lanes run: the same routes, the same code, another keeper. */
export function shop(backend: string, keeper: Keeper): Express {
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
  const add = async (request: Request, item: string) => keeper.set(request, 'cart', [...(await cart(request)), item])

  app.post('/cart', async (request, response) => {
    await add(request, 'lamp')
    response.json({ cart: await cart(request) })
  })
  app.get('/cart', async (request, response) => {
    response.json({ cart: await cart(request) })
  })
  app.post('/login', async (request, response) => {
    await keeper.set(request, 'visitor', 'signed in')
    response.redirect('/account')
  })
  app.get('/account', async (request, response) => {
    const visitor = await keeper.get(request, 'visitor')
    if (visitor) response.json({ visitor })
    else response.status(401).json({ error: 'please sign in' })
  })
  // A page that is no longer there says sorry with a voucher, so the session begins with a 404.
  app.use(async (request, response) => {
    await add(request, 'voucher')
    response.status(404).json({ cart: await cart(request) })
  })
  return app
}
