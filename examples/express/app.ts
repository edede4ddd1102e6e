import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express'
import { sticky } from 'limpet'
import { pageHeaders } from './html.ts'
import { cartPage, loginPage, messagePage, shopPage, type Visit } from './pages.ts'
import { notFound, problemOf } from './problems.ts'
import { authenticate, findProduct, withOneMore, withoutAny } from './shop.ts'

export interface Shop {
  readonly app: Express
  /** Ends what the sessions hold open: timers and the connection to Redis. */
  close(): Promise<void>
}

/** One backend. `sticky()` alone takes LIMPET_SECRET and REDIS_URL from the environment. */
export function createApp(options: Parameters<typeof sticky>[0] = {}): Shop {
  const sessions = sticky(options)
  const app = express()
  app.disable('x-powered-by')
  // Behind a balancer that ends TLS, Express has to believe its X-Forwarded-Proto, or cookies are not marked Secure.
  app.set('trust proxy', process.env.TRUST_PROXY === '1' ? 1 : false)
  app.use(sessions)
  app.use(express.urlencoded({ extended: false, limit: '4kb' }))

  app.get('/', async (req, res) => send(res, 200, shopPage(await visit(req))))
  app.get('/login', async (req, res) => send(res, 200, loginPage(await visit(req))))
  app.get('/cart', async (req, res) => send(res, 200, cartPage(await visit(req))))

  app.post('/login', async (req, res) => {
    const user = authenticate(req.body?.name, req.body?.password)
    if (!user) return send(res, 401, loginPage(await visit(req), { name: String(req.body?.name ?? '') }))
    // A new id at the moment of trust: whoever knew the old one must not be logged in with it. The cart comes along.
    await req.sticky.regenerate({ user })
    res.redirect(303, '/')
  })

  app.post('/cart', async (req, res) => {
    const product = findProduct(req.body?.sku)
    if (!product) return send(res, 404, messagePage(notFound.title, 'We do not sell that.'))
    // Not get, change, set: two requests at once, on two backends, would each overwrite what the other added.
    await req.sticky.session.update('cart', (cart) => withOneMore(cart, product.sku))
    res.redirect(303, '/cart')
  })

  app.post('/cart/remove', async (req, res) => {
    const product = findProduct(req.body?.sku)
    if (product) await req.sticky.session.update('cart', (cart) => withoutAny(cart, product.sku))
    res.redirect(303, '/cart')
  })

  app.post('/logout', async (req, res) => {
    await req.sticky.session.destroy()
    res.redirect(303, '/')
  })

  app.use((_req, res) => send(res, notFound.status, messagePage(notFound.title, notFound.text)))
  app.use(showProblem)
  return { app, close: () => sessions.close() }
}

// Express knows an error handler by its four parameters. Errors of awaited session calls arrive here by themselves.
const showProblem: ErrorRequestHandler = (error, _req, res, next) => {
  if (res.headersSent) return next(error)
  const problem = problemOf(error)
  if (problem.status >= 500) console.error(error)
  if (problem.status === 503) res.set('Retry-After', '2')
  send(res, problem.status, messagePage(problem.title, problem.text))
}

async function visit({ sticky }: Request): Promise<Visit> {
  const { session, backend, owner } = sticky
  const [user, cart] = await Promise.all([session.get('user'), session.get('cart')])
  return { user, cart: cart ?? {}, backend, owner, notice: noticeFor(session) }
}

function noticeFor(session: Request['sticky']['session']): string | undefined {
  if (session.behind) return 'Some of your latest changes were lost. Please check your cart.'
  if (session.stale) return 'We cannot reach our records right now: what you see may be a little old.'
  return undefined
}

function send(res: Response, status: number, page: string): void {
  res.status(status).set(pageHeaders).send(page)
}
