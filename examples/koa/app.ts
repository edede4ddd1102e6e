import { text } from 'node:stream/consumers'
import Koa, { type Context } from 'koa'
import type {} from 'limpet'
import { sticky } from 'limpet/koa'

// With this, `session.get('cart')` has a type, and `session.set('user', 42)` does not compile.
declare module 'limpet' {
  interface SessionData {
    user: string
    cart: Record<string, number>
    visits: number
  }
}

const products = ['bucket', 'net', 'towel']
const passwords = new Map([['ada', 'limpet']]) // a real shop keeps a hash of each (scrypt, argon2)

// LIMPET_SECRET and REDIS_URL come from the environment. With BACKEND_ID a backend keeps its name when it starts again.
const limpet = sticky({ backend: { id: process.env.BACKEND_ID } })
const app = new Koa()
// Behind a balancer that ends TLS: X-Forwarded-Proto is believed, so that the cookie is marked Secure.
app.proxy = process.env.TRUST_PROXY === '1'
app.use(limpet)
// limpet's errors have a status: 503 when Redis does not answer, 409 after a logout in another window.
app.use(async (ctx, next) => {
  await next().catch((error) => {
    ctx.status = error.status ?? (error instanceof SyntaxError ? 400 : 500)
    if (ctx.status === 503) ctx.set('Retry-After', '2')
    ctx.body = { error: ctx.status === 500 ? 'our mistake' : error.message, code: error.code }
  })
})

const routes: Record<string, (ctx: Context) => Promise<void>> = {
  'GET /': show,
  async 'POST /visits'(ctx) {
    await ctx.sticky.session.update('visits', (visits = 0) => visits + 1)
    await show(ctx)
  },
  async 'POST /cart'(ctx) {
    const { item = '' } = await readJson(ctx)
    if (!products.includes(item)) ctx.throw(404, `one of: ${products.join(', ')}`)
    // Not get, change, set: of two requests at once, the later one would overwrite what the other added.
    await ctx.sticky.session.update('cart', (cart = {}) => ({ ...cart, [item]: (cart[item] ?? 0) + 1 }))
    await show(ctx)
  },
  async 'POST /login'(ctx) {
    const { name = '', password } = await readJson(ctx)
    if (!passwords.has(name) || passwords.get(name) !== password) ctx.throw(401, 'try ada, limpet')
    // A new id: who knew the old one is not logged in with it. The cart comes along.
    await ctx.sticky.regenerate({ user: name })
    ctx.redirect('/')
    ctx.status = 303
  },
  async 'POST /logout'(ctx) {
    await ctx.sticky.session.destroy()
    ctx.redirect('/')
    ctx.status = 303
  },
}
app.use((ctx) => (routes[`${ctx.method} ${ctx.path}`] ?? (() => ctx.throw(404)))(ctx))

async function show(ctx: Context): Promise<void> {
  const { session, backend, owner } = ctx.sticky
  const { user, cart = {}, visits = 0 } = await session.all()
  ctx.body = { backend, owner, user, cart, visits, stale: session.stale, behind: session.behind }
}

async function readJson(ctx: Context): Promise<Record<string, string>> {
  // A body that does not say how long it is could be endless.
  if ((ctx.request.length ?? Infinity) > 4096) ctx.throw(413)
  return JSON.parse(await text(ctx.req)) ?? {}
}

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`listening on http://localhost:${(server.address() as { port: number }).port}`)
})
// Running requests finish first: they still need the store. Twice is once: npm and a shell may both pass a signal on.
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => server.listening && server.close(() => limpet.close()))
}
