import Koa, { type Context } from 'koa'
import { sticky } from 'limpet/koa'
import { readForm } from './forms.ts'
import { pageHeaders } from './html.ts'
import { cartPage, loginPage, messagePage, shopPage, type Visit } from './pages.ts'
import { notFound, problemOf } from './problems.ts'
import { authenticate, findProduct, withOneMore, withoutAny } from './shop.ts'

export interface Shop {
  readonly app: Koa
  /** Ends what the sessions hold open: timers and the connection to Redis. */
  close(): Promise<void>
}

/** One backend. `sticky()` alone takes LIMPET_SECRET and REDIS_URL from the environment. */
export function createApp(options: Parameters<typeof sticky>[0] = {}): Shop {
  const sessions = sticky(options)
  const app = new Koa()
  // Behind a balancer that ends TLS, Koa has to believe its X-Forwarded-Proto, or cookies are not marked Secure.
  app.proxy = process.env.TRUST_PROXY === '1'
  app.use(sessions)
  app.use(showProblems)
  app.use(async (ctx) => {
    const route = routes[`${ctx.method} ${ctx.path}`]
    if (route) await route(ctx)
    else send(ctx, notFound.status, messagePage(notFound.title, notFound.text))
  })
  return { app, close: () => sessions.close() }
}

const routes: Record<string, (ctx: Context) => Promise<void>> = {
  'GET /': async (ctx) => send(ctx, 200, shopPage(await visit(ctx))),
  'GET /login': async (ctx) => send(ctx, 200, loginPage(await visit(ctx))),
  'GET /cart': async (ctx) => send(ctx, 200, cartPage(await visit(ctx))),

  'POST /login': async (ctx) => {
    const form = await readForm(ctx)
    const user = authenticate(form.get('name'), form.get('password'))
    if (!user) return send(ctx, 401, loginPage(await visit(ctx), { name: form.get('name') ?? '' }))
    // A new id at the moment of trust: whoever knew the old one must not be logged in with it. The cart comes along.
    await ctx.sticky.regenerate({ user })
    seeOther(ctx, '/')
  },

  'POST /cart': async (ctx) => {
    const product = findProduct((await readForm(ctx)).get('sku'))
    if (!product) return send(ctx, 404, messagePage(notFound.title, 'We do not sell that.'))
    // Not get, change, set: two requests at once, on two backends, would each overwrite what the other added.
    await ctx.sticky.session.update('cart', (cart) => withOneMore(cart, product.sku))
    seeOther(ctx, '/cart')
  },

  'POST /cart/remove': async (ctx) => {
    const product = findProduct((await readForm(ctx)).get('sku'))
    if (product) await ctx.sticky.session.update('cart', (cart) => withoutAny(cart, product.sku))
    seeOther(ctx, '/cart')
  },

  'POST /logout': async (ctx) => {
    await ctx.sticky.session.destroy()
    seeOther(ctx, '/')
  },
}

async function showProblems(ctx: Context, next: () => Promise<void>): Promise<void> {
  try {
    await next()
  } catch (error) {
    const problem = problemOf(error)
    if (problem.status >= 500) console.error(error)
    if (problem.status === 503) ctx.set('Retry-After', '2')
    send(ctx, problem.status, messagePage(problem.title, problem.text))
  }
}

async function visit({ sticky }: Context): Promise<Visit> {
  const { session, backend, owner } = sticky
  const [user, cart] = await Promise.all([session.get('user'), session.get('cart')])
  return { user, cart: cart ?? {}, backend, owner, notice: noticeFor(session) }
}

function noticeFor(session: Context['sticky']['session']): string | undefined {
  if (session.behind) return 'Some of your latest changes were lost. Please check your cart.'
  if (session.stale) return 'We cannot reach our records right now: what you see may be a little old.'
  return undefined
}

function send(ctx: Context, status: number, page: string): void {
  ctx.status = status
  ctx.body = page
  ctx.set(pageHeaders)
}

function seeOther(ctx: Context, location: string): void {
  ctx.status = 303
  ctx.redirect(location)
}
