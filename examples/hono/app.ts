import { serve } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import { LimpetError } from 'limpet'
import { sticky } from 'limpet/hono'

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
const app = new Hono()
app.use(limpet)
app.use(bodyLimit({ maxSize: 4096 }))

app.get('/', show)

app.post('/visits', async (c) => {
  await c.var.sticky.session.update('visits', (visits = 0) => visits + 1)
  return show(c)
})

app.post('/cart', async (c) => {
  const { item = '' } = await json(c)
  if (!products.includes(item)) return c.json({ error: `one of: ${products.join(', ')}` }, 404)
  // Not get, change, set: of two requests at once, the later one would overwrite what the other added.
  await c.var.sticky.session.update('cart', (cart = {}) => ({ ...cart, [item]: (cart[item] ?? 0) + 1 }))
  return show(c)
})

app.post('/login', async (c) => {
  const { name = '', password } = await json(c)
  if (!passwords.has(name) || passwords.get(name) !== password) return c.json({ error: 'try ada, limpet' }, 401)
  // A new id: who knew the old one is not logged in with it. The cart comes along.
  await c.var.sticky.regenerate({ user: name })
  return c.redirect('/', 303)
})

app.post('/logout', async (c) => {
  await c.var.sticky.session.destroy()
  return c.redirect('/', 303)
})

async function show(c: Context) {
  const { session, backend, owner } = c.var.sticky
  const { user, cart = {}, visits = 0 } = await session.all()
  return c.json({ backend, owner, user, cart, visits, stale: session.stale, behind: session.behind })
}

async function json(c: Context): Promise<Record<string, string>> {
  return (await c.req.json().catch(() => undefined)) ?? {}
}

app.notFound((c) => c.json({ error: 'not found' }, 404))
// limpet's errors have a status: 503 when Redis does not answer, 409 after a logout in another window.
app.onError((error, c) => {
  const status = error instanceof LimpetError || error instanceof HTTPException ? error.status : 500
  if (status === 503) c.header('Retry-After', '2')
  return c.json({ error: status === 500 ? 'our mistake' : error.message }, status as 500)
})

const server = serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) }, ({ port }) => {
  console.log(`listening on http://localhost:${port}`)
})
// Running requests finish first: they still need the store. Twice is once: npm and a shell may both pass a signal on.
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => server.listening && server.close(() => limpet.close()))
}
